//! A token counts once: decided at the write, told early wherever somebody knows already.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::support::database::Home;
use crate::{
    captcha_builtin::reason,
    captcha_provider::{self, send},
    support::{App, PAGE, app::START, captcha_stub::CaptchaStub, client::Http, comment, process::Process, settings},
};

const A_WHILE: Duration = Duration::from_secs(40);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_known_to_be_spent_is_refused_without_asking_the_provider() {
    let stub = CaptchaStub::start(START);
    let app = captcha_provider::app(&stub, "").await;
    send(&app, "The first.", "reuse:0.9").await.expect(201);
    let refused = send(&app, "The second.", "reuse:0.9").await.expect_problem(403, "captcha_failed").json();
    assert_eq!(refused["reason"], "expired");
    assert_eq!(stub.asked_about("reuse:0.9"), 1);
    let reference = refused["reference"].as_str().unwrap();
    let rows = app.moderator().await.get(&format!("/refusals?reference={reference}")).await.expect(200).json();
    assert_eq!(rows["items"][0]["signals"][0]["name"], "token_replayed", "{rows}");
    let metrics = app.get("/metrics").answer().await.text();
    assert!(metrics.contains("outcome=\"token_replayed\"} 1"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_repeated_is_the_first_answer_and_no_replayed_token() {
    let stub = CaptchaStub::start(START);
    let app = captcha_provider::app(&stub, "").await;
    let mut wanted = comment("Sent twice by a shaky line.");
    wanted["captcha"] = json!("reuse:0.9");
    let first = app.submission(&wanted).key("once").answer().await.expect(201);
    let again = app.submission(&wanted).key("once").answer().await.expect(201);
    assert_eq!(first.id(), again.id());
    assert_eq!(stub.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_whose_comment_was_not_stored_stays_unspent_in_memory_too() {
    let stub = CaptchaStub::start(START);
    let app = captcha_provider::app(&stub, "").await;
    app.run("ALTER TABLE outbox RENAME TO outbox_away");
    send(&app, "Not yet.", "reuse:0.9").await.expect_problem(503, "unavailable");
    app.run("ALTER TABLE outbox_away RENAME TO outbox");
    send(&app, "Not yet.", "reuse:0.9").await.expect(201);
}

#[cfg(feature = "redis")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_instance_is_told_through_redis_and_the_store_still_decides_when_that_is_emptied() {
    use crate::support::{redis::RedisServer, until};
    use std::sync::atomic::Ordering;
    let Some(redis) = RedisServer::start().await else { return };
    let stub = CaptchaStub::start(START);
    let settings = format!("{}\n[moderation]\nmode = 'post'\n[redis]\nurl = '{}'", stub.settings(), redis.url());
    let one = App::with(&settings).await;
    let other = one.beside(&settings).await;
    send(&one, "On the one.", "reuse:0.9").await.expect(201);
    let marks = async || redis.command::<Vec<String>>(&["KEYS", "rd:spent:*"]).await;
    until("the others are told", || async { marks().await.len() == 1 }).await;
    let key = marks().await.remove(0);
    assert!(!key.contains("reuse"), "{key}");
    assert!((1..=900).contains(&redis.command::<i64>(&["TTL", &key]).await));
    assert_eq!(reason(send(&other, "On the other.", "reuse:0.9").await), "expired");
    // Where a busy machine makes Redis miss its deadline, the provider is asked, and says the same.
    let missed = other.running.services.intake.limiter().counters().redis_errors.load(Ordering::Relaxed) > 0;
    let asked = stub.asked_about("reuse:0.9");
    assert!(asked == 1 || missed, "the other asked all the same");

    let _: String = redis.command(&["FLUSHALL"]).await;
    let third = one.beside(&settings).await;
    assert_eq!(reason(send(&third, "After the flood.", "reuse:0.9").await), "expired");
    assert_eq!(stub.asked_about("reuse:0.9"), asked + 1);
    assert_eq!(one.count("SELECT count(*) FROM comments"), 1);
}

#[cfg(feature = "redis")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_hangs_delays_no_comment_for_long() {
    use crate::support::redis::RedisServer;
    let Some(redis) = RedisServer::start().await else { return };
    let stub = CaptchaStub::start(START);
    let settings = format!("{}\n[moderation]\nmode = 'post'\n[redis]\nurl = '{}'", stub.settings(), redis.url());
    let app = App::with(&settings).await;
    send(&app, "Before.", "ok:0.9:::before").await.expect(201);
    redis.signal("STOP");
    let asked = std::time::Instant::now();
    for n in 0..10 {
        send(&app, &format!("While Redis hangs, {n}."), &format!("ok:0.9:::{n}")).await.expect(201);
    }
    redis.signal("CONT");
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
}

fn solved_by(process: &Process, config: &std::path::Path) -> String {
    let minted = crate::support::process::program()
        .args(["captcha", "mint", "--page", PAGE, "--config"])
        .arg(config)
        .output()
        .unwrap();
    assert!(minted.status.success(), "{}", process.log());
    String::from_utf8(minted.stdout).unwrap().trim().to_owned()
}

async fn post(http: &Http, n: usize, token: &str) -> (u16, String) {
    let mut wanted = comment(&format!("Race number {n}."));
    wanted["captcha"] = json!(token);
    http.ask("POST", "/api/comments").origin("http://news.example").json(&wanted).answer().await.told()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_04_one_token_twenty_times_at_once_over_two_processes_and_after_their_restart() {
    let folder = Home::new();
    let wanted = "[captcha]\nprovider = 'builtin'\nreject_below = 0.0\nhold_below = 0.0\n";
    let config = settings::write(&folder, wanted);
    let processes = [Process::serve(&config, "info"), Process::serve(&config, "info")];
    let token = solved_by(&processes[0], &config);
    let posts: Vec<_> = (0..20)
        .map(|n| {
            let (http, token) = (processes[n % 2].http.clone(), token.clone());
            tokio::spawn(async move { post(&http, n, &token).await })
        })
        .collect();
    let mut taken = 0;
    for answer in posts {
        match answer.await.unwrap() {
            (202, _) => taken += 1,
            (status, code) => assert_eq!((status, code.as_str()), (403, "captcha_failed")),
        }
    }
    assert_eq!(taken, 1);
    drop(processes);
    let restarted = Process::serve(&config, "info");
    assert_eq!(post(&restarted.http, 20, &token).await, (403, "captcha_failed".to_owned()));
}

fn taken_apart(token: &str) -> Value {
    serde_json::from_slice(&STANDARD.decode(token).unwrap()).unwrap()
}

fn put_together(payload: &Value) -> String {
    STANDARD.encode(payload.to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payload_varied_in_what_is_not_signed_is_the_same_token_or_none() {
    let app = App::with("[captcha]\nprovider = 'builtin'\n").await;
    let token = app.solved(PAGE, A_WHILE);
    send(&app, "The first.", &token).await.expect(202);
    let vary = |change: &dyn Fn(&mut Value)| {
        let mut payload = taken_apart(&token);
        change(&mut payload);
        put_together(&payload)
    };
    let upper = |text: &Value| json!(text.as_str().unwrap().to_uppercase());
    let counter = |payload: &Value| payload["solution"]["counter"].as_u64().unwrap();
    for (what, varied, wanted) in [
        ("time", vary(&|p| p["solution"]["time"] = json!(1234)), "expired"),
        ("counter", vary(&|p| p["solution"]["counter"] = json!(counter(p) + 1)), "expired"),
        ("a field of its own", vary(&|p| p["extra"] = json!(true)), "expired"),
        ("without padding", token.trim_end_matches('=').to_owned(), "expired"),
        ("upper case", vary(&|p| p["solution"]["derivedKey"] = upper(&p["solution"]["derivedKey"])), "invalid"),
        (
            "upper case nonce",
            vary(&|p| p["challenge"]["parameters"]["nonce"] = upper(&p["challenge"]["parameters"]["nonce"])),
            "invalid",
        ),
        (
            "upper case signature",
            vary(&|p| p["challenge"]["signature"] = upper(&p["challenge"]["signature"])),
            "invalid",
        ),
        ("no signature", vary(&|p| drop(p["challenge"].as_object_mut().unwrap().remove("signature"))), "invalid"),
        (
            "no expiry",
            vary(&|p| drop(p["challenge"]["parameters"].as_object_mut().unwrap().remove("expiresAt"))),
            "invalid",
        ),
        ("another prefix", vary(&|p| p["challenge"]["parameters"]["keyPrefix"] = json!("00".repeat(16))), "invalid"),
    ] {
        assert_eq!(reason(send(&app, &format!("Varied: {what}."), &varied).await), wanted, "{what}");
    }
    assert_eq!(app.count("SELECT count(*) FROM comments"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_of_yesterday_still_counts_shortly_after_midnight_and_the_one_before_does_not() {
    let app = App::with("[captcha]\nprovider = 'builtin'\n").await;
    // From eight in the morning to five before midnight.
    app.clock.advance(Duration::from_secs(15 * 3600 + 55 * 60));
    let (one, other) = (app.solved(PAGE, A_WHILE), app.solved(PAGE, A_WHILE));
    let kid = |token: &str| taken_apart(token)["challenge"]["parameters"]["data"]["kid"].as_i64().unwrap();
    app.clock.advance(Duration::from_secs(600));
    assert_eq!(kid(&app.solved(PAGE, Duration::ZERO)), kid(&one) + 1, "the key has turned");
    send(&app, "Over midnight.", &one).await.expect(202);
    app.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(reason(send(&app, "A day late.", &other).await), "expired");
}
