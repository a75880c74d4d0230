//! Who looks at what: told to the others, and in nobody's way.

use std::time::Duration;

use replydesk::auth::Right;
use serde_json::{Value, json};

use crate::support::Desk;

#[tokio::test]
async fn a_claim_holds_five_minutes_is_told_to_the_others_and_keeps_nobody_from_deciding() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let bea = desk.signed_in("bea", "moderator", &[]).await;
    let id = desk.comment("news", "Hello").await;
    let claim = format!("/api/moderation/comments/{id}/claim");
    let held = desk.send(reqwest::Method::POST, &ada, &claim, None).await.ok(200);
    let until = json!(desk.clock.now().plus(Duration::from_secs(300)));
    assert_eq!((&held["claimed_by"], &held["claimed_until"]), (&json!("ada"), &until));
    let seen = desk.get(&bea, "/api/moderation/comments").await.ok(200);
    assert_eq!(seen["items"][0]["claimed_by"], "ada");

    let late = desk.send(reqwest::Method::POST, &bea, &claim, None).await;
    late.refused(409, "claimed");
    assert_eq!((&late.body["claimed_by"], &late.body["claimed_until"]), (&json!("ada"), &until));
    // What is not hers she cannot give back.
    desk.delete(&bea, &claim).await.ok(204);
    assert_eq!(desk.get(&bea, "/api/moderation/comments").await.ok(200)["items"][0]["claimed_by"], "ada");

    desk.clock.advance(Duration::from_secs(200));
    desk.send(reqwest::Method::POST, &ada, &claim, None).await.ok(200);
    desk.clock.advance(Duration::from_secs(200));
    desk.send(reqwest::Method::POST, &bea, &claim, None).await.refused(409, "claimed");
    desk.clock.advance(Duration::from_secs(100));
    assert_eq!(desk.get(&bea, "/api/moderation/comments").await.ok(200)["items"][0]["claimed_by"], Value::Null);
    desk.send(reqwest::Method::POST, &bea, &claim, None).await.ok(200);

    let path = format!("/api/moderation/comments/{id}/decision");
    let decided = desk.post(&ada, &path, json!({ "action": "approve", "version": 1 })).await.ok(200);
    assert_eq!((&decided["decided_by"], &decided["claimed_by"]), (&json!("ada"), &Value::Null));
    desk.stop().await;
}

#[tokio::test]
async fn a_claim_is_given_back_and_asks_for_a_comment_of_ones_own_sites() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &["sport"]).await;
    let reader = desk.token(Right::Read).await;
    let theirs = desk.comment("sport", "Hello").await;
    let foreign = desk.comment("news", "Hello").await;
    for (who, id, status, code) in [
        (&ada, foreign.to_string(), 404, "not_found"),
        (&ada, "x".into(), 404, "not_found"),
        (&reader, theirs.to_string(), 403, "forbidden"),
    ] {
        let path = format!("/api/moderation/comments/{id}/claim");
        desk.send(reqwest::Method::POST, who, &path, None).await.refused(status, code);
        desk.delete(who, &path).await.refused(status, code);
    }
    let claim = format!("/api/moderation/comments/{theirs}/claim");
    desk.send(reqwest::Method::POST, &ada, &claim, None).await.ok(200);
    desk.delete(&ada, &claim).await.ok(204);
    desk.delete(&ada, &claim).await.ok(204);
    let item = desk.get(&ada, &format!("/api/moderation/comments/{theirs}")).await.ok(200);
    assert_eq!(item["claimed_by"], Value::Null);
    desk.stop().await;
}
