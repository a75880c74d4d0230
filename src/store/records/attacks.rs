//! Attacks: where everything is held, since when, until when and why.

use crate::domain::{AttackCause, Timestamp};

/// A page or site under attack; or, with `rests_until`, one whose attack was ended by hand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttackRow {
    /// The site.
    pub site: String,
    /// The page's key as it was first written; none is the whole site.
    pub page: Option<String>,
    /// What brought it on.
    pub cause: AttackCause,
    /// `moderator:NAME` or `token:NAME` of who set it.
    pub by: Option<String>,
    /// When it began.
    pub since: Timestamp,
    /// When it ends, or ended.
    pub until: Timestamp,
    /// Somebody ended it: before then it does not begin by itself.
    pub rests_until: Option<Timestamp>,
}

impl AttackRow {
    /// Everything is held there now.
    #[must_use]
    pub fn is_on(&self, now: Timestamp) -> bool {
        self.rests_until.is_none() && self.until > now
    }

    /// It was ended by hand, and does not begin by itself yet.
    #[must_use]
    pub fn rests(&self, now: Timestamp) -> bool {
        self.rests_until.is_some_and(|until| until > now)
    }

    /// Its time is over, and nobody has closed it.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.rests_until.unwrap_or(self.until) <= now
    }

    /// Which row of the site it is.
    #[must_use]
    pub fn place(&self) -> String {
        attack_place(self.page.as_deref())
    }
}

/// Under what a page's attack is kept, whatever its spelling; blank is the whole site.
#[must_use]
pub fn attack_place(page: Option<&str>) -> String {
    page.map(str::to_lowercase).unwrap_or_default()
}

/// An attack that begins by itself, or goes on.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the row's of the same name")]
pub struct AttackRaise {
    pub site: String,
    pub page: Option<String>,
    pub cause: AttackCause,
    pub since: Timestamp,
    pub until: Timestamp,
    /// When this is said.
    pub now: Timestamp,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Raised {
    /// It began.
    Begun,
    /// It went on already.
    GoesOn,
    /// Somebody ended it, and it rests.
    Rests,
}

/// An attack that somebody sets.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the row's of the same name")]
pub struct AttackSet {
    pub site: String,
    pub page: Option<String>,
    pub by: String,
    pub until: Timestamp,
    pub now: Timestamp,
}

/// An attack that somebody ends.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the row's of the same name")]
pub struct AttackEnd {
    pub site: String,
    pub page: Option<String>,
    pub by: String,
    pub rests_until: Timestamp,
    pub now: Timestamp,
}
