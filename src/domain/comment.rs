//! A comment before it is stored, and the states it can be in afterwards.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{AuthorId, BodyText, CommentId, DisplayName, EmailAddress, PageIdentity, Website};

/// What became of a stored comment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waits for a moderator.
    Pending,
    /// Shown.
    Approved,
    /// Turned down for what it says.
    Rejected,
    /// Turned down as spam.
    Spam,
    /// Taken back by its author.
    Deleted,
}

impl Status {
    /// Every status, in the order they are told.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Approved, Self::Rejected, Self::Spam, Self::Deleted];

    /// The name on the wire and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Spam => "spam",
            Self::Deleted => "deleted",
        }
    }
}

impl FromStr for Status {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(())
    }
}

/// What a moderator can do with a comment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Show it.
    Approve,
    /// Turn it down for what it says.
    Reject,
    /// Turn it down as spam.
    Spam,
    /// Put it back into the queue.
    Pending,
}

impl Decision {
    /// The status that the decision leads to.
    #[must_use]
    pub fn leads_to(self) -> Status {
        match self {
            Self::Approve => Status::Approved,
            Self::Reject => Status::Rejected,
            Self::Spam => Status::Spam,
            Self::Pending => Status::Pending,
        }
    }

    /// Its name in the record of what was done.
    #[must_use]
    pub fn deed(self) -> &'static str {
        match self {
            Self::Approve => "comment.approve",
            Self::Reject => "comment.reject",
            Self::Spam => "comment.spam",
            Self::Pending => "comment.pending",
        }
    }
}

/// A submission whose every field is good.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Where it goes.
    pub page: PageIdentity,
    /// The page's title as the form told it.
    pub title: Option<String>,
    /// The name to show.
    pub name: DisplayName,
    /// The address, where given.
    pub email: Option<EmailAddress>,
    /// The author's site, where given.
    pub url: Option<Website>,
    /// The text.
    pub body: BodyText,
    /// The comment it answers.
    pub parent: Option<CommentId>,
    /// The author proven by an author token for this email.
    pub author: Option<AuthorId>,
}
