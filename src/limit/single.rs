//! Limits that look at one key only: challenges, reactions, sign-in.
//!
//! They run on governor, which can neither peek nor refund; where several windows are given the
//! slowest is asked first, so that what a later one refuses has cost at most one of those. Bounded in
//! keys: rotating keys make it forget, never grow.

use std::{
    hash::{BuildHasher, RandomState},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use governor::{
    Quota, RateLimiter,
    clock::{self, Clock as _},
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::keyed::DashMapStateStore,
};

use crate::{config::Rate, domain::Clock};

/// How many charges pass between two looks at the number of keys.
const LOOK_EACH: u64 = 256;

type Keyed = RateLimiter<u64, DashMapStateStore<u64>, Hand, NoOpMiddleware<Nanos>>;

/// What a look at the clock may lie behind another thread's look; further back the clock was set.
const SLACK_MS: i64 = 1_000;

/// Our clock as governor wants it: one that was set back goes on from where it was, or whoever was counted last would wait
/// until it has caught up.
#[derive(Clone)]
struct Hand {
    clock: Clock,
    /// The latest moment told, and what is added to the clock by now.
    told: Arc<(AtomicI64, AtomicI64)>,
}

impl Hand {
    fn new(clock: Clock) -> Self {
        Self { clock, told: Arc::new((AtomicI64::new(i64::MIN), AtomicI64::new(0))) }
    }

    fn now_ms(&self) -> i64 {
        let (latest, ahead) = &*self.told;
        let added = ahead.load(Ordering::Acquire);
        let moment = self.clock.now().0.saturating_add(added);
        let before = latest.fetch_max(moment, Ordering::AcqRel);
        if moment >= before.saturating_sub(SLACK_MS) {
            return moment;
        }
        // One of all who notice it sets it right; the others are as late as they were for this once.
        let _done = ahead.compare_exchange(added, added + (before - moment), Ordering::AcqRel, Ordering::Acquire);
        before
    }
}

impl clock::Clock for Hand {
    type Instant = Nanos;
    fn now(&self) -> Nanos {
        Nanos::new(u64::try_from(self.now_ms()).unwrap_or(0).saturating_mul(1_000_000))
    }
}

/// The limits on one kind of action, for any number of keys.
pub struct SingleKeyLimits {
    windows: ArcSwap<Windows>,
    hand: Hand,
    hasher: RandomState,
    most_keys: usize,
    n_checks: AtomicU64,
}

struct Windows {
    rates: Vec<Rate>,
    limiters: Vec<Keyed>,
}

impl SingleKeyLimits {
    /// No rate is no limit. Beyond about `most_keys` all keys start anew.
    #[must_use]
    pub fn new(rates: &[Rate], most_keys: usize, clock: Clock) -> Self {
        let hand = Hand::new(clock);
        let windows = ArcSwap::from_pointee(Windows::new(rates, &hand));
        Self { windows, hand, hasher: RandomState::new(), most_keys, n_checks: AtomicU64::new(0) }
    }

    /// Counts one action of this key.
    ///
    /// # Errors
    /// The wait after which it would be admitted.
    pub fn check(&self, key: &str) -> Result<(), Duration> {
        let n_checks = self.n_checks.fetch_add(1, Ordering::Relaxed);
        if n_checks % LOOK_EACH == LOOK_EACH - 1 && self.n_keys() > self.most_keys {
            self.sweep();
        }
        let key = self.hasher.hash_one(key);
        for limiter in &self.windows.load().limiters {
            limiter.check_key(&key).map_err(|refused| refused.wait_time_from(self.hand.now()))?;
        }
        Ok(())
    }

    /// Takes other rates into force; the same ones change nothing, others start all keys anew.
    pub fn renew(&self, rates: &[Rate]) {
        if self.windows.load().rates != rates {
            self.windows.store(Arc::new(Windows::new(rates, &self.hand)));
        }
    }

    /// Forgets the keys whose windows are empty again; all keys, if there are still too many.
    pub fn sweep(&self) {
        let windows = self.windows.load_full();
        for limiter in &windows.limiters {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        if self.n_keys() > self.most_keys {
            tracing::warn!(most_keys = self.most_keys, "too many keys are limited at once; all start anew");
            self.windows.store(Arc::new(Windows::new(&windows.rates, &self.hand)));
        }
    }

    /// How many keys are kept, over all windows.
    #[must_use]
    pub fn n_keys(&self) -> usize {
        self.windows.load().limiters.iter().map(RateLimiter::len).sum()
    }
}

impl Windows {
    fn new(rates: &[Rate], hand: &Hand) -> Self {
        let mut slowest_first: Vec<&Rate> = rates.iter().collect();
        slowest_first.sort_by_key(|rate| std::cmp::Reverse(rate.emission_us()));
        let limiter = |quota| RateLimiter::dashmap_with_clock(quota, hand.clone());
        let limiters = slowest_first.into_iter().filter_map(quota).map(limiter).collect();
        Self { rates: rates.to_vec(), limiters }
    }
}

fn quota(rate: &Rate) -> Option<Quota> {
    let emission = Duration::from_micros(u64::try_from(rate.emission_us()).ok()?.max(1));
    Some(Quota::with_period(emission)?.allow_burst(NonZeroU32::new(rate.burst)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::Timestamp, limit::gcra};
    use proptest::prelude::*;

    const START: Timestamp = Timestamp(1_700_000_000_000);

    fn limits(burst: u32, period_s: i64, most: usize) -> (SingleKeyLimits, Clock) {
        let clock = Clock::standing_at(START);
        let rate = Rate { burst, period_us: period_s * 1_000_000 };
        (SingleKeyLimits::new(&[rate], most, clock.clone()), clock)
    }

    #[test]
    fn the_wait_is_exact_and_keys_do_not_share() {
        let (limits, clock) = limits(2, 10, 100);
        assert_eq!([limits.check("a"), limits.check("a")], [Ok(()), Ok(())]);
        assert_eq!(limits.check("a"), Err(Duration::from_secs(5)));
        assert_eq!(limits.check("b"), Ok(()));
        clock.advance(Duration::from_millis(4_999));
        assert_eq!(limits.check("a"), Err(Duration::from_millis(1)));
        clock.advance(Duration::from_millis(1));
        assert_eq!(limits.check("a"), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_goes_on_from_where_it_was() {
        let mut step = limits(2, 10, 100);
        for back in [Duration::ZERO, Duration::from_secs(3_600), Duration::from_secs(86_400)] {
            let (limits, clock) = &mut step;
            clock.turn_back(back);
            assert_eq!(limits.check("b"), Ok(()));
            clock.advance(Duration::from_secs(10));
            assert_eq!([limits.check("a"), limits.check("a")], [Ok(()), Ok(())], "{back:?}");
            assert_eq!(limits.check("a"), Err(Duration::from_secs(5)), "{back:?}");
        }
    }

    #[test]
    fn rotating_keys_do_not_grow_it() {
        let (limits, _clock) = limits(2, 10, 1_000);
        for n in 0..20_000 {
            assert_eq!(limits.check(&n.to_string()), Ok(()));
            assert!(limits.n_keys() <= 1_000 + usize::try_from(LOOK_EACH).unwrap());
        }
    }

    #[test]
    fn a_sweep_forgets_only_the_idle() {
        let (limits, clock) = limits(2, 10, 100);
        assert_eq!(limits.check("old"), Ok(()));
        clock.advance(Duration::from_secs(60));
        assert_eq!([limits.check("new"), limits.check("new")], [Ok(()), Ok(())]);
        limits.sweep();
        assert_eq!(limits.n_keys(), 1);
        assert!(limits.check("new").is_err());
    }

    #[test]
    fn only_other_rates_start_anew_and_none_is_no_limit() {
        let (limits, _clock) = limits(1, 10, 100);
        assert_eq!(limits.check("a"), Ok(()));
        limits.renew(&[Rate { burst: 1, period_us: 10_000_000 }]);
        assert!(limits.check("a").is_err());
        limits.renew(&[]);
        assert!((0..100).all(|_| limits.check("a").is_ok()));
    }

    proptest! {
        #[test]
        fn governor_and_the_reference_agree(
            burst in 1u32..20,
            emission_ms in 1i64..10_000,
            gaps in prop::collection::vec(prop_oneof![Just(0u64), 0..20_000u64], 1..80),
        ) {
            let rate = Rate { burst, period_us: emission_ms * 1000 * i64::from(burst) };
            let clock = Clock::standing_at(START);
            let limits = SingleKeyLimits::new(&[rate], 100, clock.clone());
            let mut kept = None;
            for gap in gaps {
                clock.advance(Duration::from_millis(gap));
                let step = gcra::step(rate, kept, clock.now().0 * 1000);
                let wait = Duration::from_micros(u64::try_from(step.retry_us).unwrap());
                if wait.is_zero() {
                    kept = Some(step.charged_us);
                }
                prop_assert_eq!(limits.check("k").err().unwrap_or_default(), wait);
            }
        }
    }
}
