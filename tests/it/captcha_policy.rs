//! What becomes of comments while the provider is out, as the operator chose, and how an operator sees it.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use replydesk::captcha::{
    breaker::{FAILURES, REST},
    siteverify::OFFER,
};
use serde_json::{Value, json};

use crate::support::database::Home;
use crate::{
    captcha_builtin::{reason, send},
    captcha_provider,
    support::{
        App, PAGE, app::START, captcha_stub::CaptchaStub, client::Http, comment, in_time, process::Process, settings,
        until,
    },
};

const A_WHILE: Duration = Duration::from_secs(40);
/// The score of a reader whose token nobody could check may be low; nobody is refused for it here.
const BUILTIN: &str = "on_unverified = 'builtin'\n";

async fn offered(app: &App) -> Value {
    app.get(&format!("/api/captcha?page={PAGE}")).answer().await.expect(200).json()
}

/// Comments until the provider is spared.
async fn break_down(app: &App, stub: &CaptchaStub) {
    stub.is_out(true);
    for n in 0..FAILURES {
        let answer = send(app, &format!("As it goes down, {n}."), &format!("ok:0.9:::down-{n}")).await;
        assert!(matches!(answer.status, 201 | 202), "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_provider_is_out_a_page_may_do_our_proof_of_work_instead_and_only_then() {
    let stub = CaptchaStub::start(START);
    let app = captcha_provider::app(&stub, BUILTIN).await;
    assert_eq!(offered(&app).await["provider"], "recaptcha-v3");
    let early = app.solved(PAGE, A_WHILE);
    assert_eq!(reason(send(&app, "The cheaper check, please.", &early).await), "expired");
    assert_eq!(stub.asked().len(), 0, "a token of ours was shown to the provider");

    break_down(&app, &stub).await;
    let needed = offered(&app).await;
    assert_eq!((&needed["provider"], &needed["site_key"]), (&json!("builtin"), &Value::Null));
    app.get(needed["challenge_url"].as_str().unwrap()).answer().await.expect(200);
    let token = app.solved(PAGE, A_WHILE);
    let taken = send(&app, "By honest work.", &token).await.expect(201);
    let item = app.moderator().await.item(&taken.id()).await;
    assert_eq!((&item["captcha"]["provider"], &item["captcha"]["outcome"]), (&json!("builtin"), &json!("pass")));
    assert_eq!(reason(send(&app, "The same work again.", &token).await), "expired");
    let elsewhere = app.solved("http://news.example/elsewhere", A_WHILE);
    assert_eq!(reason(send(&app, "Work for another page.", &elsewhere).await), "invalid");

    stub.is_out(false);
    app.clock.advance(REST);
    send(&app, "It is back.", "ok:0.9:::back").await.expect(201);
    assert_eq!(offered(&app).await["provider"], "recaptcha-v3");
    assert_eq!(reason(send(&app, "Still the cheaper one.", &app.solved(PAGE, A_WHILE)).await), "expired");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_refuses_our_keys_is_replaced_too_until_they_are_right() {
    let stub = CaptchaStub::start(START);
    let wrong = format!("{}{BUILTIN}", stub.settings().replace("captcha-secret", "old-secret"));
    let app = App::with(&wrong).await;
    assert_eq!(send(&app, "With a wrong key.", "ok:0.9:::1").await.status, 202);
    assert_eq!(offered(&app).await["provider"], "builtin");
    settings::write(&app.folder, &format!("{}{BUILTIN}", stub.settings()));
    app.running.reload().await;
    assert_eq!(offered(&app).await["provider"], "recaptcha-v3", "other settings start anew");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_nobody_brings_the_providers_token_one_page_a_minute_tries_it() {
    let stub = CaptchaStub::start(START);
    let app = captcha_provider::app(&stub, BUILTIN).await;
    break_down(&app, &stub).await;
    for _ in 0..2 {
        assert_eq!(offered(&app).await["provider"], "builtin");
        app.clock.advance(OFFER);
        assert_eq!(offered(&app).await["provider"], "recaptcha-v3");
    }
    assert_eq!(offered(&app).await["provider"], "builtin");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_has_no_proof_of_work_is_judged_by_the_built_in_score() {
    let stub = CaptchaStub::start(START);
    let app = captcha_provider::app(&stub, BUILTIN).await;
    break_down(&app, &stub).await;
    let reader = send(&app, "I had the old page open.", "ok:0.9:::open").await.expect(201);
    let signals = app.moderator().await.signals(&reader.id()).await;
    assert!(signals.contains(&"captcha.unverified".to_owned()), "nobody is told: {signals:?}");
    let mut bot = comment("I fill in everything.");
    bot["captcha"] = json!("ok:0.9:::bot");
    bot["contact_ref"] = json!("x");
    let tool = app.submission(&bot).header("User-Agent", "curl/8.5.0").answer().await;
    tool.expect_problem(403, "captcha_score_low");
    assert_eq!(reason(send(&app, "The old page's token again.", "ok:0.9:::open").await), "expired");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_policy_leads_where_it_says_and_a_token_counts_once_under_all() {
    for (policy, status, outcome) in
        [("hold", 202, "unverified"), ("accept", 201, "pass"), ("builtin", 201, "pass"), ("reject", 403, "")]
    {
        let stub = CaptchaStub::start(START);
        stub.is_out(true);
        let app = captcha_provider::app(&stub, &format!("on_unverified = '{policy}'")).await;
        let answer = send(&app, "During an outage.", "ok:0.9:::one").await;
        assert_eq!(answer.status, status, "{policy}: {}", answer.text());
        if status == 403 {
            assert_eq!(reason(answer), "invalid");
            assert_eq!(app.count("SELECT count(*) FROM comments"), 0);
            continue;
        }
        assert_eq!(app.moderator().await.item(&answer.id()).await["captcha"]["outcome"], outcome, "{policy}");
        let again = send(&app, "With the same token.", "ok:0.9:::one").await;
        // What waits for the provider is told apart when it answers.
        assert_eq!(again.status, if policy == "hold" { 202 } else { 403 }, "{policy}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_through_an_outage_is_bounded_by_its_network_and_readers_elsewhere_are_still_taken() {
    let stub = CaptchaStub::start(START);
    stub.is_out(true);
    let limits = "[limits]\nwithout_token = ['3/10m']\nwithout_token_network = ['6/1h']";
    let app = captcha_provider::app(&stub, limits).await;
    let post = async |n: usize, address: String| {
        let mut wanted = comment(&format!("From {address}, {n}."));
        wanted["captcha"] = json!(format!("ok:0.9:::{n}"));
        app.submission(&wanted).from(&address).answer().await.status
    };
    let mut taken = 0;
    for n in 0..20 {
        // Another /64 each time, all within one /48.
        taken += u32::from(post(n, format!("2001:db8:7:{n:x}::1")).await == 202);
    }
    assert_eq!(taken, 6);
    for n in 20..40 {
        assert_eq!(post(n, format!("2001:db8:{n:x}::1")).await, 202, "a reader elsewhere");
        assert_eq!(post(100 + n, format!("198.51.{n}.7")).await, 202, "a reader elsewhere");
    }
    assert_eq!(post(200, "2001:db8:7:ffff::1".to_owned()).await, 429);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_at_once_before_a_provider_that_hangs_are_all_held_within_the_budget() {
    let stub = CaptchaStub::start(START);
    let app = Arc::new(captcha_provider::app(&stub, "").await);
    let posts: Vec<_> = (0..100)
        .map(|n| {
            let app = Arc::clone(&app);
            tokio::spawn(async move {
                let mut wanted = comment(&format!("Into the silence, {n}."));
                wanted["captcha"] = json!(format!("hang:{n}"));
                app.submission(&wanted).from(&format!("10.0.{n}.1")).answer().await.status
            })
        })
        .collect();
    // Of which the provider is given one; the rest is what two cores need for a hundred comments.
    let all = in_time("a hundred", Duration::from_millis(2_300), join_all(posts)).await;
    for status in all {
        assert_eq!(status.unwrap(), 202);
    }
    assert_eq!(app.count("SELECT count(*) FROM comments WHERE status = 'pending'"), 100);
    send(&app, "And the next.", "hang:next").await.expect(202);
    assert_eq!(stub.asked_about("hang:next"), 0, "it is spared by now");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_sees_which_sites_provider_is_out_and_why() {
    let stub = CaptchaStub::start(START);
    let second = "[[site]]\n[[site]]\nid = 'blog'\norigins = ['http://blog.example']\n";
    let app = captcha_provider::app(&stub, &format!("{second}[limits]\nchallenge = []")).await;
    break_down(&app, &stub).await;
    let check = app.get("/readyz").answer().await.expect(200).json()["checks"]["captcha"].clone();
    assert_eq!(check["state"], "degraded");
    let detail = check["detail"].as_str().unwrap();
    let told = "the provider of site news (recaptcha-v3) does not answer as it should: its answer could not be read; \
                comments wait, and are checked again once it answers";
    assert_eq!(detail, told);
    let metrics = app.get("/metrics").answer().await.text();
    for line in [
        "replydesk_captcha_provider{site=\"news\",provider=\"recaptcha-v3\"} 2",
        "replydesk_captcha_provider{site=\"blog\",provider=\"recaptcha-v3\"} 0",
        "replydesk_captcha_unverified_total{why=\"bad_body\"} 5",
        "replydesk_captcha_total{provider=\"recaptcha-v3\",outcome=\"unverified\"} 5",
        "replydesk_captcha_seconds_count{provider=\"recaptcha-v3\"} 5",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    stub.is_out(false);
    app.clock.advance(REST);
    send(&app, "It is back.", "ok:0.9:::back").await.expect(201);
    assert_eq!(app.get("/readyz").answer().await.json()["checks"]["captcha"]["state"], "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_tells_of_an_outage_once_and_never_of_a_token_or_secret() {
    let stub = CaptchaStub::start(START);
    stub.is_out(true);
    let folder = Home::new();
    let config = settings::write(&folder, &stub.settings());
    let process = Process::serve(&config, "debug");
    let post = async |http: &Http, n: usize| {
        let mut wanted = comment(&format!("Is it there? {n}"));
        wanted["captcha"] = json!(format!("ok:0.9:::{n}-unmistakable-token"));
        http.ask("POST", "/api/comments").origin("http://news.example").json(&wanted).answer().await.expect(202)
    };
    for n in 0..3 * FAILURES {
        post(&process.http, n.try_into().unwrap()).await;
    }
    until("the outage is told", || async { process.log().contains("the captcha provider is out") }).await;
    let log = process.log();
    assert_eq!(log.matches("the captcha provider is out").count(), 1, "{log}");
    for private in ["unmistakable-token", crate::support::captcha_stub::SECRET, "ada@readers.example"] {
        assert!(!log.contains(private), "{private}: {log}");
    }
}
