//! The audit on its way out, and figures about the work that are counted in stretches.

use crate::{
    domain::{CommentId, RefusalId, Timestamp, Verdict},
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
    /// The last number that was given, also to a row that is no longer there.
    pub given: i64,
}

/// A stretch of time, and whose work in it to count.
#[derive(Clone, Debug)]
pub struct CountQuery<C> {
    /// Of these sites; of all without.
    pub sites: Option<Vec<String>>,
    /// From then on.
    pub since: Timestamp,
    /// Before then.
    pub until: Timestamp,
    /// Behind this one.
    pub after: Option<C>,
    /// At most so many rows are looked at.
    pub limit: usize,
}

/// What was counted, and where to go on.
#[derive(Clone, Debug)]
pub struct Counted<T, C> {
    /// What was found.
    pub found: Vec<T>,
    /// None at the end.
    pub next: Option<C>,
}

/// So many comments of one day, by what the program made of them.
pub type Arrived = Counted<(Day, Verdict, u64), CommentId>;
/// So many captcha refusals of one day.
pub type Refused = Counted<(Day, u64), RefusalId>;
/// What moderators did, one row each.
pub type Worked = Counted<Work, (Timestamp, i64)>;

/// Whole days since 1970 UTC.
pub type Day = i64;

/// One thing that a moderator or a token did with a comment.
#[derive(Clone, Debug)]
pub struct Work {
    /// When.
    pub at: Timestamp,
    /// `moderator:NAME` or `token:NAME`.
    pub actor: String,
    /// `comment.approve`, `comment.reject`, `comment.spam`, `comment.pending` or `comment.revise`.
    pub action: String,
    /// With which comment.
    pub comment: Option<CommentId>,
    /// Nobody had decided on it before.
    pub first: bool,
}

/// Comments that wait.
#[derive(Clone, Copy, Debug)]
pub struct Waits {
    /// How many were found.
    pub count: u64,
    /// When the oldest of them came.
    pub oldest_at: Option<Timestamp>,
    /// Where to go on; none at the end.
    pub next: Option<i64>,
}
