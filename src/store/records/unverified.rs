//! Captcha tokens that wait to be checked once more, and what that came to.

use std::fmt;

use crate::{
    domain::{CaptchaRecord, CommentId, Signal, Timestamp},
    store::Key,
};

/// Who is named in the history of a comment whose token was checked once more.
pub(in crate::store) const CHECKED_BY: &str = "system";

/// A captcha token. `Debug` leaves it out.
#[derive(Clone, PartialEq, Eq)]
pub struct HeldToken(pub String);

impl fmt::Debug for HeldToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HeldToken(…)")
    }
}

/// What is kept beside a comment that is held because its token could not be verified.
#[derive(Clone, Debug)]
pub struct Unverified {
    /// Whose token it is.
    pub provider: String,
    /// What it must have been minted for.
    pub action: String,
    /// As it was sent.
    pub token: HeldToken,
    /// From then on it is too old.
    pub until: Timestamp,
    /// Not asked about before.
    pub due: Timestamp,
}

/// Which token to take up.
#[derive(Clone, Debug)]
pub enum Waiting {
    /// The one of a site and provider that is due longest, while no other of the site is asked about.
    Longest {
        /// The site.
        site: String,
        /// The provider in force.
        provider: String,
    },
    /// One comment's.
    Of(CommentId),
}

/// A token that was taken up.
#[derive(Clone, Debug)]
pub struct TakenUp {
    /// The comment it came with.
    pub comment: CommentId,
    /// The site.
    pub site: String,
    /// What was kept.
    pub kept: Unverified,
}

/// What became of taking a token up.
#[derive(Clone, Debug)]
pub enum Take {
    /// It is the caller's for a while.
    Up(TakenUp),
    /// Somebody is asking about it.
    Busy,
    /// There is none.
    Nothing,
}

/// What a second check came to.
#[derive(Clone, Debug)]
pub struct Recheck {
    /// The comment.
    pub comment: CommentId,
    /// The version that was judged.
    pub seen_version: i64,
    /// What the captcha comes to now.
    pub captcha: CaptchaRecord,
    /// The risk in `[0,1]`.
    pub risk: f64,
    /// Why.
    pub signals: Vec<Signal>,
    /// The token's mark, where it passed.
    pub claim: Option<(Key, Timestamp)>,
    /// For the history, in words.
    pub told: String,
    /// When.
    pub now: Timestamp,
}

/// What became of a second check.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rechecked {
    /// It is kept, and the token is gone.
    Stored,
    /// Another comment spent the token; nothing was changed.
    TokenUsed,
    /// The comment was decided, changed or taken back meanwhile; nothing was changed.
    Moved,
}
