//! Events as both back ends keep them: what one is, how many are kept, and what a stretch of them tells.

use serde_json::Value;

use super::{EventRow, EventStretch};
use crate::domain::{CommentId, Timestamp};

/// Events kept.
pub(super) const RING: i64 = 10_000;

/// One to append.
pub(super) struct Event<'a> {
    pub(super) at: Timestamp,
    pub(super) kind: &'a str,
    pub(super) comment: CommentId,
    pub(super) site: &'a str,
    pub(super) detail: Value,
}

/// The numbers of the first and the last event that are kept; 0 for the last before there is any.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub(super) oldest: Option<i64>,
    pub(super) newest: i64,
}

impl Ends {
    /// What whoever asks where the events end is told.
    pub(super) fn alone(self) -> EventStretch {
        EventStretch { events: Vec::new(), end: self.newest, missed: false }
    }

    /// What was found behind a number.
    pub(super) fn stretch(self, after: i64, events: Vec<EventRow>) -> EventStretch {
        // Numbers of another store, or of one that was put back: nothing is known of what lies between.
        let missed = after > self.newest || self.oldest.is_some_and(|oldest| after < oldest - 1);
        let end = events.last().map_or(after.min(self.newest), |last| last.id);
        EventStretch { events, end, missed }
    }
}
