//! Whether a client may submit now: exact limits over several keys at once, in the process or in Redis.
//!
//! [`refusing`] and [`ceilings`] say which buckets a comment touches, [`Limiter`] charges them. The
//! arithmetic is [`gcra`]; [`single`] keeps the limits that look at one key only. What a refusal looks
//! like on the wire, and who is asking, is not known here: clients come as keyed hashes.

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

#[cfg(feature = "redis")]
use std::sync::Arc;
use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

pub use charge::{Bucket, Charge, Rule, allowed, ceilings, limits_alike, refusing, unverified};
pub(crate) use moments::Moments;
pub use standing::Standing;

#[cfg(feature = "redis")]
use crate::reach::{Reach, Unusable};
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

/// Who decides a charge.
enum Decider {
    TheProcess,
    #[cfg(feature = "redis")]
    Redis(Vec<Level>),
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
    /// Where the address, or a file that it names, cannot be used.
    #[cfg(feature = "redis")]
    pub fn with_redis(url: &str, on_outage: OnOutage, clock: Clock) -> Result<Self, Unusable> {
        Ok(Self::sharing(Arc::new(Reach::open(url)?), on_outage, clock))
    }

    /// The same over a Redis that others use too.
    #[cfg(feature = "redis")]
    #[must_use]
    pub fn sharing(reach: Arc<Reach>, on_outage: OnOutage, clock: Clock) -> Self {
        let limiter = Self { shared: Some(shared::Shared::over(reach)), ..Self::local(clock) };
        limiter.set_on_outage(on_outage);
        limiter
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
        let levels = match self.ask(&[&charge.buckets], true).await.pop() {
            #[cfg(feature = "redis")]
            Some(Decider::Redis(levels)) => levels,
            #[cfg(feature = "redis")]
            Some(Decider::Nobody) => return Admission::Unavailable,
            Some(Decider::TheProcess) | None => self.local.charge(&charge.tag, &charge.buckets, self.now_us()),
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
        let deciders = self.ask(&lists, false).await;
        let now_us = self.now_us();
        let levels = |(bucket, decider): (&Bucket, Decider)| match decider {
            #[cfg(feature = "redis")]
            Decider::Redis(levels) => levels,
            _ => self.local.charge(&bucket.key, std::slice::from_ref(bucket), now_us),
        };
        let is_over = |levels: Vec<Level>| levels.iter().any(|level| level.retry_us > 0);
        let mut over: Vec<Rule> = std::iter::zip(buckets, deciders)
            .filter_map(|(bucket, decider)| is_over(levels((bucket, decider))).then_some(bucket.rule))
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
            let bucket = |key| Bucket { rule: Rule::PerSite, window: 0, rate, key };
            let failed = shared.probe(bucket, self.clock.now().0).await;
            self.note_exchange(shared, failed.is_some());
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

    /// What an operator should know of the Redis although it serves; none where all is well, or there is none.
    #[must_use]
    pub fn caution(&self) -> Option<String> {
        #[cfg(feature = "redis")]
        return self.shared.as_ref().and_then(shared::Shared::caution);
        #[cfg(not(feature = "redis"))]
        None
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

    /// Who decides on each list of buckets; those in Redis are charged.
    #[cfg(feature = "redis")]
    async fn ask(&self, lists: &[&[Bucket]], may_refuse: bool) -> Vec<Decider> {
        let Some(shared) = &self.shared else { return lists.iter().map(|_| Decider::TheProcess).collect() };
        let outcomes = shared.charge(lists, self.clock.now().0).await;
        self.note_exchange(shared, outcomes.iter().any(|outcome| matches!(outcome, Some(Err(_)))));
        let refuses = may_refuse && self.refuse_on_outage.load(Ordering::Relaxed);
        if !refuses && outcomes.iter().any(|outcome| !matches!(outcome, Some(Ok(_)))) {
            self.counters.fallbacks.fetch_add(1, Ordering::Relaxed);
        }
        let decider = |outcome| match outcome {
            Some(Ok(levels)) => Decider::Redis(levels),
            Some(Err(_)) | None if refuses => Decider::Nobody,
            Some(Err(_)) | None => Decider::TheProcess,
        };
        outcomes.into_iter().map(decider).collect()
    }

    #[cfg(feature = "redis")]
    fn note_exchange(&self, shared: &shared::Shared, failed: bool) {
        if failed {
            self.counters.redis_errors.fetch_add(1, Ordering::Relaxed);
        }
        // What the process refused during an outage, Redis may admit.
        if shared.has_returned() {
            self.forget();
        }
    }

    #[cfg(not(feature = "redis"))]
    async fn ask(&self, lists: &[&[Bucket]], _may_refuse: bool) -> Vec<Decider> {
        lists.iter().map(|_| Decider::TheProcess).collect()
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
