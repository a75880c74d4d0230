//! Stretches of the audit, whatever keeps it: which rows one read looks at, and where the next one goes on.
//!
//! However few rows a question meets, only so many are looked at in one read, so that nobody waits long for it.

use super::{AuditEntry, AuditFrom, AuditQuery, AuditStretch};

/// Rows that one read looks at.
const LOOKED_AT: i64 = 5_000;
/// Rows since a moment that are looked through for the first of them.
pub(super) const SOON: i64 = 100_000;

/// The rows that one read looks at; both ends count.
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) to: i64,
    oldest: i64,
    newest: i64,
}

impl Span {
    /// Of an audit whose first and last rows these are.
    pub(super) fn of(query: &AuditQuery, oldest: i64, newest: i64) -> Self {
        // A subject has an index of its own.
        let span = if query.subject.is_some() { i64::MAX } else { LOOKED_AT };
        let (from, to) = match query.from {
            AuditFrom::Newest(before) => {
                let to = before.map_or(newest, |before| before.saturating_sub(1).min(newest));
                (to.saturating_sub(span - 1).max(oldest), to)
            }
            AuditFrom::Oldest(after) => {
                let from = after.map_or(oldest, |after| after.saturating_add(1).max(oldest));
                (from, from.saturating_add(span - 1).min(newest))
            }
        };
        Self { from, to, oldest, newest }
    }

    /// What was found there, and where to go on.
    pub(super) fn found(&self, query: &AuditQuery, rows: Vec<AuditEntry>) -> AuditStretch {
        let full = rows.last().filter(|_| rows.len() >= query.limit).map(|row| row.id);
        let next = match query.from {
            AuditFrom::Newest(_) => {
                Some(full.unwrap_or(self.from)).filter(|at| *at > self.oldest).map(|at| AuditFrom::Newest(Some(at)))
            }
            AuditFrom::Oldest(_) => {
                Some(full.unwrap_or(self.to)).filter(|at| *at < self.newest).map(|at| AuditFrom::Oldest(Some(at)))
            }
        };
        AuditStretch { rows, next }
    }
}

/// How rows are ordered.
pub(super) fn order(query: &AuditQuery) -> &'static str {
    match query.from {
        AuditFrom::Newest(_) => "DESC",
        AuditFrom::Oldest(_) => "ASC",
    }
}

/// What sorts behind all actions that begin with this one, which ends with a dot: they sort before what has the next
/// character in the dot's place. None of an action that is meant as it is.
pub(super) fn behind_all(action: &str) -> Option<String> {
    action.strip_suffix('.').map(|above| format!("{above}/"))
}
