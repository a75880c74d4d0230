//! Decisions, one and many, and who was first.

use replydesk::{
    auth::Right,
    domain::{CommentId, Status, Verdict},
    store::{Edit, Edited},
};
use serde_json::{Value, json};

use crate::support::{Answer, Desk, Who};

async fn decide(desk: &Desk, who: &Who, id: CommentId, body: Value) -> Answer {
    desk.post(who, &format!("/api/moderation/comments/{id}/decision"), body).await
}

#[tokio::test]
async fn a_decision_shows_the_comment_and_is_written_down() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let id = desk.comment("news", "Hello").await;
    let item = decide(&desk, &ada, id, json!({ "action": "approve", "version": 1, "reason": " fine " })).await.ok(200);
    assert_eq!((&item["status"], &item["version"]), (&json!("approved"), &json!(2)));
    assert_eq!((&item["decided_by"], &item["decided_at"]), (&json!("ada"), &json!(desk.clock.now())));
    assert_eq!(item["author"]["approved"], 1);
    let page = desk.store.shown(id).await.unwrap().unwrap().0;
    assert_eq!(page.approved, 1);
    let audit = desk.get(&ada, "/api/moderation/audit?limit=1").await.ok(200);
    let line = &audit["items"][0];
    let (number, hash) = (line["id"].as_i64().unwrap(), line["hash"].as_str().unwrap());
    assert_eq!((number > 1, hash.len()), (true, 64));
    assert_eq!(
        line,
        &json!({ "id": number, "hash": hash, "at": desk.clock.now(), "actor": "moderator:ada", "action": "comment.approve", "subject": id,
            "detail": { "from": "pending", "to": "approved", "reason": "fine", "version": 2, "site": "news" } })
    );
    assert!(audit["next_cursor"].is_string());
    decide(&desk, &ada, id, json!({ "action": "spam" })).await.ok(200);
    assert!(desk.store.shown(id).await.unwrap().is_none());
    desk.stop().await;
}

#[tokio::test]
async fn a_stale_version_is_told_who_was_first_and_the_standing_decision_repeats() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let bea = desk.signed_in("bea", "moderator", &[]).await;
    let id = desk.comment("news", "Hello").await;
    decide(&desk, &ada, id, json!({ "action": "approve", "version": 1 })).await.ok(200);
    let late = decide(&desk, &bea, id, json!({ "action": "spam", "version": 1 })).await;
    late.refused(409, "version_conflict");
    assert_eq!(late.body["decided_by"], "ada");
    assert_eq!(late.body["status_now"], "approved");
    assert_eq!(late.body["decided_at"], json!(desk.clock.now()));
    assert_eq!(late.body["version"], 2);
    assert_eq!(late.body["status"], 409);

    let repeated = decide(&desk, &bea, id, json!({ "action": "approve", "version": 1 })).await.ok(200);
    assert_eq!((&repeated["version"], &repeated["decided_by"]), (&json!(2), &json!("ada")));
    assert_eq!(desk.store.history(id).await.unwrap().len(), 1);
    decide(&desk, &bea, id, json!({ "action": "spam", "version": 2 })).await.ok(200);
    let undone = decide(&desk, &bea, id, json!({ "action": "pending", "version": null })).await.ok(200);
    assert_eq!((&undone["status"], &undone["version"]), (&json!("pending"), &json!(4)));
    desk.stop().await;
}

#[tokio::test]
async fn a_decision_on_a_text_that_changed_does_not_stand() {
    let desk = Desk::start().await;
    let ada = desk.token(Right::Decide).await;
    let id = desk.comment("news", "Hello").await;
    decide(&desk, &ada, id, json!({ "action": "approve" })).await.ok(200);
    desk.clock.advance(std::time::Duration::from_secs(60));
    let edit = Edit {
        id,
        seen_version: 2,
        body: "Buy this".into(),
        sketch: None,
        cluster: None,
        status: Status::Approved,
        risk: 0.3,
        verdict: Verdict::Publish,
        signals: Vec::new(),
        now: desk.clock.now(),
    };
    assert_eq!(desk.store.edit(edit).await.unwrap(), Edited::Stored(3));
    let stale = decide(&desk, &ada, id, json!({ "action": "approve", "version": 2 })).await;
    stale.refused(409, "version_conflict");
    assert_eq!((&stale.body["decided_by"], &stale.body["version"]), (&json!("author"), &json!(3)));
    decide(&desk, &ada, id, json!({ "action": "approve", "version": 3 })).await.ok(200);
    desk.stop().await;
}

#[tokio::test]
async fn when_two_decide_at_once_one_wins_and_the_other_sees_who_and_what() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let bea = desk.signed_in("bea", "moderator", &[]).await;
    for _ in 0..10 {
        let id = desk.comment("news", "Hello").await;
        let (one, two) = tokio::join!(
            decide(&desk, &ada, id, json!({ "action": "approve", "version": 1 })),
            decide(&desk, &bea, id, json!({ "action": "reject", "version": 1 })),
        );
        let (winner, loser, first) = if one.status == 200 { (one, two, "ada") } else { (two, one, "bea") };
        let item = winner.ok(200);
        assert_eq!((&item["decided_by"], &item["version"]), (&json!(first), &json!(2)));
        loser.refused(409, "version_conflict");
        assert_eq!((&loser.body["decided_by"], &loser.body["status_now"]), (&item["decided_by"], &item["status"]));
        assert_eq!(desk.store.history(id).await.unwrap().len(), 1);
    }
    desk.stop().await;
}

#[tokio::test]
async fn many_decisions_have_an_outcome_each() {
    let desk = Desk::start().await;
    let ada = desk.token(Right::Decide).await;
    let mut list = Vec::new();
    for _ in 0..3 {
        list.push(desk.comment("news", "Hello").await);
    }
    decide(&desk, &ada, list[1], json!({ "action": "spam" })).await.ok(200);
    decide(&desk, &ada, list[2], json!({ "action": "approve" })).await.ok(200);
    let unknown = CommentId::new(desk.clock.now());
    let asked = json!({ "decisions": [
        { "id": list[0], "action": "spam", "version": 1, "reason": "flood" },
        { "id": list[1], "action": "spam", "version": 1 },
        { "id": "no-id", "action": "spam" },
        { "id": list[2], "action": "spam", "version": 1 },
        { "id": unknown, "action": "spam" },
        { "id": list[0], "action": "approve", "version": 1 },
    ] });
    let results = desk.post(&ada, "/api/moderation/decisions", asked).await.ok(200);
    assert_eq!(
        results,
        json!({ "results": [
            { "id": list[0], "outcome": "applied", "version": 2 },
            { "id": list[1], "outcome": "unchanged", "version": 2 },
            { "id": "no-id", "outcome": "not_found", "version": null },
            { "id": list[2], "outcome": "conflict", "version": 2 },
            { "id": unknown, "outcome": "not_found", "version": null },
            { "id": list[0], "outcome": "conflict", "version": 2 },
        ] })
    );
    let one = json!({ "id": list[0], "action": "approve" });
    let full =
        desk.post(&ada, "/api/moderation/decisions", json!({ "decisions": vec![one.clone(); 500] })).await.ok(200);
    assert_eq!(full["results"][499], json!({ "id": list[0], "outcome": "unchanged", "version": 3 }));
    let over = desk.post(&ada, "/api/moderation/decisions", json!({ "decisions": vec![one; 501] })).await;
    over.refused(422, "validation_failed");
    assert_eq!((over.field(), &over.body["errors"][0]["code"]), ("decisions", &json!("too_long")));
    desk.stop().await;
}
