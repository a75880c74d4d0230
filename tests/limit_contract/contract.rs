//! The promises that hold whoever keeps the numbers.

use std::{sync::Arc, time::Duration};

use replydesk::{
    domain::{Clock, SiteId, Timestamp},
    limit::{Admission, Limiter, LimiterState, Rule, ceilings, refusing},
};
use tokio::task::JoinSet;

use crate::{five, granted, limits, rate};

/// 60 at once over all limiters; how many were admitted.
async fn sixty_at_once(limiters: &[Arc<Limiter>], round: usize) -> usize {
    let mut requests = JoinSet::new();
    for limiter in limiters.iter().cycle().take(60) {
        let limiter = Arc::clone(limiter);
        let charge = five(&format!("flooder-{round}"), "network");
        requests.spawn(async move { granted(&limiter, &charge).await });
    }
    requests.join_all().await.into_iter().filter(|granted| *granted).count()
}

async fn a_refusal_charges_nothing(limiter: &Limiter) {
    let limits = limits(vec![rate(5, 3_600_000)], vec![rate(2, 3_600_000)]);
    let charge = |address: &str| refusing(&limits, address, "all-or-nothing", false);
    assert!(granted(limiter, &charge("a")).await);
    assert!(granted(limiter, &charge("a")).await);
    for _ in 0..10 {
        let Admission::Refused { rule, retry_after, standing } = limiter.admit(&charge("b")).await else {
            panic!("the network is spent")
        };
        assert_eq!(rule, Rule::PerNetwork);
        assert!(retry_after <= Duration::from_secs(1800) && retry_after > Duration::from_secs(1790));
        assert!(standing.limit().unwrap().starts_with("\"per_network\";r=0;t="));
    }
    // The address was refused ten times by its network; its own bucket must still be whole.
    let alone = five("b", "all-or-nothing");
    let Admission::Granted(standing) = limiter.admit(&alone).await else { panic!("b was charged by refusals") };
    assert!(standing.limit().unwrap().starts_with("\"per_ip\";r=4;"), "{standing:?}");
    assert_eq!(standing.policy().unwrap(), "\"per_ip\";q=5;w=3600, \"per_network\";q=1000000;w=3600");
}

async fn all_windows_hold(limiter: &Limiter) {
    let limits = limits(vec![rate(5, 1), rate(8, 3_600_000)], Vec::new());
    let charge = refusing(&limits, "windows", "windows", false);
    let mut n_granted = 0;
    for _ in 0..200 {
        n_granted += usize::from(granted(limiter, &charge).await);
    }
    assert!((5..=8).contains(&n_granted), "{n_granted}");
}

async fn ceilings_count_each_on_its_own(limiter: &Limiter) {
    let mut limits = limits(Vec::new(), Vec::new());
    limits.per_email = vec![rate(2, 3_600_000)];
    limits.per_page = vec![rate(3, 3_600_000)];
    let site = SiteId::new("news");
    let mut told = Vec::new();
    for page in ["/a", "/A", "/a", "/A"] {
        told.push(limiter.over(&ceilings(&limits, Some("email"), page, &site)).await);
    }
    assert_eq!(told, [vec![], vec![], vec![Rule::PerEmail], vec![Rule::PerEmail, Rule::PerPage]]);
    assert_eq!(limiter.over(&ceilings(&limits, None, "/b", &site)).await, []);
}

async fn a_known_flooder_is_refused_from_memory(limiter: &Limiter) {
    assert_eq!(limiter.known_refused("known", "around"), None);
    for _ in 0..5 {
        assert!(granted(limiter, &five("known", "around")).await);
    }
    assert_eq!(limiter.known_refused("known", "around"), None, "nobody was refused yet");
    let Admission::Refused { retry_after, .. } = limiter.admit(&five("known", "around")).await else { panic!() };
    assert!(limiter.known_refused("known", "around").unwrap() <= retry_after);
    assert_eq!(limiter.known_refused("neighbour", "around"), None);
    limiter.forget();
    assert_eq!(limiter.known_refused("known", "around"), None);
}

async fn without_a_token_says_nothing_of_requests_with_one(limiter: &Limiter) {
    let mut limits = limits(vec![rate(100, 3_600_000)], Vec::new());
    limits.without_token = vec![rate(1, 3_600_000)];
    assert!(granted(limiter, &refusing(&limits, "plain", "plain-net", true)).await);
    let refused = limiter.admit(&refusing(&limits, "plain", "plain-net", true)).await;
    assert!(matches!(refused, Admission::Refused { rule: Rule::WithoutToken, .. }));
    assert_eq!(limiter.known_refused("plain", "plain-net"), None);
    assert!(granted(limiter, &refusing(&limits, "plain", "plain-net", false)).await);
}

