//! What moderators' decisions say of networks: kept as decaying sums, so that no submission counts rows.
//!
//! It moves with the decision, in its transaction, and back when the decision is undone. What a
//! reputation is worth is not known here.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::{
    domain::{Decision, Timestamp},
    store::{NetworkRecord, REPUTATION_HALF_LIFE},
};

/// How a decision counts for the network.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
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

    fn sums(self, share: f64) -> (f64, f64) {
        match self {
            Self::Good => (share, 0.0),
            Self::Bad => (0.0, share),
        }
    }
}

/// How a comment's last decision was counted, and when.
pub(super) struct Before {
    pub(super) network_key: String,
    pub(super) counted: Option<String>,
    pub(super) decided_at: Option<Timestamp>,
}

/// Takes back what the last decision on the comment said of its network, and keeps what this one says.
pub(super) fn count(
    connection: &Connection,
    comment: i64,
    before: &Before,
    decision: Decision,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let (was, is) = (before.counted.as_deref().and_then(Counted::named), Counted::of(decision));
    if was.is_none() && is.is_none() {
        return Ok(());
    }
    let mut record = stored(connection, &before.network_key, now)?.unwrap_or_default();
    if let (Some(was), Some(at)) = (was, before.decided_at) {
        let (good, bad) = was.sums(left(at, now));
        record = NetworkRecord { good: (record.good - good).max(0.0), bad: (record.bad - bad).max(0.0) };
    }
    if let Some(is) = is {
        let (good, bad) = is.sums(1.0);
        record = NetworkRecord { good: record.good + good, bad: record.bad + bad };
    }
    connection
        .prepare_cached(
            "INSERT INTO network_reputation VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (network_key) DO UPDATE SET good = ?2, bad = ?3, at = ?4",
        )?
        .execute(params![before.network_key, record.good, record.bad, now.0])?;
    connection
        .prepare_cached("UPDATE comments SET counted = ? WHERE seq = ?")?
        .execute(params![is.map(Counted::as_str), comment])?;
    Ok(())
}

/// The network's record under all of its keys, as of now.
pub(super) fn of(connection: &Connection, keys: &[String], now: Timestamp) -> rusqlite::Result<NetworkRecord> {
    keys.iter().try_fold(NetworkRecord::default(), |sum, key| {
        let record = stored(connection, key, now)?.unwrap_or_default();
        Ok(NetworkRecord { good: sum.good + record.good, bad: sum.bad + record.bad })
    })
}

fn stored(connection: &Connection, key: &str, now: Timestamp) -> rusqlite::Result<Option<NetworkRecord>> {
    connection
        .prepare_cached("SELECT good, bad, at FROM network_reputation WHERE network_key = ?")?
        .query_row([key], |row| {
            let left = left(Timestamp(row.get("at")?), now);
            Ok(NetworkRecord { good: row.get::<_, f64>("good")? * left, bad: row.get::<_, f64>("bad")? * left })
        })
        .optional()
}

/// What is left of one decision by now.
fn left(at: Timestamp, now: Timestamp) -> f64 {
    0.5_f64.powf(now.since(at).as_secs_f64() / REPUTATION_HALF_LIFE.as_secs_f64())
}
