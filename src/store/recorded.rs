//! Where a stretch of what was recorded begins and ends, and who decided: the same whatever keeps it.

use super::{Decider, RecordedQuery, Stretch};
use crate::domain::{CommentId, Timestamp};

/// Sorts behind every id.
pub(super) const BEYOND_ALL: [u8; 16] = [0xff; 16];

/// What sorts before every id of this moment: its milliseconds, and nothing behind them.
pub(super) fn before_all(moment: Timestamp) -> [u8; 16] {
    let millis = u128::from(u64::try_from(moment.0).unwrap_or(0));
    (millis << 80).to_be_bytes()
}

/// The ids between which a stretch lies, neither of them in it, and its direction in SQL.
pub(super) fn bounds(query: &RecordedQuery) -> ([u8; 16], [u8; 16], &'static str) {
    let oldest = before_all(query.since);
    match query.from {
        Stretch::Oldest(behind) => (behind.map_or(oldest, CommentId::bytes), BEYOND_ALL, "ASC"),
        Stretch::Newest(before) => (oldest, before.map_or(BEYOND_ALL, CommentId::bytes), "DESC"),
    }
}

/// Who it was that took a decision.
pub(super) fn decider(by: &str) -> Option<Decider> {
    match by.split_once(':') {
        Some(("moderator", _)) => Some(Decider::Person),
        Some(("token", _)) => Some(Decider::Program),
        _ => None,
    }
}
