//! Keeping house: shared values, the audit, what has outlived its time, and signs of life.

use tokio::time::Instant;

use super::{
    Postgres,
    db::{Db, Values},
    rows::{get, to_json},
};
use crate::{
    domain::Timestamp,
    store::{
        AuditRow, ChainHead, Deed, Retention, StoreError, Whose,
        tidying::{ADDRESSES, SWEEP, SWEEPS, Sweep, addresses, rest},
    },
};

/// Appends an audit row, which joins the chain.
pub(super) async fn append(
    db: &Db,
    at: Timestamp,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &str,
) -> Result<(), StoreError> {
    append_all(db, &[Deed { at, actor, action, subject, detail }]).await
}

/// Appends audit rows in this order.
pub(super) async fn append_all(db: &Db, deeds: &[Deed<'_>]) -> Result<(), StoreError> {
    const LAST: &str = "SELECT (SELECT value FROM meta WHERE key = 'audit_head') AS head,
           greatest(coalesce((SELECT max(id) FROM audit), 0),
             coalesce((SELECT last FROM numbers WHERE name = 'audit'), 0)) AS last";
    // A head that somebody took away or spoilt stays so, that it is missed.
    const ADD: &str = "WITH moved AS (UPDATE meta SET value = $8 WHERE key = 'audit_head' AND $8::text IS NOT NULL)
         INSERT INTO audit (id, at, actor, action, subject, detail, hash)
         SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[])";
    if deeds.is_empty() {
        return Ok(());
    }
    let row = db.one(LAST, &[]).await?;
    let head: Option<ChainHead> = get::<Option<&str>>(&row, "head")?.and_then(|text| text.parse().ok());
    let (mut id, mut end) = (get::<i64>(&row, "last")?, head.unwrap_or(ChainHead::START));
    let mut chain = Vec::with_capacity(deeds.len());
    for deed in deeds {
        id += 1;
        end = end.joined(id, deed);
        chain.push(end);
    }
    let ids: Vec<i64> = chain.iter().map(|link| link.id).collect();
    let hashes: Vec<&[u8]> = chain.iter().map(|link| link.hash.as_slice()).collect();
    let times: Vec<i64> = deeds.iter().map(|deed| deed.at.0).collect();
    let texts = |field: fn(&Deed<'_>) -> String| deeds.iter().map(field).collect::<Vec<_>>();
    let (actors, actions) = (texts(|deed| deed.actor.to_owned()), texts(|deed| deed.action.to_owned()));
    let (subjects, details) = (texts(|deed| deed.subject.to_owned()), texts(|deed| deed.detail.to_owned()));
    let moved = head.map(|_| end.to_string());
    db.execute(ADD, &[&ids, &times, &actors, &actions, &subjects, &details, &hashes, &moved]).await.map(|_rows| ())
}

impl Postgres {
    pub(in crate::store) async fn shared_value(&self, key: &'static str, fresh: String) -> Result<String, StoreError> {
        let db = self.writing().await?;
        db.execute("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING", &[&key, &fresh]).await?;
        let row = db.one("SELECT value FROM meta WHERE key = $1", &[&key]).await?;
        let value = get(&row, "value")?;
        db.keep(value).await
    }

    pub(in crate::store) async fn record(&self, row: AuditRow) -> Result<(), StoreError> {
        let db = self.writing().await?;
        append(&db, row.at, &row.actor, &row.action, &row.subject, &to_json(&row.detail)).await?;
        db.keep(()).await
    }

    /// Its log goes by the server's own settings.
    #[expect(clippy::unused_async, reason = "the other back end waits")]
    pub(in crate::store) async fn clear_log(&self) -> Result<bool, StoreError> {
        Ok(true)
    }

    pub(in crate::store) async fn tidy(
        &self,
        now: Timestamp,
        retain: Vec<Retention>,
    ) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let (mut dropped, most) = (Vec::new(), i64::from(SWEEP));
        // By the place on disk: nobody else moves a row meanwhile.
        for sweep in &SWEEPS {
            let Sweep { table, time, .. } = sweep;
            let sql = format!(
                "DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {time} <= $1 LIMIT $2))"
            );
            dropped.push((*table, self.sweep(&sql, &[&sweep.until(now).0, &most]).await?));
        }
        let mut n_addresses = 0;
        for (whose, until) in addresses(now, &retain) {
            let (within, sites) = match whose {
                Whose::Everybodys => ("$3::text[] IS NULL", None),
                Whose::OfSite(site) => ("p.site = ANY($3)", Some(vec![site])),
                Whose::OfOthers(sites) => ("p.site <> ALL($3)", Some(sites)),
            };
            let sql = format!(
                "UPDATE comments SET address = NULL WHERE ctid = ANY(ARRAY(
                   SELECT c.ctid FROM comments c JOIN pages p ON p.id = c.page
                   WHERE c.address IS NOT NULL AND c.created_at <= $1 AND {within} LIMIT $2))"
            );
            n_addresses += self.sweep(&sql, &[&until.0, &most, &sites]).await?;
        }
        dropped.push((ADDRESSES, n_addresses));
        dropped.retain(|(_, n)| *n > 0);
        Ok(dropped)
    }

    /// Runs a statement, by so many rows at a time, until it finds no more.
    async fn sweep(&self, sql: &str, values: Values<'_>) -> Result<u64, StoreError> {
        let mut dropped = 0;
        loop {
            let begun = Instant::now();
            let db = self.writing_patiently().await?;
            let n = db.execute(sql, values).await?;
            db.keep(()).await?;
            dropped += n;
            if n < u64::from(SWEEP) {
                return Ok(dropped);
            }
            rest(begun).await;
        }
    }

    pub(in crate::store) async fn writable(&self) -> Result<(), StoreError> {
        let db = self.writing().await?;
        db.execute(
            "INSERT INTO meta (key, value) VALUES ('probe', '') ON CONFLICT (key) DO UPDATE SET value = ''",
            &[],
        )
        .await?;
        db.undo(()).await
    }
}
