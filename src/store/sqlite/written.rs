//! What people wrote, in stretches for a ban to be held against.
//!
//! A stretch is bounded by the rows that are looked at, not by those that are found, so that no reading thread is
//! held for long, however few of the rows are of the site that is asked about.

use rusqlite::{Connection, Row, Statement, named_params};

use super::{
    Sqlite,
    rows::{id, named, time, to_json},
};
use crate::{
    domain::{CommentId, Status, Timestamp},
    store::{
        Portion, StoreError, Written, WrittenQuery, WrittenStretch,
        fragments::written_columns,
        recorded::{BEYOND_ALL, before_all},
    },
};

impl Sqlite {
    pub(in crate::store) async fn written(&self, query: WrittenQuery) -> Result<WrittenStretch, StoreError> {
        self.readers.read(move |connection| written(connection, &query)).await
    }
}

fn written(connection: &Connection, query: &WrittenQuery) -> rusqlite::Result<WrittenStretch> {
    let (looked_at, order) = match query.portion {
        Portion::Lately { .. } => {
            ("SELECT seq FROM comments WHERE id > :after AND id < :before ORDER BY id DESC LIMIT :limit", "c.id DESC")
        }
        Portion::Waiting { .. } => {
            ("SELECT seq FROM comments WHERE status = 'pending' AND seq > :after ORDER BY seq LIMIT :limit", "c.seq")
        }
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT c.seq, c.id, c.status, c.version, c.created_at, {},
           NOT c.by_staff AND c.status <> 'deleted'
             AND (:sites IS NULL OR p.site IN (SELECT value FROM json_each(:sites))) AS counts
         FROM ({looked_at}) l CROSS JOIN comments c ON c.seq = l.seq CROSS JOIN pages p ON p.id = c.page ORDER BY {order}",
        written_columns(query.kind)
    ))?;
    collect(&mut statement, query)
}

fn collect(statement: &mut Statement<'_>, query: &WrittenQuery) -> rusqlite::Result<WrittenStretch> {
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let sites = query.sites.as_ref().map(to_json);
    let mut found = match query.portion {
        Portion::Lately { since, before } => statement.query(named_params! {
            ":after": before_all(since), ":before": before.map_or(BEYOND_ALL, CommentId::bytes),
            ":sites": sites, ":limit": limit,
        })?,
        Portion::Waiting { after } => {
            statement.query(named_params! { ":after": after, ":sites": sites, ":limit": limit })?
        }
    };
    let (mut rows, mut last, mut looked_at) = (Vec::new(), None, 0);
    while let Some(row) = found.next()? {
        looked_at += 1;
        last = Some((row.get::<_, i64>("seq")?, id(row, "id")?, time(row, "created_at")?));
        if row.get("counts")? {
            rows.push(one(row)?);
        }
    }
    Ok(query.stretch(rows, looked_at, last))
}

fn one(row: &Row<'_>) -> rusqlite::Result<Written> {
    Ok(Written {
        id: id(row, "id")?,
        status: named::<Status>(row, "status")?,
        version: row.get("version")?,
        created_at: Timestamp(row.get("created_at")?),
        name: row.get("name")?,
        email: row.get("email")?,
        url: row.get("url")?,
        body: row.get("body")?,
        address: row.get("address")?,
    })
}
