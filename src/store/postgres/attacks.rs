//! Attacks: one row a place. What follows on what is `attacking`'s to say.

use tokio_postgres::Row;

use super::{
    Postgres,
    db::Db,
    keeping::append_all,
    rows::{get, named, optional_time, time},
};
use crate::{
    domain::Timestamp,
    store::{
        AttackEnd, AttackRaise, AttackRow, AttackSet, Raised, StoreError, attack_place,
        attacking::{self, Then, Turn},
    },
};

impl Postgres {
    pub(in crate::store) async fn attacks(&self) -> Result<Vec<AttackRow>, StoreError> {
        all(&self.reading().await?).await
    }

    pub(in crate::store) async fn raise_attack(&self, order: AttackRaise) -> Result<Raised, StoreError> {
        let db = self.writing().await?;
        let (site, page) = (order.site.clone(), order.page.clone());
        let found = find(&db, &site, page.as_deref()).await?;
        done(db, &site, page.as_deref(), attacking::raise(found, order)).await
    }

    pub(in crate::store) async fn set_attack(&self, order: AttackSet) -> Result<AttackRow, StoreError> {
        let db = self.writing().await?;
        let (site, page) = (order.site.clone(), order.page.clone());
        let found = find(&db, &site, page.as_deref()).await?;
        done(db, &site, page.as_deref(), attacking::set(found, order)).await
    }

    pub(in crate::store) async fn end_attack(&self, order: AttackEnd) -> Result<bool, StoreError> {
        let db = self.writing().await?;
        let found = find(&db, &order.site, order.page.as_deref()).await?;
        done(db, &order.site, order.page.as_deref(), attacking::end(found, &order)).await
    }

    pub(in crate::store) async fn close_attacks(&self, now: Timestamp) -> Result<Vec<AttackRow>, StoreError> {
        let db = self.writing().await?;
        let mut ended = Vec::new();
        for row in all(&db).await? {
            let (site, page) = (row.site.clone(), row.page.clone());
            let turn = attacking::close(row, now);
            apply(&db, &site, page.as_deref(), &turn).await?;
            ended.extend(turn.answer);
        }
        db.keep(ended).await
    }
}

async fn all(db: &Db) -> Result<Vec<AttackRow>, StoreError> {
    db.rows("SELECT site, page, cause, set_by, since, until, rests_until FROM attacks ORDER BY site, place", &[])
        .await?
        .iter()
        .map(attack)
        .collect()
}

async fn find(db: &Db, site: &str, page: Option<&str>) -> Result<Option<AttackRow>, StoreError> {
    let found = db
        .row(
            "SELECT site, page, cause, set_by, since, until, rests_until FROM attacks WHERE site = $1 AND place = $2",
            &[&site, &attack_place(page)],
        )
        .await?;
    found.as_ref().map(attack).transpose()
}

fn attack(row: &Row) -> Result<AttackRow, StoreError> {
    Ok(AttackRow {
        site: get(row, "site")?,
        page: get(row, "page")?,
        cause: named(row, "cause")?,
        by: get(row, "set_by")?,
        since: time(row, "since")?,
        until: time(row, "until")?,
        rests_until: optional_time(row, "rests_until")?,
    })
}

async fn done<T>(db: Db, site: &str, page: Option<&str>, turn: Turn<T>) -> Result<T, StoreError> {
    apply(&db, site, page, &turn).await?;
    if turn.then == Then::Stays { db.undo(turn.answer).await } else { db.keep(turn.answer).await }
}

async fn apply<T>(db: &Db, site: &str, page: Option<&str>, turn: &Turn<T>) -> Result<(), StoreError> {
    const PUT: &str = "INSERT INTO attacks (site, place, page, cause, set_by, since, until, rests_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (site, place) DO UPDATE SET page = excluded.page, cause = excluded.cause, set_by = excluded.set_by,
           since = excluded.since, until = excluded.until, rests_until = excluded.rests_until";
    match &turn.then {
        Then::Stays => {}
        Then::Goes => {
            db.execute("DELETE FROM attacks WHERE site = $1 AND place = $2", &[&site, &attack_place(page)]).await?;
        }
        Then::Is(row) => {
            let (cause, rests) = (row.cause.as_str(), row.rests_until.map(|at| at.0));
            let place = row.place();
            db.execute(PUT, &[&row.site, &place, &row.page, &cause, &row.by, &row.since.0, &row.until.0, &rests])
                .await?;
        }
    }
    let deeds: Vec<_> = turn.deeds.iter().map(attacking::AttackDeed::deed).collect();
    append_all(db, &deeds).await
}
