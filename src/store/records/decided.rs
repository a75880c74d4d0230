//! What moderators decided, beside what the checks had seen: by this scores are judged and weights found.

use crate::domain::{CaptchaOutcome, CommentId, Timestamp};

/// Which decisions.
#[derive(Clone, Debug)]
pub struct DecidedQuery {
    /// Of this site; of all without.
    pub site: Option<String>,
    /// On comments that came then or later.
    pub since: Timestamp,
    /// Behind this comment.
    pub after: Option<CommentId>,
    /// At most so many.
    pub limit: usize,
}

/// A comment that somebody approved or marked as spam, and that was not changed since. Nothing of it that
/// anybody wrote.
#[derive(Clone, Debug)]
pub struct DecidedRow {
    /// Its id.
    pub id: CommentId,
    /// Marked as spam; else approved.
    pub spam: bool,
    /// A program decided, by an API token; else a person who was signed in.
    pub by_token: bool,
    /// The captcha's provider.
    pub provider: String,
    /// What the captcha came to.
    pub outcome: CaptchaOutcome,
    /// Its score then.
    pub score: Option<f64>,
    /// The provider's own figure.
    pub raw_score: Option<f64>,
    /// Names and weights of the signals.
    pub signals: Vec<(String, f64)>,
    /// Its text was changed before the decision, so the content's signals are not of the submission.
    pub edited: bool,
    /// The share of its like with which it reached the queue, where a threshold would have kept it from there.
    pub sampled: Option<f64>,
}
