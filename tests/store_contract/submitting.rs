//! Accepting: each unique key decides alone, and whoever loses leaves nothing behind.

use replydesk::{
    domain::{CommentId, Decision, Status},
    store::{Accepted, SurroundingsQuery},
};

use crate::{DAY, File, NOW, key, page, waiting};

/// Rows that a comment leaves anywhere.
const TRACES: &str = "SELECT (SELECT count(*) FROM comments) + (SELECT count(*) FROM recent_bodies)
    + (SELECT count(*) FROM claimed_tokens) + (SELECT count(*) FROM idempotency) + (SELECT count(*) FROM outbox)";

#[tokio::test]
async fn what_is_accepted_is_there_after_opening_the_file_again() {
    let file = File::fresh().await;
    let receipt = file.stored(waiting("To stay.")).await;
    let file = file.reopened().await;
    let own = file.store.own(receipt.id).await.unwrap().unwrap();
    assert_eq!((own.body.as_str(), own.status, own.version), ("To stay.", Status::Pending, 1));
    assert_eq!(receipt.page_url, "http://news.example/a");
}

#[tokio::test]
async fn a_repeated_body_key_is_a_duplicate_until_its_day_is_over() {
    let file = File::fresh().await;
    let first = waiting("Twice.");
    let mut again = waiting("Twice.");
    again.duplicate = first.duplicate;
    let mut later = again.clone();
    file.stored(first).await;
    let before = file.number(TRACES);
    assert!(matches!(file.store.accept(again).await.unwrap(), Accepted::Duplicate));
    assert_eq!(file.number(TRACES), before, "the loser left something behind");
    later.created_at = NOW.plus(DAY);
    later.duplicate.1 = NOW;
    file.stored(later).await;
}

#[tokio::test]
async fn a_claimed_token_is_spent_once_and_the_loser_leaves_nothing() {
    let file = File::fresh().await;
    let token = (key(), NOW.plus(DAY));
    let (mut one, mut other) = (waiting("One."), waiting("Other."));
    (one.claim, other.claim) = (Some(token), Some(token));
    other.idempotency = Some((key(), key()));
    file.stored(one).await;
    let before = file.number(TRACES);
    assert!(matches!(file.store.accept(other.clone()).await.unwrap(), Accepted::TokenUsed));
    assert_eq!(file.number(TRACES), before);
    other.claim = Some((key(), NOW.plus(DAY)));
    file.stored(other).await;
}

#[tokio::test]
async fn an_idempotency_key_gives_the_first_receipt_and_its_content_for_a_day() {
    let file = File::fresh().await;
    let (its_key, content) = (key(), key());
    let mut first = waiting("Once.");
    first.idempotency = Some((its_key, content));
    let receipt = file.stored(first).await;
    let mut again = waiting("Once.");
    again.idempotency = Some((its_key, key()));
    match file.store.accept(again).await.unwrap() {
        Accepted::Replayed(replay) => assert_eq!((replay.receipt.id, replay.content), (receipt.id, content)),
        other => panic!("{other:?}"),
    }
    assert_eq!(file.number("SELECT count(*) FROM comments"), 1);
    let file = file.reopened().await;
    let almost = NOW.plus(DAY - std::time::Duration::from_millis(1));
    assert_eq!(file.store.replay(its_key, almost).await.unwrap().unwrap().receipt.id, receipt.id);
    assert!(file.store.replay(its_key, NOW.plus(DAY)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_replay_tells_what_was_answered_and_not_what_became_of_it() {
    let file = File::fresh().await;
    let mut published = waiting("Published at once.");
    let its_key = key();
    (published.status, published.idempotency) = (Status::Approved, Some((its_key, key())));
    let receipt = file.stored(published).await;
    assert!(receipt.published);
    assert!(file.store.withdraw(receipt.id, NOW).await.unwrap());
    assert!(file.store.replay(its_key, NOW).await.unwrap().unwrap().receipt.published);
}

#[tokio::test]
async fn a_parent_that_is_not_approved_on_the_page_is_gone() {
    let file = File::fresh().await;
    let mut root = waiting("Root.");
    root.status = Status::Approved;
    let root = file.stored(root).await.id;
    let pending = file.stored(waiting("Pending.")).await.id;
    let before = file.number(TRACES);
    for (parent, path) in [(pending, "/a"), (CommentId::new(NOW), "/a"), (root, "/b")] {
        let mut reply = waiting("Reply.");
        (reply.parent, reply.page) = (Some(parent), page("news", path));
        assert!(matches!(file.store.accept(reply).await.unwrap(), Accepted::ParentGone), "{path}");
    }
    assert_eq!(file.number(TRACES), before);
    let mut reply = waiting("Reply.");
    reply.parent = Some(root);
    let reply = file.stored(reply).await.id;
    assert_eq!(file.store.own(reply).await.unwrap().unwrap().depth, 1);
}

#[tokio::test]
async fn the_surroundings_of_a_draft_are_told_in_one_go() {
    let file = File::fresh().await;
    let approved = waiting("Approved.");
    let (author, duplicate) = (approved.author, approved.duplicate.0);
    let id = file.stored(approved).await.id;
    file.decided(id, Decision::Approve, NOW).await;
    let mut spam = waiting("Spam.");
    spam.author = author;
    let spam = file.stored(spam).await.id;
    file.decided(spam, Decision::Spam, NOW).await;
    for status in [Status::Approved, Status::Spam, Status::Rejected] {
        let mut by_nobody = waiting("What no moderator decided is no record of anybody.");
        (by_nobody.status, by_nobody.author) = (status, author);
        file.stored(by_nobody).await;
    }
    let query = SurroundingsQuery {
        page: page("news", "/a"),
        parent: Some(id),
        duplicate,
        duplicate_since: NOW.minus(DAY),
        author: Some(author),
        email_key: Some(1),
        lately_since: NOW.minus(DAY),
        networks: ["network".to_owned(), "before".to_owned()],
        now: NOW,
    };
    let around = file.store.surroundings(query.clone()).await.unwrap();
    assert_eq!((around.duplicate, around.parent), (true, Some((id, 0))));
    assert_eq!((around.author.proven, around.author.approved, around.author.spam), (true, 1, 1));
    assert_eq!((around.email.proven, around.email.approved), (false, 1));
    assert_eq!(around.author.rejected, 0);
    assert_eq!(around.page.unwrap().approved, 2);
    assert_eq!(around.lately, 5);
    let later = SurroundingsQuery { lately_since: NOW, ..query.clone() };
    assert_eq!(file.store.surroundings(later).await.unwrap().lately, 0, "what came before counts no more");
    let elsewhere = SurroundingsQuery { page: page("blog", "/a"), ..query };
    let around = file.store.surroundings(elsewhere).await.unwrap();
    assert!(around.page.is_none() && around.parent.is_none());
}
