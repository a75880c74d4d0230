//! What is known of an author, or of whoever types an email: how the comments fared, how many came lately.

use rusqlite::{Connection, params};

use super::rows::{named, tally};
use crate::{
    domain::{AuthorRecord, Timestamp},
    store::accepting::RECORD_ROWS,
};

/// How many comments with this value in this column came since then.
pub(super) fn lately(
    connection: &Connection,
    column: &'static str,
    value: impl rusqlite::ToSql,
    since: Timestamp,
) -> rusqlite::Result<u32> {
    let sql = format!("SELECT count(*) FROM (SELECT 1 FROM comments WHERE {column} = ? AND created_at > ? LIMIT 100)");
    connection.prepare_cached(&sql)?.query_row(params![value, since.0], |row| row.get(0))
}

/// What moderators decided on the newest comments with this value in this column. What the program marked
/// or published by itself is no record, for it would confirm its own guesses; nor is what a ban did.
pub(super) fn record(
    connection: &Connection,
    column: &'static str,
    value: impl rusqlite::ToSql,
) -> rusqlite::Result<AuthorRecord> {
    let sql = format!(
        "SELECT status, count(*) AS n FROM
           (SELECT CASE WHEN status <> 'pending' AND (decided_by IS NULL OR ban IS NOT NULL) THEN 'pending' ELSE coalesce(was, status) END AS status
            FROM comments WHERE {column} = ? ORDER BY created_at DESC LIMIT {RECORD_ROWS}) GROUP BY status"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([value])?;
    let mut record = AuthorRecord::default();
    while let Some(row) = rows.next()? {
        tally(&mut record, named(row, "status")?, row.get("n")?);
    }
    Ok(record)
}
