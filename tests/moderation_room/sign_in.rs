//! Sessions, tokens, who may do what.

use std::time::Duration;

use replydesk::auth::{LastAdmin, Right};
use reqwest::Method;
use serde_json::json;

use crate::support::{Desk, PASSWORD, nobody};

#[tokio::test]
async fn a_sign_in_opens_a_session_that_ends() {
    let desk = Desk::start().await;
    desk.person("ada", "admin", &[]).await;
    let answer = desk.sign_in(&nobody(), "ada", PASSWORD).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    for part in ["replydesk_session=", "; HttpOnly", "; SameSite=Strict", "; Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let body = answer.ok(200);
    assert_eq!(body["username"], "ada");
    assert_eq!(body["role"], "admin");
    assert_eq!(body["expires_at"], "2027-01-15T20:00:00Z");
    assert_eq!((&body["sites"], &body["second_factor"]), (&json!(null), &json!(false)));
    let csrf = body["csrf_token"].as_str().unwrap();
    let ada = nobody().with("cookie", cookie.split(';').next().unwrap());

    assert_eq!(desk.get(&ada, "/api/session").await.ok(200), body);
    desk.delete(&ada, "/api/session").await.refused(403, "csrf_failed");
    let gone = desk.delete(&ada.clone().with("x-csrf-token", csrf), "/api/session").await;
    assert!(gone.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    gone.ok(204);
    desk.get(&ada, "/api/session").await.refused(401, "unauthenticated");

    let again = desk.sign_in(&nobody(), "ada", PASSWORD).await;
    let cookie = again.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let ada = nobody().with("cookie", cookie);
    desk.clock.advance(Duration::from_secs(12 * 3600 - 1));
    desk.get(&ada, "/api/session").await.ok(200);
    desk.clock.advance(Duration::from_secs(1));
    desk.get(&ada, "/api/session").await.refused(401, "unauthenticated");
    desk.stop().await;
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_answer_alike() {
    let desk = Desk::start().await;
    desk.person("ada", "moderator", &[]).await;
    let wrong = desk.sign_in(&nobody(), "ada", "wrong horse battery").await;
    let unknown = desk.sign_in(&nobody(), "eve", PASSWORD).await;
    wrong.refused(401, "unauthenticated");
    assert_eq!((wrong.status, &wrong.body), (unknown.status, &unknown.body));
    let names = |answer: &crate::support::Answer| answer.headers.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&wrong), names(&unknown));
    assert!(!wrong.headers.contains_key("set-cookie"));
    desk.stop().await;
}

#[tokio::test]
async fn failures_are_limited_and_a_stranger_locks_nobody_out() {
    let desk = Desk::start().await;
    desk.person("ada", "moderator", &[]).await;
    let stranger = nobody().with("x-forwarded-for", "203.0.113.9");
    for _ in 0..5 {
        desk.sign_in(&stranger, "ada", "wrong horse battery").await.refused(401, "unauthenticated");
    }
    let limited = desk.sign_in(&stranger, "ada", PASSWORD).await;
    limited.refused(429, "rate_limited");
    assert_eq!(limited.headers["retry-after"], "900");
    // The neighbour in the same /24 is the same network, whatever else they claim.
    let neighbour = nobody().with("x-forwarded-for", "198.51.100.1, 203.0.113.77");
    desk.sign_in(&neighbour, "ada", PASSWORD).await.refused(429, "rate_limited");
    let home = nobody().with("x-forwarded-for", "198.51.100.1");
    desk.sign_in(&home, "ada", PASSWORD).await.ok(200);
    desk.clock.advance(Duration::from_secs(900));
    desk.sign_in(&stranger, "ada", PASSWORD).await.ok(200);
    desk.stop().await;
}

#[tokio::test]
async fn many_guesses_at_once_are_not_more_than_the_limit() {
    let desk = Desk::start().await;
    desk.person("ada", "moderator", &[]).await;
    let everybody = nobody();
    let guesses = (0..20).map(|_| desk.sign_in(&everybody, "ada", "wrong horse battery"));
    let answers = futures_util::future::join_all(guesses).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 401).count(), 5);
    assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 15);
    desk.stop().await;
}

#[tokio::test]
async fn a_cookie_alone_changes_nothing() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let other = desk.signed_in("bea", "moderator", &[]).await;
    let id = desk.comment("news", "Hello").await;
    let path = format!("/api/moderation/comments/{id}/decision");
    let approve = json!({ "action": "approve" });
    let bare = ada.clone().without("x-csrf-token");
    let foreign_csrf = &other.headers.iter().find(|(name, _)| *name == "x-csrf-token").unwrap().1;
    for wrong in [
        bare.clone(),
        bare.clone().with("x-csrf-token", ""),
        bare.clone().with("x-csrf-token", foreign_csrf),
        ada.clone().with("origin", "https://news.example"),
        ada.clone().with("origin", "null"),
        ada.clone().with("origin", "http://desk.example.evil.example"),
    ] {
        desk.post(&wrong, &path, approve.clone()).await.refused(403, "csrf_failed");
    }
    desk.get(&bare, "/api/moderation/comments").await.ok(200);
    let decided = desk.post(&ada.with("origin", "http://desk.example"), &path, approve).await.ok(200);
    assert_eq!(decided["version"], 2);
    // Signing in from a foreign page is no way in either.
    let evil = nobody().with("origin", "https://evil.example");
    desk.sign_in(&evil, "ada", PASSWORD).await.refused(403, "csrf_failed");
    desk.stop().await;
}

