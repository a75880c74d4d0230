//! The reasons that moderators choose from when they turn a comment down, as types.
//!
//! How a file of them is read is `load`'s business, what is told with them the rim's.

/// The list that is built in, which is also the example for one's own.
pub(in crate::config) const SHIPPED: &str = include_str!("../../config/reasons.toml");

/// One reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    /// What is stored with a decision.
    pub id: String,
    /// What a moderator chooses.
    pub label: String,
    /// What the decision rests on; none where it is neither.
    pub ground: Option<Ground>,
    /// What the author is told.
    pub text: String,
}

/// What a decision rests on, as Article 17 of Regulation (EU) 2022/2065 tells them apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ground {
    /// It is held to be against the law.
    Law,
    /// It is against the site's own terms.
    Terms,
}

impl Ground {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Law => "law",
            Self::Terms => "terms",
        }
    }
}
