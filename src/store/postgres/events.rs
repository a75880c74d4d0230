//! What happened, for whoever is told of it: written with what it tells of, a ring of the last.
//!
//! One writer at a time gives the numbers, so they are in the order of commit: who has read up to a number has
//! missed nothing before it.

use tokio_postgres::Row;

use super::{
    Postgres,
    db::Db,
    rows::{get, json, time},
};
use crate::store::{
    EventRow, EventStretch, StoreError,
    events::{Ends, Event, RING},
};

/// Appends an event; the ring's oldest makes room.
pub(super) async fn append(db: &Db, event: &Event<'_>) -> Result<(), StoreError> {
    db.execute(
        "WITH told AS (INSERT INTO outbox (at, kind, subject, site, detail) VALUES ($1, $2, $3, $4, $5) RETURNING id)
         DELETE FROM outbox WHERE id = (SELECT id FROM told) - $6",
        &[&event.at.0, &event.kind, &event.comment.to_string(), &event.site, &event.detail.to_string(), &RING],
    )
    .await?;
    Ok(())
}

/// Appends events in this order.
pub(super) async fn append_all(db: &Db, events: &[Event<'_>]) -> Result<(), StoreError> {
    const APPEND: &str = "WITH told AS (
           INSERT INTO outbox (at, kind, subject, site, detail)
           SELECT at, kind, subject, site, detail FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])
             WITH ORDINALITY AS e (at, kind, subject, site, detail, place) ORDER BY place
           RETURNING id)
         DELETE FROM outbox WHERE id >= (SELECT min(id) FROM told) - $6 AND id <= (SELECT max(id) FROM told) - $6";
    if events.is_empty() {
        return Ok(());
    }
    let times: Vec<i64> = events.iter().map(|event| event.at.0).collect();
    let (kinds, sites): (Vec<&str>, Vec<&str>) = events.iter().map(|event| (event.kind, event.site)).unzip();
    let subjects: Vec<String> = events.iter().map(|event| event.comment.to_string()).collect();
    let details: Vec<String> = events.iter().map(|event| event.detail.to_string()).collect();
    db.execute(APPEND, &[&times, &kinds, &subjects, &sites, &details, &RING]).await.map(|_rows| ())
}

impl Postgres {
    pub(in crate::store) async fn events(&self, after: Option<i64>, most: u32) -> Result<EventStretch, StoreError> {
        let db = self.reading().await?;
        // Before the ends: what the ring lets go of meanwhile is missed then, and said to be.
        let rows = match after {
            Some(after) => {
                db.rows(
                    "SELECT id, at, kind, subject, site, detail FROM outbox WHERE id > $1 ORDER BY id LIMIT $2",
                    &[&after, &i64::from(most)],
                )
                .await?
            }
            None => Vec::new(),
        };
        let ends = db
            .one(
                "SELECT (SELECT id FROM outbox ORDER BY id LIMIT 1) AS oldest,
                   (SELECT id FROM outbox ORDER BY id DESC LIMIT 1) AS newest",
                &[],
            )
            .await?;
        let ends = Ends { oldest: get(&ends, "oldest")?, newest: get::<Option<i64>>(&ends, "newest")?.unwrap_or(0) };
        let Some(after) = after else { return Ok(ends.alone()) };
        Ok(ends.stretch(after, rows.iter().map(event).collect::<Result<_, _>>()?))
    }
}

fn event(row: &Row) -> Result<EventRow, StoreError> {
    Ok(EventRow {
        id: get(row, "id")?,
        at: time(row, "at")?,
        kind: get(row, "kind")?,
        subject: get(row, "subject")?,
        site: get(row, "site")?,
        detail: json(row, "detail")?,
    })
}
