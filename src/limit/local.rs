//! The limits of one process: several buckets charged together or not at all, under one lock.
//!
//! All buckets of a charge live in the shard of its tag, so a charge is one critical section and
//! no two can interleave. Nothing is known here of rules or refusals' consequences.

use super::{
    Bucket,
    gcra::{self, Level, Step},
    moments::Moments,
};

/// Fits 64 tables of 16,384 slots each: at most 18 MiB when a flood fills it.
const MOST_BUCKETS: usize = 64 * 14_336;

/// The buckets.
pub(super) struct Local {
    arrivals: Moments,
}

impl Local {
    pub(super) fn new() -> Self {
        Self { arrivals: Moments::new(MOST_BUCKETS) }
    }

    /// Charges all buckets or none; a level for each, in order.
    pub(super) fn charge(&self, tag: &str, buckets: &[Bucket], now_us: i64) -> Vec<Level> {
        let keys: Vec<u64> = buckets.iter().map(|bucket| self.arrivals.hash(&bucket.key)).collect();
        let charged = self.arrivals.with(self.arrivals.hash(tag), |shard| {
            let steps: Vec<Step> = std::iter::zip(buckets, &keys)
                .map(|(bucket, key)| gcra::step(bucket.rate, shard.get(*key), now_us))
                .collect();
            let granted = steps.iter().all(|step| step.retry_us == 0);
            if granted {
                for (key, step) in std::iter::zip(&keys, &steps) {
                    shard.set(*key, step.charged_us, now_us);
                }
            }
            std::iter::zip(buckets, &steps)
                .map(|(bucket, step)| {
                    let arrival = if granted { step.charged_us } else { step.standing_us };
                    gcra::level(bucket.rate, arrival, now_us, step.retry_us)
                })
                .collect()
        });
        charged.unwrap_or_default()
    }

    pub(super) fn sweep(&self, now_us: i64) {
        self.arrivals.sweep(now_us);
    }

    pub(super) fn len(&self) -> usize {
        self.arrivals.len()
    }
}
