//! A master dies under charges: limits go on, exactly again as soon as another took over, and nobody waits.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use replydesk::{
    config::OnOutage,
    domain::{Clock, SiteId},
    limit::{Limiter, LimiterState, ceilings},
};
use tokio::task::JoinHandle;

use crate::{cluster::Cluster, five, granted, limits, rate, sentinel::Guarded};

/// How long our own looking may take once the servers themselves are settled.
const SOON: Duration = Duration::from_secs(2);

fn limiter(url: &str) -> Arc<Limiter> {
    Arc::new(Limiter::with_redis(url, OnOutage::Local, Clock::system()).unwrap())
}

/// Readers who go on posting until told to stop: the longest wait of one, and beside them how long the machine itself
/// kept a task waiting.
struct Readers {
    stop: Arc<AtomicBool>,
    posting: JoinHandle<(Duration, u64)>,
    stall: JoinHandle<Duration>,
}

impl Readers {
    fn post(limiter: &Arc<Limiter>) -> Self {
        let (limiter, stop) = (Arc::clone(limiter), Arc::new(AtomicBool::new(false)));
        let stopped = Arc::clone(&stop);
        let stall = tokio::spawn(longest_stall(Arc::clone(&stop)));
        let mut limits = limits(Vec::new(), Vec::new());
        limits.per_page = vec![rate(1_000_000, 3_600_000)];
        limits.per_site = vec![rate(1_000_000, 3_600_000)];
        let posting = tokio::spawn(async move {
            let (mut slowest, mut n) = (Duration::ZERO, 0);
            while !stopped.load(Ordering::Relaxed) {
                n += 1;
                let asked = Instant::now();
                assert!(granted(&limiter, &five(&format!("reader-{n}"), &format!("network-{n}"))).await);
                slowest = slowest.max(asked.elapsed());
                let asked = Instant::now();
                limiter.over(&ceilings(&limits, None, &format!("/{n}"), &SiteId::new("news"))).await;
                slowest = slowest.max(asked.elapsed());
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            (slowest, n)
        });
        Self { stop, posting, stall }
    }

    async fn never_waited(self, what: &str) {
        self.stop.store(true, Ordering::Relaxed);
        let (slowest, n) = self.posting.await.unwrap();
        let stall = self.stall.await.unwrap();
        assert!(n > 5, "{what}: {n} readers");
        assert!(slowest <= Duration::from_millis(300) + stall, "{what}: {slowest:?}, the machine itself {stall:?}");
    }
}

/// How long the machine, busy with other things, kept a task waiting; an answer takes a few such turns.
async fn longest_stall(stopped: Arc<AtomicBool>) -> Duration {
    let (nap, mut longest) = (Duration::from_millis(10), Duration::ZERO);
    while !stopped.load(Ordering::Relaxed) {
        let asked = Instant::now();
        tokio::time::sleep(nap).await;
        longest = longest.max(asked.elapsed().saturating_sub(nap));
    }
    longest * 3
}

/// Requests alone find the servers again.
async fn shared_again(limiter: &Limiter, what: &str) {
    let started = Instant::now();
    while limiter.state() != LimiterState::Shared {
        assert!(started.elapsed() < SOON, "{what}: {:?}", limiter.state());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Over two limiters, on keys of many slots, each may do five and no more. A busy machine may make a server miss its
/// time; such a client's turn is played again under another name.
async fn exact(limiters: [&Arc<Limiter>; 2], what: &str) {
    let fallbacks = || limiters.map(|limiter| limiter.counters().fallbacks.load(Ordering::Relaxed));
    let started = Instant::now();
    let (mut n_exact, mut n) = (0, 0);
    while n_exact < 24 {
        assert!(started.elapsed() < Duration::from_secs(60), "{what}: hardly ever without the process' own limits");
        n += 1;
        let (before, charge) = (fallbacks(), five("flooder", &format!("{what}-{n}")));
        let mut n_granted = 0;
        for limiter in limiters.iter().cycle().take(14) {
            n_granted += usize::from(granted(limiter, &charge).await);
        }
        if fallbacks() == before {
            assert_eq!(n_granted, 5, "{what}");
            n_exact += 1;
        } else {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_master_of_a_cluster_dies_comes_back_hands_over_and_hangs() {
    let Some(mut cluster) = Cluster::quick().await else { return };
    let (one, other) = (limiter(&cluster.url()), limiter(&cluster.url()));
    for limiter in [&one, &other] {
        limiter.probe().await;
        assert_eq!(limiter.state(), LimiterState::Shared);
    }
    exact([&one, &other], "before").await;

    let readers = [Readers::post(&one), Readers::post(&other)];
    cluster.nodes[0].kill();
    cluster.taken_over(0).await;
    shared_again(&one, "killed").await;
    shared_again(&other, "killed").await;
    for readers in readers {
        readers.never_waited("killed").await;
    }
    exact([&one, &other], "killed").await;
    assert!(one.counters().redis_errors.load(Ordering::Relaxed) > 0);

    // Back, it follows its heir, and takes over again while all live: its heir says MOVED from then on.
    cluster.nodes[0].restart().await;
    let readers = Readers::post(&one);
    cluster.hands_over_to(0).await;
    shared_again(&one, "handed over").await;
    readers.never_waited("handed over").await;
    exact([&one, &other], "handed-over").await;

    // A master that hangs refuses no connection, so whoever asks it finds out by waiting.
    cluster.follows(3).await;
    let readers = [Readers::post(&one), Readers::post(&other)];
    cluster.nodes[0].signal("STOP");
    cluster.taken_over(0).await;
    shared_again(&one, "stopped").await;
    shared_again(&other, "stopped").await;
    for readers in readers {
        readers.never_waited("stopped").await;
    }
    exact([&one, &other], "stopped").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_slot_that_moves_between_masters_is_followed() {
    // On a machine that is too busy Redis may answer too late for one of them, which is then counted here: that is no
    // move that was not followed.
    for _ in 0..5 {
        let Some(cluster) = Cluster::start().await else { return };
        let (granted, errors, buckets) = around_a_move(&cluster).await;
        if errors == 0 {
            assert_eq!(granted, [true, true, true, true, true, false], "five, over both places");
            assert_eq!(buckets, 0);
            return;
        }
    }
    panic!("five times a master did not answer, or a move was not followed");
}

/// Which of six are granted, three of them before a slot moves, one while it does and two after; how often Redis failed
/// them, and how many buckets are in the process.
async fn around_a_move(cluster: &Cluster) -> (Vec<bool>, u64, usize) {
    let limiter = limiter(&cluster.url());
    limiter.probe().await;
    let errors = limiter.counters().redis_errors.load(Ordering::Relaxed);
    let (from, to) = (&cluster.nodes[2], &cluster.nodes[0]);
    let mut each = Vec::new();
    // The network's name is the tag: "foo" lies in slot 12182, which the third master keeps.
    for _ in 0..3 {
        each.push(granted(&limiter, &five("flooder", "foo")).await);
    }
    let ids: [String; 2] = [from.command(&["CLUSTER", "MYID"]).await, to.command(&["CLUSTER", "MYID"]).await];
    let _: String = to.command(&["CLUSTER", "SETSLOT", "12182", "IMPORTING", &ids[0]]).await;
    let _: String = from.command(&["CLUSTER", "SETSLOT", "12182", "MIGRATING", &ids[1]]).await;
    // Its keys went over already: whoever asks at the old place is sent on for this once.
    let keys: Vec<String> = from.command(&["CLUSTER", "GETKEYSINSLOT", "12182", "100"]).await;
    let port = to.port.to_string();
    for key in &keys {
        let _: String = from.command(&["MIGRATE", "127.0.0.1", &port, key, "0", "1000"]).await;
    }
    each.push(granted(&limiter, &five("flooder", "foo")).await);
    for node in &cluster.nodes[..3] {
        let _: String = node.command(&["CLUSTER", "SETSLOT", "12182", "NODE", &ids[1]]).await;
    }
    for _ in 0..2 {
        each.push(granted(&limiter, &five("flooder", "foo")).await);
    }
    let failed = limiter.counters().redis_errors.load(Ordering::Relaxed) - errors;
    (each, failed, limiter.n_buckets())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_master_behind_sentinels_hands_over_and_hangs() {
    let Some(guarded) = Guarded::start().await else { return };
    let (one, other) = (limiter(&guarded.url()), limiter(&guarded.url()));
    for limiter in [&one, &other] {
        limiter.probe().await;
        assert_eq!(limiter.state(), LimiterState::Shared);
    }
    exact([&one, &other], "before").await;
    // Handed over while both live.
    let readers = [Readers::post(&one), Readers::post(&other)];
    let _: String = guarded.sentinels[0].command(&["SENTINEL", "FAILOVER", "news"]).await;
    guarded.promoted(1).await;
    shared_again(&one, "handed over").await;
    shared_again(&other, "handed over").await;
    for readers in readers {
        readers.never_waited("handed over").await;
    }
    exact([&one, &other], "handed-over").await;

    guarded.follows(0).await;
    let readers = [Readers::post(&one), Readers::post(&other)];
    guarded.servers[1].signal("STOP");
    guarded.promoted(0).await;
    shared_again(&one, "stopped").await;
    shared_again(&other, "stopped").await;
    for readers in readers {
        readers.never_waited("stopped").await;
    }
    exact([&one, &other], "stopped").await;
}
