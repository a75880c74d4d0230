//! What people wrote, in stretches for a ban to be held against.
//!
//! A stretch is bounded by the rows that are looked at, not by those that are found, so that no connection is held for
//! long, however few of the rows are of the site that is asked about.

use tokio_postgres::Row;
use uuid::Uuid;

use super::{
    Postgres,
    rows::{get, id, named, time, uid},
};
use crate::{
    domain::Status,
    store::{
        Portion, StoreError, Written, WrittenQuery, WrittenStretch, fragments::written_columns, recorded::before_all,
    },
};

const LATELY: &str = "FROM (SELECT seq FROM comments WHERE id > $3 AND id < $4 ORDER BY id DESC LIMIT $2) l
     JOIN comments c ON c.seq = l.seq JOIN pages p ON p.id = c.page ORDER BY c.id DESC";
const WAITING: &str = "FROM (SELECT seq FROM comments WHERE status = 'pending' AND seq > $3 ORDER BY seq LIMIT $2) l
     JOIN comments c ON c.seq = l.seq JOIN pages p ON p.id = c.page ORDER BY c.seq";

impl Postgres {
    pub(in crate::store) async fn written(&self, query: WrittenQuery) -> Result<WrittenStretch, StoreError> {
        let db = self.reading_patiently().await?;
        let columns = written_columns(query.kind);
        let those = match query.portion {
            Portion::Lately { .. } => LATELY,
            Portion::Waiting { .. } => WAITING,
        };
        let sql = format!(
            "SELECT c.seq, c.id, c.status, c.version, c.created_at, {columns},
               NOT c.by_staff AND c.status <> 'deleted' AND ($1::text[] IS NULL OR p.site = ANY ($1)) AS counts {those}"
        );
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
        let found = match query.portion {
            Portion::Lately { since, before } => {
                let (after, before) = (Uuid::from_bytes(before_all(since)), before.map_or(Uuid::max(), uid));
                db.rows(&sql, &[&query.sites, &limit, &after, &before]).await?
            }
            Portion::Waiting { after } => db.rows(&sql, &[&query.sites, &limit, &after]).await?,
        };
        let (mut rows, mut last) = (Vec::new(), None);
        for row in &found {
            last = Some((get::<i64>(row, "seq")?, id(row, "id")?, time(row, "created_at")?));
            if get(row, "counts")? {
                rows.push(one(row)?);
            }
        }
        Ok(query.stretch(rows, found.len(), last))
    }
}

fn one(row: &Row) -> Result<Written, StoreError> {
    Ok(Written {
        id: id(row, "id")?,
        status: named::<Status>(row, "status")?,
        version: get(row, "version")?,
        created_at: time(row, "created_at")?,
        name: get(row, "name")?,
        email: get(row, "email")?,
        url: get(row, "url")?,
        body: get(row, "body")?,
        address: get(row, "address")?,
    })
}
