//! The log of lessons: written with the decision, read by whoever learns, in the order of commit.
//!
//! SQLite has one writer at a time, so numbers given within a transaction are in the order of commit; a
//! back end with several must see to that itself.

use rusqlite::{Connection, Row, named_params, params};
use serde_json::json;

use super::{
    Done, Sqlite,
    rows::{json as from_json, odd, optional_id, time},
};
use crate::{
    domain::{CommentId, Decision, Timestamp},
    store::{
        Lesson, LessonQuery, LessonText, LogSummary, LoggedLesson, RollbackTo, RolledBack, StoreError,
        lessons::{self, LESSONS, label},
    },
};

impl Sqlite {
    pub(in crate::store) async fn lessons(&self, query: LessonQuery) -> Result<Vec<Lesson>, StoreError> {
        self.readers.read(move |connection| read(connection, &query)).await
    }

    pub(in crate::store) async fn lesson_log(&self, site: String, after: i64) -> Result<Vec<LoggedLesson>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT seq, kind, comment, since FROM lessons WHERE site = ? AND seq > ? ORDER BY seq",
                    )?
                    .query_map(params![site, after], logged)?
                    .collect()
            })
            .await
    }

    pub(in crate::store) async fn lesson_logs(&self) -> Result<Vec<LogSummary>, StoreError> {
        self.readers
            .read(|connection| {
                connection
                    .prepare_cached(
                        "SELECT l.site, l.seq, l.at FROM lessons l
                         JOIN (SELECT site, max(seq) AS last FROM lessons GROUP BY site) s ON s.last = l.seq ORDER BY l.site",
                    )?
                    .query_map([], |row| {
                        Ok(LogSummary { site: row.get("site")?, last: row.get("seq")?, at: time(row, "at")? })
                    })?
                    .collect()
            })
            .await
    }

    pub(in crate::store) async fn last_lesson(&self) -> Result<i64, StoreError> {
        self.readers
            .read(|connection| {
                connection.prepare_cached("SELECT coalesce(max(seq), 0) FROM lessons")?.query_row([], |row| row.get(0))
            })
            .await
    }

    pub(in crate::store) async fn roll_back(
        &self,
        site: String,
        to: RollbackTo,
        by: String,
        now: Timestamp,
    ) -> Result<Option<RolledBack>, StoreError> {
        self.writer.write(move |connection| roll_back(connection, &site, to, &by, now)).await
    }
}

