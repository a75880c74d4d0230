//! What can be said of a submission: the captcha's part and the last word.

use std::str::FromStr;

use serde::Serialize;

/// What the captcha came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Hash)]
#[serde(rename_all = "snake_case")]
pub enum CaptchaOutcome {
    /// Verified, and the score reaches `hold_below`.
    Pass,
    /// Verified, and the score is below `hold_below`.
    Low,
    /// No token came.
    Missing,
    /// A token came and could not be verified (provider down, keys wrong).
    Unverified,
    /// No captcha is configured.
    Off,
}

impl CaptchaOutcome {
    /// The name on the wire and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Low => "low",
            Self::Missing => "missing",
            Self::Unverified => "unverified",
            Self::Off => "off",
        }
    }
}

impl FromStr for CaptchaOutcome {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Pass, Self::Low, Self::Missing, Self::Unverified, Self::Off]
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
            .ok_or(())
    }
}

/// What is kept of the captcha beside a comment.
#[derive(Clone, PartialEq, Debug)]
pub struct CaptchaRecord {
    /// The provider that was asked.
    pub provider: String,
    /// What it came to.
    pub outcome: CaptchaOutcome,
    /// 1 = surely human, 0 = surely not; none where the provider gave none.
    pub score: Option<f64>,
    /// The provider's own figure, before it was turned to the polarity above.
    pub raw_score: Option<f64>,
}

/// The last word on a submission that is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Hash)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Shown at once.
    Publish,
    /// Waits for a moderator.
    Hold,
    /// Stored as spam.
    Spam,
    /// Stored as rejected.
    Reject,
}

impl Verdict {
    /// The name on the wire and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Hold => "hold",
            Self::Spam => "spam",
            Self::Reject => "reject",
        }
    }
}

impl FromStr for Verdict {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Publish, Self::Hold, Self::Spam, Self::Reject]
            .into_iter()
            .find(|verdict| verdict.as_str() == text)
            .ok_or(())
    }
}
