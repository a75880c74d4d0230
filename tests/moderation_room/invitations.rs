//! People who choose their own password: invitations, resets, and the password they change themselves.

use std::time::Duration;

use replydesk::auth::Right;
use serde_json::{Value, json};

use crate::support::{Answer, Desk, PASSWORD, Who, nobody, signed_in_by};

const PEOPLE: &str = "/api/moderation/moderators";
const OTHER: &str = "another long secret";

/// Adds somebody without a password; the answer's `invitation`.
async fn invite(desk: &Desk, admin: &Who, name: &str) -> Value {
    let made = desk.post(admin, PEOPLE, json!({ "username": name, "role": "moderator" })).await.ok(201);
    assert_eq!(
        (&made["invited"], &made["second_factor"], &made["seen_at"]),
        (&json!(true), &json!(false), &Value::Null)
    );
    made["invitation"].clone()
}

async fn accept(desk: &Desk, token: &Value, password: &str) -> Answer {
    desk.post(&nobody(), "/api/session/invitation", json!({ "token": token, "password": password })).await
}

#[track_caller]
fn refused_token(answer: &Answer) {
    answer.refused(422, "validation_failed");
    assert_eq!(answer.field(), "token");
}

#[tokio::test]
async fn who_is_invited_chooses_a_password_once_and_is_signed_in() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    let link = invite(&desk, &admin, "ada").await;
    let token = link["token"].as_str().unwrap();
    assert_eq!(link["url"], format!("http://desk.example/desk#invitation={token}"));
    assert_eq!(link["expires_at"], "2027-01-18T08:00:00Z");
    assert!(token.len() >= 22, "128 bits: {token}");
    for password in [PASSWORD, "", "x"] {
        assert_ne!(desk.sign_in(&nobody(), "ada", password).await.status, 200);
    }
    // A password that breaks a rule leaves the link good.
    for (weak, code) in [("short", "too_short"), ("password1234", "invalid"), ("it is ADA who moderates", "invalid")] {
        let answer = accept(&desk, &link["token"], weak).await;
        answer.refused(422, "validation_failed");
        assert_eq!((answer.field(), answer.body["errors"][0]["code"].as_str().unwrap()), ("password", code));
    }
    let answer = accept(&desk, &link["token"], PASSWORD).await;
    assert!(answer.headers["set-cookie"].to_str().unwrap().contains("HttpOnly"));
    let session = answer.body.clone();
    assert_eq!((&session["username"], &session["role"]), (&json!("ada"), &json!("moderator")));
    assert_eq!((&session["sites"], &session["second_factor"]), (&Value::Null, &json!(false)));
    let ada = signed_in_by(answer);
    assert_eq!(desk.get(&ada, "/api/session").await.ok(200), session);
    refused_token(&accept(&desk, &link["token"], OTHER).await);
    desk.sign_in(&nobody(), "ada", PASSWORD).await.ok(200);
    let listed = desk.get(&admin, PEOPLE).await.ok(200);
    assert_eq!(listed["items"][0]["invited"], false);
    assert_eq!(listed["items"][0]["seen_at"], json!(desk.clock.now()));
    assert!(!listed.to_string().contains(token));
    desk.stop().await;
}

#[tokio::test]
async fn a_link_holds_for_72_hours_and_a_new_one_takes_its_place() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    let (first, late) = (invite(&desk, &admin, "ada").await, invite(&desk, &admin, "bea").await);
    let again = desk.patch(&admin, &format!("{PEOPLE}/ada"), json!({ "invite": true })).await.ok(200);
    assert_eq!(again["invited"], true);
    refused_token(&accept(&desk, &first["token"], PASSWORD).await);
    desk.clock.advance(Duration::from_secs(72 * 3600 - 1));
    accept(&desk, &again["invitation"]["token"], PASSWORD).await.ok(200);
    desk.clock.advance(Duration::from_secs(1));
    refused_token(&accept(&desk, &late["token"], PASSWORD).await);
    for nonsense in ["x", "%00", "é", first["url"].as_str().unwrap()] {
        refused_token(&accept(&desk, &json!(nonsense), PASSWORD).await);
    }
    desk.stop().await;
}

