//! The order of the gates: what is wrong in several ways is told the first of them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, App, PAGE, comment};

const SETTINGS: &str =
    "[captcha]\nprovider = 'builtin'\n[limits]\nper_ip = ['1/1h']\n[moderation]\nmode = 'post'\nclose_after = '1d'\n";

/// Sends it from a banned or exhausted address, with or without a foreign origin.
async fn send(app: &App, wanted: &Value, origin: &str, from: &str, key: &str) -> Answer {
    app.submission(wanted).origin(origin).from(from).key(key).answer().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_costs_less_is_asked_first() {
    let app = App::with(SETTINGS).await;
    let moderator = app.moderator().await;
    let (spent, banned, fresh) = ("203.0.113.1", "198.51.100.1", "192.0.2.1");
    let news = crate::support::NEWS;
    moderator.ban(json!({"kind": "ip", "value": banned, "mode": "refuse"})).await;
    moderator.ban(json!({"kind": "name", "value": "Eve", "mode": "refuse"})).await;
    app.running.services.intake.refresh().await.unwrap();
    let mut first = comment("The very first words.");
    first["captcha"] = json!(app.solved(PAGE, Duration::from_secs(40)));
    send(&app, &first, news, spent, "used").await.expect(201);
    app.clock.advance(Duration::from_secs(86_400));
    app.clock.advance(Duration::from_secs(1));

    // Wrong in every way that there is, and put right one by one.
    let mut wanted = json!({"page": PAGE, "name": "Eve", "email": "no address", "body": "The very first words.",
        "parent": "0199a0a0-0000-7000-8000-000000000000", "captcha": "garbage"});
    let raw = app.post("/api/comments").origin("http://evil.example").from(banned).key("used");
    raw.body("application/json", "{").answer().await.expect_problem(400, "malformed");
    let evil = "http://evil.example";
    send(&app, &wanted, evil, spent, "late").await.expect_problem(422, "validation_failed");
    wanted["email"] = json!("ada@readers.example");
    send(&app, &wanted, evil, banned, "a").await.expect_problem(403, "origin_not_allowed");
    send(&app, &wanted, news, banned, "b").await.expect_problem(403, "banned");
    send(&app, &json!({"page": "/new", "name": "Ada", "email": "a@b.example", "body": "Spends it."}), news, spent, "c")
        .await
        .expect(202);
    send(&app, &wanted, news, spent, "d").await.expect_problem(429, "rate_limited");
    send(&app, &wanted, news, fresh, "e").await.expect_problem(403, "comments_closed");
    wanted["page"] = json!("http://news.example/open");
    send(&app, &wanted, news, "192.0.2.2", "f").await.expect_problem(404, "parent_not_found");
    wanted["parent"] = Value::Null;
    send(&app, &wanted, news, "192.0.2.3", "g").await.expect_problem(403, "banned");
    wanted["name"] = json!("Ada");
    send(&app, &wanted, news, "192.0.2.4", "h").await.expect_problem(403, "captcha_failed");
    wanted["captcha"] = json!(app.solved("http://news.example/open", Duration::from_secs(40)));
    send(&app, &wanted, news, "192.0.2.5", "i").await.expect(201);
    // Said before is found before the captcha, whose token is garbage again.
    wanted["captcha"] = json!("garbage");
    send(&app, &wanted, news, "192.0.2.6", "j").await.expect_problem(409, "duplicate");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_used_key_is_looked_up_before_the_fields() {
    let app = App::start().await;
    app.submission(&comment("Once.")).key("used").answer().await.expect(202);
    let bad = json!({"page": PAGE, "name": "", "email": "", "body": ""});
    app.submission(&bad).key("used").answer().await.expect_problem(422, "idempotency_key_reused");
    app.submission(&bad).key("unused").answer().await.expect_problem(422, "validation_failed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bans_refuse_hold_or_shadow_by_every_kind() {
    for (kind, value) in [
        ("ip", "203.0.113.9"),
        ("network", "203.0.113.0/24"),
        ("email", "EVE@spam.example"),
        ("email_domain", "spam.example"),
        ("link_domain", "pills.example"),
        ("name", "Eve Example"),
    ] {
        for (mode, status, stored) in [("refuse", 403, ""), ("hold", 202, "pending"), ("shadow", 202, "spam")] {
            let app = App::with("[moderation]\nmode = 'post'").await;
            let moderator = app.moderator().await;
            let ban =
                moderator.ban(json!({"kind": kind, "value": value, "mode": mode, "reason": "tests"})).await.json();
            let eve = json!({"page": PAGE, "name": "Ev\u{435} Example", "email": "eve@spam.example",
                "body": "See http://shop.pills.example/ now"});
            let answer = app.submission(&eve).from("203.0.113.9").answer().await;
            assert_eq!(answer.status, status, "{kind} {mode}: {}", answer.text());
            let found = app.dump("SELECT status FROM comments");
            assert_eq!(found, stored, "{kind} {mode}");
            if mode == "refuse" {
                answer.expect_problem(403, "banned");
            } else if mode == "hold" {
                assert!(moderator.signals(&answer.id()).await.contains(&"ban_hold".to_owned()), "{kind}");
            }
            let other = app.submission(&comment("From somebody else.")).from("198.51.100.1").answer().await;
            assert_eq!(other.status, 201, "{kind} {mode} meets a stranger: {}", other.text());
            moderator.ask("DELETE", &format!("/bans/{}", ban["id"].as_str().unwrap())).answer().await.expect(204);
            let mut again = eve.clone();
            again["body"] = json!("Free again, without a link.");
            assert_eq!(app.submission(&again).from("203.0.113.9").answer().await.status, 201, "{kind} {mode} lingers");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ban_and_its_end_are_in_force_when_they_are_answered() {
    let app = App::start().await;
    let moderator = app.moderator().await;
    for n in 0..20 {
        let mut eve = comment(&format!("Number {n}."));
        eve["name"] = json!("Eve");
        let ban = moderator.ban(json!({"kind": "name", "value": "Eve", "mode": "refuse"})).await.json();
        app.submit(&eve).await.expect_problem(403, "banned");
        moderator.ask("DELETE", &format!("/bans/{}", ban["id"].as_str().unwrap())).answer().await.expect(204);
        app.submit(&eve).await.expect(202);
    }
}
