//! Settings that change while comments come in.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::support::database::Home;
use crate::support::{
    App,
    captcha_stub::CaptchaStub,
    client::{Http, comment},
    moderator::Moderator,
    process::{Process, program},
    settings, until, within_a_second,
};

fn thresholds(stub: &CaptchaStub, reject_below: f64) -> String {
    format!("{}reject_below = {reject_below}\nhold_below = 0.9\n", stub.settings())
}

/// One comment that scores 0.4; its status.
async fn verdict(http: &Http, n: u32) -> u16 {
    let mut wanted = comment(&format!("I score the same as ever, {n}."));
    wanted["captcha"] = json!(format!("ok:0.4:::{n}-{}", std::process::id()));
    let ask =
        http.ask("POST", "/api/comments").origin("http://news.example").from(&format!("10.9.{}.{}", n / 250, n % 250));
    let answer = ask.json(&wanted).answer().await;
    match answer.told() {
        (202, _) => 202,
        (403, code) if code == "captcha_score_low" => 403,
        other => panic!("a request got lost in the change: {other:?}"),
    }
}

async fn ready(http: &Http) -> Value {
    http.ask("GET", "/readyz").answer().await.expect(200).json()
}

/// Posts without a pause until told to end; how many posts that were.
fn load(http: &Http, ends: &Arc<AtomicBool>, counter: &Arc<AtomicU32>) -> Vec<tokio::task::JoinHandle<()>> {
    (0..4)
        .map(|_| {
            let (http, ends, counter) = (http.clone(), Arc::clone(ends), Arc::clone(counter));
            tokio::spawn(async move {
                while !ends.load(Ordering::SeqCst) {
                    verdict(&http, counter.fetch_add(1, Ordering::SeqCst)).await;
                }
            })
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_a_changed_threshold_changes_the_verdict_and_drops_no_request() {
    let stub = CaptchaStub::start(replydesk::domain::Clock::system().now());
    let folder = Home::new();
    let config = settings::write(&folder, &thresholds(&stub, 0.3));
    let process = Process::serve(&config, "info");
    let http = process.http.clone();
    let (ends, counter) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let posts = load(&http, &ends, &counter);
    assert_eq!(verdict(&http, 200_001).await, 202);

    settings::write(&folder, &thresholds(&stub, 0.5));
    let changed = Instant::now();
    let next = AtomicU32::new(200_010);
    until("the new threshold acts", || async { verdict(&http, next.fetch_add(1, Ordering::SeqCst)).await == 403 })
        .await;
    assert!(changed.elapsed() < Duration::from_secs(6), "{:?}", changed.elapsed());

    std::fs::write(&config, "[captcha]\nreject_below = 7\n").unwrap();
    until("the broken file is told", || async { ready(&http).await["checks"]["config"]["state"] == "degraded" }).await;
    let told = ready(&http).await;
    let detail = told["checks"]["config"]["detail"].as_str().unwrap();
    assert!(detail.contains("reject_below") && detail.contains('2'), "neither key nor line: {detail}");
    assert_eq!((&told["status"], verdict(&http, 200_500).await), (&json!("degraded"), 403), "the old stays: {told}");
    let metrics = http.ask("GET", "/metrics").answer().await.text();
    assert!(metrics.contains("replydesk_config_ok 0"), "{metrics}");

    settings::write(&folder, &thresholds(&stub, 0.2));
    until("a whole file heals it", || async { ready(&http).await["checks"]["config"]["state"] == "ok" }).await;
    assert_eq!(verdict(&http, 201_000).await, 202);
    ends.store(true, Ordering::SeqCst);
    for post in posts {
        post.await.unwrap();
    }
    assert!(counter.load(Ordering::SeqCst) > 20, "that was no load");
    audit_tells(&process, &config).await;
}

async fn audit_tells(process: &Process, config: &std::path::Path) {
    let made =
        program().args(["token", "create", "tests", "--scope", "admin", "--config"]).arg(config).output().unwrap();
    let token = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    let audit = Moderator { http: process.http.clone(), token }.get("/audit").await.expect(200).json();
    let told = audit["items"].to_string();
    for change in [(0.3, 0.5), (0.5, 0.2)] {
        let change = format!("\"after\":{},\"before\":{},\"key\":\"captcha.reject_below\"", change.1, change.0);
        assert!(told.contains(&change), "{change} in {told}");
    }
    assert!(!told.contains(crate::support::captcha_stub::SECRET), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hangup_signal_acts_at_once() {
    let stub = CaptchaStub::start(replydesk::domain::Clock::system().now());
    let folder = Home::new();
    let config = settings::write(&folder, &thresholds(&stub, 0.3));
    let process = Process::serve(&config, "info");
    let next = AtomicU32::new(1);
    // The file is looked at every two seconds anyway: a few times in a row is no luck.
    for (threshold, expected) in [(0.5, 403), (0.3, 202), (0.5, 403), (0.3, 202), (0.5, 403)] {
        settings::write(&folder, &thresholds(&stub, threshold));
        process.signal("HUP");
        within_a_second("SIGHUP acts", || async {
            verdict(&process.http, next.fetch_add(1, Ordering::SeqCst)).await == expected
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_limits_and_sites_change_in_place_and_the_rest_is_said_to_wait() {
    let app = App::with("[moderation]\nmode = 'post'").await;
    app.submit(&comment("A new word is coming.")).await.expect(201);
    let file = "[moderation]\nmode = 'post'\n[moderation.words]\nhold = ['umbrella']\n[limits]\nper_ip = ['2/1h']\n[[site]]\nbody_min = 20\n[server]\nlisten = '127.0.0.1:1'";
    settings::write(&app.folder, file);
    app.running.reload().await;
    app.submit(&comment("An umbrella stands in the rain.")).await.expect(202);
    app.submit(&comment("Too short.")).await.expect_problem(422, "validation_failed");
    app.submit(&comment("No word in this one, only limits.")).await.expect(201);
    app.submit(&comment("One more than the limit takes now.")).await.expect_problem(429, "rate_limited");
    let ready = app.get("/readyz").answer().await.expect(200).json();
    assert!(ready["checks"]["config"]["detail"].as_str().unwrap().contains("server.listen"), "{ready}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_would_flood_the_queue_is_refused() {
    let stub = CaptchaStub::start(crate::support::app::START);
    let settings =
        |hold_below: f64| format!("{}hold_below = {hold_below}\n[moderation]\nmode = 'post'\n", stub.settings());
    let app = App::with(&settings(0.5)).await;
    for n in 0..60 {
        let mut wanted = comment(&format!("One of last week's sixty, {n}."));
        wanted["captcha"] = json!(format!("ok:0.7:::{n}"));
        app.submit(&wanted).await.expect(201);
    }
    settings::write(&app.folder, &settings(0.8));
    app.running.reload().await;
    let mut wanted = comment("After the change.");
    wanted["captcha"] = json!("ok:0.7:::after");
    app.submit(&wanted).await.expect(201);
    let ready = app.get("/readyz").answer().await.expect(200).json();
    let detail = ready["checks"]["config"]["detail"].as_str().unwrap();
    assert!(detail.contains("max_hold_share"), "{detail}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_weight_that_would_flood_the_queue_is_refused_unless_the_same_file_allows_it() {
    let app = App::with("[moderation]\nmode = 'post'").await;
    for n in 0..60 {
        app.submit(&comment(&format!("THIS IS ONE OF LAST WEEK'S SIXTY, {n}, IN CAPITALS."))).await.expect(201);
    }
    let heavy = "[moderation]\nmode = 'post'\nMORE[scoring.weights]\ncapitals = 4\n";
    settings::write(&app.folder, &heavy.replace("MORE", ""));
    app.running.reload().await;
    let ready = app.get("/readyz").answer().await.expect(200).json();
    let detail = ready["checks"]["config"]["detail"].as_str().unwrap();
    assert!(detail.contains("would hold ") && detail.contains("max_hold_share"), "{detail}");
    app.submit(&comment("STILL AS IT WAS BEFORE, ALL OF THIS.")).await.expect(201);
    settings::write(&app.folder, &heavy.replace("MORE", "max_hold_share = 1.0\n"));
    app.running.reload().await;
    app.submit(&comment("AND NOW IT WAITS FOR SOMEBODY.")).await.expect(202);
}
