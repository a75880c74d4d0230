//! Whether Redis is worth asking: after a failure not for half a second, then by one request.
//!
//! So a Redis that hangs costs one waiting request each half second, not each request. Time is
//! passed in.

use std::sync::atomic::{AtomicI64, Ordering};

/// How long a failure keeps requests away.
const PAUSE_MS: i64 = 500;
/// The value while all is well.
const CLOSED: i64 = i64::MIN;

/// Closed, or open until a moment.
#[derive(Debug)]
pub(super) struct Breaker {
    open_until_ms: AtomicI64,
}

impl Breaker {
    pub(super) fn new() -> Self {
        Self { open_until_ms: AtomicI64::new(CLOSED) }
    }

    /// Whether this request may ask. After the pause the first to call is let through and the pause
    /// begins anew for the others. A clock set back ends the pause.
    pub(super) fn permits(&self, now_ms: i64) -> bool {
        let until = self.open_until_ms.load(Ordering::Acquire);
        if until == CLOSED {
            return true;
        }
        let waiting = (1..=PAUSE_MS).contains(&until.saturating_sub(now_ms));
        !waiting
            && self
                .open_until_ms
                .compare_exchange(until, now_ms.saturating_add(PAUSE_MS), Ordering::AcqRel, Ordering::Acquire)
                .is_ok()
    }

    /// Closes it; whether it was open.
    pub(super) fn succeeded(&self) -> bool {
        // A plain read first: the common case must not write a line that all cores share.
        self.open_until_ms.load(Ordering::Acquire) != CLOSED
            && self.open_until_ms.swap(CLOSED, Ordering::AcqRel) != CLOSED
    }

    /// Opens it for the pause; whether it was closed.
    pub(super) fn failed(&self, now_ms: i64) -> bool {
        self.open_until_ms.swap(now_ms.saturating_add(PAUSE_MS), Ordering::AcqRel) == CLOSED
    }

    /// Whether the last word was a failure.
    pub(super) fn is_open(&self) -> bool {
        self.open_until_ms.load(Ordering::Acquire) != CLOSED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_failure_one_request_each_half_second_asks() {
        let breaker = Breaker::new();
        assert!(breaker.permits(0));
        assert!(breaker.failed(1_000));
        assert!(!breaker.failed(1_000), "already open");
        assert!(!breaker.permits(1_499));
        assert!(breaker.permits(1_500), "the one that tries");
        assert!(!breaker.permits(1_500), "the others wait for it");
        assert!(breaker.succeeded());
        assert!(breaker.permits(1_500) && !breaker.is_open());
        assert!(!breaker.succeeded(), "it was closed");
    }

    #[test]
    fn a_clock_set_back_does_not_keep_it_open() {
        let breaker = Breaker::new();
        breaker.failed(1_000_000);
        assert!(breaker.permits(0));
    }
}
