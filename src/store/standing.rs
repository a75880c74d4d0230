//! A comment as it stands before it is moved, and what that makes of a decision: the same whatever keeps it.

use serde_json::{Value, json};

use super::{DecisionOrder, DecisionOutcome, DecisionResult, events::Event, reputation::Before};
use crate::domain::{CommentId, Decision, Status, Timestamp};

/// A comment as it stands before it is moved.
pub(super) struct Standing {
    pub(super) seq: i64,
    pub(super) id: CommentId,
    pub(super) status: Status,
    pub(super) version: i64,
    pub(super) page: i64,
    pub(super) site: String,
    pub(super) page_key: String,
    pub(super) parent: Option<CommentId>,
    pub(super) post_id: Option<String>,
    pub(super) decided_by: Option<String>,
    pub(super) decided_at: Option<Timestamp>,
    pub(super) by_ban: bool,
    pub(super) edited_at: Option<Timestamp>,
    pub(super) desk_by: Option<String>,
    pub(super) desk_at: Option<Timestamp>,
    pub(super) network_key: String,
    pub(super) counted: Option<String>,
}

/// What a decision comes to.
pub(super) enum Answer<'a> {
    /// It is to be applied to this.
    Applies(&'a Standing),
    /// This, and nothing is done.
    Nothing(DecisionResult),
}

/// What a decision comes to by what stands; none stands where there is no such comment.
pub(super) fn answer<'a>(order: &DecisionOrder, standing: Option<&'a Standing>) -> Answer<'a> {
    let Some(standing) = standing.filter(|standing| standing.is_for(order.sites.as_deref())) else {
        let outcome = DecisionOutcome::NotFound;
        return Answer::Nothing(DecisionResult { id: order.id, outcome, version: None, page: None });
    };
    if standing.stands(order.decision) {
        Answer::Nothing(standing.result(DecisionOutcome::Unchanged, standing.version))
    } else if order.version.is_some_and(|seen| seen != standing.version) {
        Answer::Nothing(standing.result(standing.conflict(), standing.version))
    } else {
        Answer::Applies(standing)
    }
}

impl Standing {
    /// Somebody has decided so already, and the text is the one it was taken on. What the program published or
    /// marked by itself, or a ban decided, is no decision before a person says the same.
    fn stands(&self, decision: Decision) -> bool {
        if (self.decided_by.is_none() || self.by_ban) && decision != Decision::Pending {
            return false;
        }
        let text_as_decided = match (self.changed(), self.decided_at) {
            (Some((_, changed)), Some(decided)) => changed <= decided,
            _ => true,
        };
        self.status == decision.leads_to() && text_as_decided
    }

    /// Who changed the words last, and when.
    fn changed(&self) -> Option<(String, Timestamp)> {
        let author = self.edited_at.map(|at| ("author".to_owned(), at));
        let desk = self.desk_by.clone().zip(self.desk_at);
        author.into_iter().chain(desk).max_by_key(|(_, at)| *at)
    }

    /// Who did the last thing to it and when, for somebody who comes too late.
    fn last_deed(&self) -> (Option<String>, Option<Timestamp>) {
        match (self.changed(), self.decided_at) {
            (Some((by, at)), decided) if decided.is_none_or(|decided| decided < at) => (Some(by), Some(at)),
            (_, decided) => (self.decided_by.clone(), decided),
        }
    }

    /// The answer to who comes too late.
    pub(super) fn conflict(&self) -> DecisionOutcome {
        let (by, at) = self.last_deed();
        DecisionOutcome::Conflict { by, status: self.status, at }
    }

    pub(super) fn result(&self, outcome: DecisionOutcome, version: i64) -> DecisionResult {
        DecisionResult { id: self.id, outcome, version: Some(version), page: Some(self.place()) }
    }

    pub(super) fn place(&self) -> (String, String) {
        (self.site.clone(), self.page_key.clone())
    }

    /// How the decision that stands was counted.
    pub(super) fn before(&self) -> Before {
        Before { network_key: self.network_key.clone(), counted: self.counted.clone(), decided_at: self.decided_at }
    }

    /// Whether a moderator of these sites may touch it.
    pub(super) fn is_for(&self, sites: Option<&[String]>) -> bool {
        self.status != Status::Deleted && sites.is_none_or(|sites| sites.contains(&self.site))
    }

    /// The version that a move gives it.
    pub(super) fn next_version(&self) -> i64 {
        self.version + 1
    }

    /// An event on it.
    pub(super) fn news<'a>(&'a self, at: Timestamp, kind: &'a str, detail: Value) -> Event<'a> {
        Event { at, kind, comment: self.id, site: &self.site, detail }
    }

    /// The event of a move.
    pub(super) fn moved(&self, to: Status, at: Timestamp, by: Option<&str>) -> Event<'_> {
        let kind = match to {
            Status::Pending => "comment.pending",
            Status::Approved => "comment.approved",
            Status::Rejected => "comment.rejected",
            Status::Spam => "comment.spam",
            Status::Deleted => "comment.deleted",
        };
        let detail = json!({ "from": self.status, "status": to, "version": self.next_version(), "by": by });
        self.news(at, kind, detail)
    }

    /// The detail of the audit row of a comment that went there; a comment's history is these rows.
    pub(super) fn told(&self, to: Status, reason: Option<&str>, version: i64) -> String {
        json!({ "from": self.status, "to": to, "reason": reason, "version": version, "site": self.site }).to_string()
    }
}
