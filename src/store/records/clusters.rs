//! Near-copies: what of a comment tells that it is one, how they are grouped, and deciding on a group.

use super::DecisionOrder;
use crate::domain::{CommentId, Decision, Status, Timestamp};

/// Members of a cluster that are changed in one transaction.
pub(in crate::store) const CLUSTER_BATCH: u32 = 200;

/// How far the comments, and what was done to them, have been read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SketchCursor {
    /// Number of the last comment.
    pub seq: i64,
    /// Number of the last audit row.
    pub audit: i64,
}

impl SketchCursor {
    /// Behind all that was done, before the first comment of a stretch and at the last `most` at the earliest.
    pub(in crate::store) fn begin(newest: i64, first: Option<i64>, most: i64, audit: i64) -> Self {
        let before = first.map_or(newest, |seq| seq - 1);
        Self { seq: before.max(newest - most).max(0), audit }
    }
}

/// What of a comment tells that it is a near-copy.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name, and whether a moderator decided")]
pub struct Sketched {
    pub id: CommentId,
    pub site: String,
    pub status: Status,
    pub decided: bool,
    pub created_at: Timestamp,
    pub sketch: Option<i64>,
    pub cluster: Option<CommentId>,
    pub email_key: Option<i64>,
    pub network_key: String,
}

/// A correction of who is grouped with whom.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Regroup {
    /// This comment is one of this cluster.
    Join {
        /// Which comment.
        comment: CommentId,
        /// As long as its text is still like this.
        sketch: i64,
        /// Which cluster.
        cluster: CommentId,
    },
    /// Two clusters are one.
    Merge {
        /// The one that ends.
        from: CommentId,
        /// The one that stays.
        to: CommentId,
    },
}

/// The last member that a moderator saw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UpTo {
    /// This one.
    Comment(CommentId),
    /// The last that had come by then.
    Moment(Timestamp),
}

/// A decision on the members of a cluster.
#[derive(Clone, Debug)]
pub struct ClusterOrder {
    /// Which cluster.
    pub cluster: CommentId,
    /// What.
    pub decision: Decision,
    /// Only members that stand so now.
    pub status: Option<Status>,
    /// Why.
    pub reason: Option<String>,
    /// The sites the moderator may decide on; none is all.
    pub sites: Option<Vec<String>>,
    /// Members behind this number.
    pub after: i64,
    /// Members up to this number.
    pub last: i64,
}

impl ClusterOrder {
    /// The decision on one member.
    pub(in crate::store) fn on(&self, id: CommentId) -> DecisionOrder {
        let (reason, sites) = (self.reason.clone(), self.sites.clone());
        DecisionOrder { id, decision: self.decision, version: None, reason, sites }
    }
}

/// Where a cluster ends for a moderator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClusterEnd {
    /// There is no such cluster within their sites.
    NotFound,
    /// The comment that they saw last is none of it.
    NoMember,
    /// At this number.
    At(i64),
}
