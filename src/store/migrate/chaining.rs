//! Rows of the audit from before it was a chain join it, in their order, some thousands a transaction.
//!
//! What has yet to be done is a mark in `meta` with the last of these rows: a program that is killed midway goes on
//! where the head stands, and a row that somebody puts there by hand later is none of them.

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use crate::{
    domain::Timestamp,
    store::{
        StoreError,
        chain::{ChainHead, Deed},
    },
};

/// Rows in one transaction.
const BATCH: i64 = 20_000;
/// The mark's name.
const MARK: &str = "audit_unchained";

/// Whether rows have yet to join.
///
/// # Errors
/// The database's.
pub(super) fn is_unfinished(connection: &Connection) -> rusqlite::Result<bool> {
    connection.prepare("SELECT 1 FROM meta WHERE key = ?")?.exists([MARK])
}

/// Chains all that has yet to join.
///
/// # Errors
/// The database's, and `Unreadable` for a head that no version wrote.
pub(super) fn finish(connection: &mut Connection) -> Result<(), StoreError> {
    // No lock where there is nothing to do.
    while is_unfinished(connection)? {
        stretch(connection, BATCH)?;
    }
    Ok(())
}

/// Chains the next rows; whether there may be more.
fn stretch(connection: &mut Connection, most: i64) -> Result<bool, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = |key: &str| -> rusqlite::Result<Option<String>> {
        transaction.query_row("SELECT value FROM meta WHERE key = ?", [key], |row| row.get(0)).optional()
    };
    let Some(last) = value(MARK)? else { return Ok(false) };
    let last: i64 = last.parse().map_err(|_odd| StoreError::Unreadable(MARK))?;
    let head = value("audit_head")?.and_then(|text| text.parse::<ChainHead>().ok());
    let head = head.ok_or(StoreError::Unreadable("audit_head"))?;
    let (chained, count) = join(&transaction, head, last, most)?;
    transaction.execute("UPDATE meta SET value = ? WHERE key = 'audit_head'", [chained.to_string()])?;
    let more = count == most;
    if !more {
        transaction.execute("DELETE FROM meta WHERE key = ?", [MARK])?;
    }
    transaction.commit()?;
    Ok(more)
}

fn join(
    transaction: &Transaction<'_>,
    mut head: ChainHead,
    last: i64,
    most: i64,
) -> rusqlite::Result<(ChainHead, i64)> {
    let mut count = 0;
    let mut rows = transaction.prepare(
        "SELECT id, at, actor, action, subject, detail FROM audit WHERE id > ? AND id <= ? ORDER BY id LIMIT ?",
    )?;
    let mut update = transaction.prepare("UPDATE audit SET hash = ? WHERE id = ?")?;
    let old: Vec<(i64, Timestamp, [String; 4])> = rows
        .query_map(params![head.id, last, most], |row| {
            let texts = [row.get("actor")?, row.get("action")?, row.get("subject")?, row.get("detail")?];
            Ok((row.get("id")?, Timestamp(row.get("at")?), texts))
        })?
        .collect::<rusqlite::Result<_>>()?;
    for (id, at, [actor, action, subject, detail]) in &old {
        let deed = Deed { at: *at, actor, action, subject, detail };
        head = head.joined(*id, &deed);
        update.execute(params![head.hash, id])?;
        count += 1;
    }
    Ok((head, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn old_file(rows: u32) -> Connection {
        let file = Connection::open_in_memory().unwrap();
        file.execute_batch(include_str!("../../../migrations/sqlite/0001_init.sql")).unwrap();
        for n in 1..=rows {
            let sql = "INSERT INTO audit (at, actor, action, subject, detail) VALUES (?, 'moderator:ada', 'comment.spam', 'x', '{}')";
            file.execute(sql, [n]).unwrap();
        }
        file.execute_batch(include_str!("../../../migrations/sqlite/0010_audit_chain.sql")).unwrap();
        file
    }

    fn hashes(file: &Connection) -> Vec<Option<Vec<u8>>> {
        let mut rows = file.prepare("SELECT hash FROM audit ORDER BY id").unwrap();
        rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn head(file: &Connection) -> ChainHead {
        let text: String =
            file.query_row("SELECT value FROM meta WHERE key = 'audit_head'", [], |row| row.get(0)).unwrap();
        text.parse().unwrap()
    }

    #[test]
    fn a_chaining_that_was_killed_goes_on_and_comes_to_the_same() {
        let (mut whole, mut killed) = (old_file(25), old_file(25));
        finish(&mut whole).unwrap();
        assert!(stretch(&mut killed, 10).unwrap());
        assert!(is_unfinished(&killed).unwrap());
        // A kill within the second stretch.
        {
            let transaction = killed.transaction().unwrap();
            join(&transaction, head(&transaction), 25, 10).unwrap();
        }
        assert_eq!(head(&killed).rows, 10);
        finish(&mut killed).unwrap();
        assert!(!is_unfinished(&killed).unwrap() && !is_unfinished(&whole).unwrap());
        assert_eq!(hashes(&killed), hashes(&whole));
        assert!(hashes(&whole).iter().all(Option::is_some));
        assert_eq!((head(&whole), head(&whole).rows, head(&whole).id), (head(&killed), 25, 25));
    }

    #[test]
    fn a_row_put_there_by_hand_later_does_not_join() {
        let mut file = old_file(3);
        let by_hand = "INSERT INTO audit (at, actor, action, subject, detail) VALUES (9, 'a', 'b', 'c', '{}')";
        file.execute(by_hand, []).unwrap();
        finish(&mut file).unwrap();
        file.execute(by_hand, []).unwrap();
        finish(&mut file).unwrap();
        assert_eq!(hashes(&file).iter().filter(|hash| hash.is_some()).count(), 3);
    }

    #[test]
    fn an_audit_without_rows_has_nothing_to_do() {
        let mut file = old_file(0);
        assert!(!is_unfinished(&file).unwrap());
        finish(&mut file).unwrap();
        assert_eq!(head(&file), ChainHead::START);
    }
}
