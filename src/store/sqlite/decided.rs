//! Decisions with what the checks had seen, in stretches of the order in which the comments came.

use rusqlite::{Connection, Row, named_params};

use super::{
    Sqlite,
    rows::{id, json, named},
};
use crate::{
    domain::Timestamp,
    store::{DecidedQuery, DecidedRow, StoreError},
};

/// Sought by id, whose first bytes are the time: no comment before `since` is looked at. Of the signals' texts,
/// which may quote a comment, nothing leaves the database.
const DECIDED: &str =
    "SELECT c.id, c.status = 'spam' AS spam, c.decided_by LIKE 'token:%' AS by_token, c.captcha_provider,
       c.captcha_outcome, c.captcha_score, c.captcha_raw, c.edited_at IS NOT NULL AS edited, c.sampled,
       (SELECT json_group_array(json_array(s.value ->> 'name', coalesce(s.value ->> 'weight', 0.0)))
        FROM json_each(c.signals) s) AS signals
     FROM comments c CROSS JOIN pages p ON p.id = c.page
     WHERE c.id > :after AND c.status IN ('approved', 'spam') AND c.by_staff = 0
       AND (c.decided_by LIKE 'moderator:%' OR c.decided_by LIKE 'token:%')
       AND (c.edited_at IS NULL OR c.edited_at <= c.decided_at) AND (:site IS NULL OR p.site = :site)
     ORDER BY c.id LIMIT :limit";

impl Sqlite {
    pub(in crate::store) async fn decided(&self, query: DecidedQuery) -> Result<Vec<DecidedRow>, StoreError> {
        self.readers.read(move |connection| decided(connection, &query)).await
    }
}

fn decided(connection: &Connection, query: &DecidedQuery) -> rusqlite::Result<Vec<DecidedRow>> {
    let after = query.after.map_or_else(|| before_all(query.since), |id| id.bytes());
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    connection
        .prepare_cached(DECIDED)?
        .query_map(named_params! { ":after": after, ":site": query.site, ":limit": limit }, row)?
        .collect()
}

/// What sorts before every id of this moment: its milliseconds, and nothing behind them.
fn before_all(moment: Timestamp) -> [u8; 16] {
    let millis = u128::from(u64::try_from(moment.0).unwrap_or(0));
    (millis << 80).to_be_bytes()
}

fn row(row: &Row<'_>) -> rusqlite::Result<DecidedRow> {
    Ok(DecidedRow {
        id: id(row, "id")?,
        spam: row.get("spam")?,
        by_token: row.get("by_token")?,
        provider: row.get("captcha_provider")?,
        outcome: named(row, "captcha_outcome")?,
        score: row.get("captcha_score")?,
        raw_score: row.get("captcha_raw")?,
        signals: json(row, "signals")?,
        edited: row.get("edited")?,
        sampled: row.get("sampled")?,
    })
}
