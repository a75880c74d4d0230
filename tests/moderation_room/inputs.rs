//! What a strict reader minds.

use replydesk::auth::Right;
use reqwest::Method;
use serde_json::json;

use crate::support::{Desk, nobody};

#[tokio::test]
async fn a_query_is_read_strictly() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Read).await;
    for (query, field) in [
        ("status=deleted", "status"),
        ("status=Pending", "status"),
        ("order=best", "order"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
        ("page=news", "page"),
        ("page=/article", "page"),
        ("page=https://elsewhere.example/", "page"),
        ("colour=red", "colour"),
        ("limit=1&limit=2", "limit"),
        ("q=%00", "q"),
    ] {
        let answer = desk.get(&who, &format!("/api/moderation/comments?{query}")).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.field(), field, "{query}");
    }
    for cursor in ["x", "AAAA", "%00"] {
        let answer = desk.get(&who, &format!("/api/moderation/comments?cursor={cursor}")).await;
        assert_eq!(answer.status, 422, "{cursor}");
    }
    let q = "é".repeat(201);
    assert_eq!(desk.get(&who, &format!("/api/moderation/comments?q={q}")).await.field(), "q");
    assert_eq!(desk.get(&who, "/api/moderation/refusals?since=monday").await.field(), "since");
    for path in ["comments/x", "comments/%00", "comments/0197e0c0-0000-7000-8000-000000000000", "nothing"] {
        desk.get(&who, &format!("/api/moderation/{path}")).await.refused(404, "not_found");
    }
    desk.send(Method::PUT, &who, "/api/moderation/comments", None).await.refused(405, "method_not_allowed");
    desk.stop().await;
}

#[tokio::test]
async fn a_body_is_read_strictly() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Decide).await;
    let id = desk.comment("news", "Hello").await;
    let path = format!("/api/moderation/comments/{id}/decision");
    let typed = who.clone().with("content-type", "application/json");
    let deep = format!(r#"{{"action":"approve","x":{}1{}}}"#, "[".repeat(16), "]".repeat(16));
    for (body, status, code, field) in [
        ("", 400, "malformed", ""),
        ("{", 400, "malformed", ""),
        ("[]", 400, "malformed", ""),
        (r#"["approve"]"#, 400, "malformed", ""),
        (r#"{"action":"approve"} x"#, 400, "malformed", ""),
        (r#"{"action":"approve","action":"spam"}"#, 400, "malformed", ""),
        (deep.as_str(), 400, "malformed", ""),
        (r#"{}"#, 422, "validation_failed", "action"),
        (r#"{"action":"delete"}"#, 422, "validation_failed", "action"),
        (r#"{"action":1}"#, 422, "validation_failed", "action"),
        (r#"{"action":"approve","version":"1"}"#, 422, "validation_failed", "version"),
        (r#"{"action":"approve","version":1.5}"#, 422, "validation_failed", "version"),
        (r#"{"action":"approve","reason":"a\u0000b"}"#, 422, "validation_failed", "reason"),
        (r#"{"action":"approve","reason":"\ud800"}"#, 422, "validation_failed", "reason"),
        (r#"{"action":"approve","force":true}"#, 422, "validation_failed", "force"),
    ] {
        let answer = desk.send(Method::POST, &typed, &path, Some(body.into())).await;
        answer.refused(status, code);
        assert_eq!(answer.field(), field, "{body}");
    }
    let latin =
        desk.send(Method::POST, &typed, &path, Some(b"{\"action\":\"approve\",\"reason\":\"\xe9\"}".to_vec())).await;
    latin.refused(400, "malformed");
    let good = json!({ "action": "approve" }).to_string().into_bytes();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"] {
        let answer = desk.send(Method::POST, &who.clone().with("content-type", kind), &path, Some(good.clone())).await;
        answer.refused(415, "unsupported_media_type");
    }
    desk.send(Method::POST, &who, &path, Some(good.clone())).await.refused(415, "unsupported_media_type");
    let packed = typed.clone().with("content-encoding", "gzip");
    desk.send(Method::POST, &packed, &path, Some(good)).await.refused(415, "unsupported_media_type");
    let large = format!(r#"{{"action":"approve","reason":"{}"}}"#, "x".repeat(1 << 20)).into_bytes();
    desk.send(Method::POST, &typed, &path, Some(large)).await.refused(413, "too_large");
    // Nothing of all this decided anything.
    assert!(desk.store.history(id).await.unwrap().is_empty());
    desk.stop().await;
}

#[tokio::test]
async fn a_sign_in_is_read_strictly() {
    let desk = Desk::start().await;
    for (body, field) in [
        (json!({ "username": "ada" }), "password"),
        (json!({ "username": "", "password": "x" }), "username"),
        (json!({ "username": "ada", "password": "x".repeat(257) }), "password"),
        (json!({ "username": "ada", "password": "x", "remember": true }), "remember"),
    ] {
        let answer = desk.post(&nobody(), "/api/session", body.clone()).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.field(), field, "{body}");
    }
    desk.stop().await;
}