#[tokio::test]
async fn a_reset_takes_the_password_and_the_sessions() {
    let desk = Desk::start().await;
    let admin = desk.signed_in("chief", "admin", &[]).await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let reset = desk.patch(&admin, &format!("{PEOPLE}/ada"), json!({ "invite": true })).await.ok(200);
    desk.get(&ada, "/api/session").await.refused(401, "unauthenticated");
    desk.sign_in(&nobody(), "ada", PASSWORD).await.refused(401, "unauthenticated");
    let ada = signed_in_by(accept(&desk, &reset["invitation"]["token"], OTHER).await);
    desk.get(&ada, "/api/session").await.ok(200);
    // A password that the admin gives does the same, and leaves no link behind.
    let link = desk.patch(&admin, &format!("{PEOPLE}/ada"), json!({ "invite": true })).await.ok(200);
    let given = desk.patch(&admin, &format!("{PEOPLE}/ada"), json!({ "password": PASSWORD })).await.ok(200);
    assert_eq!((&given["invited"], &given["invitation"]), (&json!(false), &Value::Null));
    refused_token(&accept(&desk, &link["invitation"]["token"], OTHER).await);
    let ada = signed_in_by(desk.sign_in(&nobody(), "ada", PASSWORD).await);
    desk.patch(&admin, &format!("{PEOPLE}/ada"), json!({ "password": OTHER })).await.ok(200);
    desk.get(&ada, "/api/session").await.refused(401, "unauthenticated");
    desk.stop().await;
}

#[tokio::test]
async fn two_who_open_one_link_at_once_are_one() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    let link = invite(&desk, &admin, "ada").await;
    let both = (0..4).map(|_| accept(&desk, &link["token"], PASSWORD));
    let answers = futures_util::future::join_all(both).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 422).count(), 3);
    desk.stop().await;
}

#[tokio::test]
async fn guessing_links_is_limited_by_network_and_a_foreign_page_sends_none() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    let link = invite(&desk, &admin, "ada").await;
    let body = json!({ "token": link["token"], "password": PASSWORD });
    for foreign in ["https://news.example", "null"] {
        let evil = nobody().with("origin", foreign);
        desk.post(&evil, "/api/session/invitation", body.clone()).await.refused(403, "csrf_failed");
    }
    let stranger = nobody().with("x-forwarded-for", "203.0.113.9");
    for number in 0..30 {
        let guess = json!({ "token": format!("guess {number}"), "password": PASSWORD });
        refused_token(&desk.post(&stranger, "/api/session/invitation", guess).await);
    }
    let limited = desk.post(&stranger, "/api/session/invitation", body.clone()).await;
    limited.refused(429, "rate_limited");
    assert!(limited.headers.contains_key("retry-after"));
    let home = nobody().with("x-forwarded-for", "198.51.100.1").with("origin", "http://desk.example");
    desk.post(&home, "/api/session/invitation", body).await.ok(200);
    desk.stop().await;
}