/// Keeps what a decision that was applied teaches, and takes back what the one before it taught.
pub(super) fn teach(
    connection: &Connection,
    site: &str,
    comment: CommentId,
    decision: Decision,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let label = label(decision);
    // What it taught with other words than it has now stays true of those.
    let first: Option<i64> = connection
        .prepare_cached("SELECT min(seq) FROM lessons WHERE comment = ? AND kind IN ('ham', 'spam') AND body IS NULL")?
        .query_row([comment.bytes()], |row| row.get(0))?;
    if let Some(since) = first {
        let (last, seq): (String, i64) = connection
            .prepare_cached("SELECT kind, seq FROM lessons WHERE comment = ? ORDER BY seq DESC LIMIT 1")?
            .query_row([comment.bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if label == Some(last.as_str()) {
            return Ok(());
        }
        // A roll-back since may have brought back what was taken back before it.
        if last != "void" || rolled_back_since(connection, site, seq)? {
            connection
                .prepare_cached("INSERT INTO lessons (site, kind, comment, since, at) VALUES (?, 'void', ?, ?, ?)")?
                .execute(params![site, comment.bytes(), since, now.0])?;
            drop_from(connection, site, since)?;
        }
    }
    if let Some(label) = label {
        connection
            .prepare_cached(
                "INSERT INTO lessons (site, kind, comment, at) SELECT ?1, ?2, id, ?4 FROM comments WHERE id = ?3 AND by_staff = 0",
            )?
            .execute(params![site, label, comment.bytes(), now.0])?;
    }
    Ok(())
}

fn rolled_back_since(connection: &Connection, site: &str, seq: i64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM lessons WHERE site = ? AND seq > ? AND since IS NOT NULL AND kind = 'rollback'")?
        .exists(params![site, seq])
}

/// Drops the snapshots that know this row.
fn drop_from(connection: &Connection, site: &str, seq: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM models WHERE site = ? AND seq >= ?")?
        .execute(params![site, seq])
        .map(|_rows| ())
}

fn roll_back(
    connection: &Connection,
    site: &str,
    to: RollbackTo,
    by: &str,
    now: Timestamp,
) -> rusqlite::Result<Done<Option<RolledBack>>> {
    let (seq, time) = match to {
        RollbackTo::Seq(seq) => (seq, i64::MAX),
        RollbackTo::Time(time) => (i64::MAX, time.0),
    };
    // The clock of a machine may go back; the log's order never does.
    let to: i64 = connection
        .prepare_cached(
            "SELECT coalesce(max(seq), 0) FROM lessons WHERE site = ?1 AND seq <= ?2
               AND seq < coalesce((SELECT min(seq) FROM lessons WHERE site = ?1 AND at > ?3), ?4)",
        )?
        .query_row(params![site, seq, time, i64::MAX], |row| row.get(0))?;
    let undone: i64 = connection
        .prepare_cached("SELECT count(*) FROM lessons WHERE site = ? AND seq > ?")?
        .query_row(params![site, to], |row| row.get(0))?;
    if undone == 0 {
        return Ok(Done::Undo(None));
    }
    connection
        .prepare_cached("INSERT INTO lessons (site, kind, since, at) VALUES (?, 'rollback', ?, ?)")?
        .execute(params![site, to + 1, now.0])?;
    let seq = connection.last_insert_rowid();
    drop_from(connection, site, to + 1)?;
    let detail = json!({ "to": to, "undone": undone, "site": site }).to_string();
    super::keeping::append(connection, now, by, "model.rollback", site, &detail)?;
    Ok(Done::Keep(Some(RolledBack { to, seq, undone: u64::try_from(undone).unwrap_or(0) })))
}

fn read(connection: &Connection, query: &LessonQuery) -> rusqlite::Result<Vec<Lesson>> {
    let of_site = if query.site.is_some() { "l.site = :site" } else { ":site IS NULL" };
    connection
        .prepare_cached(&format!("{LESSONS} WHERE {of_site} AND l.seq > :after ORDER BY l.seq LIMIT :limit"))?
        .query_map(named_params! { ":site": query.site, ":after": query.after, ":limit": query.limit }, lesson)?
        .collect()
}

/// What a comment taught whose words are still there.
pub(super) fn of_comment(connection: &Connection, comment: CommentId) -> rusqlite::Result<Vec<Lesson>> {
    connection
        .prepare_cached(&format!(
            "{LESSONS} WHERE l.comment = ? AND l.kind IN ('ham', 'spam') AND l.digest IS NULL ORDER BY l.seq"
        ))?
        .query_map([comment.bytes()], lesson)?
        .collect()
}

fn lesson(row: &Row<'_>) -> rusqlite::Result<Lesson> {
    let body: Option<String> = row.get("body")?;
    let text = match body.filter(|body| !body.is_empty()) {
        Some(body) => {
            Some(LessonText { name: row.get("name")?, url: row.get("url")?, body, signals: from_json(row, "signals")? })
        }
        None => None,
    };
    Ok(Lesson { site: row.get("site")?, row: logged(row)?, text, digest: row.get("digest")? })
}

fn logged(row: &Row<'_>) -> rusqlite::Result<LoggedLesson> {
    let kind = row.get_ref("kind")?.as_str()?;
    lessons::logged(row.get("seq")?, kind, optional_id(row, "comment")?, row.get("since")?).ok_or_else(|| odd("since"))
}
