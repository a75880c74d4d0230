//! Reading the audit: a stretch of what was asked for, and the whole chain with its head.

use std::fmt::Write as _;

use rusqlite::{Connection, OptionalExtension as _, Row, params, params_from_iter, types::Value};

use super::{
    Sqlite,
    rows::{marks, time},
};
use crate::{
    domain::Timestamp,
    store::{
        AuditEntry, AuditQuery, AuditStretch, ChainHead, ChainStretch, StoreError,
        auditing::{SOON, Span, behind_all, order},
        fragments::ENTRY,
    },
};

impl Sqlite {
    pub(in crate::store) async fn audit(&self, query: AuditQuery) -> Result<AuditStretch, StoreError> {
        self.readers.read(move |connection| stretch(connection, &query)).await
    }

    pub(in crate::store) async fn audit_before(&self, since: Timestamp) -> Result<Option<i64>, StoreError> {
        // Clocks go back now and then, so the first in time need not be the first in the chain.
        const FIRST: &str = "SELECT min(id), count(*) FROM (SELECT id FROM audit WHERE at >= ? LIMIT ?)";
        self.readers
            .read(move |connection| {
                let (first, count): (Option<i64>, i64) = connection
                    .prepare_cached(FIRST)?
                    .query_row([since.0, SOON], |row| Ok((row.get(0)?, row.get(1)?)))?;
                Ok(match first {
                    None => last(connection)?,
                    Some(first) => (count < SOON).then_some(first - 1),
                })
            })
            .await
    }

    pub(in crate::store) async fn audit_chain(
        &self,
        after: Option<i64>,
        limit: usize,
    ) -> Result<ChainStretch, StoreError> {
        self.readers
            .read(move |connection| {
                // One view of both: a row that is written meanwhile moves the head too.
                let view = connection.unchecked_transaction()?;
                let rows = view
                    .prepare_cached(&format!(
                        "SELECT {ENTRY} FROM audit WHERE ?1 IS NULL OR id > ?1 ORDER BY id LIMIT ?2"
                    ))?
                    .query_map(params![after, i64::try_from(limit).unwrap_or(i64::MAX)], entry)?
                    .collect::<rusqlite::Result<_>>()?;
                let given = view
                    .prepare_cached("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0)")?
                    .query_row([], |row| row.get(0))?;
                Ok(ChainStretch { rows, head: head(&view)?, given })
            })
            .await
    }
}

/// What is kept of the chain's last row; none where that cannot be read.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<Option<ChainHead>> {
    let kept: Option<String> = connection
        .prepare_cached("SELECT value FROM meta WHERE key = 'audit_head'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(kept.and_then(|text| text.parse().ok()))
}

fn last(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    connection.prepare_cached("SELECT max(id) FROM audit")?.query_row([], |row| row.get(0))
}

/// Texts that are none, and a hash of another length, stand in no row of ours: they are shown as they can be, and no
/// hash fits them.
fn entry(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    let text = |column: &str| -> rusqlite::Result<String> {
        Ok(String::from_utf8_lossy(row.get_ref(column)?.as_bytes()?).into_owned())
    };
    let hash: Option<Vec<u8>> = row.get("hash")?;
    Ok(AuditEntry {
        id: row.get("id")?,
        at: time(row, "at")?,
        actor: text("actor")?,
        action: text("action")?,
        subject: text("subject")?,
        detail: text("detail")?,
        hash: hash.and_then(|hash| hash.try_into().ok()),
    })
}

fn stretch(connection: &Connection, query: &AuditQuery) -> rusqlite::Result<AuditStretch> {
    let Some(newest) = last(connection)? else { return Ok(AuditStretch { rows: Vec::new(), next: None }) };
    let oldest: i64 = connection.prepare_cached("SELECT min(id) FROM audit")?.query_row([], |row| row.get(0))?;
    let span = Span::of(query, oldest, newest);
    let (clauses, mut values) = filters(query);
    values.extend([span.from, span.to].map(Value::Integer));
    values.push(Value::Integer(i64::try_from(query.limit).unwrap_or(i64::MAX)));
    let sql = format!(
        "SELECT {ENTRY} FROM audit WHERE 1 {clauses} AND id >= ? AND id <= ? ORDER BY id {} LIMIT ?",
        order(query)
    );
    let rows: Vec<AuditEntry> = connection
        .prepare_cached(&sql)?
        .query_map(params_from_iter(values), entry)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(span.found(query, rows))
}

/// What narrows the audit, and what its marks stand for.
fn filters(query: &AuditQuery) -> (String, Vec<Value>) {
    let (mut text, mut values) = (String::new(), Vec::new());
    let mut and = |clause: &str, given: Vec<Value>| {
        // Writing into a String cannot fail.
        let _infallible = write!(text, " AND {clause}");
        values.extend(given);
    };
    let word = |text: &str| Value::Text(text.to_owned());
    if let Some((actor, sites)) = &query.within {
        let site = "CASE WHEN json_valid(detail) THEN json_extract(detail, '$.site') END";
        let given = std::iter::once(word(actor)).chain(sites.iter().map(|site| word(site)));
        and(&format!("(actor = ? OR {site} IN ({}))", marks(sites.len())), given.collect());
    }
    if let Some(actor) = &query.actor {
        and("actor = ?", vec![word(actor)]);
    }
    if let Some(action) = &query.action {
        match behind_all(action) {
            Some(behind) => and("action >= ? AND action < ?", vec![word(action), word(&behind)]),
            None => and("action = ?", vec![word(action)]),
        }
    }
    if let Some(subject) = &query.subject {
        and("subject = ?", vec![word(subject)]);
    }
    if let Some(since) = query.since {
        and("at >= ?", vec![Value::Integer(since.0)]);
    }
    if let Some(until) = query.until {
        and("at <= ?", vec![Value::Integer(until.0)]);
    }
    (text, values)
}
