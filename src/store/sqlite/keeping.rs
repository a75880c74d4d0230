//! Keeping house: shared values, the audit, what has outlived its time, and signs of life.

use rusqlite::{Connection, params};
use tokio::time::Instant;

use super::{Done, Sqlite, rows::to_json};
use crate::{
    domain::Timestamp,
    store::{
        AuditRow, ChainHead, Deed, Retention, StoreError, Whose,
        tidying::{ADDRESSES, SWEEP, SWEEPS, Sweep, addresses, rest},
    },
};

/// Appends an audit row, which joins the chain.
pub(super) fn append(
    connection: &Connection,
    at: Timestamp,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &str,
) -> rusqlite::Result<()> {
    // Other processes write to the same file, so the head is asked for each time.
    let (head, last): (Option<String>, i64) = connection
        .prepare_cached(
            "SELECT (SELECT value FROM meta WHERE key = 'audit_head'),
               max(coalesce((SELECT max(id) FROM audit), 0), coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0))",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let head: Option<ChainHead> = head.and_then(|text| text.parse().ok());
    let joined = head.unwrap_or(ChainHead::START).joined(last + 1, &Deed { at, actor, action, subject, detail });
    connection
        .prepare_cached(
            "INSERT INTO audit (id, at, actor, action, subject, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![joined.id, at.0, actor, action, subject, detail, joined.hash])?;
    // A head that somebody took away or spoilt stays so, that it is missed.
    if head.is_some() {
        connection
            .prepare_cached("UPDATE meta SET value = ? WHERE key = 'audit_head'")?
            .execute([joined.to_string()])?;
    }
    Ok(())
}

impl Sqlite {
    pub(in crate::store) async fn shared_value(&self, key: &'static str, fresh: String) -> Result<String, StoreError> {
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO NOTHING")?
                    .execute([key, &fresh])?;
                connection
                    .prepare_cached("SELECT value FROM meta WHERE key = ?")?
                    .query_row([key], |row| row.get(0))
                    .map(Done::Keep)
            })
            .await
    }

    pub(in crate::store) async fn record(&self, row: AuditRow) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                append(connection, row.at, &row.actor, &row.action, &row.subject, &to_json(&row.detail))?;
                Ok(Done::Keep(()))
            })
            .await
    }

    pub(in crate::store) async fn tidy(
        &self,
        now: Timestamp,
        retain: Vec<Retention>,
    ) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let mut dropped = Vec::new();
        for sweep in &SWEEPS {
            let Sweep { table, key, time, .. } = sweep;
            let sql =
                format!("DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {time} <= ?1 LIMIT ?2)");
            dropped.push((*table, self.sweep(sql, sweep.until(now), None).await?));
        }
        let mut n_addresses = 0;
        for (whose, until) in addresses(now, &retain) {
            let (within, of) = match whose {
                Whose::Everybodys => ("", None),
                Whose::OfSite(site) => ("AND p.site = ?3", Some(site)),
                Whose::OfOthers(sites) => {
                    ("AND p.site NOT IN (SELECT value FROM json_each(?3))", Some(to_json(&sites)))
                }
            };
            let sql = format!(
                "UPDATE comments SET address = NULL WHERE seq IN
                   (SELECT c.seq FROM comments c JOIN pages p ON p.id = c.page
                    WHERE c.address IS NOT NULL AND c.created_at <= ?1 {within} LIMIT ?2)"
            );
            n_addresses += self.sweep(sql, until, of).await?;
        }
        dropped.push((ADDRESSES, n_addresses));
        dropped.retain(|(_, n)| *n > 0);
        Ok(dropped)
    }

    /// Runs a statement, by so many rows at a time, until it finds no more.
    async fn sweep(&self, sql: String, until: Timestamp, of: Option<String>) -> Result<u64, StoreError> {
        let mut dropped = 0;
        loop {
            let begun = Instant::now();
            let (sql, of) = (sql.clone(), of.clone());
            let n = self
                .writer
                .write(move |connection| {
                    let mut statement = connection.prepare_cached(&sql)?;
                    let n = match of {
                        Some(of) => statement.execute(params![until.0, SWEEP, of])?,
                        None => statement.execute(params![until.0, SWEEP])?,
                    };
                    Ok(Done::Keep(n))
                })
                .await?;
            dropped += u64::try_from(n).unwrap_or(0);
            if n < usize::try_from(SWEEP).unwrap_or(usize::MAX) {
                return Ok(dropped);
            }
            rest(begun).await;
        }
    }

    pub(in crate::store) async fn clear_log(&self) -> Result<bool, StoreError> {
        self.writer.clear_log().await
    }

    pub(in crate::store) async fn writable(&self) -> Result<(), StoreError> {
        self.writer
            .write(|connection| {
                connection
                    .prepare_cached("INSERT INTO meta VALUES ('probe', '') ON CONFLICT (key) DO UPDATE SET value = ''")?
                    .execute([])?;
                Ok(Done::Undo(()))
            })
            .await
    }
}
