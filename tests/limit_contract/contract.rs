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
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Instant,
    };

    use replydesk::{
        config::OnOutage,
        reach::{Ask, Patience, Reach},
    };

    use super::*;
    use crate::{
        certificates::Certificates,
        cluster::Cluster,
        properties::Crowd,
        sentinel::Guarded,
        server::{RedisServer, free_port},
        tls,
    };

    fn limiter(url: &str) -> Limiter {
        Limiter::with_redis(url, OnOutage::Local, Clock::system()).unwrap()
    }

    /// Holds `check` over fresh limiters and an empty Redis. A busy machine may make Redis miss its
    /// deadline; such a round says nothing about Redis and is played again.
    async fn undisturbed<F: Future<Output = ()> + Send + 'static>(
        url: &str,
        flush: impl AsyncFn(),
        n_limiters: usize,
        check: impl Fn(Vec<Arc<Limiter>>) -> F,
    ) {
        for _round in 0..10 {
            flush().await;
            let limiters: Vec<_> = std::iter::repeat_with(|| Arc::new(limiter(url))).take(n_limiters).collect();
            for limiter in &limiters {
                limiter.probe().await;
            }
            let outcome = tokio::spawn(check(limiters.clone())).await;
            if limiters.iter().all(|limiter| limiter.counters().fallbacks.load(Ordering::Relaxed) == 0) {
                return outcome.unwrap();
            }
        }
        panic!("Redis never answered in time")
    }

    /// The whole contract over one shape of Redis; `flush` empties it.
    async fn holds(url: &str, flush: impl AsyncFn()) {
        for n_limiters in [1, 2] {
            let check = |all: Vec<Arc<Limiter>>| async move {
                for round in 0..10 {
                    assert_eq!(sixty_at_once(&all, round).await, 5);
                }
            };
            undisturbed(url, &flush, n_limiters, check).await;
            let check = |all: Vec<Arc<Limiter>>| async move {
                for (round, crowd) in Crowd::some().into_iter().enumerate() {
                    crowd.is_counted_exactly(&all, round).await;
                }
            };
            undisturbed(url, &flush, n_limiters, check).await;
        }
        let check = |limiters: Vec<Arc<Limiter>>| async move {
            every_promise(&limiters[0]).await;
            assert_eq!(limiters[0].state(), LimiterState::Shared);
            assert_eq!(limiters[0].n_buckets(), 0, "nothing was counted in the process");
        };
        undisturbed(url, &flush, 1, check).await;
        undisturbed(url, &flush, 1, |limiters| async move { the_wait_holds(&limiters[0]).await }).await;
        undisturbed(url, &flush, 2, |two| async move { marks_reach_the_others(&two[0], &two[1]).await }).await;
    }

    async fn marks_reach_the_others(one: &Limiter, other: &Limiter) {
        let marks: Vec<_> = (0..40).map(|n| (format!("rd:spent:{n}"), Duration::from_secs(60))).collect();
        assert!(!other.is_marked("rd:spent:7").await);
        one.mark(&marks).await;
        for (key, _) in &marks {
            assert!(other.is_marked(key).await, "{key}");
        }
    }

    async fn over_a_server(program: &'static str) {
        let Some(redis) = RedisServer::with(program, |_| Vec::new()).await else { return };
        holds(&redis.url(), async || redis.command(&["FLUSHALL"]).await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn redis_keeps_every_promise() {
        over_a_server("redis-server").await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn valkey_keeps_every_promise() {
        over_a_server("valkey-server").await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_cluster_keeps_every_promise() {
        let Some(cluster) = Cluster::start().await else { return };
        holds(&cluster.url(), async || cluster.on_masters(&["FLUSHALL"]).await).await;
        let kept = async |n: usize| cluster.nodes[n].command::<i64>(&["DBSIZE"]).await;
        for n in 0..3 {
            assert!(kept(n).await > 0, "nothing lies on master {n}");
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_master_behind_sentinels_keeps_every_promise() {
        let Some(guarded) = Guarded::start().await else { return };
        holds(&guarded.url(), async || guarded.servers[0].command(&["FLUSHALL"]).await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn redis_over_tls_keeps_every_promise() {
        let Some(certificates) = Certificates::make() else { return };
        let tls = |port| certificates.options(port);
        let Some(redis) = RedisServer::begin("redis-server", free_port(), tls) else { return };
        let url = format!("rediss://localhost:{}{}", redis.port, certificates.query());
        serves_in_the_end(&url).await;
        let flush = async || {
            let reach = Reach::open(&url).unwrap();
            let flush = [Ask::command("all", replydesk::reach::command("FLUSHALL", &[]))];
            let patience = Patience { budget: Duration::from_secs(5), grace: Duration::ZERO, insists: true };
            assert!(matches!(reach.ask(&flush, patience, 0).await.pop(), Some(Some(Ok(_)))));
        };
        holds(&url, flush).await;

        let with = |query: &str| format!("rediss://localhost:{}{query}", redis.port);
        let ca = certificates.path("ca.pem").display().to_string();
        for (query, what) in [("", "the public roots"), (&format!("?ca={ca}"), "no certificate of our own")] {
            let stranger = limiter(&with(query));
            stranger.probe().await;
            assert!(matches!(stranger.state(), LimiterState::Degraded(_)), "{what}: {:?}", stranger.state());
        }
        for query in ["?ca=/nowhere/ca.pem".to_owned(), format!("?ca={}", certificates.path("names").display())] {
            let fault = Limiter::with_redis(&with(&query), OnOutage::Local, Clock::system()).err().unwrap().to_string();
            assert!(fault.starts_with("redis.url: /") && fault.contains("cannot be used"), "{fault}");
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn nodes_of_a_cluster_are_reached_over_tls_too() {
        let Some(certificates) = Certificates::make() else { return };
        let Some((_node, url)) = tls::cluster(&certificates) else { return };
        let slots = [Ask::command("all", replydesk::reach::command("CLUSTER", &["ADDSLOTSRANGE", "0", "16383"]))];
        let patience = Patience { budget: Duration::from_secs(1), grace: Duration::ZERO, insists: true };
        let started = Instant::now();
        // A node without slots tells no map, so the first word to it is said past it.
        let single = Reach::open(&url.replace("+cluster", "")).unwrap();
        while !matches!(single.ask(&slots, patience, 0).await.pop(), Some(Some(Ok(_)))) {
            assert!(started.elapsed() < Duration::from_secs(10), "{:?}", single.outage());
        }
        serves_in_the_end(&url).await;
        // Nothing is emptied between two tries, so each is of an address of its own.
        let tries = Arc::new(AtomicUsize::new(0));
        let check = |all: Vec<Arc<Limiter>>| {
            let tries = Arc::clone(&tries);
            async move { assert_eq!(sixty_at_once(&all, tries.fetch_add(1, Ordering::Relaxed)).await, 5) }
        };
        undisturbed(&url, async || (), 1, check).await;
    }

    /// Waits until a limiter finds its Redis.
    async fn serves_in_the_end(url: &str) {
        let (limiter, started) = (limiter(url), Instant::now());
        limiter.probe().await;
        while limiter.state() != LimiterState::Shared {
            assert!(started.elapsed() < Duration::from_secs(10), "{:?}", limiter.state());
            tokio::time::sleep(Duration::from_millis(20)).await;
            limiter.probe().await;
        }
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
    async fn keys_show_nobody_and_go_when_they_are_empty() {
        let Some(redis) = RedisServer::start().await else { return };
        let keys = replydesk::keys::Keyring::new(b"secret");
        let reader = replydesk::net::Client::new("192.0.2.77".parse().unwrap());
        let now = Clock::system().now();
        let mut limits = limits(vec![rate(5, 10_000)], vec![rate(30, 60_000)]);
        limits.per_page = vec![rate(2, 60_000)];
        limits.per_site = vec![rate(2, 60_000)];
        let limiter = limiter(&redis.url());
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
