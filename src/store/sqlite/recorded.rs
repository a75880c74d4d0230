//! What was recorded of comments, in stretches of the order in which they came.

use rusqlite::{Connection, Row, named_params};

use super::{
    Sqlite,
    rows::{id, json, named, to_json},
};
use crate::{
    domain::{AuthorRecord, RefusalId, Timestamp},
    store::{
        RecordedQuery, RecordedRow, RefusedRow, StoreError,
        recorded::{BEYOND_ALL, bounds, decider},
    },
};

pub(super) use crate::store::recorded::before_all;

/// Sought by id, whose first bytes are the time: no comment before `since` is looked at. Of the signals' texts,
/// which may quote a comment, nothing leaves the database. What a ban decided counts as undecided: nobody judged the
/// text. Earlier approvals are counted up to the most that `moderation.trusted_after` can ask for.
const RECORDED: &str =
    "SELECT c.id, p.site, p.mode, coalesce(c.was, c.status) AS status, c.captcha_provider, c.captcha_outcome, c.captcha_score, c.captcha_raw, c.risk,
       c.edited_at IS NOT NULL AS edited, c.sampled, c.proven,
       CASE WHEN c.edited_at > c.decided_at OR c.ban IS NOT NULL THEN NULL ELSE c.decided_by END AS decided_by,
       (SELECT json_group_array(json_object('name', s.value ->> 'name', 'weight', coalesce(s.value ->> 'weight', 0.0),
          'strength', s.value ->> 'strength', 'text', ''))
        FROM json_each(c.signals) s) AS signals,
       CASE WHEN c.proven AND (:records OR p.mode = 'trusted') THEN
         (SELECT count(*) FROM (SELECT 1 FROM comments a WHERE a.author = c.author AND a.status = 'approved'
            AND a.id < c.id AND a.decided_by IS NOT NULL AND a.ban IS NULL AND a.decided_at <= c.created_at LIMIT 1000))
       ELSE 0 END AS approved,
       CASE WHEN c.proven AND (:records OR p.mode = 'trusted') THEN
         (SELECT count(*) FROM (SELECT 1 FROM comments a WHERE a.author = c.author AND coalesce(a.was, a.status) IN ('rejected', 'spam')
            AND a.id < c.id AND a.decided_by IS NOT NULL AND a.ban IS NULL AND a.decided_at <= c.created_at LIMIT 1))
       ELSE 0 END AS turned_down
     FROM comments c CROSS JOIN pages p ON p.id = c.page
     WHERE c.id > :after AND c.id < :before AND c.by_staff = 0
       AND (:sites IS NULL OR p.site IN (SELECT value FROM json_each(:sites)))
       AND (NOT :decided OR (coalesce(c.was, c.status) IN ('approved', 'spam') AND c.ban IS NULL
         AND (c.decided_by LIKE 'moderator:%' OR c.decided_by LIKE 'token:%')
         AND (c.edited_at IS NULL OR c.edited_at <= c.decided_at)))
     ORDER BY c.id ";

const REFUSED: &str = "SELECT id, site, provider, score FROM refusals
     WHERE id > :after AND id < :before AND reason = 'score_low'
       AND (:sites IS NULL OR site IN (SELECT value FROM json_each(:sites)))
     ORDER BY id DESC LIMIT :limit";

impl Sqlite {
    pub(in crate::store) async fn recorded(&self, query: RecordedQuery) -> Result<Vec<RecordedRow>, StoreError> {
        self.readers.read(move |connection| recorded(connection, &query)).await
    }

    pub(in crate::store) async fn refused_by_score(
        &self,
        sites: Option<Vec<String>>,
        since: Timestamp,
        before: Option<RefusalId>,
        limit: usize,
    ) -> Result<Vec<RefusedRow>, StoreError> {
        self.readers
            .read(move |connection| {
                let before = before.map_or(BEYOND_ALL, RefusalId::bytes);
                connection
                    .prepare_cached(REFUSED)?
                    .query_map(
                        named_params! {
                            ":after": before_all(since), ":before": before,
                            ":sites": sites.as_ref().map(to_json), ":limit": i64::try_from(limit).unwrap_or(i64::MAX),
                        },
                        refused,
                    )?
                    .collect()
            })
            .await
    }
}

fn recorded(connection: &Connection, query: &RecordedQuery) -> rusqlite::Result<Vec<RecordedRow>> {
    let (after, before, direction) = bounds(query);
    connection
        .prepare_cached(&format!("{RECORDED}{direction} LIMIT :limit"))?
        .query_map(
            named_params! {
                ":after": after, ":before": before, ":sites": query.sites.as_ref().map(to_json),
                ":decided": query.decided, ":records": query.records,
                ":limit": i64::try_from(query.limit).unwrap_or(i64::MAX),
            },
            row,
        )?
        .collect()
}

fn row(row: &Row<'_>) -> rusqlite::Result<RecordedRow> {
    let decided_by: Option<String> = row.get("decided_by")?;
    let turned_down: u32 = row.get("turned_down")?;
    Ok(RecordedRow {
        id: id(row, "id")?,
        site: row.get("site")?,
        mode: row.get::<_, Option<String>>("mode")?.and_then(|mode| mode.parse().ok()),
        status: named(row, "status")?,
        decider: decided_by.as_deref().and_then(decider),
        provider: row.get("captcha_provider")?,
        outcome: named(row, "captcha_outcome")?,
        score: row.get("captcha_score")?,
        raw_score: row.get("captcha_raw")?,
        risk: row.get("risk")?,
        signals: json(row, "signals")?,
        edited: row.get("edited")?,
        sampled: row.get("sampled")?,
        author: AuthorRecord {
            proven: row.get("proven")?,
            approved: row.get("approved")?,
            rejected: turned_down,
            ..AuthorRecord::default()
        },
    })
}

fn refused(row: &Row<'_>) -> rusqlite::Result<RefusedRow> {
    Ok(RefusedRow {
        id: RefusalId::from_bytes(row.get("id")?),
        site: row.get("site")?,
        provider: row.get("provider")?,
        score: row.get("score")?,
    })
}
