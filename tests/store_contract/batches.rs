//! Submissions that come together: each is answered as if it had come alone, in its turn, and all of them by somebody.

use futures_util::future::join_all;
use replydesk::{
    domain::{CommentId, Signal, Status},
    store::{Accepted, HeldToken, NewComment, Store, StoreError, Unverified},
};

use crate::{DAY, File, NOW, key, page, waiting};

type Answers = Vec<Result<Accepted, StoreError>>;

/// Hands these over while the writer waits for another one to be stored, so that they are its next batch.
async fn together(file: &File, comments: Vec<NewComment>) -> Answers {
    let held = file.home.held();
    let store = file.store.clone();
    let before = tokio::spawn(async move { store.accept(waiting("It keeps the writer.")).await });
    tokio::task::yield_now().await;
    while file.store.backlog() > 0 {
        tokio::task::yield_now().await;
    }
    let batch = join_all(comments.into_iter().map(|comment| file.store.accept(comment)));
    let (answers, ()) = tokio::join!(batch, async { drop(held) });
    assert!(matches!(before.await.unwrap().unwrap(), Accepted::Stored(_)));
    answers
}

/// What an answer is, in a word.
fn word(answer: &Result<Accepted, StoreError>) -> &'static str {
    match answer {
        Ok(Accepted::Stored(_)) => "stored",
        Ok(Accepted::Duplicate) => "duplicate",
        Ok(Accepted::TokenUsed) => "token used",
        Ok(Accepted::Replayed(_)) => "replayed",
        Ok(Accepted::ParentGone) => "parent gone",
        Err(StoreError::Busy) => "busy",
        Err(_) => "failed",
    }
}

fn words(answers: &Answers) -> Vec<&'static str> {
    answers.iter().map(word).collect()
}

#[tokio::test]
async fn what_comes_together_is_answered_as_if_one_came_after_the_other() {
    let file = File::fresh().await;
    let token = (key(), NOW.plus(DAY));
    let (its_key, content) = (key(), key());
    let mut batch: Vec<NewComment> = (0..11).map(|n| waiting(&format!("Number {n}."))).collect();
    batch[1].duplicate = batch[0].duplicate;
    (batch[2].claim, batch[3].claim) = (Some(token), Some(token));
    (batch[4].idempotency, batch[5].idempotency) = (Some((its_key, content)), Some((its_key, key())));
    // What is asked about first is answered first.
    (batch[5].duplicate, batch[5].claim) = (batch[0].duplicate, Some(token));
    batch[6].status = Status::Approved;
    (batch[7].parent, batch[7].status) = (Some(batch[6].id), Status::Approved);
    batch[8].parent = Some(batch[7].id);
    batch[9].parent = Some(batch[0].id);
    (batch[10].parent, batch[10].page) = (Some(batch[6].id), page("news", "/elsewhere"));
    let (first, root, child, last) = (batch[4].id, batch[6].id, batch[7].id, batch[8].id);
    // A loser spends nothing: its token and its body are still free for the next.
    let mut next = waiting("The loser's token.");
    batch[9].claim = Some((key(), NOW.plus(DAY)));
    (next.claim, next.duplicate) = (batch[9].claim, batch[9].duplicate);
    batch.push(next);
    let answers = together(&file, batch).await;
    let expected = [
        "stored",
        "duplicate",
        "stored",
        "token used",
        "stored",
        "replayed",
        "stored",
        "stored",
        "stored",
        "parent gone",
        "parent gone",
        "stored",
    ];
    assert_eq!(words(&answers), expected);
    let Ok(Accepted::Replayed(replay)) = &answers[5] else { panic!("{:?}", answers[5]) };
    assert_eq!((replay.receipt.id, replay.content), (first, content));
    assert_eq!(file.number("SELECT count(*) FROM comments"), 8);
    assert_eq!(file.number("SELECT count(*) FROM pages"), 1, "a page nobody commented on");
    assert_eq!(file.number("SELECT count(*) FROM claimed_tokens"), 2);
    assert_eq!(file.number("SELECT count(*) FROM outbox"), 8);
    assert_eq!(file.number("SELECT approved * 100 + pending FROM pages"), 2 * 100 + 6);
    let depth = async |id| file.store.own(id).await.unwrap().unwrap().depth;
    assert_eq!((depth(root).await, depth(child).await, depth(last).await), (0, 1, 2));
    let (_, below) = file.store.shown(child).await.unwrap().unwrap();
    assert_eq!(below.place.path, [root.bytes(), child.bytes()].concat());
    assert_eq!((below.place.root, below.parent), (root, Some(root)));
}

