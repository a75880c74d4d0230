//! What moderators' decisions say of networks: kept as decaying sums, so that no submission counts rows.
//!
//! It moves with the decision, in its transaction, and back when the decision is undone.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::{
    domain::{Decision, Timestamp},
    store::{
        NetworkRecord,
        reputation::{Before, Change, faded},
    },
};

/// Takes back what the last decision on the comment said of its network, and keeps what this one says.
pub(super) fn count(
    connection: &Connection,
    comment: i64,
    before: &Before,
    decision: Decision,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let Some(change) = Change::of(before, decision) else { return Ok(()) };
    let record = change.applied(stored(connection, &before.network_key, now)?, now);
    connection
        .prepare_cached(
            "INSERT INTO network_reputation VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (network_key) DO UPDATE SET good = ?2, bad = ?3, at = ?4",
        )?
        .execute(params![before.network_key, record.good, record.bad, now.0])?;
    connection
        .prepare_cached("UPDATE comments SET counted = ? WHERE seq = ?")?
        .execute(params![change.counted(), comment])?;
    Ok(())
}

/// The network's record under all of its keys, as of now.
pub(super) fn of(connection: &Connection, keys: &[String], now: Timestamp) -> rusqlite::Result<NetworkRecord> {
    keys.iter().try_fold(NetworkRecord::default(), |sum, key| {
        let record = stored(connection, key, now)?;
        Ok(NetworkRecord { good: sum.good + record.good, bad: sum.bad + record.bad })
    })
}

fn stored(connection: &Connection, key: &str, now: Timestamp) -> rusqlite::Result<NetworkRecord> {
    let found = connection
        .prepare_cached("SELECT good, bad, at FROM network_reputation WHERE network_key = ?")?
        .query_row([key], |row| {
            let record = NetworkRecord { good: row.get("good")?, bad: row.get("bad")? };
            Ok(faded(record, Timestamp(row.get("at")?), now))
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}