#[tokio::test]
async fn people_change_their_own_password_and_stay_signed_in_here_alone() {
    let desk = Desk::start().await;
    let here = desk.signed_in("ada", "moderator", &[]).await;
    let there = signed_in_by(desk.sign_in(&nobody(), "ada", PASSWORD).await);
    let path = "/api/session/password";
    let change = |current: &str, password: &str| json!({ "current": current, "password": password });
    for (body, field, code) in [
        (change("wrong horse battery", OTHER), "current", "invalid"),
        (change("", OTHER), "current", "required"),
        (change(PASSWORD, "short"), "password", "too_short"),
        (change(PASSWORD, "our dear ADA and her secret"), "password", "invalid"),
    ] {
        let answer = desk.post(&here, path, body.clone()).await;
        answer.refused(422, "validation_failed");
        assert_eq!((answer.field(), answer.body["errors"][0]["code"].as_str().unwrap()), (field, code), "{body}");
    }
    desk.post(&here.clone().without("x-csrf-token"), path, change(PASSWORD, OTHER)).await.refused(403, "csrf_failed");
    desk.get(&there, "/api/session").await.ok(200);
    desk.post(&here, path, change(PASSWORD, OTHER)).await.ok(204);
    desk.get(&here, "/api/session").await.ok(200);
    desk.get(&there, "/api/session").await.refused(401, "unauthenticated");
    desk.sign_in(&nobody(), "ada", PASSWORD).await.refused(401, "unauthenticated");
    desk.sign_in(&nobody(), "ada", OTHER).await.ok(200);
    desk.stop().await;
}

#[tokio::test]
async fn guessing_the_password_in_an_open_session_counts_as_failed_sign_ins() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let guess = json!({ "current": "wrong horse battery", "password": OTHER });
    for _ in 0..5 {
        desk.post(&ada, "/api/session/password", guess.clone()).await.refused(422, "validation_failed");
    }
    let right = json!({ "current": PASSWORD, "password": OTHER });
    desk.post(&ada, "/api/session/password", right.clone()).await.refused(429, "rate_limited");
    let own = json!({ "password": PASSWORD });
    desk.post(&ada, "/api/session/second-factor", own).await.refused(429, "rate_limited");
    desk.sign_in(&nobody(), "ada", PASSWORD).await.refused(429, "rate_limited");
    // From elsewhere the account is not held up.
    let elsewhere = nobody().with("x-forwarded-for", "198.51.100.1");
    desk.sign_in(&elsewhere, "ada", PASSWORD).await.ok(200);
    desk.clock.advance(Duration::from_secs(900));
    desk.post(&ada, "/api/session/password", right).await.ok(204);
    desk.stop().await;
}

#[tokio::test]
async fn the_audit_tells_who_was_invited_who_came_and_whose_password_changed() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    let by = admin_name(&desk).await;
    let link = invite(&desk, &admin, "ada").await;
    desk.sign_in(&nobody(), "ada", PASSWORD).await.refused(401, "unauthenticated");
    // Strangers' typing is nobody's business.
    desk.sign_in(&nobody(), "eve", PASSWORD).await.refused(401, "unauthenticated");
    let ada = signed_in_by(accept(&desk, &link["token"], PASSWORD).await);
    let wrong = json!({ "current": "wrong horse battery", "password": OTHER });
    desk.post(&ada, "/api/session/password", wrong).await.refused(422, "validation_failed");
    desk.post(&ada, "/api/session/password", json!({ "current": PASSWORD, "password": OTHER })).await.ok(204);
    let audit = desk.audit().await;
    let told: Vec<(&str, &str, &str)> =
        audit[1..].iter().map(|(a, b, c, _)| (a.as_str(), b.as_str(), c.as_str())).collect();
    assert_eq!(
        told,
        [
            (by.as_str(), "moderator.add", "ada"),
            (by.as_str(), "moderator.invite", "ada"),
            ("system", "session.fail", "ada"),
            ("moderator:ada", "moderator.join", "ada"),
            ("moderator:ada", "session.open", "ada"),
            ("moderator:ada", "session.fail", "ada"),
            ("moderator:ada", "moderator.password", "ada"),
        ]
    );
    let all = format!("{audit:?}");
    for secret in [link["token"].as_str().unwrap(), PASSWORD, OTHER, "eve", "argon2"] {
        assert!(!all.contains(secret), "{secret}");
    }
    desk.stop().await;
}

/// The name that the audit gives the token made last.
async fn admin_name(desk: &Desk) -> String {
    format!("token:{}", desk.audit().await.last().unwrap().2)
}