#[tokio::test]
async fn numbers_follow_the_order_in_which_submissions_came_and_have_no_gaps() {
    let file = File::fresh().await;
    let mut batch: Vec<NewComment> = (0..40).map(|n| waiting(&format!("Number {n}."))).collect();
    for loser in (0..40).filter(|n| n % 4 == 3) {
        batch[loser].duplicate = batch[0].duplicate;
    }
    let ids: Vec<CommentId> = batch.iter().map(|comment| comment.id).collect();
    let answers = together(&file, batch).await;
    let stored = ids.iter().zip(&answers).filter(|(_, answer)| word(answer) == "stored").map(|(id, _)| *id);
    let stored: Vec<String> = stored.map(|id| id.to_string()).collect();
    assert_eq!(stored.len(), 30);
    let told = file.store.events(Some(1), 100).await.unwrap();
    assert_eq!(told.events.iter().map(|event| event.subject.clone()).collect::<Vec<_>>(), stored);
    let numbers = "SELECT max(seq) * 1000 + count(*) FROM comments";
    assert_eq!(file.number(numbers), 31 * 1000 + 31);
    assert_eq!(file.number("SELECT max(id) * 1000 + count(*) FROM outbox"), 31 * 1000 + 31);
}

#[tokio::test]
async fn a_bad_one_amid_good_ones_is_the_only_one_that_is_lost() {
    let file = File::fresh().await;
    let known = file.stored(waiting("It is there.")).await.id;
    let mut batch: Vec<NewComment> = (0..21).map(|n| waiting(&format!("Number {n}."))).collect();
    // The same id again, which no id that was drawn ever is; and what it leaves is nothing.
    (batch[7].id, batch[7].claim) = (known, Some((key(), NOW.plus(DAY))));
    (batch[8].duplicate, batch[8].claim) = (batch[7].duplicate, batch[7].claim);
    let answers = together(&file, batch).await;
    let told = format!("{:?}", answers[7]);
    assert!(!told.contains(&known.to_string()), "a fault quotes a row: {told}");
    let lost: Vec<usize> = (0..21).filter(|n| word(&answers[*n]) != "stored").collect();
    assert_eq!((lost, word(&answers[7])), (vec![7], "failed"));
    assert_eq!(file.number("SELECT count(*) FROM comments"), 22);
    assert_eq!(file.number("SELECT count(*) FROM outbox"), 22);
    file.stored(waiting("And it goes on.")).await;
}

#[tokio::test]
async fn of_two_hundred_at_once_over_two_instances_one_spends_the_token() {
    let file = File::fresh().await;
    let second = Store::open(&file.home.url()).await.unwrap();
    let token = (key(), NOW.plus(DAY));
    let comments = (0..200).map(|n| NewComment { claim: Some(token), ..waiting(&format!("Race {n}.")) });
    let answers = comments.enumerate().map(|(n, comment)| {
        let store = if n % 2 == 0 { &file.store } else { &second };
        store.accept(comment)
    });
    let answers = join_all(answers).await;
    let of = |wanted| words(&answers).into_iter().filter(|word| *word == wanted).count();
    assert_eq!((of("stored"), of("token used")), (1, 199));
    assert_eq!(file.number("SELECT count(*) FROM comments"), 1);
    assert!(!file.store.claim(token.0, token.1).await.unwrap());
    second.close();
}

#[tokio::test]
async fn more_than_may_wait_are_told_to_come_back_and_the_others_are_taken() {
    let file = File::fresh().await;
    let comments: Vec<NewComment> = (0..3_000).map(|n| waiting(&format!("Number {n}."))).collect();
    let answers = words(&together(&file, comments).await);
    let of = |wanted| answers.iter().filter(|word| **word == wanted).count();
    assert_eq!((of("stored") + of("failed"), of("busy")), (2_048, 952));
    // On a slow machine the last of them may have waited for too long, and nobody knows of those.
    let rows = usize::try_from(file.number("SELECT count(*) FROM comments")).unwrap();
    assert!(of("stored") > 0 && rows > of("stored"), "{rows}");
    assert_eq!(file.store.backlog(), 0);
}

#[tokio::test]
async fn a_store_that_is_closed_answers_whatever_waits() {
    let file = File::fresh().await;
    let tasks: Vec<_> = (0..300)
        .map(|n| {
            let (store, comment) = (file.store.clone(), waiting(&format!("Number {n}.")));
            tokio::spawn(async move { store.accept(comment).await })
        })
        .collect();
    tokio::task::yield_now().await;
    let file = file.reopened().await;
    for task in tasks {
        assert!(matches!(task.await.unwrap().unwrap(), Accepted::Stored(_)));
    }
    assert_eq!(file.number("SELECT count(*) FROM comments"), 300);
}

