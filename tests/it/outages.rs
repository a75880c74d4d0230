//! Redis goes away in every way while comments come in: nobody meets a 5xx, and it is told.

#![cfg(feature = "redis")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use replydesk::domain::Clock;
use serde_json::Value;

use crate::support::database::Home;
use crate::support::{App, comment, redis::RedisServer, until};

fn settings(redis: &RedisServer, more: &str) -> String {
    format!("[limits]\nper_ip = ['5/1h']\n[redis]\nurl = '{}'\n{more}", redis.url())
}

async fn app(redis: &RedisServer, more: &str) -> App {
    App::within(Arc::new(Home::new()), Clock::system(), &settings(redis, more)).await
}

async fn checks(app: &App) -> (Value, Value) {
    let ready = app.get("/readyz").answer().await.expect(200).json();
    (ready["status"].clone(), ready["checks"]["redis"]["state"].clone())
}

/// Posts for a second from many addresses and often from one, to the instances in turn; all readers are served, the
/// flooder at most five times by Redis and by each instance, nobody waits long.
async fn posting_goes_on(instances: [&App; 2], what: &str, n: &mut u32) {
    let (started, mut slowest, mut flood) = (Instant::now(), Duration::ZERO, 0);
    let stall = tokio::spawn(longest_stall());
    for app in instances.into_iter().cycle().take_while(|_| started.elapsed() < Duration::from_secs(1)) {
        *n += 1;
        let body = comment(&format!("{what}, number {n}."));
        let asked = Instant::now();
        let reader = format!("10.{}.{}.7", *n / 250, *n % 250);
        app.submission(&body).from(&reader).answer().await.expect(202);
        slowest = slowest.max(asked.elapsed());
        let flooder = comment(&format!("{what}, flood number {n}."));
        let answer = app.submission(&flooder).from(&format!("192.0.2.{}", what.len())).answer().await;
        assert!(matches!(answer.status, 202 | 429), "{what}: {} {}", answer.status, answer.text());
        flood += usize::from(answer.status == 202);
    }
    assert!(flood <= 15, "{what}: five by Redis and five by each instance at most, not {flood}");
    let stall = stall.await.unwrap();
    assert!(slowest <= Duration::from_millis(300) + stall, "{what}: {slowest:?}, the machine itself {stall:?}");
}

/// How long the machine itself, busy with other things, kept a thread waiting in this second.
async fn longest_stall() -> Duration {
    let (started, nap, mut longest) = (Instant::now(), Duration::from_millis(10), Duration::ZERO);
    while started.elapsed() < Duration::from_secs(1) {
        let asked = Instant::now();
        tokio::time::sleep(nap).await;
        longest = longest.max(asked.elapsed().saturating_sub(nap));
    }
    longest * 3
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_19_redis_killed_stopped_read_only_and_flushed_while_posting() {
    let Some(mut redis) = RedisServer::start().await else { return };
    let app = app(&redis, "").await;
    let other = app.beside(&settings(&redis, "")).await;
    let both = [&app, &other];
    let mut n = 0;
    posting_goes_on(both, "at first", &mut n).await;
    told(both, ("ok", "ok")).await;

    redis.kill();
    posting_goes_on(both, "while it is killed", &mut n).await;
    told(both, ("degraded", "degraded")).await;
    redis.restart().await;
    recovers(both, "killed").await;

    redis.signal("STOP");
    posting_goes_on(both, "while it stands still", &mut n).await;
    told(both, ("degraded", "degraded")).await;
    redis.signal("CONT");
    recovers(both, "stopped").await;

    let _: String = redis.command(&["REPLICAOF", "192.0.2.1", "6379"]).await;
    posting_goes_on(both, "while it is read-only for good", &mut n).await;
    told(both, ("degraded", "degraded")).await;
    let _: String = redis.command(&["REPLICAOF", "NO", "ONE"]).await;
    recovers(both, "read-only").await;

    let _: String = redis.command(&["FLUSHALL"]).await;
    let _: String = redis.command(&["SCRIPT", "FLUSH"]).await;
    posting_goes_on(both, "after it was flushed to nothing", &mut n).await;
    told(both, ("ok", "ok")).await;
    for app in both {
        let metrics = app.get("/metrics").answer().await.text();
        assert!(!metrics.contains("status=\"5"), "{metrics}");
    }
}

/// What each instance says of itself and of Redis.
async fn told(instances: [&App; 2], wanted: (&str, &str)) {
    for app in instances {
        until(&format!("it says {wanted:?}"), || async {
            let (status, redis) = checks(app).await;
            (status.as_str().unwrap(), redis.as_str().unwrap()) == wanted
        })
        .await;
    }
}

async fn recovers(instances: [&App; 2], what: &str) {
    let started = Instant::now();
    for app in instances {
        until(what, || async { checks(app).await.1 == "ok" }).await;
    }
    assert!(started.elapsed() < Duration::from_secs(3), "{what}: back after {:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_operator_wants_it_an_outage_refuses_and_keeps_nothing() {
    let Some(mut redis) = RedisServer::start().await else { return };
    let settings = format!("[limits]\nper_ip = ['5/1h']\n[redis]\nurl = '{}'\non_outage = 'refuse'", redis.url());
    let app = App::within(Arc::new(Home::new()), Clock::system(), &settings).await;
    app.submit(&comment("Before.")).await.expect(202);
    redis.kill();
    until("Redis is known to be out", || async { app.get("/readyz").answer().await.status == 503 }).await;
    let refused = app.submit(&comment("During.")).await.expect_problem(503, "unavailable");
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds >= 1));
    app.thread("").await.expect(200);
    assert_eq!(app.count("SELECT count(*) FROM comments"), 1);
}
