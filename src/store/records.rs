//! What goes into the store and comes out of it, as plain records.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

use super::Key;
use crate::domain::{
    AuthorId, AuthorRecord, BanId, CaptchaRecord, CommentId, Decision, PageIdentity, RefusalId, Signal, Status,
    Timestamp, Verdict,
};

/// An answer that was given before under the same idempotency key.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Hash of the content it was given for.
    pub content: Key,
    /// The comment it made.
    pub receipt: Receipt,
}

/// What the sender of a stored comment is told.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The comment.
    pub id: CommentId,
    /// Whether it was published at once.
    pub published: bool,
    /// Until when the author may change it.
    pub edit_until: Timestamp,
    /// Whose record it counts for.
    pub author: AuthorId,
    /// The author's email as a keyed hash, which the author token covers.
    pub email_key: Option<i64>,
    /// The page's address as it was first seen.
    pub page_url: String,
}

/// The questions that are asked around a draft.
#[derive(Clone, Debug)]
pub struct SurroundingsQuery {
    /// Where it goes.
    pub page: PageIdentity,
    /// The comment it answers.
    pub parent: Option<CommentId>,
    /// The key that a double-click repeats.
    pub duplicate: Key,
    /// Since when a repetition counts.
    pub duplicate_since: Timestamp,
    /// The proven author.
    pub author: Option<AuthorId>,
    /// The email as a keyed hash.
    pub email_key: Option<i64>,
    /// The body as a keyed hash.
    pub body_key: i64,
    /// Since when the same text elsewhere counts.
    pub copies_since: Timestamp,
}

/// What was found around a draft.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The page, once anything was commented there.
    pub page: Option<PageRow>,
    /// The approved parent on the same page, and its depth.
    pub parent: Option<(CommentId, u32)>,
    /// The same was sent before.
    pub duplicate: bool,
    /// The proven author's record.
    pub author: AuthorRecord,
    /// The record of all comments under this email.
    pub email: AuthorRecord,
    /// Comments with the same text lately.
    pub copies: u32,
}

/// A page as stored.
#[derive(Clone, Debug)]
pub struct PageRow {
    /// Row number.
    pub id: i64,
    /// Site it is part of.
    pub site: String,
    /// Identity within the site.
    pub key: String,
    /// Where readers find it.
    pub url: String,
    /// Its title, once told.
    pub title: Option<String>,
    /// Closed by a moderator.
    pub closed: bool,
    /// When it was first commented.
    pub first_at: Timestamp,
    /// Moves with everything readers see of it.
    pub revision: i64,
    /// Approved comments.
    pub approved: u64,
}

/// A decided draft on its way into the store.
#[derive(Clone, Debug)]
pub struct NewComment {
    /// Its id.
    pub id: CommentId,
    /// Where it goes.
    pub page: PageIdentity,
    /// The page's title as the form told it.
    pub title: Option<String>,
    /// What it answers.
    pub parent: Option<CommentId>,
    /// How it starts.
    pub status: Status,
    /// The name to show.
    pub name: String,
    /// The address.
    pub email: Option<String>,
    /// The author's site.
    pub url: Option<String>,
    /// The text.
    pub body: String,
    /// A WordPress form's `comment_post_ID`.
    pub post_id: Option<String>,
    /// When it came.
    pub created_at: Timestamp,
    /// Until when the author may change it.
    pub edit_until: Timestamp,
    /// Whose record it counts for.
    pub author: AuthorId,
    /// That author was proven by a token.
    pub proven: bool,
    /// The email as a keyed hash.
    pub email_key: Option<i64>,
    /// The body as a keyed hash.
    pub body_key: i64,
    /// The raw address, where the site keeps it for a while.
    pub address: Option<String>,
    /// The network as a keyed hash.
    pub network_key: String,
    /// What the captcha came to.
    pub captcha: CaptchaRecord,
    /// The risk in `[0,1]`.
    pub risk: f64,
    /// The last word of the pipeline.
    pub verdict: Verdict,
    /// Why.
    pub signals: Vec<Signal>,
    /// The key that a double-click repeats, and since when a repetition counts.
    pub duplicate: (Key, Timestamp),
    /// The captcha token it spends.
    pub claim: Option<(Key, Timestamp)>,
    /// The sender's idempotency key and the content's hash.
    pub idempotency: Option<(Key, Key)>,
}

/// What became of a comment handed to the store.
#[derive(Clone, Debug)]
pub enum Accepted {
    /// It is stored and synced.
    Stored(Receipt),
    /// The same was sent before.
    Duplicate,
    /// Another comment spent the captcha token.
    TokenUsed,
    /// The same idempotency key was stored meanwhile.
    Replayed(Replay),
    /// The parent is gone.
    ParentGone,
}

