//! Whether a client may submit now: exact limits over several keys at once, in the process or in Redis.
//!
//! [`refusing`] and [`ceilings`] say which buckets a comment touches, [`Limiter`] charges them. The
//! arithmetic is [`gcra`]; [`single`] keeps the limits that look at one key only. What a refusal looks
//! like on the wire, and who is asking, is not known here: clients come as keyed hashes.

#[cfg(feature = "redis")]
mod breaker;
mod charge;
pub mod gcra;
mod local;
mod marks;
mod moments;
#[cfg(feature = "redis")]
mod shared;
pub mod single;
mod standing;
mod wall;

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

pub use charge::{Bucket, Charge, Rule, allowed, ceilings, limits_alike, refusing, unverified};
pub use standing::Standing;

use crate::{config::OnOutage, domain::Clock};
use gcra::Level;

/// What became of a charge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Admission {
    /// Every bucket was charged.
    Granted(Standing),
    /// No bucket was charged.
    Refused {
        /// The rule with the longest wait.
        rule: Rule,
        /// After which, if nobody else is charged, all buckets admit.
        retry_after: Duration,
        /// For the header fields.
        standing: Standing,
    },
    /// Redis is out and `redis.on_outage` is `refuse`.
    Unavailable,
}

/// Where the limits live at present, for `/readyz`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LimiterState {
    /// In the process, as configured.
    Local,
    /// In Redis.
    Shared,
    /// In the process, because Redis is out; why.
    Degraded(String),
    /// Nowhere: Redis is out, and comments are refused; why.
    Down(String),
}

/// What is counted, for the metrics.
#[derive(Debug, Default)]
pub struct Counters {
    /// Charges that the process decided because Redis did not.
    pub fallbacks: AtomicU64,
    /// Exchanges with Redis that failed.
    pub redis_errors: AtomicU64,
    /// Refusals decided by a limiter.
    pub refusals: AtomicU64,
    /// Refusals decided by memory alone.
    pub known_refusals: AtomicU64,
}

/// The limiter of a server; shared by all its workers.
pub struct Limiter {
    clock: Clock,
    local: local::Local,
    wall: wall::Wall,
    counters: Counters,
    refuse_on_outage: AtomicBool,
    #[cfg(feature = "redis")]
    shared: Option<shared::Shared>,
}

/// `redis.url` is none that can be used. The address itself may hold a password and is not told.
#[cfg(feature = "redis")]
#[derive(Debug, thiserror::Error)]
#[error("redis.url: give redis://HOST:PORT/DB or rediss://HOST:PORT/DB")]
pub struct BadRedisUrl;

/// Who decides a charge.
enum Decider {
    TheProcess,
    #[cfg(feature = "redis")]
    Redis(Vec<Vec<Level>>),
    #[cfg(feature = "redis")]
    Nobody,
}

impl Limiter {
    /// Limits of this process alone.
    #[must_use]
    pub fn local(clock: Clock) -> Self {
        Self {
            clock,
            local: local::Local::new(),
            wall: wall::Wall::new(),
            counters: Counters::default(),
            refuse_on_outage: AtomicBool::new(false),
            #[cfg(feature = "redis")]
            shared: None,
        }
    }

    /// Limits shared through Redis, which need not be up yet. Redis counts by its own time; the clock
    /// serves the limits of an outage.
    ///
    /// # Errors
    /// Where the address cannot be read.
    #[cfg(feature = "redis")]
    pub fn with_redis(url: &str, on_outage: OnOutage, clock: Clock) -> Result<Self, BadRedisUrl> {
        let shared = shared::Shared::open(url).map_err(|_may_quote_the_address| BadRedisUrl)?;
        let limiter = Self { shared: Some(shared), ..Self::local(clock) };
        limiter.set_on_outage(on_outage);
        Ok(limiter)
    }

    /// Takes a changed `redis.on_outage` into force.
    pub fn set_on_outage(&self, on_outage: OnOutage) {
        self.refuse_on_outage.store(on_outage == OnOutage::Refuse, Ordering::Relaxed);
    }

    /// Charges all buckets or none.
    pub async fn admit(&self, charge: &Charge) -> Admission {
        if charge.buckets.is_empty() {
            return Admission::Granted(Standing::default());
        }
        // The moment before the limiter is asked: what is remembered from it is never too late.
        let before_us = self.now_us();
        let levels = match self.ask(&[&charge.buckets], true).await {
            #[cfg(feature = "redis")]
            Decider::Redis(lists) => lists.into_iter().next().unwrap_or_default(),
            Decider::TheProcess => self.local.charge(&charge.tag, &charge.buckets, self.now_us()),
            #[cfg(feature = "redis")]
            Decider::Nobody => return Admission::Unavailable,
        };
        let standing = Standing::new(&charge.buckets, &levels);
        let Some((rule, retry_after)) = standing.refusal() else { return Admission::Granted(standing) };
        self.counters.refusals.fetch_add(1, Ordering::Relaxed);
        self.note_refusal(charge, &standing, before_us);
        Admission::Refused { rule, retry_after, standing }
    }

