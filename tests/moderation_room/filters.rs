//! Narrowing the queue: words, time, scores, reports.

use std::time::Duration;

use replydesk::{auth::Right, domain::Status, store::NewComment};
use serde_json::json;

use crate::support::{Desk, ids};

const COMMENTS: &str = "/api/moderation/comments";

#[tokio::test]
async fn every_word_must_be_found_somewhere_in_body_name_or_email() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Read).await;
    let bridge = desk.comment("news", "The bridge is 100% open, \u{6865} too").await;
    desk.comment("news", "The road is open").await;
    for (q, found) in [
        ("bridge%20open", 1),
        ("open%20bridge", 1),
        ("OPEN", 2),
        ("bob%20bridge", 1),
        ("reader.example%20road", 1),
        ("bridge%20road", 0),
        ("100%25", 1),
        ("_", 0),
        ("%E6%A1%A5", 1),
    ] {
        let list = desk.get(&who, &format!("{COMMENTS}?q={q}")).await.ok(200);
        assert_eq!(ids(&list).len(), found, "{q}");
    }
    let list = desk.get(&who, &format!("{COMMENTS}?q=bridge")).await.ok(200);
    assert_eq!(ids(&list), [bridge.to_string()]);
    desk.stop().await;
}

#[tokio::test]
async fn a_stretch_of_time_has_both_its_ends() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Read).await;
    let mut comments = Vec::new();
    for n in 0..5 {
        let id = desk.comment("news", &format!("Number {n}")).await;
        comments.push((id.to_string(), desk.clock.now()));
        desk.clock.advance(Duration::from_secs(3_599));
    }
    let times: Vec<_> = comments.iter().map(|(_, at)| at.to_string()).collect();
    for order in ["oldest", "newest", "risk"] {
        let path = format!("{COMMENTS}?order={order}&since={}&until={}", times[1], times[3]);
        let mut found = ids(&desk.get(&who, &path).await.ok(200));
        found.sort();
        assert_eq!(found, [1, 2, 3].map(|n: usize| comments[n].0.clone()), "{order}");
    }
    let later = ids(&desk.get(&who, &format!("{COMMENTS}?since={}", times[4])).await.ok(200));
    assert_eq!(later, [comments[4].0.clone()]);
    let none = ids(&desk.get(&who, &format!("{COMMENTS}?until=2020-01-01T00:00:00Z")).await.ok(200));
    assert!(none.is_empty());
    desk.stop().await;
}

#[tokio::test]
async fn scores_and_risks_have_ranges() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Read).await;
    for (score, risk) in [(Some(0.2), 0.1), (Some(0.5), 0.5), (Some(0.9), 0.8), (None, 0.3)] {
        let draft = desk.draft("news", "Hello");
        let captcha = replydesk::domain::CaptchaRecord { score, ..draft.captcha.clone() };
        desk.accept(NewComment { captcha, risk, ..draft }).await;
    }
    for (query, found) in [
        ("score_min=0.5", 2),
        ("score_max=0.5", 2),
        ("score_min=0.3&score_max=0.6", 1),
        ("risk_min=0.3", 3),
        ("risk_max=0.3", 2),
        ("risk_min=0.3&risk_max=0.5", 2),
        ("risk_min=0.3&score_min=0", 2),
    ] {
        assert_eq!(ids(&desk.get(&who, &format!("{COMMENTS}?{query}")).await.ok(200)).len(), found, "{query}");
    }
    for (query, field) in [
        ("score_min=2", "score_min"),
        ("risk_max=-0.1", "risk_max"),
        ("risk_min=NaN", "risk_min"),
        ("since=monday", "since"),
        ("reported=yes", "reported"),
    ] {
        let answer = desk.get(&who, &format!("{COMMENTS}?{query}")).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.field(), field, "{query}");
    }
    desk.stop().await;
}

#[tokio::test]
async fn reported_comments_are_a_list_of_their_own() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Decide).await;
    let (calm, reported) = (desk.comment("news", "Calm").await, desk.comment("news", "Reported").await);
    for id in [calm, reported] {
        desk.post(&who, &format!("{COMMENTS}/{id}/decision"), json!({ "action": "approve" })).await.ok(200);
    }
    assert!(desk.store.report(reported, [1; 32], "rude".into(), desk.clock.now()).await.unwrap());
    let list = desk.get(&who, &format!("{COMMENTS}?status=approved&reported=true")).await.ok(200);
    assert_eq!(ids(&list), [reported.to_string()]);
    assert_eq!(list["items"][0]["reports"], json!({ "count": 1, "reasons": ["rude"] }));
    let all = desk.get(&who, &format!("{COMMENTS}?status=approved&reported=false")).await.ok(200);
    assert_eq!(ids(&all).len(), 2);
    assert_eq!(list["items"][0]["status"], Status::Approved.as_str());
    desk.stop().await;
}