async fn every_promise(limiter: &Limiter) {
    a_refusal_charges_nothing(limiter).await;
    all_windows_hold(limiter).await;
    ceilings_count_each_on_its_own(limiter).await;
    a_known_flooder_is_refused_from_memory(limiter).await;
    without_a_token_says_nothing_of_requests_with_one(limiter).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_the_process_sixty_at_once_admit_exactly_five() {
    for round in 0..20 {
        assert_eq!(sixty_at_once(&[Arc::new(Limiter::local(Clock::system()))], round).await, 5);
    }
}

#[tokio::test]
async fn the_process_keeps_every_promise() {
    let limiter = Limiter::local(Clock::system());
    every_promise(&limiter).await;
    assert_eq!(limiter.state(), LimiterState::Local);
    assert!(limiter.n_buckets() > 0);
}

#[tokio::test]
async fn in_the_process_the_wait_is_exact_and_the_wall_ends_with_it() {
    let clock = Clock::standing_at(Timestamp(1_700_000_000_000));
    let limiter = Limiter::local(clock.clone());
    let charge = refusing(&limits(vec![rate(5, 10_000)], Vec::new()), "exact", "exact", false);
    for _ in 0..5 {
        assert!(granted(&limiter, &charge).await);
    }
    let Admission::Refused { retry_after, .. } = limiter.admit(&charge).await else { panic!() };
    assert_eq!(retry_after, Duration::from_secs(2));
    clock.advance(Duration::from_millis(1_999));
    assert_eq!(limiter.known_refused("exact", "exact"), Some(Duration::from_millis(1)));
    assert!(!granted(&limiter, &charge).await);
    clock.advance(Duration::from_millis(1));
    assert_eq!(limiter.known_refused("exact", "exact"), None);
    assert!(granted(&limiter, &charge).await);
    assert!(!granted(&limiter, &charge).await);
    clock.advance(Duration::from_secs(60));
    limiter.sweep();
    assert_eq!(limiter.n_buckets(), 0);
}

#[tokio::test]
async fn no_rates_are_no_limit() {
    let limiter = Limiter::local(Clock::system());
    let charge = refusing(&limits(Vec::new(), Vec::new()), "free", "free", true);
    for _ in 0..1000 {
        assert!(granted(&limiter, &charge).await);
    }
}

#[cfg(feature = "redis")]
mod over_redis {
    use std::{sync::atomic::Ordering, time::Instant};

    use replydesk::config::OnOutage;

    use super::*;
    use crate::server::RedisServer;

    fn limiter(redis: &RedisServer) -> Limiter {
        Limiter::with_redis(&redis.url(), OnOutage::Local, Clock::system()).unwrap()
    }

    /// Holds `check` over fresh limiters and an empty Redis. A busy machine may make Redis miss its
    /// deadline; such a round says nothing about Redis and is played again.
    async fn undisturbed<F: Future<Output = ()> + Send + 'static>(
        redis: &RedisServer,
        n_limiters: usize,
        check: impl Fn(Vec<Arc<Limiter>>) -> F,
    ) {
        for _round in 0..10 {
            let _: String = redis.command(&["FLUSHALL"]).await;
            let limiters: Vec<_> = std::iter::repeat_with(|| Arc::new(limiter(redis))).take(n_limiters).collect();
            let outcome = tokio::spawn(check(limiters.clone())).await;
            if limiters.iter().all(|limiter| limiter.counters().fallbacks.load(Ordering::Relaxed) == 0) {
                return outcome.unwrap();
            }
        }
        panic!("Redis never answered in time")
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn sixty_at_once_admit_exactly_five() {
        let Some(redis) = RedisServer::start().await else { return };
        undisturbed(&redis, 1, |one| async move { assert_eq!(sixty_at_once(&one, 0).await, 5) }).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn sixty_at_once_over_two_instances_admit_exactly_five() {
        let Some(redis) = RedisServer::start().await else { return };
        undisturbed(&redis, 2, |two| async move { assert_eq!(sixty_at_once(&two, 0).await, 5) }).await;
    }

    #[tokio::test]
    async fn redis_keeps_every_promise() {
        let Some(redis) = RedisServer::start().await else { return };
        let check = |limiters: Vec<Arc<Limiter>>| async move {
            limiters[0].probe().await;
            every_promise(&limiters[0]).await;
            assert_eq!(limiters[0].state(), LimiterState::Shared);
            assert_eq!(limiters[0].n_buckets(), 0, "nothing was counted in the process");
        };
        undisturbed(&redis, 1, check).await;
    }

    async fn the_wait_holds(limiter: &Limiter) {
        let charge = refusing(&limits(vec![rate(1, 300)], Vec::new()), "exact", "exact", false);
        assert!(granted(limiter, &charge).await);
        let asked = Instant::now();
        let Admission::Refused { retry_after, .. } = limiter.admit(&charge).await else { panic!() };
        assert!(retry_after <= Duration::from_millis(300));
        while !granted(limiter, &charge).await {
            assert!(asked.elapsed() < Duration::from_secs(5));
        }
        assert!(asked.elapsed() >= retry_after);
    }

    #[tokio::test]
    async fn the_wait_is_exact() {
        let Some(redis) = RedisServer::start().await else { return };
        undisturbed(&redis, 1, |limiters| async move { the_wait_holds(&limiters[0]).await }).await;
    }

    #[tokio::test]
    async fn keys_show_nobody_and_go_when_they_are_empty() {
        let Some(redis) = RedisServer::start().await else { return };
        let keys = replydesk::keys::Keyring::new(b"secret");
        let reader = replydesk::net::Client::new("192.0.2.77".parse().unwrap());
        let now = Clock::system().now();
        let mut limits = limits(vec![rate(5, 10_000)], vec![rate(30, 60_000)]);
        limits.per_page = vec![rate(2, 60_000)];
        limits.per_site = vec![rate(2, 60_000)];
        let limiter = limiter(&redis);
        let charge = refusing(&limits, &reader.address_key(&keys, now), &reader.network_key(&keys, now), false);
        assert!(granted(&limiter, &charge).await);
        limiter.over(&ceilings(&limits, None, "/a/story", &SiteId::new("news"))).await;
        let kept: Vec<String> = redis.command(&["KEYS", "*"]).await;
        assert_eq!(kept.len(), 4, "{kept:?}");
        for key in &kept {
            assert!(!key.contains("192.0") && !key.contains("story") && key.starts_with("rd:{"), "{key}");
            let left: i64 = redis.command(&["PTTL", key]).await;
            assert!((1..=30_000).contains(&left), "{key} stays for {left} ms");
        }
    }
}