    /// Charges each bucket on its own and names the rules that are over; never refuses.
    pub async fn over(&self, buckets: &[Bucket]) -> Vec<Rule> {
        if buckets.is_empty() {
            return Vec::new();
        }
        let lists: Vec<&[Bucket]> = buckets.iter().map(std::slice::from_ref).collect();
        let levels = match self.ask(&lists, false).await {
            #[cfg(feature = "redis")]
            Decider::Redis(levels) => levels,
            #[cfg(feature = "redis")]
            Decider::Nobody => self.each_by_the_process(&lists),
            Decider::TheProcess => self.each_by_the_process(&lists),
        };
        let mut over: Vec<Rule> = std::iter::zip(buckets, levels)
            .filter(|(_, levels)| levels.iter().any(|level| level.retry_us > 0))
            .map(|(bucket, _)| bucket.rule)
            .collect();
        over.dedup();
        over
    }

    /// How long this client is refused for certain, asked before anything else is. A client in
    /// `limits.allow` must not be asked about: its network may be known.
    #[must_use]
    pub fn known_refused(&self, address_key: &str, network_key: &str) -> Option<Duration> {
        let now_us = self.now_us();
        let longest = self.wall.remaining(address_key, now_us).max(self.wall.remaining(network_key, now_us));
        if longest.is_some() {
            self.counters.known_refusals.fetch_add(1, Ordering::Relaxed);
        }
        longest
    }

    /// Forgets who is known to be refused; call it when the limits change.
    pub fn forget(&self) {
        self.wall.clear();
    }

    /// Gives back the memory of buckets that are empty again; call it each minute.
    pub fn sweep(&self) {
        self.local.sweep(self.now_us());
        self.wall.sweep(self.now_us());
    }

    /// Asks Redis whether it serves, connecting patiently; waits a second at most. Call it once
    /// before serving and each second thereafter, so that the state is known without traffic.
    pub async fn probe(&self) {
        #[cfg(feature = "redis")]
        if let Some(shared) = &self.shared {
            let rate = crate::config::Rate { burst: 1_000_000, period_us: 1_000_000 };
            let bucket = Bucket { rule: Rule::PerSite, window: 0, rate, key: "rd:{probe}".to_owned() };
            let was_out = shared.is_out();
            match shared.probe(&[bucket], self.clock.now().0).await {
                Ok(()) if was_out => self.forget(),
                Ok(()) => {}
                Err(_) => {
                    self.counters.redis_errors.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }

    /// Where the limits live at present, as far as the last exchange told.
    #[must_use]
    pub fn state(&self) -> LimiterState {
        #[cfg(feature = "redis")]
        if let Some(shared) = &self.shared {
            return match shared.outage() {
                None => LimiterState::Shared,
                Some(why) if self.refuse_on_outage.load(Ordering::Relaxed) => LimiterState::Down(why.to_string()),
                Some(why) => LimiterState::Degraded(why.to_string()),
            };
        }
        LimiterState::Local
    }

    /// What was counted since the start.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How many buckets the process holds.
    #[must_use]
    pub fn n_buckets(&self) -> usize {
        self.local.len()
    }

    #[cfg(feature = "redis")]
    async fn ask(&self, lists: &[&[Bucket]], may_refuse: bool) -> Decider {
        let Some(shared) = &self.shared else { return Decider::TheProcess };
        // What the process refused during an outage, Redis may admit.
        let was_out = shared.is_out();
        match shared.charge(lists, self.clock.now().0).await {
            Some(Ok(levels)) => {
                if was_out {
                    self.forget();
                }
                return Decider::Redis(levels);
            }
            Some(Err(_)) => {
                self.counters.redis_errors.fetch_add(1, Ordering::Relaxed);
            }
            None => {}
        }
        if may_refuse && self.refuse_on_outage.load(Ordering::Relaxed) {
            return Decider::Nobody;
        }
        self.counters.fallbacks.fetch_add(1, Ordering::Relaxed);
        Decider::TheProcess
    }

    #[cfg(not(feature = "redis"))]
    async fn ask(&self, _lists: &[&[Bucket]], _may_refuse: bool) -> Decider {
        Decider::TheProcess
    }

    fn each_by_the_process(&self, lists: &[&[Bucket]]) -> Vec<Vec<Level>> {
        let now_us = self.now_us();
        let key = |list: &[Bucket]| list.first().map_or_else(String::new, |bucket| bucket.key.clone());
        lists.iter().map(|list| self.local.charge(&key(list), list, now_us)).collect()
    }

    /// Only the address's and the network's own rules: the others depend on what a request brings.
    fn note_refusal(&self, charge: &Charge, standing: &Standing, before_us: i64) {
        if !charge.remembered {
            return;
        }
        for (rule, key) in [(Rule::PerIp, &charge.address_key), (Rule::PerNetwork, &charge.tag)] {
            let wait_us = standing.wait_us(rule);
            if wait_us > 0 {
                self.wall.note(key, before_us.saturating_add(wait_us), before_us);
            }
        }
    }

    fn now_us(&self) -> i64 {
        self.clock.now().0.saturating_mul(1000)
    }
}
