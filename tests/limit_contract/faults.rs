//! A Redis that fails in every way known: nobody notices but the counters, and it is taken back.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use replydesk::{
    config::OnOutage,
    domain::Clock,
    limit::{Admission, Limiter, LimiterState, ceilings},
};

use crate::{
    five, granted, limits,
    proxy::{Proxy, Wire},
    rate,
    server::{RedisServer, free_port},
};

fn limiter(port: u16) -> Limiter {
    Limiter::with_redis(&format!("redis://127.0.0.1:{port}/"), OnOutage::Local, Clock::system()).unwrap()
}

/// It counts in Redis. A busy machine may make that miss its deadline once.
async fn serves(limiter: &Limiter) {
    for n in 0..5 {
        limiter.probe().await;
        assert!(granted(limiter, &five(&format!("before-{n}"), "before")).await);
        if limiter.state() == LimiterState::Shared {
            return;
        }
    }
    panic!("{:?}", limiter.state());
}

/// For a second a stream of readers and one flooder: all readers are served, the flooder five
/// times, nobody waits 300 ms. How many exchanges with Redis were tried.
async fn holds_without_redis(limiter: &Limiter, what: &str) -> u64 {
    let errors = || limiter.counters().redis_errors.load(Ordering::Relaxed);
    let (started, before) = (Instant::now(), errors());
    let heartbeat = tokio::spawn(longest_stall(started));
    let (mut slowest, mut n_flooder, mut n_readers) = (Duration::ZERO, 0, 0);
    let mut limits = limits(Vec::new(), Vec::new());
    limits.per_page = vec![rate(1, 3_600_000)];
    while started.elapsed() < Duration::from_secs(1) {
        n_readers += 1;
        let asked = Instant::now();
        assert!(granted(limiter, &five(&format!("reader-{what}-{n_readers}"), "fault")).await, "{what}");
        slowest = slowest.max(asked.elapsed());
        n_flooder += usize::from(granted(limiter, &five(&format!("flooder-{what}"), "fault")).await);
        let asked = Instant::now();
        limiter.over(&ceilings(&limits, None, what, &replydesk::domain::SiteId::new("news"))).await;
        slowest = slowest.max(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(n_flooder, 5, "{what}");
    assert!(n_readers > 50, "{what}: {n_readers} readers in a second");
    let stall = heartbeat.await.unwrap();
    assert!(slowest <= Duration::from_millis(300) + stall, "{what}: {slowest:?}, the machine itself {stall:?}");
    assert!(matches!(limiter.state(), LimiterState::Degraded(_)), "{what}: {:?}", limiter.state());
    let n_tries = errors() - before;
    assert!((1..=8).contains(&n_tries), "{what}: {n_tries} exchanges in a second");
    n_tries
}

/// How long the machine itself, busy with other things, kept a thread waiting in this second.
async fn longest_stall(started: Instant) -> Duration {
    let (mut longest, nap) = (Duration::ZERO, Duration::from_millis(10));
    while started.elapsed() < Duration::from_secs(1) {
        let asked = Instant::now();
        tokio::time::sleep(nap).await;
        longest = longest.max(asked.elapsed().saturating_sub(nap));
    }
    longest
}

/// Requests alone, without the probe, find Redis again within two seconds, and what the machine itself kept them.
async fn comes_back(limiter: &Limiter, what: &str) {
    let (started, mut stalled) = (Instant::now(), Duration::ZERO);
    while limiter.state() != LimiterState::Shared {
        assert!(started.elapsed() <= Duration::from_secs(2) + stalled, "{what}: {:?}", limiter.state());
        let _either = limiter.admit(&five("back", "back")).await;
        let (asked, nap) = (Instant::now(), Duration::from_millis(1));
        tokio::time::sleep(nap).await;
        stalled += asked.elapsed().saturating_sub(nap);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_killed_and_stopped() {
    let Some(mut redis) = RedisServer::start().await else { return };
    let limiter = limiter(redis.port);
    serves(&limiter).await;
    redis.kill();
    holds_without_redis(&limiter, "killed").await;
    assert!(limiter.known_refused("flooder-killed", "fault").is_some());
    redis.restart().await;
    comes_back(&limiter, "killed").await;
    assert_eq!(limiter.known_refused("flooder-killed", "fault"), None, "Redis would admit it");
    redis.signal("STOP");
    holds_without_redis(&limiter, "stopped").await;
    redis.signal("CONT");
    comes_back(&limiter, "stopped").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_read_only_and_out_of_memory() {
    let Some(redis) = RedisServer::start().await else { return };
    let limiter = limiter(redis.port);
    serves(&limiter).await;
    let _: String = redis.command(&["REPLICAOF", "192.0.2.1", "6379"]).await;
    holds_without_redis(&limiter, "read-only").await;
    assert_eq!(
        limiter.state(),
        LimiterState::Degraded(
            "Redis is a read-only replica: point redis.url at the primary, or name its Sentinels".to_owned()
        )
    );
    let _: String = redis.command(&["REPLICAOF", "NO", "ONE"]).await;
    comes_back(&limiter, "read-only").await;
    let _: String = redis.command(&["CONFIG", "SET", "maxmemory", "1"]).await;
    holds_without_redis(&limiter, "memory").await;
    assert_eq!(limiter.state(), LimiterState::Degraded("Redis is out of memory".to_owned()));
    let _: String = redis.command(&["CONFIG", "SET", "maxmemory", "0"]).await;
    comes_back(&limiter, "memory").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wire_that_misbehaves() {
    let Some(redis) = RedisServer::start().await else { return };
    let proxy = Proxy::to(redis.port).await;
    let limiter = limiter(proxy.port);
    for wire in [Wire::Garbles, Wire::Delays, Wire::Stalls, Wire::Cuts] {
        let what = format!("{wire:?}");
        proxy.now(Wire::Passes);
        comes_back(&limiter, &what).await;
        serves(&limiter).await;
        proxy.now(wire);
        holds_without_redis(&limiter, &what).await;
        proxy.now(Wire::Passes);
        comes_back(&limiter, &what).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flushed_data_and_scripts_are_no_outage() {
    let Some(redis) = RedisServer::start().await else { return };
    let limiter = limiter(redis.port);
    serves(&limiter).await;
    let mut limits = limits(Vec::new(), Vec::new());
    limits.per_page = vec![rate(100, 3_600_000)];
    limits.per_site = vec![rate(100, 3_600_000)];
    let errors = || limiter.counters().redis_errors.load(Ordering::Relaxed);
    for flush in [&["FLUSHALL"][..], &["SCRIPT", "FLUSH"]] {
        let mut round = 0;
        // An answer that a busy machine is late with is an error too, but not each time.
        loop {
            serves(&limiter).await;
            let before = (errors(), limiter.n_buckets());
            let _: String = redis.command(flush).await;
            assert!(granted(&limiter, &five(format!("{}-{round}", flush.join(" ")).as_str(), "flush")).await);
            let _: String = redis.command(flush).await;
            assert_eq!(limiter.over(&ceilings(&limits, None, "/a", &replydesk::domain::SiteId::new("news"))).await, []);
            if (errors(), limiter.n_buckets()) == before {
                break;
            }
            round += 1;
            assert!(round < 5, "{} of its exchanges failed", errors() - before.0);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_down_at_the_start_is_taken_when_it_comes() {
    let Some(mut redis) = RedisServer::start().await else { return };
    redis.kill();
    let limiter = limiter(redis.port);
    holds_without_redis(&limiter, "down").await;
    redis.restart().await;
    limiter.probe().await;
    assert_eq!(limiter.state(), LimiterState::Shared);
}

#[tokio::test]
async fn refused_where_the_operator_says_so() {
    let Some(mut redis) = RedisServer::start().await else { return };
    redis.kill();
    let limiter = Limiter::with_redis(&redis.url(), OnOutage::Refuse, Clock::system()).unwrap();
    assert_eq!(limiter.admit(&five("a", "n")).await, Admission::Unavailable);
    assert!(matches!(limiter.state(), LimiterState::Down(_)));
    limiter.set_on_outage(OnOutage::Local);
    assert!(granted(&limiter, &five("a", "n")).await);
}

/// What is told of a Redis that runs with these options, after these commands, under either choice for an outage.
async fn told(options: &[&str], commands: &[&[&str]]) -> Option<(LimiterState, LimiterState, Option<String>)> {
    let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
    let redis = RedisServer::with("redis-server", |_| options).await?;
    for command in commands {
        let _: redis::Value = redis.command(command).await;
    }
    let limiter = limiter(redis.port);
    limiter.probe().await;
    // It goes on, in the declared way, for as long as that is so.
    for n in 0..7 {
        assert_eq!(granted(&limiter, &five("flooder", "unfit")).await, n < 5);
        limiter.probe().await;
    }
    let local = limiter.state();
    limiter.set_on_outage(OnOutage::Refuse);
    let refusing = limiter.state();
    if matches!(refusing, LimiterState::Down(_)) {
        assert_eq!(limiter.admit(&five("a", "n")).await, Admission::Unavailable);
    }
    Some((local, refusing, limiter.caution()))
}

#[tokio::test]
async fn a_redis_that_cannot_keep_limits_is_told_in_a_sentence_and_stands_under_the_declared_outage() {
    let no_scripts = "Redis does not run scripts: allow EVALSHA and EVAL";
    let replica = "Redis is a read-only replica: point redis.url at the primary, or name its Sentinels";
    for (options, commands, sentence) in [
        (vec!["--rename-command", "EVALSHA", "", "--rename-command", "EVAL", ""], vec![], no_scripts),
        (vec![], vec![&["ACL", "SETUSER", "default", "-@scripting"][..]], no_scripts),
        (vec!["--replicaof", "192.0.2.1 6379"], vec![], replica),
        (
            vec!["--cluster-enabled", "yes"],
            vec![],
            "the Redis cluster is down, or nobody there serves some of its slots",
        ),
    ] {
        let Some((local, refusing, caution)) = told(&options, &commands).await else { return };
        assert_eq!(local, LimiterState::Degraded(sentence.to_owned()));
        assert_eq!(refusing, LimiterState::Down(sentence.to_owned()));
        assert_eq!(caution, None);
    }
}

#[tokio::test]
async fn a_redis_that_drops_keys_serves_and_the_operator_is_told() {
    let evicts = [&["CONFIG", "SET", "maxmemory", "100mb"][..], &["CONFIG", "SET", "maxmemory-policy", "volatile-ttl"]];
    let Some((local, refusing, caution)) = told(&[], &evicts).await else { return };
    assert_eq!((local, refusing), (LimiterState::Shared, LimiterState::Shared));
    assert!(caution.unwrap().contains("maxmemory-policy volatile-ttl"));
    // Managed ones do not let everybody ask.
    let mute = [evicts[0], evicts[1], &["ACL", "SETUSER", "default", "-info", "-config", "-role", "-client"]];
    let Some((local, _, caution)) = told(&[], &mute).await else { return };
    assert_eq!((local, caution), (LimiterState::Shared, None));
}

#[tokio::test]
async fn a_single_redis_named_as_a_cluster_is_told_so() {
    let Some(redis) = RedisServer::start().await else { return };
    let url = format!("redis+cluster://127.0.0.1:{}", redis.port);
    let limiter = Limiter::with_redis(&url, OnOutage::Local, Clock::system()).unwrap();
    limiter.probe().await;
    let sentence = "this Redis is no cluster: write redis:// in redis.url";
    assert_eq!(limiter.state(), LimiterState::Degraded(sentence.to_owned()));
    assert!(granted(&limiter, &five("a", "n")).await);
}

#[tokio::test]
async fn sentinels_that_are_away_or_know_no_such_master_are_told() {
    let Some(sentinel) = RedisServer::with("redis-server", |_| vec!["--sentinel".to_owned()]).await else { return };
    for (port, sentence) in [
        (sentinel.port, "the Sentinels know no master of the name in redis.url"),
        (free_port(), "no Sentinel can be reached"),
    ] {
        let url = format!("redis+sentinel://127.0.0.1:{port}/news");
        let limiter = Limiter::with_redis(&url, OnOutage::Local, Clock::system()).unwrap();
        limiter.probe().await;
        assert_eq!(limiter.state(), LimiterState::Degraded(sentence.to_owned()));
        assert!(granted(&limiter, &five("a", "n")).await);
    }
}

#[tokio::test]
async fn a_server_without_tls_is_an_outage_to_a_tls_address() {
    let Some(redis) = RedisServer::start().await else { return };
    let url = format!("rediss://127.0.0.1:{}/", redis.port);
    let limiter = Limiter::with_redis(&url, OnOutage::Local, Clock::system()).unwrap();
    limiter.probe().await;
    assert!(granted(&limiter, &five("a", "n")).await);
    assert!(matches!(limiter.state(), LimiterState::Degraded(_)));
}

#[test]
fn an_address_that_is_none_is_refused_without_quoting_it() {
    for url in ["", "http://x/", "redis://:hunter2@", "redis://:hunter2@a,b", "redis+sentinel://:hunter2@a"] {
        let fault = Limiter::with_redis(url, OnOutage::Local, Clock::system()).err().unwrap();
        assert!(fault.to_string().starts_with("redis.url: ") && !fault.to_string().contains("hunter2"), "{url}");
    }
}