#[tokio::test]
async fn each_right_reaches_as_far_as_it_says() {
    let desk = Desk::start().await;
    let id = desk.comment("news", "Hello").await;
    let read = desk.token(Right::Read).await;
    let decide = desk.token(Right::Decide).await;
    let admin = desk.token(Right::Admin).await;
    let moderator = desk.signed_in("mod", "moderator", &[]).await;
    let chief = desk.signed_in("chief", "admin", &[]).await;
    let decision = format!("/api/moderation/comments/{id}/decision");
    let detail = format!("/api/moderation/comments/{id}");
    let m = "/api/moderation";
    let routes: Vec<(Method, String, Right)> = vec![
        (Method::GET, format!("{m}/comments"), Right::Read),
        (Method::GET, detail, Right::Read),
        (Method::GET, format!("{m}/bans"), Right::Read),
        (Method::GET, format!("{m}/refusals"), Right::Read),
        (Method::GET, format!("{m}/summary"), Right::Read),
        (Method::GET, format!("{m}/audit"), Right::Read),
        (Method::POST, decision, Right::Decide),
        (Method::POST, format!("{m}/decisions"), Right::Decide),
        (Method::POST, format!("{m}/bans"), Right::Decide),
        (Method::DELETE, format!("{m}/bans/x"), Right::Decide),
        (Method::GET, format!("{m}/settings"), Right::Admin),
        (Method::GET, format!("{m}/moderators"), Right::Admin),
        (Method::POST, format!("{m}/moderators"), Right::Admin),
        (Method::PATCH, format!("{m}/moderators/x"), Right::Admin),
        (Method::DELETE, format!("{m}/moderators/x"), Right::Admin),
        (Method::GET, format!("{m}/moderators/x/sessions"), Right::Admin),
        (Method::DELETE, format!("{m}/moderators/x/sessions"), Right::Admin),
        (Method::GET, format!("{m}/tokens"), Right::Admin),
        (Method::POST, format!("{m}/tokens"), Right::Admin),
        (Method::DELETE, format!("{m}/tokens/x"), Right::Admin),
    ];
    let people = [
        (&read, Right::Read),
        (&decide, Right::Decide),
        (&admin, Right::Admin),
        (&moderator, Right::Decide),
        (&chief, Right::Admin),
    ];
    for (method, path, needs) in &routes {
        let ask = |who| desk.send(method.clone(), who, path, None);
        let stranger = nobody();
        ask(&stranger).await.refused(401, "unauthenticated");
        for (who, has) in people {
            let answer = ask(who).await;
            // The body is missing, so who may pass is told what the route itself minds.
            assert_eq!(answer.status == 403, has < *needs, "{method} {path} {has:?} {}", answer.body);
            assert_ne!(answer.status, 401);
        }
    }
    desk.stop().await;
}

#[tokio::test]
async fn what_proves_nobody_is_refused() {
    let desk = Desk::start().await;
    let token = desk.token(Right::Read).await.headers[0].1.clone();
    let read = |value: &str| nobody().with("authorization", value);
    for wrong in ["", "Bearer", "Bearer ", "Bearer rd_x", &token.replace("Bearer", "Basic"), &format!("{token}A")] {
        let answer = desk.get(&read(wrong), "/api/moderation/summary").await;
        answer.refused(401, "unauthenticated");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    desk.get(&nobody().with("cookie", "replydesk_session=x"), "/api/moderation/summary")
        .await
        .refused(401, "unauthenticated");
    desk.get(&read(&token.replace("Bearer", "bearer")), "/api/moderation/summary").await.ok(200);
    // A token is no session.
    desk.get(&read(&token), "/api/session").await.refused(401, "unauthenticated");

    let people = &desk.running.services.auth.people;
    let short = people.add_token("short", Right::Read, Some(Duration::from_secs(60)), "operator").await.unwrap().0;
    let short = read(&format!("Bearer {short}"));
    desk.get(&short, "/api/moderation/summary").await.ok(200);
    desk.clock.advance(Duration::from_secs(60));
    desk.get(&short, "/api/moderation/summary").await.refused(401, "unauthenticated");
    desk.stop().await;
}

#[tokio::test]
async fn whoever_is_removed_or_gets_a_new_password_is_out_at_once() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let bea = desk.signed_in("bea", "moderator", &[]).await;
    let people = &desk.running.services.auth.people;
    people.set_password("ada", "another long secret".into(), "operator").await.unwrap();
    people.remove("bea", LastAdmin::Stays, "operator").await.unwrap();
    for out in [ada, bea] {
        desk.get(&out, "/api/session").await.refused(401, "unauthenticated");
    }
    desk.sign_in(&nobody(), "ada", PASSWORD).await.refused(401, "unauthenticated");
    desk.sign_in(&nobody(), "ada", "another long secret").await.ok(200);
    desk.sign_in(&nobody(), "bea", PASSWORD).await.refused(401, "unauthenticated");
    desk.stop().await;
}
