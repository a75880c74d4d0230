//! Moving a comment from one status to another, with everything that must move along.
//!
//! The row, what readers see of the page, the audit row and the outbox event change in one
//! transaction, whoever asked: a moderator, the author, an edit.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    Done, Sqlite, events, lessons, reputation,
    rows::{named, optional_id, optional_time},
};
use crate::{
    domain::{CommentId, Status, Timestamp},
    store::{
        DecisionOrder, DecisionOutcome, DecisionResult, StoreError,
        standing::{Answer, answer},
    },
};

pub(super) use crate::store::standing::Standing;

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
                    parent: optional_id(row, "parent")?,
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

    /// Tells whoever listens.
    pub(super) fn event(
        &self,
        connection: &Connection,
        at: Timestamp,
        kind: &str,
        detail: serde_json::Value,
    ) -> rusqlite::Result<()> {
        events::append(connection, &self.news(at, kind, detail))
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
    let standing = Standing::of(connection, order.id)?;
    let standing = match answer(order, standing.as_ref()) {
        Answer::Applies(standing) => standing,
        Answer::Nothing(result) => return Ok(result),
    };
    let to = order.decision.leads_to();
    let version = move_to(connection, standing, to, now, Some(by))?;
    super::claims::end(connection, standing.id)?;
    reputation::count(connection, standing.seq, &standing.before(), order.decision, now)?;
    lessons::teach(connection, &standing.site, standing.id, order.decision, now)?;
    audit(connection, now, by, order.decision.deed(), standing, to, order.reason.as_deref(), version)?;
    Ok(standing.result(DecisionOutcome::Applied, version))
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
    let version = standing.next_version();
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
    events::append(connection, &standing.moved(to, now, by))?;
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
    let mut next = standing.parent.map(CommentId::bytes);
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
    super::keeping::append(
        connection,
        now,
        actor,
        action,
        &standing.id.to_string(),
        &standing.told(to, reason, version),
    )
}
