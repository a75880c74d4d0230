//! Tokens that wait to be checked once more: taken up by one instance at a time, and gone with the answer.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;

use super::{
    Done, Sqlite,
    deciding::{Standing, audit},
    rows::{id, time, to_json},
    submitting::claim,
};
use crate::{
    domain::{CommentId, Status, Timestamp},
    store::{CHECKED_BY, HeldToken, NewComment, Recheck, Rechecked, StoreError, Take, TakenUp, Unverified, Waiting},
};

impl Sqlite {
    pub(in crate::store) async fn unverified_sites(&self, now: Timestamp) -> Result<Vec<String>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT DISTINCT site FROM unverified WHERE due <= ?1 AND until > ?1")?
                    .query_map([now.0], |row| row.get(0))?
                    .collect()
            })
            .await
    }

    pub(in crate::store) async fn take_up(
        &self,
        waiting: Waiting,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Take, StoreError> {
        self.writer
            .write(move |connection| {
                let taken = match &waiting {
                    Waiting::Longest { site, provider } => connection
                        .prepare_cached(
                            "UPDATE unverified SET asking = ?2 WHERE comment =
                               (SELECT comment FROM unverified WHERE site = ?3 AND provider = ?4 AND due <= ?1 AND until > ?1
                                ORDER BY due LIMIT 1)
                             AND NOT EXISTS (SELECT 1 FROM unverified WHERE site = ?3 AND asking > ?1)
                             RETURNING *",
                        )?
                        .query_row(params![now.0, until.0, site, provider], taken_up)
                        .optional()?,
                    Waiting::Of(comment) => connection
                        .prepare_cached(
                            "UPDATE unverified SET asking = ?2 WHERE comment = ?3 AND until > ?1 AND asking <= ?1
                             RETURNING *",
                        )?
                        .query_row(params![now.0, until.0, comment.bytes()], taken_up)
                        .optional()?,
                };
                Ok(match (taken, waiting) {
                    (Some(taken), _) => Done::Keep(Take::Up(taken)),
                    (None, Waiting::Of(comment)) if is_waiting(connection, comment, now)? => Done::Undo(Take::Busy),
                    (None, _) => Done::Undo(Take::Nothing),
                })
            })
            .await
    }

    pub(in crate::store) async fn put_back(&self, comment: CommentId, due: Timestamp) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached("UPDATE unverified SET asking = 0, due = ? WHERE comment = ?")?
                    .execute(params![due.0, comment.bytes()])?;
                Ok(Done::Keep(()))
            })
            .await
    }

    pub(in crate::store) async fn recheck(&self, recheck: Recheck) -> Result<Rechecked, StoreError> {
        self.writer.write(move |connection| settle(connection, &recheck)).await
    }
}

fn is_waiting(connection: &Connection, comment: CommentId, now: Timestamp) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM unverified WHERE comment = ? AND until > ?")?
        .exists(params![comment.bytes(), now.0])
}

/// Keeps the token of a comment that was just stored.
pub(super) fn keep(connection: &Connection, comment: &NewComment) -> rusqlite::Result<()> {
    let Some(kept) = &comment.unverified else { return Ok(()) };
    connection
        .prepare_cached(
            "INSERT INTO unverified (comment, site, provider, action, token, until, due) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            comment.id.bytes(),
            comment.page.site.as_str(),
            kept.provider,
            kept.action,
            kept.token.0,
            kept.until.0,
            kept.due.0
        ])
        .map(|_one| ())
}

/// Forgets a comment's token.
pub(super) fn forget(connection: &Connection, comment: CommentId) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM unverified WHERE comment = ?")?.execute([comment.bytes()]).map(|_rows| ())
}

fn settle(connection: &Connection, recheck: &Recheck) -> rusqlite::Result<Done<Rechecked>> {
    let standing = Standing::of(connection, recheck.comment)?;
    let as_seen = |standing: &Standing| standing.status == Status::Pending && standing.version == recheck.seen_version;
    let Some(standing) = standing.filter(as_seen) else { return Ok(Done::Undo(Rechecked::Moved)) };
    if let Some((key, until)) = &recheck.claim
        && !claim(connection, key, *until)?
    {
        return Ok(Done::Undo(Rechecked::TokenUsed));
    }
    forget(connection, recheck.comment)?;
    connection
        .prepare_cached(
            "UPDATE comments SET captcha_outcome = ?, captcha_score = ?, captcha_raw = ?, risk = ?, signals = ?
             WHERE seq = ?",
        )?
        .execute(params![
            recheck.captcha.outcome.as_str(),
            recheck.captcha.score,
            recheck.captcha.raw_score,
            recheck.risk,
            to_json(&recheck.signals),
            standing.seq
        ])?;
    let (now, told) = (recheck.now, Some(recheck.told.as_str()));
    // The version stays: what a moderator looks at, the text, is the same.
    audit(connection, now, CHECKED_BY, "comment.captcha", &standing, Status::Pending, told, standing.version)?;
    let detail = json!({ "status": Status::Pending, "version": standing.version, "by": CHECKED_BY });
    standing.event(connection, now, "comment.captcha", detail)?;
    Ok(Done::Keep(Rechecked::Stored))
}

fn taken_up(row: &Row<'_>) -> rusqlite::Result<TakenUp> {
    Ok(TakenUp {
        comment: id(row, "comment")?,
        site: row.get("site")?,
        kept: Unverified {
            provider: row.get("provider")?,
            action: row.get("action")?,
            token: HeldToken(row.get("token")?),
            until: time(row, "until")?,
            due: time(row, "due")?,
        },
    })
}
