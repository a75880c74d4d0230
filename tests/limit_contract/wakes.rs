//! Instances that ring for each other over a Redis of any shape, also after it was away.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use replydesk::{
    config::OnOutage,
    domain::Clock,
    limit::{Limiter, LimiterState},
    notify::Bell,
    reach::Reach,
    telemetry::Metrics,
};
use tokio::task::JoinSet;

use crate::{cluster::Cluster, five, granted, sentinel::Guarded, server::RedisServer};

/// One that counts how often it was made to look.
struct Instance {
    bell: Arc<Bell>,
    looks: Arc<AtomicU64>,
    metrics: Arc<Metrics>,
    _loops: JoinSet<()>,
}

impl Instance {
    fn on(url: &str) -> Self {
        let (looks, metrics, mut loops) = (Arc::new(AtomicU64::new(0)), Arc::new(Metrics::default()), JoinSet::new());
        let counted = Arc::clone(&looks);
        let bell = Arc::new(Bell::new(Arc::clone(&metrics), move || {
            counted.fetch_add(1, Ordering::SeqCst);
        }));
        let reach = Arc::new(Reach::open(url).unwrap());
        let (ringing, telling) = (Arc::clone(&bell), Arc::clone(&reach));
        loops.spawn(async move {
            loop {
                ringing.tell(&telling).await;
            }
        });
        let hearing = Arc::clone(&bell);
        loops.spawn(async move { hearing.listen(&reach).await });
        let looking = Arc::clone(&bell);
        loops.spawn(async move {
            loop {
                looking.turn().await;
            }
        });
        Self { bell, looks, metrics, _loops: loops }
    }

    fn looks(&self) -> u64 {
        self.looks.load(Ordering::SeqCst)
    }

    /// How often it heard others.
    fn heard(&self) -> u64 {
        let text = self.metrics.text(replydesk::telemetry::Gauges::default(), &[], &[]);
        let line = text.lines().find_map(|line| line.strip_prefix("replydesk_wakes_total{by=\"redis\"} "));
        line.map_or(0, |count| count.parse().unwrap())
    }
}

/// Rings now and then until the other hears it.
async fn reaches(one: &Instance, other: &Instance, what: &str) {
    let (started, before) = (Instant::now(), other.heard());
    while other.heard() == before {
        assert!(started.elapsed() < Duration::from_secs(20), "{what}");
        one.bell.ring();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ring_is_heard_at_once_by_others_and_not_by_oneself_and_a_flood_of_them_some_times_a_second() {
    let Some(mut redis) = RedisServer::start().await else { return };
    let (one, other) = (Instance::on(&redis.url()), Instance::on(&redis.url()));
    reaches(&one, &other, "at first").await;
    let (heard, looks) = (other.heard(), other.looks());
    let started = Instant::now();
    for _ in 0..1_000 {
        one.bell.ring();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // One may still have been on its way.
    let most = 4 + u64::try_from(started.elapsed().as_millis() / 100).unwrap();
    assert!((2..=most).contains(&(other.heard() - heard)), "{} of {most}", other.heard() - heard);
    assert!((2..=most).contains(&(other.looks() - looks)));
    assert_eq!(one.heard(), 0, "nobody else rang");
    reaches(&other, &one, "the other way").await;

    redis.kill();
    one.bell.ring();
    redis.restart().await;
    reaches(&one, &other, "after Redis was away").await;
    reaches(&other, &one, "after Redis was away, the other way").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ring_crosses_a_cluster_whichever_node_dies() {
    let Some(mut cluster) = Cluster::start().await else { return };
    let (one, other) = (Instance::on(&cluster.url()), Instance::on(&cluster.url()));
    reaches(&one, &other, "at first").await;
    for dead in 0..2 {
        cluster.nodes[dead].kill();
        reaches(&one, &other, "after a node died").await;
        reaches(&other, &one, "after a node died, the other way").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ring_follows_the_master_that_sentinels_name() {
    let Some(mut guarded) = Guarded::start().await else { return };
    let (one, other) = (Instance::on(&guarded.url()), Instance::on(&guarded.url()));
    reaches(&one, &other, "at first").await;
    guarded.servers[0].kill();
    guarded.promoted(1).await;
    reaches(&one, &other, "after a failover").await;
    reaches(&other, &one, "after a failover, the other way").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_leads_nowhere_is_given_up_after_a_while() {
    let Some(redis) = RedisServer::start().await else { return };
    let proxy = crate::proxy::Proxy::to(redis.port).await;
    let url = format!("redis://127.0.0.1:{}", proxy.port);
    let (one, other) = (Instance::on(&redis.url()), Instance::on(&url));
    reaches(&one, &other, "at first").await;
    // What was begun while it stalls never says a word again.
    proxy.now(crate::proxy::Wire::Stalls);
    one.bell.ring();
    proxy.has_stalled().await;
    proxy.now(crate::proxy::Wire::Passes);
    reaches(&one, &other, "over another line").await;
}

/// The words that docs/operations.md tells an operator to say for a user of its own, whose password is "x".
fn words_for_a_user() -> Vec<String> {
    let page = include_str!("../../docs/operations.md");
    let line = page.lines().find(|line| line.starts_with("ACL SETUSER replydesk ")).unwrap();
    line.split(' ').map(|word| if word == ">PASSWORD" { ">x".to_owned() } else { word.to_owned() }).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_that_may_do_what_the_page_says_may_do_all_that_is_needed() {
    let Some(redis) = RedisServer::start().await else { return };
    let Some(cluster) = Cluster::start().await else { return };
    let words = words_for_a_user();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    for server in cluster.nodes.iter().chain([&redis]) {
        let _: String = server.command(&words).await;
        let _: String = server.command(&["CONFIG", "SET", "maxmemory", "100mb"]).await;
        let _: String = server.command(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]).await;
    }
    for url in [redis.url(), cluster.url()] {
        let url = url.replace("://", "://replydesk:x@");
        let limiter = Limiter::with_redis(&url, OnOutage::Local, Clock::system()).unwrap();
        limiter.probe().await;
        limiter.probe().await;
        assert_eq!(limiter.state(), LimiterState::Shared);
        assert!(limiter.caution().is_some(), "it may ask how fit they are");
        let errors = || limiter.counters().redis_errors.load(Ordering::Relaxed);
        let mut round = 0;
        // What Redis does not let the user do fails each time, and an answer that a busy machine is late with does not.
        loop {
            limiter.probe().await;
            let (before, mut marked) = (errors(), 0);
            for n in 0..20 {
                assert!(granted(&limiter, &five("reader", &format!("network-{round}-{n}"))).await);
                limiter.mark(&[(format!("rd:spent:{round}:{n}"), Duration::from_secs(9))]).await;
                marked += usize::from(limiter.is_marked(&format!("rd:spent:{round}:{n}")).await);
            }
            if (errors(), marked) == (before, 20) {
                break;
            }
            round += 1;
            assert!(round < 5, "{} of its exchanges failed, {marked} of 20 marks were found", errors() - before);
        }
        let (one, other) = (Instance::on(&url), Instance::on(&url));
        reaches(&one, &other, "by name").await;
    }
}
