//! The first wall: who was refused until when, so that a known flooder costs no trip and no body.
//!
//! A moment here comes from the limiter's exact wait, counted from before the limiter was asked;
//! so the wall is never later than the limiter. Which refusals belong here is not decided here.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use super::moments::Moments;

/// More flooders at once than this are refused by the limiter itself.
const MOST_REFUSED: usize = 65_536;

/// What a look at the clock may lie behind another thread's look; further back the clock was set.
const SLACK_US: i64 = 1_000_000;

/// The table.
pub(super) struct Wall {
    until_us: Moments,
    /// The latest moment at which somebody was noted or all was swept.
    latest_us: AtomicI64,
}

impl Wall {
    pub(super) fn new() -> Self {
        Self { until_us: Moments::new(MOST_REFUSED), latest_us: AtomicI64::new(i64::MIN) }
    }

    /// Remembers that this key is refused until then.
    pub(super) fn note(&self, key: &str, until_us: i64, now_us: i64) {
        self.latest_us.fetch_max(now_us, Ordering::Relaxed);
        let key = self.until_us.hash(key);
        self.until_us.with(key, |shard| shard.set(key, until_us, now_us));
    }

    /// How long this key is still refused for certain.
    pub(super) fn remaining(&self, key: &str, now_us: i64) -> Option<Duration> {
        // A clock that was set back must not keep anybody out until it has caught up.
        if now_us < self.latest_us.load(Ordering::Relaxed).saturating_sub(SLACK_US) {
            self.sweep(now_us);
        }
        let key = self.until_us.hash(key);
        let until = self.until_us.with(key, |shard| shard.get(key))??;
        u64::try_from(until.saturating_sub(now_us)).ok().filter(|left| *left > 0).map(Duration::from_micros)
    }

    /// Forgets what has passed; everything, where the clock was set back.
    pub(super) fn sweep(&self, now_us: i64) {
        if self.latest_us.swap(now_us, Ordering::Relaxed) > now_us.saturating_add(SLACK_US) {
            self.clear();
        }
        self.until_us.sweep(now_us);
    }

    pub(super) fn clear(&self) {
        self.until_us.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_refused_until_its_moment_and_not_at_it() {
        let wall = Wall::new();
        wall.note("flooder", 1_000, 0);
        assert_eq!(wall.remaining("flooder", 999), Some(Duration::from_micros(1)));
        assert_eq!(wall.remaining("flooder", 1_000), None);
        assert_eq!(wall.remaining("reader", 0), None);
        wall.clear();
        assert_eq!(wall.remaining("flooder", 0), None);
    }

    #[test]
    fn a_clock_set_back_opens_the_wall_at_once() {
        let wall = Wall::new();
        wall.note("flooder", 5_001_000, 5_000_000);
        assert_eq!(
            wall.remaining("flooder", 4_999_000),
            Some(Duration::from_millis(2)),
            "a thread that is a little late"
        );
        assert_eq!(wall.remaining("flooder", 0), None);
        wall.note("flooder", 500, 0);
        assert_eq!(wall.remaining("flooder", 0), Some(Duration::from_micros(500)), "and stands again afterwards");
    }
}
