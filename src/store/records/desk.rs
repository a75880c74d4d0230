//! What moderators do beside deciding: claims and changed words; and the events that tell of everything.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::{CommentId, Timestamp};

/// Who looks at a comment, and until when that holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// `moderator:NAME` or `token:NAME`.
    pub actor: String,
    /// The end of the lease.
    pub until: Timestamp,
}

/// A claim to take or to renew.
#[derive(Clone, Debug)]
pub struct ClaimOrder {
    /// On which comment.
    pub id: CommentId,
    /// Whose.
    pub by: String,
    /// Now.
    pub now: Timestamp,
    /// The end of the lease.
    pub until: Timestamp,
    /// The sites the moderator may see; none is all.
    pub sites: Option<Vec<String>>,
}

/// What became of a claim.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Claimed {
    /// It is the asker's.
    Held,
    /// Somebody else holds it.
    ByOther(Claim),
    /// No such comment within the moderator's sites.
    NotFound,
}

/// The newsroom's version of a comment's words. What is none stays as it is.
#[derive(Clone)]
pub struct Revision {
    /// Which comment.
    pub id: CommentId,
    /// The version the moderator saw; none changes whatever stands.
    pub version: Option<i64>,
    /// The name to show.
    pub name: Option<String>,
    /// The author's site to show; the inner none takes it away.
    pub url: Option<Option<String>>,
    /// The text to show.
    pub body: Option<String>,
    /// Who changes it.
    pub by: String,
    /// When.
    pub now: Timestamp,
    /// The sites the moderator may decide on; none is all.
    pub sites: Option<Vec<String>>,
}

/// One event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRow {
    /// Its number, in the order of commit.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What, e.g. `comment.received`.
    pub kind: String,
    /// To which comment.
    pub subject: String,
    /// On which site.
    pub site: String,
    /// The rest.
    pub detail: BTreeMap<String, Value>,
}

/// A stretch of the events.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventStretch {
    /// In order.
    pub events: Vec<EventRow>,
    /// The number to go on behind.
    pub end: i64,
    /// Some between are no longer known.
    pub missed: bool,
}
