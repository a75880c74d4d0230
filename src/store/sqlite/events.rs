//! What happened, for whoever is told of it: written with what it tells of, a ring of the last.
//!
//! One writer at a time gives the numbers, so they are in the order of commit: who has read up to a number has
//! missed nothing before it.

use rusqlite::{Connection, Row, params};
use serde_json::Value;

use super::{
    Sqlite,
    rows::{json, time},
};
use crate::{
    domain::{CommentId, Timestamp},
    store::{EventRow, EventStretch, StoreError},
};

/// Events kept.
const RING: i64 = 10_000;

/// One to append.
pub(super) struct Event<'a> {
    pub(super) at: Timestamp,
    pub(super) kind: &'a str,
    pub(super) comment: CommentId,
    pub(super) site: &'a str,
    pub(super) detail: Value,
}

/// Appends an event; the ring's oldest makes room.
pub(super) fn append(connection: &Connection, event: &Event<'_>) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO outbox (at, kind, subject, site, detail) VALUES (?, ?, ?, ?, ?)")?
        .execute(params![event.at.0, event.kind, event.comment.to_string(), event.site, event.detail.to_string()])?;
    let newest = connection.last_insert_rowid();
    connection.prepare_cached("DELETE FROM outbox WHERE id = ?")?.execute([newest - RING])?;
    Ok(())
}

impl Sqlite {
    pub(in crate::store) async fn events(&self, after: Option<i64>, most: u32) -> Result<EventStretch, StoreError> {
        self.readers.read(move |connection| stretch(connection, after, most)).await
    }
}

fn stretch(connection: &Connection, after: Option<i64>, most: u32) -> rusqlite::Result<EventStretch> {
    let (oldest, newest): (Option<i64>, Option<i64>) = connection
        .prepare_cached(
            "SELECT (SELECT id FROM outbox ORDER BY id LIMIT 1), (SELECT id FROM outbox ORDER BY id DESC LIMIT 1)",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let newest = newest.unwrap_or(0);
    let Some(after) = after else { return Ok(EventStretch { events: Vec::new(), end: newest, missed: false }) };
    // Numbers of another store, or of one that was put back: nothing is known of what lies between.
    let missed = after > newest || oldest.is_some_and(|oldest| after < oldest - 1);
    let events: Vec<EventRow> = connection
        .prepare_cached("SELECT * FROM outbox WHERE id > ? ORDER BY id LIMIT ?")?
        .query_map(params![after, most], event)?
        .collect::<rusqlite::Result<_>>()?;
    let end = events.last().map_or(after.min(newest), |last| last.id);
    Ok(EventStretch { events, end, missed })
}

fn event(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        id: row.get("id")?,
        at: time(row, "at")?,
        kind: row.get("kind")?,
        subject: row.get("subject")?,
        site: row.get("site")?,
        detail: json(row, "detail")?,
    })
}
