//! The built-in check for a site's other forms: what reCAPTCHA's clients send, and what they must be told.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use crate::support::{App, PAGE, app::START, captcha_stub::CaptchaStub, client::Ask};

const PATH: &str = "/api/captcha/siteverify";
const SETTINGS: &str = "[captcha]\nprovider = 'builtin'\nsiteverify_secret = 'the right one'\n";
const A_WHILE: Duration = Duration::from_secs(40);

fn asked(app: &App, secret: &str, token: &str) -> Ask {
    app.post(PATH).form(&[("secret", secret), ("response", token), ("remoteip", "203.0.113.7")])
}

async fn told(ask: Ask) -> Value {
    ask.answer().await.expect(200).json()
}

fn no(codes: &[&str]) -> Value {
    json!({"success": false, "error-codes": codes})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_token_is_told_once_as_recaptcha_tells_it() {
    let app = App::with(SETTINGS).await;
    let token = app.solved(PAGE, A_WHILE);
    let good = told(asked(&app, "the right one", &token)).await;
    let score = good["score"].as_f64().unwrap();
    assert!((0.6..=1.0).contains(&score), "{good}");
    let expected = json!({"success": true, "score": score, "action": "comment",
        "challenge_ts": "2027-01-15T07:59:20Z", "hostname": "news.example"});
    assert_eq!(good, expected);
    assert_eq!(told(asked(&app, "the right one", &token)).await, no(&["timeout-or-duplicate"]));
    let by_json = app.solved(PAGE, A_WHILE);
    let wanted = json!({"secret": "the right one", "response": by_json, "remoteip": null, "sitekey": "x"});
    assert_eq!(told(app.post(PATH).json(&wanted)).await["success"], true);
    assert_eq!(told(app.post(PATH).json(&wanted)).await, no(&["timeout-or-duplicate"]));
    let app = app.restarted(SETTINGS).await;
    assert_eq!(told(asked(&app, "the right one", &token)).await, no(&["timeout-or-duplicate"]), "after a restart");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_wrong_is_said_in_googles_codes_under_200() {
    let app = App::with(SETTINGS).await;
    let (good, old) = (app.solved(PAGE, A_WHILE), app.solved(PAGE, Duration::from_secs(3600)));
    for (secret, token, codes) in [
        ("", "", &["missing-input-secret", "missing-input-response"][..]),
        ("", good.as_str(), &["missing-input-secret"]),
        ("a wrong one", &good, &["invalid-input-secret"]),
        ("the right on", &good, &["invalid-input-secret"]),
        ("the right one", "", &["missing-input-response"]),
        ("the right one", "  ", &["missing-input-response"]),
        ("the right one", "x", &["invalid-input-response"]),
        ("the right one", &"x".repeat(5_000), &["invalid-input-response"]),
        ("the right one", &old, &["timeout-or-duplicate"]),
    ] {
        assert_eq!(told(asked(&app, secret, token)).await, no(codes), "{secret:?} {token:.10}");
    }
    for (media, body) in [
        ("application/json", "{"),
        ("application/json", "[]"),
        ("application/json", r#"{"secret": "the right one", "response": 7}"#),
        ("application/json", r#"{"secret": "a", "secret": "b"}"#),
        ("multipart/form-data; boundary=x", "--x--"),
        ("text/plain", "secret=the right one"),
    ] {
        assert_eq!(told(app.post(PATH).body(media, body)).await, no(&["bad-request"]), "{media} {body}");
    }
    let heavy = format!("secret=the+right+one&response={}", "x".repeat(70_000));
    let heavy = app.post(PATH).body("application/x-www-form-urlencoded", heavy);
    assert_eq!(told(heavy).await, no(&["bad-request"]));
    assert_eq!(told(asked(&app, "the right one", &good)).await["success"], true, "a wrong secret spent the token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_servers_at_once_are_told_yes_once_and_a_comment_cannot_use_it_either() {
    let app = Arc::new(App::with(SETTINGS).await);
    let token = app.solved(PAGE, A_WHILE);
    let asks: Vec<_> = (0..20)
        .map(|_| {
            let (app, token) = (Arc::clone(&app), token.clone());
            tokio::spawn(async move { told(asked(&app, "the right one", &token)).await["success"] == true })
        })
        .collect();
    let mut good = 0;
    for ask in asks {
        good += u32::from(ask.await.unwrap());
    }
    assert_eq!(good, 1);
    let spent = crate::captcha_provider::send(&app, "With the form's token.", &token).await;
    assert_eq!(crate::captcha_builtin::reason(spent), "expired");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_the_secret_is_limited_by_address() {
    let app = App::with(&format!("{SETTINGS}[limits]\nchallenge = ['3/1m']")).await;
    for n in 0..3 {
        let guess = asked(&app, &format!("guess {n}"), "x").from("203.0.113.7");
        assert_eq!(told(guess).await, no(&["invalid-input-secret"]));
    }
    let refused = asked(&app, "guess 4", "x").from("203.0.113.7").answer().await;
    assert!(refused.expect_problem(429, "rate_limited").header("retry-after").parse::<u64>().unwrap() >= 1);
    assert_eq!(told(asked(&app, "guess 5", "x").from("198.51.100.7")).await, no(&["invalid-input-secret"]));
    assert_eq!(told(asked(&app, "the right one", &app.solved(PAGE, A_WHILE))).await["success"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_secret_there_is_no_such_route_whatever_is_sent() {
    let app = App::with("[captcha]\nprovider = 'builtin'\n").await;
    asked(&app, "", "").answer().await.expect_problem(404, "not_found");
    app.post(PATH).body("application/json", "{").answer().await.expect_problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_an_outside_provider_other_forms_get_challenges_and_comments_do_not_take_them() {
    let stub = CaptchaStub::start(START);
    let app = crate::captcha_provider::app(&stub, "siteverify_secret = 'the right one'").await;
    app.get(&format!("/api/captcha/challenge?page={PAGE}&action=newsletter")).answer().await.expect(200);
    let token = app.solved(PAGE, A_WHILE);
    let refused = crate::captcha_provider::send(&app, "By the other form's token.", &token).await;
    assert_eq!(crate::captcha_builtin::reason(refused), "expired");
    assert_eq!(told(asked(&app, "the right one", &token)).await["success"], true);
    assert_eq!(stub.asked().len(), 0);
}
