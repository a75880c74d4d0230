//! A provider that fails: to the queue in time, never published, never lost.

use std::time::Duration;

use serde_json::json;

use crate::{
    captcha_provider::{app, send, signals},
    support::{App, app::START, captcha_stub::CaptchaStub, in_time},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_05_a_provider_in_any_bad_way_leads_to_the_queue_within_the_budget() {
    let bad = [
        "hang",
        "slow",
        "500",
        "502",
        "503",
        "429",
        "html",
        "empty",
        "trunc",
        "huge",
        "redirect",
        "nosuccess",
        "nullscore",
        "strscore",
        "weird",
        "badsecret",
    ];
    for token in bad {
        let stub = CaptchaStub::start(START);
        let app = app(&stub, "").await;
        let body = format!("The provider is {token}.");
        let held = in_time(token, Duration::from_millis(1_500), send(&app, &body, token)).await;
        assert_eq!(held.status, 202, "{token}: {}", held.text());
        assert!(signals(&app, &held).await.contains(&"captcha_unverified".to_owned()), "{token}");
        assert_eq!(app.moderator().await.item(&held.id()).await["captcha"]["outcome"], "unverified", "{token}");
        assert_eq!(stub.lured(), 0, "the secret followed a redirect");
        assert_eq!(app.thread("").await.json()["total"], 0, "{token}: published unchecked");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_05_a_provider_that_is_not_there_leads_to_the_queue() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings = format!(
        "[captcha]\nprovider = 'siteverify'\nsecret = 's'\nverify_url = 'http://127.0.0.1:{port}/'\ntimeout = '1s'\n[moderation]\nmode = 'post'"
    );
    let app = App::with(&settings).await;
    for n in 0..30 {
        send(&app, &format!("Nobody answers, {n}."), &format!("ok:0.9:::{n}")).await.expect(202);
    }
    let ready = app.get("/readyz").answer().await.expect(200).json();
    assert_eq!((&ready["status"], &ready["checks"]["captcha"]["state"]), (&json!("degraded"), &json!("degraded")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_policy_for_an_outage_is_the_operators() {
    for (policy, status) in [("hold", 202), ("reject", 403), ("accept", 201)] {
        let stub = CaptchaStub::start(START);
        let app = app(&stub, &format!("on_unverified = '{policy}'")).await;
        assert_eq!(send(&app, "During an outage.", "502").await.status, status, "{policy}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_held_unverified_counts_as_without_a_token() {
    let stub = CaptchaStub::start(START);
    let app = app(&stub, "[limits]\nwithout_token = ['2/1h']").await;
    for n in 0..2 {
        send(&app, &format!("During an outage, {n}."), "502").await.expect(202);
    }
    send(&app, "Flooding through the outage.", "502").await.expect_problem(429, "rate_limited");
}
