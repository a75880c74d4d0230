//! Keeping house: shared values, the audit, what has outlived its time, and signs of life.

use std::time::Duration;

use rusqlite::{Connection, params, params_from_iter, types::Value};

use super::{
    Done, Sqlite,
    queue::audit_row,
    rows::{marks, to_json},
};
use crate::{
    domain::Timestamp,
    store::{AuditQuery, AuditRow, IDEMPOTENCY_KEPT, StoreError},
};

/// How long a body counts as sent lately.
const BODIES_KEPT: Duration = Duration::from_secs(24 * 3600);
/// How long a network's record is kept after the last decision. Its key is asked for at most 60 days, and a
/// decision on a comment may come late.
const REPUTATION_KEPT: Duration = Duration::from_secs(120 * 24 * 3600);
/// Rows dropped in one transaction, so that comments never wait long behind the broom.
const SWEEP: u32 = 2_000;

/// Appends an audit row.
pub(super) fn append(
    connection: &Connection,
    at: Timestamp,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &str,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO audit (at, actor, action, subject, detail) VALUES (?, ?, ?, ?, ?)")?
        .execute(params![at.0, actor, action, subject, detail])
        .map(|_one| ())
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

    pub(in crate::store) async fn audit(&self, query: AuditQuery) -> Result<Vec<AuditRow>, StoreError> {
        self.readers
            .read(move |connection| {
                let mut values = vec![Value::Integer(query.before.unwrap_or(i64::MAX))];
                let within = match query.within {
                    None => String::new(),
                    Some((actor, sites)) => {
                        let clause =
                            format!("AND (actor = ? OR json_extract(detail, '$.site') IN ({}))", marks(sites.len()));
                        values.push(Value::Text(actor));
                        values.extend(sites.into_iter().map(Value::Text));
                        clause
                    }
                };
                values.push(Value::Integer(i64::try_from(query.limit).unwrap_or(i64::MAX)));
                connection
                    .prepare_cached(&format!("SELECT * FROM audit WHERE id < ? {within} ORDER BY id DESC LIMIT ?"))?
                    .query_map(params_from_iter(values), audit_row)?
                    .collect()
            })
            .await
    }

    pub(in crate::store) async fn tidy(
        &self,
        now: Timestamp,
        retain_ip: Vec<(String, Duration)>,
    ) -> Result<u64, StoreError> {
        let sweeps = [
            (
                "DELETE FROM idempotency WHERE key IN (SELECT key FROM idempotency WHERE at <= ?1 LIMIT ?2)",
                now.minus(IDEMPOTENCY_KEPT),
            ),
            (
                "DELETE FROM kept_answers WHERE key IN (SELECT key FROM kept_answers WHERE at <= ?1 LIMIT ?2)",
                now.minus(IDEMPOTENCY_KEPT),
            ),
            (
                "DELETE FROM recent_bodies WHERE key IN (SELECT key FROM recent_bodies WHERE at <= ?1 LIMIT ?2)",
                now.minus(BODIES_KEPT),
            ),
            (
                "DELETE FROM claimed_tokens WHERE key IN (SELECT key FROM claimed_tokens WHERE until <= ?1 LIMIT ?2)",
                now,
            ),
            (
                "DELETE FROM network_reputation WHERE network_key IN
                   (SELECT network_key FROM network_reputation WHERE at <= ?1 LIMIT ?2)",
                now.minus(REPUTATION_KEPT),
            ),
            (
                "DELETE FROM unverified WHERE comment IN (SELECT comment FROM unverified WHERE until <= ?1 LIMIT ?2)",
                now,
            ),
            ("DELETE FROM claims WHERE comment IN (SELECT comment FROM claims WHERE until <= ?1 LIMIT ?2)", now),
            ("DELETE FROM sessions WHERE token IN (SELECT token FROM sessions WHERE expires_at <= ?1 LIMIT ?2)", now),
            (
                "DELETE FROM invitations WHERE username IN
                   (SELECT username FROM invitations WHERE expires_at <= ?1 LIMIT ?2)",
                now,
            ),
        ];
        let mut dropped = 0;
        for (sql, until) in sweeps {
            dropped += self.sweep(sql, until, None).await?;
        }
        Ok(dropped + self.forget_addresses(now, retain_ip).await?)
    }

    /// Each site's addresses go in its own time; those of a site that is no longer configured in the
    /// shortest of all.
    async fn forget_addresses(&self, now: Timestamp, retain_ip: Vec<(String, Duration)>) -> Result<u64, StoreError> {
        const ALL: &str = "UPDATE comments SET address = NULL WHERE seq IN
             (SELECT seq FROM comments WHERE address IS NOT NULL AND created_at <= ?1 LIMIT ?2)";
        const OF_SITE: &str = "UPDATE comments SET address = NULL WHERE seq IN
             (SELECT c.seq FROM comments c JOIN pages p ON p.id = c.page
              WHERE c.address IS NOT NULL AND c.created_at <= ?1 AND p.site = ?3 LIMIT ?2)";
        const OF_OTHERS: &str = "UPDATE comments SET address = NULL WHERE seq IN
             (SELECT c.seq FROM comments c JOIN pages p ON p.id = c.page WHERE c.address IS NOT NULL
              AND c.created_at <= ?1 AND p.site NOT IN (SELECT value FROM json_each(?3)) LIMIT ?2)";
        let spans = || retain_ip.iter().map(|(_, span)| *span);
        let (Some(longest), Some(shortest)) = (spans().max(), spans().min()) else { return Ok(0) };
        let mut dropped = self.sweep(ALL, now.minus(longest), None).await?;
        if shortest == longest {
            return Ok(dropped);
        }
        let named: Vec<&String> = retain_ip.iter().map(|(site, _)| site).collect();
        dropped += self.sweep(OF_OTHERS, now.minus(shortest), Some(to_json(&named))).await?;
        for (site, span) in retain_ip.into_iter().filter(|(_, span)| *span < longest) {
            dropped += self.sweep(OF_SITE, now.minus(span), Some(site)).await?;
        }
        Ok(dropped)
    }

    /// Runs a statement, by so many rows at a time, until it finds no more.
    async fn sweep(&self, sql: &'static str, until: Timestamp, of: Option<String>) -> Result<u64, StoreError> {
        let mut dropped = 0;
        loop {
            let of = of.clone();
            let n = self
                .writer
                .write(move |connection| {
                    let mut statement = connection.prepare_cached(sql)?;
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
        }
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
