//! The live stream: who is told what, in which order, and until when.

use replydesk::auth::Right;
use serde_json::json;

use crate::support::{Desk, PASSWORD, nobody};

const STREAM: &str = "/api/moderation/stream";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_is_told_in_order_without_anybodys_words() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let bea = desk.signed_in("bea", "moderator", &[]).await;
    let mut stream = desk.listen(&bea, STREAM).await;
    let id = desk.comment("news", "A secret text").await;
    let comment = stream.event().await;
    assert_eq!(
        (comment.name.as_str(), &comment.data),
        ("comment", &json!({ "id": id, "site": "news", "status": "pending" }))
    );

    let path = format!("/api/moderation/comments/{id}");
    desk.send(reqwest::Method::POST, &ada, &format!("{path}/claim"), None).await.ok(200);
    let claim = stream.event().await;
    assert_eq!((claim.name.as_str(), &claim.data["by"]), ("claim", &json!("ada")));
    assert!(claim.data["until"].is_string());
    desk.delete(&ada, &format!("{path}/claim")).await.ok(204);
    assert_eq!(stream.event().await.data, json!({ "id": id, "site": "news", "by": null, "until": null }));

    desk.patch(&ada, &path, json!({ "body": "Another text" })).await.ok(200);
    let edit = stream.event().await;
    assert_eq!(edit.name, "edit");
    assert_eq!(edit.data, json!({ "id": id, "site": "news", "status": "pending", "version": 2, "by": "ada" }));
    desk.post(&ada, &format!("{path}/decision"), json!({ "action": "approve" })).await.ok(200);
    let decision = stream.event().await;
    assert_eq!(decision.name, "decision");
    assert_eq!(
        decision.data,
        json!({ "id": id, "site": "news", "from": "pending", "status": "approved", "version": 3, "by": "ada" })
    );
    let numbers: Vec<i64> =
        [&comment, &claim, &edit, &decision].iter().map(|event| event.id.parse().unwrap()).collect();
    assert!(numbers.is_sorted_by(|one, other| one < other), "{numbers:?}");
    assert!(desk.store.withdraw(id, desk.clock.now()).await.unwrap());
    let gone = stream.event().await;
    assert_eq!((gone.name.as_str(), &gone.data["status"]), ("edit", &json!("deleted")));
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_back_is_told_what_was_missed_and_of_other_sites_nobody_is_told() {
    let desk = Desk::start().await;
    let sport = desk.signed_in("ada", "moderator", &["sport"]).await;
    let everywhere = desk.token(Right::Read).await;
    let mut before = desk.listen(&everywhere, STREAM).await;
    let mut theirs = desk.listen(&sport, STREAM).await;
    let first = desk.comment("news", "One").await;
    let seen = before.event().await;
    assert_eq!(seen.data["id"], json!(first));
    drop(before);
    let second = desk.comment("sport", "Two").await;
    assert_eq!(theirs.event().await.data["id"], json!(second), "the first thing they hear of is their own site's");

    let back = everywhere.clone().with("last-event-id", seen.id.clone());
    let mut after = desk.listen(&back, STREAM).await;
    assert_eq!(after.event().await.data["id"], json!(second));
    let mut narrowed = desk.listen(&back, &format!("{STREAM}?site=sport")).await;
    assert_eq!(narrowed.event().await.data["id"], json!(second));

    // A number of another store's life.
    let lost = everywhere.clone().with("last-event-id", "999999");
    assert_eq!(desk.listen(&lost, STREAM).await.event().await.name, "reset");
    desk.get(&sport, &format!("{STREAM}?site=news")).await.refused(404, "not_found");
    desk.get(&sport, &format!("{STREAM}?sites=news")).await.refused(422, "validation_failed");
    desk.get(&everywhere.with("last-event-id", "-1"), STREAM).await.refused(422, "validation_failed");
    desk.get(&nobody(), STREAM).await.refused(401, "unauthenticated");
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_the_process_ends_the_streams_before_it_waits_for_them() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let mut stream = desk.listen(&ada, STREAM).await;
    let before = std::time::Instant::now();
    let ended = async {
        assert!(stream.has_ended().await);
        before.elapsed()
    };
    let ((), took) = tokio::join!(desk.stop(), ended);
    assert!(took < std::time::Duration::from_secs(5), "it waited for the streams");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_signed_out_hears_nothing_more_and_is_told_so() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let mut stream = desk.listen(&ada, STREAM).await;
    desk.delete(&ada, "/api/session").await.ok(204);
    desk.comment("news", "Not for her").await;
    let last = stream.event().await;
    assert_eq!((last.name.as_str(), last.data), ("bye", json!({})));
    assert!(stream.has_ended().await);
    desk.sign_in(&nobody(), "ada", PASSWORD).await.ok(200);
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_stream_too_many_of_somebodys_ends_their_oldest_and_nobody_elses() {
    let desk = Desk::start().await;
    let (greedy, other) = (desk.token(Right::Read).await, desk.token(Right::Read).await);
    let mut held = Vec::new();
    for _ in 0..21 {
        held.push(desk.listen(&greedy, STREAM).await);
    }
    let mut theirs = desk.listen(&other, STREAM).await;
    assert!(held.remove(0).has_ended().await, "the oldest gave way");
    let id = desk.comment("news", "Hello").await;
    for stream in held.iter_mut().chain([&mut theirs]) {
        assert_eq!(stream.event().await.data["id"], json!(id));
    }
    drop(held);
    desk.stop().await;
}
