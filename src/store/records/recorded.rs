//! What the checks had seen of a comment, beside what became of it: by this scores are judged, weights found and
//! thresholds tried. Nothing of it that anybody wrote.

use crate::domain::{AuthorRecord, CaptchaOutcome, CommentId, Mode, RefusalId, Signal, Status, Timestamp};

/// Which comments.
#[derive(Clone, Debug)]
pub struct RecordedQuery {
    /// Of these sites; of all without.
    pub sites: Option<Vec<String>>,
    /// That came then or later.
    pub since: Timestamp,
    /// Only those that somebody approved or marked as spam, and that were not changed since.
    pub decided: bool,
    /// With the author's record as it was; else that is empty but on pages whose own mode asks for it.
    pub records: bool,
    /// Which way, and from where.
    pub from: Stretch,
    /// At most so many.
    pub limit: usize,
}

/// Where a stretch begins.
#[derive(Clone, Copy, Debug)]
pub enum Stretch {
    /// The oldest first, behind this one.
    Oldest(Option<CommentId>),
    /// The newest first, before this one.
    Newest(Option<CommentId>),
}

/// Who took the decision that stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decider {
    /// A person who was signed in.
    Person,
    /// A program, by an API token.
    Program,
}

/// A comment of somebody who is not on the staff.
#[derive(Clone, Debug)]
pub struct RecordedRow {
    /// Its id.
    pub id: CommentId,
    /// Its site.
    pub site: String,
    /// The mode that its page has of its own.
    pub mode: Option<Mode>,
    /// What stands.
    pub status: Status,
    /// Who decided that, where anybody did and its text was not changed since.
    pub decider: Option<Decider>,
    /// The captcha's provider.
    pub provider: String,
    /// What the captcha came to.
    pub outcome: CaptchaOutcome,
    /// Its score then.
    pub score: Option<f64>,
    /// The provider's own figure.
    pub raw_score: Option<f64>,
    /// Risk in `[0,1]`.
    pub risk: f64,
    /// The signals without their texts and places.
    pub signals: Vec<Signal>,
    /// Its text was changed, so the content's signals are not of the submission.
    pub edited: bool,
    /// The share of its like with which it reached the queue, where a threshold would have kept it from there.
    pub sampled: Option<f64>,
    /// How the author's earlier comments had fared when it came.
    pub author: AuthorRecord,
}

/// A submission that the captcha's score refused: all that is kept of it.
#[derive(Clone, Debug)]
pub struct RefusedRow {
    /// Its id.
    pub id: RefusalId,
    /// Its site.
    pub site: String,
    /// The captcha's provider.
    pub provider: String,
    /// The score that was too low.
    pub score: Option<f64>,
}