/// A captcha refusal.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the migration explains each column")]
pub struct RefusalRow {
    pub id: RefusalId,
    pub reference: String,
    pub site: String,
    pub page: String,
    pub reason: String,
    pub provider: String,
    pub score: Option<f64>,
    pub raw_score: Option<f64>,
    pub signals: Vec<Signal>,
    pub at: Timestamp,
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

/// An author's own comment.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct OwnComment {
    pub id: CommentId,
    pub page: PageRow,
    pub parent: Option<CommentId>,
    pub depth: u32,
    pub status: Status,
    pub version: i64,
    pub name: String,
    pub email: Option<String>,
    pub email_key: Option<i64>,
    pub url: Option<String>,
    pub body: String,
    pub by_staff: bool,
    pub likes: u64,
    pub created_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub edit_until: Timestamp,
    pub author: AuthorId,
    pub proven: bool,
    pub captcha: CaptchaRecord,
    pub signals: Vec<Signal>,
    pub verdict: Verdict,
}

/// A changed text with its new score.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct Edit {
    pub id: CommentId,
    pub seen_version: i64,
    pub body: String,
    pub body_key: i64,
    pub status: Status,
    pub risk: f64,
    pub verdict: Verdict,
    pub signals: Vec<Signal>,
    pub now: Timestamp,
}

/// What became of an edit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edited {
    /// Stored; the new version.
    Stored(i64),
    /// Somebody else changed the comment first.
    Conflict,
    /// There is no such comment any more.
    Gone,
}

/// Which way a page's threads run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum ThreadOrder {
    /// First thread first.
    Oldest,
    /// Last thread first.
    Newest,
    /// Most liked thread first.
    Best,
}

/// A place in a page's reading order.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct ThreadPlace {
    /// Likes of the thread's first comment.
    pub likes: u64,
    /// The thread's first comment.
    pub root: CommentId,
    /// The path of the comment.
    pub path: Vec<u8>,
}

/// A stretch of a page.
#[derive(Clone, Debug)]
pub struct ThreadQuery {
    /// The page's row.
    pub page: i64,
    /// Which way.
    pub order: ThreadOrder,
    /// Behind this place.
    pub after: Option<ThreadPlace>,
    /// At most so many.
    pub limit: usize,
}

/// A comment as readers see it, or the place of a removed one.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct ShownComment {
    pub id: CommentId,
    pub parent: Option<CommentId>,
    pub depth: u32,
    pub removed: bool,
    pub name: String,
    pub url: Option<String>,
    pub body: String,
    pub created_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub likes: u64,
    pub by_staff: bool,
    pub place: ThreadPlace,
}

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
    /// Whoever gave this as email or name, whatever the case.
    Called(String),
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
    /// Text in body, name or email.
    pub text: Option<String>,
    /// One author.
    pub author: Option<QueueAuthor>,
    /// Which way.
    pub order: QueueOrder,
    /// Behind this row: its number and risk.
    pub after: Option<(i64, f64)>,
    /// At most so many.
    pub limit: usize,
}

/// A comment as moderators see it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct QueueItem {
    pub seq: i64,
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

/// A recorded score, for judging thresholds by the past.
#[derive(Clone, Debug)]
pub struct ScoredRow {
    /// Site.
    pub site: String,
    /// Captcha score, where there was one.
    pub captcha: Option<f64>,
    /// What the captcha came to.
    pub outcome: String,
    /// Risk.
    pub risk: f64,
    /// What stands.
    pub status: Status,
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

/// A person who moderates.
#[derive(Clone, Debug)]
pub struct ModeratorRow {
    /// Unique name.
    pub username: String,
    /// `moderator` or `admin`.
    pub role: String,
    /// Where to reach them.
    pub email: Option<String>,
    /// The sites they may see; none is all.
    pub sites: Option<Vec<String>>,
    /// Argon2id hash in PHC form.
    pub password: String,
    /// When they were added.
    pub created_at: Timestamp,
}

/// A session by the digest of its cookie.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct SessionRow {
    pub token: Key,
    pub username: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// An API token by its digest.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct TokenRow {
    pub name: String,
    pub token: Key,
    pub scope: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

/// One line of the audit.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// Row number; 0 before it is stored.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who: `moderator:NAME`, `token:NAME`, `author`, `system`, `operator`.
    pub actor: String,
    /// What, e.g. `comment.approve`.
    pub action: String,
    /// To what: a comment's id, a ban's id, a name.
    pub subject: String,
    /// The rest.
    pub detail: BTreeMap<String, Value>,
}

/// Which audit rows.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Older than this row.
    pub before: Option<i64>,
    /// Only what this actor did, and what was done on these sites.
    pub within: Option<(String, Vec<String>)>,
    /// At most so many.
    pub limit: usize,
}

/// How long answers under an idempotency key are kept.
pub const IDEMPOTENCY_KEPT: Duration = Duration::from_secs(24 * 3600);
