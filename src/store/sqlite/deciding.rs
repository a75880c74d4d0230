//! Moving a comment from one status to another, with everything that must move along.
//!
//! The row, what readers see of the page, the audit row and the outbox event change in one
//! transaction, whoever asked: a moderator, the author, an edit.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::json;

use super::{
    Done, Sqlite,
    events::{self, Event},
    lessons,
    reputation::{self, Before},
    rows::{named, optional_time},
};
use crate::{
    domain::{CommentId, Decision, Status, Timestamp},
    store::{DecisionOrder, DecisionOutcome, DecisionResult, StoreError},
};

/// A comment as it stands before it is moved.
pub(super) struct Standing {
    pub(super) seq: i64,
    pub(super) id: CommentId,
    pub(super) status: Status,
    pub(super) version: i64,
    pub(super) page: i64,
    pub(super) site: String,
    page_key: String,
    parent: Option<[u8; 16]>,
    post_id: Option<String>,
    decided_by: Option<String>,
    decided_at: Option<Timestamp>,
    by_ban: bool,
    edited_at: Option<Timestamp>,
    desk_by: Option<String>,
    desk_at: Option<Timestamp>,
    network_key: String,
    counted: Option<String>,
}

impl Standing {
    pub(super) fn of(connection: &Connection, id: CommentId) -> rusqlite::Result<Option<Self>> {
        connection
            .prepare_cached(
                "SELECT c.seq, c.status, c.version, c.page, p.site, p.key, c.parent, c.post_id, c.decided_by, c.decided_at,
                   c.ban IS NOT NULL AS by_ban, c.edited_at, c.desk_by, c.desk_at, c.network_key, c.counted FROM comments c JOIN pages p ON p.id = c.page WHERE c.id = ?",
            )?
            .query_row([id.bytes()], |row| {
                Ok(Self {
                    seq: row.get("seq")?,
                    id,
                    status: named(row, "status")?,
                    version: row.get("version")?,
                    page: row.get("page")?,
                    site: row.get("site")?,
                    page_key: row.get("key")?,
                    parent: row.get("parent")?,
                    post_id: row.get("post_id")?,
                    decided_by: row.get("decided_by")?,
                    decided_at: optional_time(row, "decided_at")?,
                    by_ban: row.get("by_ban")?,
                    edited_at: optional_time(row, "edited_at")?,
                    desk_by: row.get("desk_by")?,
                    desk_at: optional_time(row, "desk_at")?,
                    network_key: row.get("network_key")?,
                    counted: row.get("counted")?,
                })
            })
            .optional()
    }

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
    pub(super) fn last_deed(&self) -> (Option<String>, Option<Timestamp>) {
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

    /// Tells whoever listens.
    pub(super) fn event(
        &self,
        connection: &Connection,
        at: Timestamp,
        kind: &str,
        detail: serde_json::Value,
    ) -> rusqlite::Result<()> {
        events::append(connection, &Event { at, kind, comment: self.id, site: &self.site, detail })
    }
}

impl Sqlite {
    pub(in crate::store) async fn decide(
        &self,
        decisions: Vec<DecisionOrder>,
        by: String,
        now: Timestamp,
    ) -> Result<Vec<DecisionResult>, StoreError> {
        self.writer
            .write(move |connection| {
                decisions
                    .iter()
                    .map(|order| decide(connection, order, &by, now))
                    .collect::<rusqlite::Result<Vec<_>>>()
                    .map(Done::Keep)
            })
            .await
    }
}

pub(super) fn decide(
    connection: &Connection,
    order: &DecisionOrder,
    by: &str,
    now: Timestamp,
) -> rusqlite::Result<DecisionResult> {
    let missing = DecisionResult { id: order.id, outcome: DecisionOutcome::NotFound, version: None, page: None };
    let Some(standing) = Standing::of(connection, order.id)? else { return Ok(missing) };
    if !standing.is_for(order.sites.as_deref()) {
        return Ok(missing);
    }
    let page = Some(standing.place());
    let result = |outcome, version| DecisionResult { id: order.id, outcome, version, page };
    if standing.stands(order.decision) {
        return Ok(result(DecisionOutcome::Unchanged, Some(standing.version)));
    }
    if order.version.is_some_and(|seen| seen != standing.version) {
        return Ok(result(standing.conflict(), Some(standing.version)));
    }
    let to = order.decision.leads_to();
    let version = move_to(connection, &standing, to, now, Some(by))?;
    super::claims::end(connection, standing.id)?;
    reputation::count(connection, standing.seq, &standing.before(), order.decision, now)?;
    lessons::teach(connection, &standing.site, standing.id, order.decision, now)?;
    audit(connection, now, by, order.decision.deed(), &standing, to, order.reason.as_deref(), version)?;
    Ok(result(DecisionOutcome::Applied, Some(version)))
}

/// Gives the comment its status and a new version, and keeps what readers see in step. `by` is the
/// moderator who decided; none leaves the last decision's name standing.
pub(super) fn move_to(
    connection: &Connection,
    standing: &Standing,
    to: Status,
    now: Timestamp,
    by: Option<&str>,
) -> rusqlite::Result<i64> {
    let version = standing.version + 1;
    connection
        .prepare_cached(
            "UPDATE comments SET status = ?1, version = ?2, decided_by = coalesce(?3, decided_by),
               decided_at = CASE WHEN ?3 IS NULL THEN decided_at ELSE ?4 END, ban = CASE WHEN ?3 IS NULL THEN ban END
             WHERE seq = ?5",
        )?
        .execute(params![to.as_str(), version, by, now.0, standing.seq])?;
    if to != Status::Pending {
        super::unverified::forget(connection, standing.id)?;
    }
    let was = standing.status == Status::Approved;
    let is = to == Status::Approved;
    if was || is {
        show(connection, standing, is)?;
        touch_page(connection, standing.page, i64::from(is) - i64::from(was))?;
    }
    if is && let Some(post_id) = &standing.post_id {
        connection
            .prepare_cached("UPDATE pages SET post_id = ? WHERE id = ? AND post_id IS NULL")?
            .execute(params![post_id, standing.page])?;
    }
    let detail = json!({ "from": standing.status, "status": to, "version": version, "by": by });
    standing.event(connection, now, &format!("comment.{}", to.as_str()), detail)?;
    Ok(version)
}

/// Moves the page's revision, and its count of approved comments by so many.
pub(super) fn touch_page(connection: &Connection, page: i64, approved: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE pages SET revision = revision + 1, approved = approved + ? WHERE id = ?")?
        .execute([approved, page])
        .map(|_one| ())
}

/// A comment that is shown needs its ancestors' places; a removed one keeps its own only for replies.
fn show(connection: &Connection, standing: &Standing, visible: bool) -> rusqlite::Result<()> {
    let mut set = connection.prepare_cached("UPDATE comments SET shown = ? WHERE id = ?")?;
    let mut has_replies = connection.prepare_cached("SELECT 1 FROM comments WHERE parent = ? AND shown > 0")?;
    let mut above = connection.prepare_cached("SELECT parent, shown FROM comments WHERE id = ?")?;
    let id = standing.id.bytes();
    let mut gone = false;
    if visible {
        set.execute(params![1, id])?;
    } else {
        gone = !has_replies.exists([id])?;
        set.execute(params![if gone { 0 } else { 2 }, id])?;
    }
    let mut next = standing.parent;
    while let Some(parent) = next {
        let Some((grandparent, shown)) = above
            .query_row([parent], |row| Ok((row.get::<_, Option<[u8; 16]>>(0)?, row.get::<_, i64>(1)?)))
            .optional()?
        else {
            break;
        };
        match shown {
            0 if visible => set.execute(params![2, parent])?,
            2 if gone && !has_replies.exists([parent])? => set.execute(params![0, parent])?,
            _ => break,
        };
        next = grandparent;
    }
    Ok(())
}

/// The audit row of a moved comment; a comment's history is these rows.
#[expect(clippy::too_many_arguments, reason = "one row of eight columns, written from three places")]
pub(super) fn audit(
    connection: &Connection,
    now: Timestamp,
    actor: &str,
    action: &str,
    standing: &Standing,
    to: Status,
    reason: Option<&str>,
    version: i64,
) -> rusqlite::Result<()> {
    let detail =
        json!({ "from": standing.status, "to": to, "reason": reason, "version": version, "site": standing.site });
    super::keeping::append(connection, now, actor, action, &standing.id.to_string(), &detail.to_string())
}
