//! A bounded table of moments, each under the hash of a text key.
//!
//! A moment that has passed is the same as none, so expiry needs no second column. When a shard is
//! full the passed go first, then those that pass soonest: they are the least to lose. What a moment
//! means is its user's business. Keys are kept as 64-bit SipHash under a random key, or as a part of a keyed
//! hash: 24 bytes an entry whatever the text, at a chance of 1 in 10^13 that a client shares a bucket by accident.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, PoisonError},
};

/// So many locks.
const SHARDS: usize = 64;

/// The table. Every operation locks one shard once.
pub(crate) struct Moments {
    shards: Vec<Mutex<Shard>>,
    hasher: RandomState,
}

/// The part of the table behind one lock.
pub(crate) struct Shard {
    moments: HashMap<u64, i64>,
    most: usize,
}

impl Moments {
    /// A table of at most about this many keys.
    pub(crate) fn new(most: usize) -> Self {
        let most = most.div_ceil(SHARDS).max(1);
        let shard = || Mutex::new(Shard { moments: HashMap::new(), most });
        Self { shards: std::iter::repeat_with(shard).take(SHARDS).collect(), hasher: RandomState::new() }
    }

    /// The short form of a key.
    pub(super) fn hash(&self, key: &str) -> u64 {
        self.hasher.hash_one(key)
    }

    /// Runs `work` on the shard of `tag` under its lock.
    pub(crate) fn with<R>(&self, tag: u64, work: impl FnOnce(&mut Shard) -> R) -> Option<R> {
        let [nth, ..] = tag.to_le_bytes();
        let shard = self.shards.get(usize::from(nth) % SHARDS)?;
        Some(work(&mut shard.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Forgets what has passed and gives the memory back.
    pub(super) fn sweep(&self, now: i64) {
        for shard in &self.shards {
            shard.lock().unwrap_or_else(PoisonError::into_inner).keep_after(now);
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.sweep(i64::MAX);
    }

    /// How many keys are kept.
    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).moments.len()).sum()
    }
}

impl Shard {
    pub(crate) fn get(&self, key: u64) -> Option<i64> {
        self.moments.get(&key).copied()
    }

    /// Keeps the moment; makes room first where the shard is full.
    pub(crate) fn set(&mut self, key: u64, moment: i64, now: i64) {
        if self.moments.len() >= self.most && !self.moments.contains_key(&key) {
            self.keep_after(now);
            if self.moments.len() >= self.most {
                self.keep_after(self.soonest_quarter());
            }
        }
        self.moments.insert(key, moment);
    }

    /// A fresh map rather than `retain`: the old one's deleted slots would make it grow.
    fn keep_after(&mut self, moment: i64) {
        self.moments =
            self.moments.iter().filter(|(_, kept)| **kept > moment).map(|(key, kept)| (*key, *kept)).collect();
    }

    fn soonest_quarter(&self) -> i64 {
        let mut moments: Vec<i64> = self.moments.values().copied().collect();
        let nth = moments.len() / 4;
        if nth >= moments.len() {
            return i64::MAX;
        }
        *moments.select_nth_unstable(nth).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cap_holds_and_what_passes_last_stays() {
        let table = Moments::new(64 * 8);
        let dear = table.hash("dear");
        table.with(dear, |shard| shard.set(dear, i64::MAX, 0));
        for n in 0..20_000i64 {
            let key = table.hash(&n.to_string());
            table.with(key, |shard| shard.set(key, 1_000_000 + n, 0));
        }
        assert!(table.len() <= 64 * 8, "{}", table.len());
        assert!(table.len() >= 64 * 5, "{}", table.len());
        assert_eq!(table.with(dear, |shard| shard.get(dear)), Some(Some(i64::MAX)));
    }

    #[test]
    fn a_sweep_forgets_what_has_passed() {
        let table = Moments::new(1000);
        for (name, moment) in [("past", 10), ("now", 20), ("future", 30)] {
            let key = table.hash(name);
            table.with(key, |shard| shard.set(key, moment, 0));
        }
        table.sweep(20);
        assert_eq!(table.len(), 1);
        table.clear();
        assert_eq!(table.len(), 0);
    }
}