#[tokio::test]
async fn every_character_and_every_number_comes_back_as_it_was_sent() {
    let file = File::fresh().await;
    let everything: String = ('\u{1}'..=char::MAX).collect();
    let quoted = r#"{"a": "\u0041 \\ \" ' $1 ? :x %s"} \x00 \'; DROP TABLE comments; --"#;
    let numbers =
        [0.1, 1.0 / 3.0, 5e-324, 2.225_073_858_507_201e-308, f64::MIN_POSITIVE, f64::MAX, 0.1 + 0.2, 1e-7, 1.0];
    for (n, number) in numbers.into_iter().enumerate() {
        let mut comment = waiting(if n == 0 { &everything } else { quoted });
        comment.name = format!("{quoted}\u{7f}\u{85}\u{2028}\u{fffe}\u{ffff}\u{10ffff}{n}");
        (comment.title, comment.post_id) = (Some(quoted.to_owned()), Some(quoted.to_owned()));
        (comment.email, comment.url) = (Some(quoted.to_owned()), Some(String::new()));
        (comment.risk, comment.sampled) = (number, Some(number));
        (comment.captcha.score, comment.captcha.raw_score) = (Some(number), Some(-number));
        comment.signals = vec![Signal::new("links", number.min(1e300), quoted).at(1, 2)];
        (comment.email_key, comment.sketch) = (Some(i64::MIN), Some(i64::MAX));
        let sent = comment.clone();
        file.stored(comment).await;
        let own = file.store.own(sent.id).await.unwrap().unwrap();
        assert!(own.body == sent.body, "the text is another: {n}");
        assert_eq!((own.name, own.email, own.url), (sent.name, sent.email, sent.url));
        let bits = |numbers: [f64; 3]| numbers.map(f64::to_bits);
        let found = [own.risk, own.captcha.score.unwrap(), own.captcha.raw_score.unwrap()];
        assert_eq!(bits(found), bits([number, number, -number]), "{number:e}");
        assert_eq!((own.signals, own.email_key), (sent.signals, Some(i64::MIN)));
    }
    assert_eq!(file.store.page("news".into(), "/a".into()).await.unwrap().unwrap().title.unwrap(), quoted);
}

#[tokio::test]
async fn whatever_comes_along_with_a_comment_is_kept_with_it() {
    let file = File::fresh().await;
    let founder = file.stored(NewComment { sketch: Some(7), ..waiting("The first of its like.") }).await.id;
    let cluster = CommentId::new(NOW);
    let held = Unverified {
        provider: "turnstile".to_owned(),
        action: "comment".to_owned(),
        token: HeldToken("as it was sent \u{1f642}".to_owned()),
        until: NOW.plus(DAY),
        due: NOW,
    };
    let mut near = waiting("Another of its like.");
    (near.cluster, near.founder, near.unverified) = (Some(cluster), Some(founder), Some(held));
    let mut reply = waiting("The newsroom answers.");
    (reply.status, reply.staff) = (Status::Approved, Some("moderator:ada".to_owned()));
    let near_id = near.id;
    let twice = NewComment { id: CommentId::new(NOW), ..reply.clone() };
    let replies = [reply.id, twice.id];
    let answers = together(&file, vec![near, reply, twice]).await;
    // Replies of the newsroom may go in side by side, each on a connection of its own; one of two alike is stored.
    let (reply_id, expected) = match word(&answers[1]) {
        "stored" => (replies[0], ["stored", "stored", "duplicate"]),
        _ => (replies[1], ["stored", "duplicate", "stored"]),
    };
    assert_eq!(words(&answers), expected);
    let cluster = file.home.id(cluster);
    assert_eq!(file.number(&format!("SELECT count(*) FROM comments WHERE cluster = {cluster}")), 2);
    assert_eq!(file.home.text("SELECT token FROM unverified"), "as it was sent \u{1f642}");
    let comment = file.home.id(near_id);
    assert_eq!(file.number(&format!("SELECT due FROM unverified WHERE comment = {comment}")), NOW.0);
    let detail = format!(r#"comment.reply {reply_id} {{"parent":null,"site":"news","to":"approved"}}"#);
    assert_eq!(file.home.lines("SELECT action, subject, detail FROM audit"), detail);
    assert_eq!(
        file.home.lines("SELECT decided_by, decided_at FROM comments WHERE by_staff"),
        format!("moderator:ada {}", NOW.0)
    );
    let told = "SELECT kind, subject, site, detail FROM outbox ORDER BY id DESC LIMIT 1";
    assert!([near_id, reply_id].iter().any(|id| {
        let (kind, status) = if *id == reply_id { ("published", "approved") } else { ("received", "pending") };
        file.home.lines(told) == format!(r#"comment.{kind} {id} news {{"status":"{status}"}}"#)
    }));
}
