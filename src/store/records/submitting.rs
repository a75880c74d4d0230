//! A comment on its way in: what is asked around it, what is kept, what became of it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{PageRow, Unverified};
use crate::{
    domain::{
        AuthorId, AuthorRecord, CaptchaRecord, CommentId, PageIdentity, RefusalId, Signal, Status, Timestamp, Verdict,
    },
    store::Key,
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
    /// Since when another comment of this author or email is one of many.
    pub lately_since: Timestamp,
    /// The network's keyed hashes, of this epoch and the one before.
    pub networks: [String; 2],
    /// As of when the network's record is told.
    pub now: Timestamp,
}

/// What moderators decided on a network's comments, a decision at half after [`REPUTATION_HALF_LIFE`].
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct NetworkRecord {
    /// Approved.
    pub good: f64,
    /// Marked as spam.
    pub bad: f64,
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
    /// Comments of the proven author, or under this email if those are more, lately; at most 100.
    pub lately: u32,
    /// The network's record.
    pub network: NetworkRecord,
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
    /// What its text is like.
    pub sketch: Option<i64>,
    /// The near-copies it is one of.
    pub cluster: Option<CommentId>,
    /// The near-copy that was alone until this one came.
    pub founder: Option<CommentId>,
    /// The raw address, where the site keeps it for a while.
    pub address: Option<String>,
    /// The network as a keyed hash.
    pub network_key: String,
    /// What the captcha came to.
    pub captcha: CaptchaRecord,
    /// The share of its like with which it reached the queue, where a threshold would have kept it from there.
    pub sampled: Option<f64>,
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
    /// The token that nobody could verify, where the comment waits for it.
    pub unverified: Option<Unverified>,
    /// The sender's idempotency key and the content's hash.
    pub idempotency: Option<(Key, Key)>,
    /// Who of the newsroom wrote it; none for a reader's.
    pub staff: Option<String>,
}

impl NewComment {
    /// What its event says of it. Of what comes in an attack listeners are told under a mark, so that a thousand
    /// arrivals need not ring a thousand times.
    pub(in crate::store) fn announced(&self) -> Value {
        let attack = self.signals.iter().any(|signal| signal.name == ATTACK_SIGNAL);
        if attack { json!({ "status": self.status, "attack": true }) } else { json!({ "status": self.status }) }
    }
}

/// The signal of a comment that came while its page or site was under attack.
const ATTACK_SIGNAL: &str = "attack_mode";

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

/// After which a decision counts half for its network.
pub const REPUTATION_HALF_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long answers under an idempotency key are kept.
pub const IDEMPOTENCY_KEPT: Duration = Duration::from_secs(24 * 3600);
