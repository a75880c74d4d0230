//! The queue, decisions, refusals and bans.

use super::{Claim, PageRow};
use crate::domain::{
    AuthorId, AuthorRecord, BanId, CaptchaRecord, CommentId, Decision, RefusalId, Signal, Status, Timestamp, Verdict,
};

/// The order of the queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QueueOrder {
    /// First come first.
    Oldest,
    /// Last come first.
    Newest,
    /// Riskiest first.
    Risk,
}

/// Whose comments to list.
#[derive(Clone, Debug)]
pub enum QueueAuthor {
    /// The writer with this id.
    Id(AuthorId),
    /// Whoever gave the email of this keyed hash.
    Email(i64),
    /// Whoever gave this name, whatever the case of its ASCII letters.
    Name(String),
}

/// Which part of the queue.
#[derive(Clone, Debug)]
pub struct QueueQuery {
    /// One status, or all but what its author took back.
    pub status: Option<Status>,
    /// These sites only.
    pub sites: Option<Vec<String>>,
    /// One page's row.
    pub page: Option<i64>,
    /// Text in body, name or email: each of these must be found.
    pub words: Vec<String>,
    /// One author.
    pub author: Option<QueueAuthor>,
    /// One cluster's members.
    pub cluster: Option<CommentId>,
    /// Only what readers reported.
    pub reported: bool,
    /// None before this.
    pub since: Option<Timestamp>,
    /// None after this.
    pub until: Option<Timestamp>,
    /// The captcha's score, least and most, both included.
    pub score: (Option<f64>, Option<f64>),
    /// The risk, least and most, both included.
    pub risk: (Option<f64>, Option<f64>),
    /// One row a cluster: its newest member.
    pub collapse: bool,
    /// Which way.
    pub order: QueueOrder,
    /// Behind this place: a number and risk.
    pub after: Option<(i64, f64)>,
    /// At most so many.
    pub limit: usize,
}

/// A comment as moderators see it.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "the fields are the columns of their name, but for the place in the list, the cluster with its size, and the words that stand"
)]
pub struct QueueItem {
    pub place: (i64, f64),
    pub id: CommentId,
    pub version: i64,
    pub status: Status,
    pub site: String,
    pub page: PageRow,
    pub parent: Option<CommentId>,
    pub name: String,
    pub email: Option<String>,
    pub url: Option<String>,
    pub body: String,
    pub by_staff: bool,
    pub created_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub captcha: CaptchaRecord,
    pub risk: f64,
    pub verdict: Verdict,
    pub signals: Vec<Signal>,
    pub author: AuthorId,
    pub record: AuthorRecord,
    pub reports: u32,
    pub report_reasons: Vec<String>,
    pub decided_by: Option<String>,
    pub decided_at: Option<Timestamp>,
    pub cluster: Option<(CommentId, u64)>,
    pub claim: Option<Claim>,
    /// The author's own words, where the newsroom changed them, and who did and when.
    pub revised: Option<Revised>,
}

/// What a comment said before the newsroom changed it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name, and who changed them and when")]
pub struct Revised {
    pub name: String,
    pub url: Option<String>,
    pub body: String,
    pub by: String,
    pub at: Timestamp,
}

/// One decision to take.
#[derive(Clone, Debug)]
pub struct DecisionOrder {
    /// On which comment.
    pub id: CommentId,
    /// What.
    pub decision: Decision,
    /// The version the moderator saw; none decides on whatever stands.
    pub version: Option<i64>,
    /// Why.
    pub reason: Option<String>,
    /// The sites the moderator may decide on; none is all.
    pub sites: Option<Vec<String>>,
}

/// What became of one decision.
#[derive(Clone, Debug)]
pub struct DecisionResult {
    /// On which comment.
    pub id: CommentId,
    /// What became of it.
    pub outcome: DecisionOutcome,
    /// The version that stands now.
    pub version: Option<i64>,
    /// Site and key of the page it is on, where it was found.
    pub page: Option<(String, String)>,
}

/// What became of one decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecisionOutcome {
    /// It stands.
    Applied,
    /// It stood already.
    Unchanged,
    /// Somebody else was first: who, what, when.
    Conflict {
        /// Who decided or changed it.
        by: Option<String>,
        /// What stands.
        status: Status,
        /// When.
        at: Option<Timestamp>,
    },
    /// No such comment within the moderator's sites.
    NotFound,
}

/// Which refusals to list.
#[derive(Clone, Debug, Default)]
pub struct RefusalQuery {
    /// One reference only.
    pub reference: Option<String>,
    /// These sites only.
    pub sites: Option<Vec<String>>,
    /// None before this.
    pub since: Option<Timestamp>,
    /// Older than this one.
    pub before: Option<RefusalId>,
    /// At most so many.
    pub limit: usize,
}

/// A ban.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct BanRow {
    pub id: BanId,
    pub kind: String,
    pub value: String,
    pub mode: String,
    pub site: Option<String>,
    pub reason: Option<String>,
    pub created_by: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub from_comment: Option<CommentId>,
    pub applied: u64,
}

/// What a ban can be drawn from.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct BanSource {
    pub site: String,
    pub name: String,
    pub email: Option<String>,
    pub address: Option<String>,
}
