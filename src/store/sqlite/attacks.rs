//! Attacks: one row a place. What follows on what is `attacking`'s to say.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{
    Done, Sqlite,
    keeping::append,
    rows::{named, optional_time, time},
};
use crate::{
    domain::Timestamp,
    store::{
        AttackEnd, AttackRaise, AttackRow, AttackSet, Raised, StoreError, attack_place,
        attacking::{self, AttackDeed, Then, Turn},
    },
};

impl Sqlite {
    pub(in crate::store) async fn attacks(&self) -> Result<Vec<AttackRow>, StoreError> {
        self.readers.read(all).await
    }

    pub(in crate::store) async fn raise_attack(&self, order: AttackRaise) -> Result<Raised, StoreError> {
        self.writer
            .write(move |connection| {
                let found = find(connection, &order.site, order.page.as_deref())?;
                let (site, page) = (order.site.clone(), order.page.clone());
                done(connection, &site, page.as_deref(), attacking::raise(found, order))
            })
            .await
    }

    pub(in crate::store) async fn set_attack(&self, order: AttackSet) -> Result<AttackRow, StoreError> {
        self.writer
            .write(move |connection| {
                let found = find(connection, &order.site, order.page.as_deref())?;
                let (site, page) = (order.site.clone(), order.page.clone());
                done(connection, &site, page.as_deref(), attacking::set(found, order))
            })
            .await
    }

    pub(in crate::store) async fn end_attack(&self, order: AttackEnd) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                let found = find(connection, &order.site, order.page.as_deref())?;
                done(connection, &order.site, order.page.as_deref(), attacking::end(found, &order))
            })
            .await
    }

    pub(in crate::store) async fn close_attacks(&self, now: Timestamp) -> Result<Vec<AttackRow>, StoreError> {
        self.writer
            .write(move |connection| {
                let mut ended = Vec::new();
                for row in all(connection)? {
                    let (site, page) = (row.site.clone(), row.page.clone());
                    let turn = attacking::close(row, now);
                    apply(connection, &site, page.as_deref(), &turn)?;
                    ended.extend(turn.answer);
                }
                Ok(Done::Keep(ended))
            })
            .await
    }
}

fn all(connection: &Connection) -> rusqlite::Result<Vec<AttackRow>> {
    connection.prepare_cached("SELECT * FROM attacks ORDER BY site, place")?.query_map([], attack)?.collect()
}

fn find(connection: &Connection, site: &str, page: Option<&str>) -> rusqlite::Result<Option<AttackRow>> {
    connection
        .prepare_cached("SELECT * FROM attacks WHERE site = ? AND place = ?")?
        .query_row([site, &attack_place(page)], attack)
        .optional()
}

fn attack(row: &Row<'_>) -> rusqlite::Result<AttackRow> {
    Ok(AttackRow {
        site: row.get("site")?,
        page: row.get("page")?,
        cause: named(row, "cause")?,
        by: row.get("set_by")?,
        since: time(row, "since")?,
        until: time(row, "until")?,
        rests_until: optional_time(row, "rests_until")?,
    })
}

fn done<T>(connection: &Connection, site: &str, page: Option<&str>, turn: Turn<T>) -> rusqlite::Result<Done<T>> {
    apply(connection, site, page, &turn)?;
    Ok(if turn.then == Then::Stays { Done::Undo(turn.answer) } else { Done::Keep(turn.answer) })
}

fn apply<T>(connection: &Connection, site: &str, page: Option<&str>, turn: &Turn<T>) -> rusqlite::Result<()> {
    match &turn.then {
        Then::Stays => {}
        Then::Goes => {
            connection
                .prepare_cached("DELETE FROM attacks WHERE site = ? AND place = ?")?
                .execute([site, &attack_place(page)])?;
        }
        Then::Is(row) => {
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO attacks (site, place, page, cause, set_by, since, until, rests_until)
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                )?
                .execute(params![
                    row.site,
                    row.place(),
                    row.page,
                    row.cause.as_str(),
                    row.by,
                    row.since.0,
                    row.until.0,
                    row.rests_until.map(|at| at.0),
                ])?;
        }
    }
    for deed in turn.deeds.iter().map(AttackDeed::deed) {
        append(connection, deed.at, deed.actor, deed.action, deed.subject, deed.detail)?;
    }
    Ok(())
}
