//! What happened, for whoever is told of it: written with what it tells of, a ring of the last.
//!
//! One writer at a time gives the numbers, so they are in the order of commit: who has read up to a number has
//! missed nothing before it.

use rusqlite::{Connection, Row, params};

use super::{
    Sqlite,
    rows::{json, time},
};
use crate::store::{
    EventRow, EventStretch, StoreError,
    events::{Ends, Event, RING},
};

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
    let ends = Ends { oldest, newest: newest.unwrap_or(0) };
    let Some(after) = after else { return Ok(ends.alone()) };
    let events: Vec<EventRow> = connection
        .prepare_cached("SELECT * FROM outbox WHERE id > ? ORDER BY id LIMIT ?")?
        .query_map(params![after, most], event)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(ends.stretch(after, events))
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
