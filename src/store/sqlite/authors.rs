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
    let sql = newest(column);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([value])?;
    let mut record = AuthorRecord::default();
    while let Some(row) = rows.next()? {
        tally(&mut record, named(row, "status")?, row.get("n")?);
    }
    Ok(record)
}

/// How the newest comments with a value in this column stand, by status.
fn newest(column: &'static str) -> String {
    // With a bare `?` beside ORDER BY, SQLite would prepare the statement anew for each value.
    format!(
        "SELECT status, count(*) AS n FROM
           (SELECT CASE WHEN status <> 'pending' AND (decided_by IS NULL OR ban IS NOT NULL) THEN 'pending' ELSE coalesce(was, status) END AS status
            FROM comments WHERE {column} = +? ORDER BY created_at DESC LIMIT {RECORD_ROWS}) GROUP BY status"
    )
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::store::migrate;

    #[test]
    fn a_record_is_asked_for_with_a_statement_that_stays_prepared() {
        let mut file = Connection::open_in_memory().unwrap();
        migrate::sqlite(&mut file).unwrap();
        for email in 0..5 {
            assert_eq!(record(&file, "email_key", email).unwrap(), AuthorRecord::default());
        }
        let statement = file.prepare_cached(&newest("email_key")).unwrap();
        assert!(statement.get_status(StatementStatus::Run) >= 5, "it is the one that was asked");
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
