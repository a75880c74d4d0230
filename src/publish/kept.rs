//! What is kept in memory of prepared answers: how long one is trusted, and what holds while the store is away.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use moka::sync::Cache;

use super::{Prepared, PublishError};
use crate::domain::Timestamp;

/// How long an answer is served without asking the store whether the page has moved.
const TRUSTED_FOR: Duration = Duration::from_millis(500);
/// How long nobody asks a store that just gave no answer about what is in memory.
const PAUSE: Duration = Duration::from_secs(1);

/// A prepared answer and what it was prepared from.
pub(super) struct Entry {
    pub(super) answer: Arc<Prepared>,
    /// The page's revision, and whether it was closed.
    pub(super) of: (Option<i64>, bool),
    /// In-process changes seen, and when the store was last asked.
    pub(super) stirred: AtomicU64,
    pub(super) asked: AtomicI64,
}

impl Entry {
    /// Whether it can be served without asking the store.
    pub(super) fn is_fresh(&self, stirred: u64, now: Timestamp) -> bool {
        let asked = self.asked.load(Ordering::Acquire);
        self.stirred.load(Ordering::Acquire) == stirred && asked <= now.0 && now.since(Timestamp(asked)) < TRUSTED_FOR
    }

    /// The store was asked, and it still holds.
    pub(super) fn confirmed(&self, stirred: u64, now: Timestamp) -> Arc<Prepared> {
        self.stirred.store(stirred, Ordering::Release);
        self.asked.store(now.0, Ordering::Release);
        Arc::clone(&self.answer)
    }
}

/// Room for so many bytes of answers.
pub(super) fn kept<K: std::hash::Hash + Eq + Send + Sync + 'static>(bytes: u64) -> Cache<K, Arc<Entry>> {
    Cache::builder()
        .max_capacity(bytes)
        .weigher(|_, entry: &Arc<Entry>| u32::try_from(entry.answer.weight()).unwrap_or(u32::MAX))
        .build()
}

/// When the store last gave no answer; 0 before the first time.
#[derive(Default)]
pub(super) struct Outage(AtomicI64);

impl Outage {
    /// Whether what is in memory is served unasked. Once a pause one is told to ask, and no other waits with it.
    pub(super) fn goes_on(&self, now: Timestamp) -> bool {
        let noted = self.0.load(Ordering::Acquire);
        if noted == 0 || noted > now.0 {
            return false;
        }
        now.since(Timestamp(noted)) < PAUSE
            || self.0.compare_exchange(noted, now.0, Ordering::AcqRel, Ordering::Acquire).is_err()
    }

    /// The answer; where the store gave none and one is known, that one as it was. An old page is better than none.
    pub(super) fn or_as_it_was(
        &self,
        answer: Result<Arc<Prepared>, PublishError>,
        known: Option<Arc<Entry>>,
        now: Timestamp,
    ) -> Result<Arc<Prepared>, PublishError> {
        match (answer, known) {
            (Err(PublishError::Store(_)), Some(entry)) => {
                self.0.store(now.0, Ordering::Release);
                Ok(Arc::clone(&entry.answer))
            }
            (answer, _) => {
                if answer.is_ok() {
                    self.0.store(0, Ordering::Release);
                }
                answer
            }
        }
    }
}
