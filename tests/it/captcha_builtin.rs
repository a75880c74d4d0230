//! The built-in proof of work: fetched, solved, sent once.

use std::{sync::Arc, time::Duration};

use replydesk::captcha::challenge::{Challenge, Payload, solve};
use serde_json::{Value, json};

use crate::support::{Answer, App, PAGE, comment};

const BUILTIN: &str = "[captcha]\nprovider = 'builtin'\n[moderation]\nmode = 'post'\n";
const A_WHILE: Duration = Duration::from_secs(40);

/// As a browser on the site's page sends it.
pub(crate) async fn send(app: &App, body: &str, token: &str) -> Answer {
    let mut wanted = comment(body);
    wanted["captcha"] = json!(token);
    browser(app, &wanted).answer().await
}

fn browser(app: &App, wanted: &Value) -> crate::support::client::Ask {
    app.submission(wanted)
        .header("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0")
        .header("Accept-Language", "en")
        .header("Sec-Fetch-Mode", "cors")
}

pub(crate) fn reason(answer: Answer) -> Value {
    answer.expect_problem(403, "captcha_failed").json()["reason"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_learns_all_it_needs_and_a_solved_challenge_passes() {
    let app = App::with(BUILTIN).await;
    let needed = app.get(&format!("/api/captcha?page={PAGE}")).answer().await.expect(200).json();
    assert_eq!(
        (&needed["provider"], &needed["site_key"], &needed["action"]),
        (&json!("builtin"), &Value::Null, &json!("comment"))
    );
    let answer = app.get(needed["challenge_url"].as_str().unwrap()).answer().await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let challenge: Challenge = serde_json::from_value(answer.json()).unwrap();
    app.clock.advance(A_WHILE);
    let token = tokio::task::spawn_blocking(move || solve(&challenge).unwrap()).await.unwrap();
    let taken = send(&app, "Solved by honest work.", &token).await.expect(201);
    let item = app.moderator().await.item(&taken.id()).await;
    assert_eq!((&item["captcha"]["provider"], &item["captcha"]["outcome"]), (&json!("builtin"), &json!("pass")));
    assert!(item["captcha"]["score"].as_f64().unwrap() >= 0.6, "{item}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_good_once_whatever_is_varied_around_it() {
    let app = App::with(BUILTIN).await;
    let token = app.solved(PAGE, A_WHILE);
    send(&app, "The first.", &token).await.expect(201);
    assert_eq!(reason(send(&app, "The second.", &token).await), "expired");
    let varied = format!(" {token} ");
    assert_eq!(reason(send(&app, "The third.", &varied).await), "expired");
    let app = app.restarted(BUILTIN).await;
    assert_eq!(reason(send(&app, "After a restart.", &token).await), "expired");
    assert_eq!(app.count("SELECT count(*) FROM comments"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_04_one_solved_token_twenty_times_at_once_over_two_instances() {
    let app = Arc::new(App::with(BUILTIN).await);
    let other = Arc::new(app.beside(BUILTIN).await);
    let token = app.solved(PAGE, A_WHILE);
    let posts: Vec<_> = (0..20)
        .map(|n| {
            let (app, token) = (Arc::clone(if n % 2 == 0 { &app } else { &other }), token.clone());
            tokio::spawn(async move { send(&app, &format!("Race number {n}."), &token).await })
        })
        .collect();
    let mut taken = 0;
    for post in posts {
        let answer = post.await.unwrap();
        if answer.status == 201 {
            taken += 1;
        } else {
            assert_eq!(reason(answer), "expired");
        }
    }
    assert_eq!((taken, app.count("SELECT count(*) FROM comments")), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_for_another_page_action_or_secret_is_refused() {
    let app = App::with(BUILTIN).await;
    let elsewhere = app.solved("http://news.example/elsewhere", A_WHILE);
    assert_eq!(reason(send(&app, "From another page.", &elsewhere).await), "invalid");
    let action = format!("/api/captcha/challenge?page={PAGE}&action=login");
    let challenge: Challenge = serde_json::from_value(app.get(&action).answer().await.expect(200).json()).unwrap();
    let login = tokio::task::spawn_blocking(move || solve(&challenge).unwrap()).await.unwrap();
    assert_eq!(reason(send(&app, "From another form.", &login).await), "invalid");
    let stranger = App::with(&format!("{BUILTIN}[server]\nsecret = 'another secret altogether, and long'")).await;
    assert_eq!(reason(send(&app, "By another key.", &stranger.solved(PAGE, A_WHILE)).await), "invalid");
    assert_eq!(app.count("SELECT count(*) FROM comments"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_ages() {
    let app = App::with(BUILTIN).await;
    let token = app.solved(PAGE, Duration::ZERO);
    app.clock.advance(Duration::from_secs(20 * 60 + 1));
    assert_eq!(reason(send(&app, "Over dinner.", &token).await), "expired");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_in_place_of_a_token_is_invalid() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let app = App::with(BUILTIN).await;
    let good = app.solved(PAGE, A_WHILE);
    let mut payload: Payload = serde_json::from_slice(&STANDARD.decode(&good).unwrap()).unwrap();
    payload.challenge.parameters.expires_at += 3600;
    let stretched = payload.encode().unwrap();
    let unsolved = {
        let mut payload: Payload = serde_json::from_slice(&STANDARD.decode(&good).unwrap()).unwrap();
        payload.solution.derived_key.0[31] ^= 1;
        payload.encode().unwrap()
    };
    for (n, token) in
        ["x", "e30=", "{}", "AAAA", &stretched, &unsolved, good.get(..good.len() / 2).unwrap()].iter().enumerate()
    {
        assert_eq!(reason(send(&app, &format!("Garbage {n}."), token).await), "invalid", "{token}");
    }
    send(&app, "And the real one.", &good).await.expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_submission_refused_before_the_captcha_leaves_the_token_unspent() {
    let app = App::with(&format!("{BUILTIN}[limits]\nper_ip = ['3/1h']")).await;
    send(&app, "Said before.", &app.solved(PAGE, A_WHILE)).await.expect(201);
    let token = app.solved(PAGE, A_WHILE);
    send(&app, "x", &token).await.expect_problem(422, "validation_failed");
    send(&app, "Said before.", &token).await.expect_problem(409, "duplicate");
    let mut reply = comment("To nobody.");
    reply["parent"] = json!("0199a0a0-0000-7000-8000-000000000000");
    reply["captcha"] = json!(token);
    app.submit(&reply).await.expect_problem(404, "parent_not_found");
    send(&app, "Over the limit.", &token).await.expect_problem(429, "rate_limited");
    app.clock.advance(Duration::from_secs(600));
    app.clock.advance(Duration::from_secs(600));
    let answer = send(&app, "At last.", &token).await;
    assert_ne!(answer.status, 429, "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_could_not_be_stored_is_a_503_that_keeps_nothing_and_spends_nothing() {
    let app = App::with(BUILTIN).await;
    let token = app.solved(PAGE, A_WHILE);
    // The last statement of the comment's transaction has nowhere to go.
    app.run("ALTER TABLE outbox RENAME TO outbox_away");
    let refused = send(&app, "Not yet.", &token).await.expect_problem(503, "unavailable");
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds >= 1));
    assert!(!refused.text().contains("outbox"), "internals: {}", refused.text());
    assert_eq!(app.count("SELECT (SELECT count(*) FROM comments) + (SELECT count(*) FROM claimed_tokens)"), 0);
    assert_eq!(app.count("SELECT (SELECT count(*) FROM pages) + (SELECT count(*) FROM recent_bodies)"), 0);
    app.run("ALTER TABLE outbox_away RENAME TO outbox");
    send(&app, "Not yet.", &token).await.expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_provider_has_no_challenge() {
    let app = App::start().await;
    let needed = app.get(&format!("/api/captcha?page={PAGE}")).answer().await.expect(200).json();
    assert_eq!((&needed["provider"], &needed["challenge_url"]), (&json!("none"), &Value::Null));
    app.get(&format!("/api/captcha/challenge?page={PAGE}")).answer().await.expect_problem(404, "not_found");
    for path in ["/api/captcha", "/api/captcha/challenge?page=nonsense"] {
        app.get(path).answer().await.expect_problem(422, "validation_failed");
    }
    app.get("/api/captcha?page=http://evil.example/a").answer().await.expect_problem(403, "origin_not_allowed");
}
