//! Reading the audit: a stretch of what was asked for, and the whole chain with its head.

use tokio_postgres::Row;

use super::{
    Postgres,
    clause::{Clause, Value},
    db::Db,
    rows::{get, most, time},
};
use crate::{
    domain::Timestamp,
    store::{
        AuditEntry, AuditQuery, AuditStretch, ChainStretch, StoreError,
        auditing::{SOON, Span, behind_all, order},
        fragments::ENTRY,
    },
};

impl Postgres {
    pub(in crate::store) async fn audit(&self, query: AuditQuery) -> Result<AuditStretch, StoreError> {
        const ENDS: &str = "SELECT min(id) AS oldest, max(id) AS newest FROM audit";
        let db = self.reading_patiently().await?;
        let ends = db.one(ENDS, &[]).await?;
        let (Some(oldest), Some(newest)) = (get(&ends, "oldest")?, get(&ends, "newest")?) else {
            return Ok(AuditStretch { rows: Vec::new(), next: None });
        };
        let span = Span::of(&query, oldest, newest);
        let mut clause = filters(&query);
        clause.and("id >= @ AND id <= @", [Value::Number(span.from), Value::Number(span.to)]);
        let (order, limit) = (order(&query), most(query.limit));
        // Whose a row is stands in its JSON. The database fails at one that somebody spoilt, so they are looked at here.
        let bound = if query.within.is_none() { format!("LIMIT {limit}") } else { String::new() };
        let sql = format!("SELECT {ENTRY} FROM audit WHERE {clause} ORDER BY id {order} {bound}");
        let mut rows = Vec::new();
        for row in db.planned(&sql, &clause.values()).await? {
            if rows.len() >= query.limit {
                break;
            }
            let entry = entry(&row)?;
            if is_within(&entry, &query) {
                rows.push(entry);
            }
        }
        Ok(span.found(&query, rows))
    }

    pub(in crate::store) async fn audit_before(&self, since: Timestamp) -> Result<Option<i64>, StoreError> {
        // Clocks go back now and then, so the first in time need not be the first in the chain.
        const FIRST: &str = "SELECT min(id) AS first, count(*) AS n, (SELECT max(id) FROM audit) AS last
             FROM (SELECT id FROM audit WHERE at >= $1 LIMIT $2) s";
        let row = self.reading_patiently().await?.one(FIRST, &[&since.0, &SOON]).await?;
        let (first, count): (Option<i64>, i64) = (get(&row, "first")?, get(&row, "n")?);
        match first {
            None => get(&row, "last"),
            Some(first) => Ok((count < SOON).then_some(first - 1)),
        }
    }

    pub(in crate::store) async fn audit_chain(
        &self,
        after: Option<i64>,
        limit: usize,
    ) -> Result<ChainStretch, StoreError> {
        const HEAD: &str = "SELECT (SELECT value FROM meta WHERE key = 'audit_head') AS head,
               coalesce((SELECT last FROM numbers WHERE name = 'audit'), 0) AS given";
        let sql = format!("SELECT {ENTRY} FROM audit WHERE id >= $1 ORDER BY id LIMIT $2");
        let from = after.map_or(i64::MIN, |after| after.saturating_add(1));
        // One view of both: a row that is written meanwhile moves the head too.
        let db = Db::of_one_moment(&self.pool).await?;
        let rows = db.rows(&sql, &[&from, &most(limit)]).await?;
        let head = db.one(HEAD, &[]).await?;
        let (rows, given) = (rows.iter().map(entry).collect::<Result<_, _>>()?, get(&head, "given")?);
        let head = get::<Option<&str>>(&head, "head")?.and_then(|text| text.parse().ok());
        db.keep(ChainStretch { rows, head, given }).await
    }
}

/// A hash of another length stands in no row of ours: no hash fits it.
fn entry(row: &Row) -> Result<AuditEntry, StoreError> {
    let hash: Option<&[u8]> = get(row, "hash")?;
    Ok(AuditEntry {
        id: get(row, "id")?,
        at: time(row, "at")?,
        actor: get(row, "actor")?,
        action: get(row, "action")?,
        subject: get(row, "subject")?,
        detail: get(row, "detail")?,
        hash: hash.and_then(|hash| hash.try_into().ok()),
    })
}

/// Whether it is theirs to see: their own deed, or one on their sites.
fn is_within(entry: &AuditEntry, query: &AuditQuery) -> bool {
    let Some((actor, sites)) = &query.within else { return true };
    let on_theirs = |detail: serde_json::Value| {
        detail.get("site").and_then(serde_json::Value::as_str).is_some_and(|site| sites.iter().any(|own| own == site))
    };
    entry.actor == *actor || serde_json::from_str(&entry.detail).is_ok_and(on_theirs)
}

/// What narrows the audit, but for whose it is to see.
fn filters(query: &AuditQuery) -> Clause {
    let mut clause = Clause::default();
    let word = |text: &String| Value::Text(text.clone());
    if let Some(actor) = &query.actor {
        clause.and("actor = @", [word(actor)]);
    }
    if let Some(action) = &query.action {
        match behind_all(action) {
            Some(behind) => clause.and("action >= @ AND action < @", [word(action), Value::Text(behind)]),
            None => clause.and("action = @", [word(action)]),
        }
    }
    if let Some(subject) = &query.subject {
        clause.and("subject = @", [word(subject)]);
    }
    if let Some(since) = query.since {
        clause.and("at >= @", [Value::Number(since.0)]);
    }
    if let Some(until) = query.until {
        clause.and("at <= @", [Value::Number(until.0)]);
    }
    clause
}
