//! A circuit breaker: when to stop asking a provider that does not answer, and when to try again.
//!
//! Pure arithmetic over the time it is given. It knows nothing of HTTP, and what counts as a
//! failure is its caller's to say.

use std::time::Duration;

use crate::domain::Timestamp;

/// Failures in a row that open it.
pub const FAILURES: u32 = 5;
/// How long an open breaker rests before it lets one real request through to see.
pub const REST: Duration = Duration::from_secs(5);

/// Counts failures in a row; closed at first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Breaker {
    /// Requests go through.
    Closed {
        /// Failures since the last success.
        failures: u32,
    },
    /// Requests are spared, but for one probe a rest.
    Open {
        /// When the next probe may go.
        until: Timestamp,
    },
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

impl Breaker {
    /// Whether a request that may take as long as `budget` may go now. An open breaker admits one probe
    /// at a time, and one a [`REST`] at most: admitting it starts the next rest, which outlasts the
    /// probe, so that one which is given up midway blocks nothing for ever.
    pub fn admit(&mut self, now: Timestamp, budget: Duration) -> bool {
        let admitted = self.would_admit(now, budget);
        if let (true, Self::Open { until }) = (admitted, &mut *self) {
            *until = now.plus(REST.max(budget));
        }
        admitted
    }

    /// The same, without starting a rest.
    #[must_use]
    pub fn would_admit(&self, now: Timestamp, budget: Duration) -> bool {
        match self {
            Self::Closed { .. } => true,
            // The wall clock may have been set back; no rest is longer than the rest.
            Self::Open { until } => now >= *until || *until > now.plus(REST.max(budget)),
        }
    }

    /// Notes how a request ended. Any success closes it.
    pub fn record(&mut self, now: Timestamp, success: bool) {
        *self = match *self {
            _ if success => Self::default(),
            Self::Closed { failures } if failures + 1 < FAILURES => Self::Closed { failures: failures + 1 },
            Self::Closed { .. } => Self::Open { until: now.plus(REST) },
            open @ Self::Open { .. } => open,
        };
    }

    /// Whether requests are spared.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp(1_800_000_000_000);
    const BUDGET: Duration = Duration::from_secs(3);

    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        (0..FAILURES).for_each(|_| breaker.record(START, false));
        breaker
    }

    #[test]
    fn the_fifth_failure_in_a_row_opens_it_and_a_success_between_starts_the_count_anew() {
        let mut breaker = Breaker::default();
        for success in [false, false, false, false, true, false, false, false, false] {
            breaker.record(START, success);
            assert!(!breaker.is_open() && breaker.admit(START, BUDGET));
        }
        breaker.record(START, false);
        assert!(breaker.is_open() && !breaker.admit(START, BUDGET));
    }

    #[test]
    fn it_lets_one_probe_through_a_rest() {
        let mut breaker = opened();
        assert!(!breaker.admit(START.plus(REST).minus(Duration::from_millis(1)), BUDGET));
        let due = START.plus(REST);
        assert!(breaker.admit(due, BUDGET));
        assert!(!breaker.admit(due, BUDGET), "a second probe at once");
        breaker.record(due, false);
        assert!(!breaker.admit(due.plus(REST).minus(Duration::from_millis(1)), BUDGET));
        assert!(breaker.admit(due.plus(REST), BUDGET), "a failed probe is followed by another");
    }

    #[test]
    fn a_good_probe_closes_it() {
        let mut breaker = opened();
        assert!(breaker.admit(START.plus(REST), BUDGET));
        breaker.record(START.plus(REST), true);
        assert_eq!(breaker, Breaker::default());
    }

    #[test]
    fn a_clock_set_back_does_not_lock_it() {
        assert!(opened().admit(START.minus(Duration::from_secs(3600)), BUDGET));
    }

    #[test]
    fn a_probe_that_may_take_longer_than_a_rest_is_the_only_one_meanwhile() {
        let (mut breaker, slow) = (opened(), REST * 2);
        let due = START.plus(REST);
        assert!(breaker.would_admit(due, slow) && breaker.admit(due, slow));
        assert!(!breaker.admit(due.plus(REST), slow), "the first may still be on its way");
        assert!(breaker.admit(due.plus(slow), slow));
    }
}
