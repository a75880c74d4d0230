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
    /// Whether a request may go now. An open breaker admits one probe a [`REST`]; admitting it starts
    /// the next rest, so a probe that is given up midway blocks nothing for ever.
    pub fn admit(&mut self, now: Timestamp) -> bool {
        let Self::Open { until } = self else { return true };
        // The wall clock may have been set back; no rest is longer than the rest.
        if now < *until && *until <= now.plus(REST) {
            return false;
        }
        *until = now.plus(REST);
        true
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
            assert!(!breaker.is_open() && breaker.admit(START));
        }
        breaker.record(START, false);
        assert!(breaker.is_open() && !breaker.admit(START));
    }

    #[test]
    fn it_lets_one_probe_through_a_rest() {
        let mut breaker = opened();
        assert!(!breaker.admit(START.plus(REST).minus(Duration::from_millis(1))));
        let due = START.plus(REST);
        assert!(breaker.admit(due));
        assert!(!breaker.admit(due), "a second probe at once");
        breaker.record(due, false);
        assert!(!breaker.admit(due.plus(REST).minus(Duration::from_millis(1))));
        assert!(breaker.admit(due.plus(REST)), "a failed probe is followed by another");
    }

    #[test]
    fn a_good_probe_closes_it() {
        let mut breaker = opened();
        assert!(breaker.admit(START.plus(REST)));
        breaker.record(START.plus(REST), true);
        assert_eq!(breaker, Breaker::default());
    }

    #[test]
    fn a_clock_set_back_does_not_lock_it() {
        assert!(opened().admit(START.minus(Duration::from_secs(3600))));
    }
}
