//! Changing a comment's words, and replying as the newsroom.

use replydesk::{
    auth::Right,
    domain::{CommentId, Status},
};
use serde_json::{Value, json};

use crate::support::{Desk, Who};

async fn approve(desk: &Desk, who: &Who, id: CommentId) {
    let path = format!("/api/moderation/comments/{id}/decision");
    desk.post(who, &path, json!({ "action": "approve" })).await.ok(200);
}

#[tokio::test]
async fn readers_see_the_changed_words_and_the_authors_own_stay_beside_them() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let id = desk.comment("news", "Call me at 555-0100, *please*").await;
    approve(&desk, &ada, id).await;
    let path = format!("/api/moderation/comments/{id}");
    let new = json!({ "body": "Call me, *please*", "name": "Bob B.", "url": "https://bob.example/", "version": 2 });
    let item = desk.patch(&ada, &path, new).await.ok(200);
    assert_eq!((&item["version"], &item["status"]), (&json!(3), &json!("approved")));
    assert_eq!((&item["name"], &item["url"]), (&json!("Bob B."), &json!("https://bob.example/")));
    assert_eq!(item["html"], "<p>Call me, <em>please</em></p>");
    assert_eq!(
        item["original"],
        json!({ "name": "Bob", "url": null, "body": "Call me at 555-0100, *please*", "revised_by": "ada", "revised_at": desk.clock.now() })
    );
    assert_eq!(item["signals"][0]["span"]["end"], 5, "signals go on pointing into the author's own text");
    let shown = desk.store.shown(id).await.unwrap().unwrap().1;
    assert_eq!((shown.name.as_str(), shown.body.as_str()), ("Bob B.", "Call me, *please*"));
    assert_eq!(shown.edited_at, Some(desk.clock.now()));

    // What is not given stays, and an empty address takes it away.
    let item = desk.patch(&ada, &path, json!({ "url": "" })).await.ok(200);
    assert_eq!((&item["name"], &item["url"], &item["version"]), (&json!("Bob B."), &Value::Null, &json!(4)));
    let same = desk.patch(&ada, &path, json!({ "name": "Bob B." })).await.ok(200);
    assert_eq!(same["version"], 4, "what changes nothing changes nothing");
    let detail = desk.get(&ada, &path).await.ok(200);
    let actions: Vec<&str> =
        detail["history"].as_array().unwrap().iter().map(|deed| deed["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["comment.approve", "comment.revise", "comment.revise"]);
    assert!(!detail["history"].to_string().contains("555"), "the record outlives the words");
    desk.stop().await;
}

#[tokio::test]
async fn words_that_no_reader_could_send_are_refused_and_a_stale_version_is_told_who_was_first() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let bea = desk.signed_in("bea", "moderator", &["sport"]).await;
    let id = desk.comment("news", "Hello").await;
    let path = format!("/api/moderation/comments/{id}");
    for (body, field) in [
        (json!({ "body": " " }), "body"),
        (json!({ "body": "x" }), "body"),
        (json!({ "body": "x".repeat(10_001) }), "body"),
        (json!({ "name": "B\u{202e}ob" }), "name"),
        (json!({ "name": "" }), "name"),
        (json!({ "url": "javascript:alert(1)" }), "url"),
        (json!({ "status": "approved" }), "status"),
    ] {
        let answer = desk.patch(&ada, &path, body.clone()).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.field(), field, "{body}");
    }
    desk.patch(&bea, &path, json!({ "body": "Foreign" })).await.refused(404, "not_found");
    desk.patch(&desk.token(Right::Read).await, &path, json!({ "body": "No right" })).await.refused(403, "forbidden");
    desk.patch(&ada, &path, json!({ "body": "Hello there", "version": 1 })).await.ok(200);
    let late = desk.patch(&ada, &path, json!({ "body": "Hello again", "version": 1 })).await;
    late.refused(409, "version_conflict");
    assert_eq!((&late.body["decided_by"], &late.body["version"]), (&json!("ada"), &json!(2)));
    desk.stop().await;
}

