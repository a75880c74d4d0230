//! The audit on its way out.

use crate::{
    domain::Timestamp,
    store::{ChainHead, Deed, Key},
};

/// Which audit rows.
#[derive(Clone, Debug)]
pub struct AuditQuery {
    /// Which way, and from where.
    pub from: AuditFrom,
    /// Only what this actor did, and what was done on these sites.
    pub within: Option<(String, Vec<String>)>,
    /// Only what this actor did.
    pub actor: Option<String>,
    /// Only this action; with a dot at its end, all that begin with it.
    pub action: Option<String>,
    /// Only what was done to this.
    pub subject: Option<String>,
    /// None before this.
    pub since: Option<Timestamp>,
    /// None after this.
    pub until: Option<Timestamp>,
    /// At most so many.
    pub limit: usize,
}

impl AuditQuery {
    /// All rows, `limit` at a time.
    #[must_use]
    pub fn all(from: AuditFrom, limit: usize) -> Self {
        Self { from, within: None, actor: None, action: None, subject: None, since: None, until: None, limit }
    }
}

/// Where a stretch of the audit begins, and which way it goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuditFrom {
    /// The newest first, before this row.
    Newest(Option<i64>),
    /// The oldest first, behind this row.
    Oldest(Option<i64>),
}

/// A row of the audit as it is stored.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct AuditEntry {
    pub id: i64,
    pub at: Timestamp,
    pub actor: String,
    pub action: String,
    pub subject: String,
    /// JSON, to the letter.
    pub detail: String,
    /// None where no version of the program wrote it.
    pub hash: Option<Key>,
}

impl AuditEntry {
    /// What of it is hashed.
    #[must_use]
    pub fn deed(&self) -> Deed<'_> {
        Deed { at: self.at, actor: &self.actor, action: &self.action, subject: &self.subject, detail: &self.detail }
    }
}

/// Some rows, and where to go on for more. There may be more although these are none: only so many are looked at.
#[derive(Clone, Debug)]
pub struct AuditStretch {
    /// In the order asked for.
    pub rows: Vec<AuditEntry>,
    /// None at the end.
    pub next: Option<AuditFrom>,
}

/// Rows in their order with the head that was kept at that very moment.
#[derive(Clone, Debug)]
pub struct ChainStretch {
    /// Oldest first; fewer than asked for at the end.
    pub rows: Vec<AuditEntry>,
    /// None where there is none that any version wrote.
    pub head: Option<ChainHead>,
}
