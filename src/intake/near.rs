//! Who has sent nearly the same lately: a memory of sketches that all instances fill from the store.
//!
//! A submission looks into it without a trip, and is in it before it is stored, so that copies which come
//! at once find each other. What other processes took, what moderators decided and what authors changed
//! follows by reading on in the store. What a near-copy weighs is not known here.

mod chains;
mod index;

use std::{
    hash::{DefaultHasher, Hash, Hasher as _},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    domain::{CommentId, Status, Timestamp},
    scoring::Copies,
    store::{SketchCursor, Sketched, Store, StoreError},
    text::Sketch,
};
use index::Index;
pub(super) use index::{Member, Seat};

/// How long a text is remembered.
const LATELY: Duration = Duration::from_secs(7 * 24 * 3600);
/// Rows read at a time.
const STEP: u32 = 1_000;

/// The memory of this process.
#[derive(Default)]
pub(super) struct Near {
    index: Mutex<Index>,
    /// How far the store has been read; one reader at a time.
    read: tokio::sync::Mutex<Option<SketchCursor>>,
}

impl Near {
    /// How often nearly the same has come lately, this comment not counted.
    pub(super) fn copies(&self, one: &Member) -> Copies {
        self.index(one.at).copies(one)
    }

    /// Takes a comment in; its cluster, and who was alone until it came.
    pub(super) fn admit(&self, one: Member) -> Seat {
        self.index(one.at).admit(one)
    }

    /// Which cluster a comment would be one of.
    pub(super) fn cluster(&self, one: &Member) -> Option<CommentId> {
        self.index(one.at).cluster(one)
    }

    /// A comment that is not there, or whose text is another now.
    pub(super) fn forget(&self, id: CommentId) {
        self.hold().forget(id);
    }

    /// Reads on in the store, and corrects there who belongs to whom.
    pub(super) async fn read_on(&self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        let mut read = self.read.lock().await;
        let mut cursor = match *read {
            Some(cursor) => cursor,
            None => store.sketches_begin(now.minus(LATELY), i64::try_from(chains::MOST).unwrap_or(i64::MAX)).await?,
        };
        loop {
            let (rows, next) = store.sketches(cursor, STEP).await?;
            rows.iter().for_each(|row| self.observe(row, now));
            *read = Some(next);
            if next == cursor {
                break;
            }
            cursor = next;
        }
        let corrections = self.index(now).corrections();
        let outcome = if corrections.is_empty() { Ok(()) } else { store.regroup(corrections.clone()).await };
        if outcome.is_err() {
            corrections.into_iter().for_each(|again| self.hold().correct(again));
        }
        outcome
    }

    fn observe(&self, row: &Sketched, now: Timestamp) {
        let mut index = self.index(now);
        match row.sketch {
            Some(sketch) if row.status != Status::Deleted => {
                let member = Member {
                    id: row.id,
                    site: number(&row.site),
                    sketch: Sketch::from_bits(sketch),
                    sender: sender(row.email_key, &row.network_key),
                    at: row.created_at,
                    spam: row.status == Status::Spam && row.decided,
                };
                index.observe(member, row.cluster);
            }
            _ => index.forget(row.id),
        }
    }

    /// The index, without what is older than lately.
    fn index(&self, now: Timestamp) -> MutexGuard<'_, Index> {
        let mut index = self.hold();
        index.expire(now.minus(LATELY));
        index
    }

    fn hold(&self) -> MutexGuard<'_, Index> {
        // Nothing in it is left half done by a panic that a lookup could trip over.
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who sends, as far as two comments show it: the same email from the same network.
pub(super) fn sender(email_key: Option<i64>, network_key: &str) -> u32 {
    number(&(email_key, network_key))
}

/// A short number for a thing, within this process alone.
pub(super) fn number(thing: &(impl Hash + ?Sized)) -> u32 {
    let mut hasher = DefaultHasher::new();
    thing.hash(&mut hasher);
    let [a, b, c, d, ..] = hasher.finish().to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests;