#[tokio::test]
async fn a_decision_is_not_repeated_over_words_that_changed_since() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let id = desk.comment("news", "Hello").await;
    approve(&desk, &ada, id).await;
    desk.clock.advance(std::time::Duration::from_secs(1));
    desk.patch(&ada, &format!("/api/moderation/comments/{id}"), json!({ "body": "Hello there" })).await.ok(200);
    let path = format!("/api/moderation/comments/{id}/decision");
    let late = desk.post(&ada, &path, json!({ "action": "approve", "version": 2 })).await;
    late.refused(409, "version_conflict");
    assert_eq!(late.body["decided_by"], "ada");
    desk.post(&ada, &path, json!({ "action": "approve", "version": 3 })).await.ok(200);
    desk.stop().await;
}

#[tokio::test]
async fn the_newsroom_replies_under_its_own_name_at_once() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let id = desk.comment("news", "Is the bridge open?").await;
    let path = format!("/api/moderation/comments/{id}/reply");
    desk.post(&ada, &path, json!({ "body": "It is." })).await.refused(404, "parent_not_found");
    approve(&desk, &ada, id).await;
    let keyed = ada.clone().with("idempotency-key", "reply-1");
    let reply = desk.post(&keyed, &path, json!({ "body": "It *is*." })).await.ok(201);
    assert_eq!(
        (&reply["by_staff"], &reply["status"], &reply["name"]),
        (&json!(true), &json!("approved"), &json!("ada"))
    );
    assert_eq!((&reply["parent"], &reply["email"], &reply["decided_by"]), (&json!(id), &Value::Null, &json!("ada")));
    let again = desk.post(&keyed, &path, json!({ "body": "It *is*." })).await.ok(201);
    assert_eq!(again["id"], reply["id"], "the same key answers with the same reply");
    desk.post(&keyed, &path, json!({ "body": "It is not." })).await.refused(422, "idempotency_key_reused");
    desk.post(&ada, &path, json!({ "body": "It *is*." })).await.refused(409, "duplicate");
    let thread = desk.get(&ada, &format!("/api/moderation/comments/{id}")).await.ok(200);
    assert_eq!(thread["thread"][1]["html"], "<p>It <em>is</em>.</p>");
    assert_eq!(thread["thread"][1]["by_staff"], true);
    let audit = desk.get(&ada, "/api/moderation/audit?limit=1").await.ok(200);
    assert_eq!(
        (&audit["items"][0]["action"], &audit["items"][0]["actor"]),
        (&json!("comment.reply"), &json!("moderator:ada"))
    );
    desk.stop().await;
}

#[tokio::test]
async fn a_reply_asks_for_a_good_text_a_right_and_a_comment_of_ones_own_sites() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &["sport"]).await;
    let script = desk.token(Right::Decide).await;
    let id = desk.comment("news", "Hello").await;
    approve(&desk, &script, id).await;
    let path = format!("/api/moderation/comments/{id}/reply");
    desk.post(&ada, &path, json!({ "body": "Foreign" })).await.refused(404, "not_found");
    desk.post(&desk.token(Right::Read).await, &path, json!({ "body": "No right" })).await.refused(403, "forbidden");
    for (body, field) in
        [(json!({}), "body"), (json!({ "body": "" }), "body"), (json!({ "body": "Hi", "name": "x" }), "name")]
    {
        let answer = desk.post(&script, &path, body.clone()).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.field(), field, "{body}");
    }
    let odd = script.clone().with("idempotency-key", "a key");
    let answer = desk.post(&odd, &path, json!({ "body": "Hi there" })).await;
    answer.refused(422, "validation_failed");
    assert_eq!(answer.field(), "idempotency_key");
    let reply = desk.post(&script, &path, json!({ "body": "Hi there" })).await.ok(201);
    assert!(reply["name"].as_str().unwrap().starts_with("decide-"));
    let counts = desk.store.totals(None).await.unwrap();
    assert!(counts.contains(&(Status::Approved.as_str().to_owned(), 2)), "{counts:?}");
    desk.stop().await;
}
