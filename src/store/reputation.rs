//! What a decision says of the network a comment came from: arithmetic over decaying sums, whatever keeps them.
//!
//! What a reputation is worth is not known here.

use super::{NetworkRecord, REPUTATION_HALF_LIFE};
use crate::domain::{Decision, Timestamp};

/// How a decision counts for the network.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    Good,
    Bad,
}

impl Counted {
    /// A text turned down for what it says is a person's, and says nothing of the network.
    fn of(decision: Decision) -> Option<Self> {
        match decision {
            Decision::Approve => Some(Self::Good),
            Decision::Spam => Some(Self::Bad),
            Decision::Reject | Decision::Pending => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Good, Self::Bad].into_iter().find(|counted| counted.as_str() == name)
    }

    fn sums(self, share: f64) -> NetworkRecord {
        match self {
            Self::Good => NetworkRecord { good: share, bad: 0.0 },
            Self::Bad => NetworkRecord { good: 0.0, bad: share },
        }
    }
}

/// How a comment's last decision was counted, and when.
pub(super) struct Before {
    pub(super) network_key: String,
    pub(super) counted: Option<String>,
    pub(super) decided_at: Option<Timestamp>,
}

/// What a decision changes of its network's record.
pub(super) struct Change {
    was: Option<Counted>,
    decided_at: Option<Timestamp>,
    is: Option<Counted>,
}

impl Change {
    /// None where neither this decision nor the one before counts.
    pub(super) fn of(before: &Before, decision: Decision) -> Option<Self> {
        let (was, is) = (before.counted.as_deref().and_then(Counted::named), Counted::of(decision));
        (was.is_some() || is.is_some()).then_some(Self { was, decided_at: before.decided_at, is })
    }

    /// The record without what the last decision said, and with what this one says.
    pub(super) fn applied(&self, mut record: NetworkRecord, now: Timestamp) -> NetworkRecord {
        if let (Some(was), Some(at)) = (self.was, self.decided_at) {
            let gone = was.sums(left(at, now));
            record = NetworkRecord { good: (record.good - gone.good).max(0.0), bad: (record.bad - gone.bad).max(0.0) };
        }
        let added = self.is.map(|is| is.sums(1.0)).unwrap_or_default();
        NetworkRecord { good: record.good + added.good, bad: record.bad + added.bad }
    }

    /// How the comment is counted from now on.
    pub(super) fn counted(&self) -> Option<&'static str> {
        self.is.map(Counted::as_str)
    }
}

/// A record as of `at`, as of now.
pub(super) fn faded(record: NetworkRecord, at: Timestamp, now: Timestamp) -> NetworkRecord {
    let left = left(at, now);
    NetworkRecord { good: record.good * left, bad: record.bad * left }
}

/// What is left of one decision by now.
fn left(at: Timestamp, now: Timestamp) -> f64 {
    0.5_f64.powf(now.since(at).as_secs_f64() / REPUTATION_HALF_LIFE.as_secs_f64())
}
