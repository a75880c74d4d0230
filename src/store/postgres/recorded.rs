//! What was recorded of comments, in stretches of the order in which they came.

use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use super::{
    Postgres,
    rows::{get, id, json, most, named, refusal_id, small},
};
use crate::{
    domain::{AuthorRecord, RefusalId, Timestamp},
    store::{
        RecordedQuery, RecordedRow, RefusedRow, StoreError,
        recorded::{BEYOND_ALL, before_all, bounds, decider},
    },
};

/// Sought by id, whose first bytes are the time: no comment before `since` is looked at. Of the signals' texts,
/// which may quote a comment, nothing leaves the database. What a ban decided counts as undecided: nobody judged the
/// text. Earlier approvals are counted up to the most that `moderation.trusted_after` can ask for.
const RECORDED: &str =
    "SELECT c.id, p.site, p.mode, coalesce(c.was, c.status) AS status, c.captcha_provider, c.captcha_outcome, c.captcha_score, c.captcha_raw, c.risk,
       c.edited_at IS NOT NULL AS edited, c.sampled, c.proven,
       CASE WHEN c.edited_at > c.decided_at OR c.ban IS NOT NULL THEN NULL ELSE c.decided_by END AS decided_by,
       (SELECT coalesce(json_agg(json_build_object('name', s.value ->> 'name',
            'weight', coalesce((s.value ->> 'weight')::double precision, 0.0),
            'strength', (s.value ->> 'strength')::double precision, 'text', '') ORDER BY s.place), '[]')::text
        FROM json_array_elements(c.signals::json) WITH ORDINALITY AS s (value, place)) AS signals,
       CASE WHEN c.proven AND ($5 OR p.mode = 'trusted') THEN
         (SELECT count(*) FROM (SELECT 1 FROM comments a WHERE a.author = c.author AND a.status = 'approved'
            AND a.id < c.id AND a.decided_by IS NOT NULL AND a.ban IS NULL AND a.decided_at <= c.created_at LIMIT 1000) e)
       ELSE 0 END AS approved,
       CASE WHEN c.proven AND ($5 OR p.mode = 'trusted') THEN
         (SELECT count(*) FROM (SELECT 1 FROM comments a WHERE a.author = c.author AND coalesce(a.was, a.status) IN ('rejected', 'spam')
            AND a.id < c.id AND a.decided_by IS NOT NULL AND a.ban IS NULL AND a.decided_at <= c.created_at LIMIT 1) e)
       ELSE 0 END AS turned_down
     FROM comments c JOIN pages p ON p.id = c.page
     WHERE c.id > $1 AND c.id < $2 AND NOT c.by_staff
       AND ($3 IS NULL OR p.site = ANY($3))
       AND (NOT $4 OR (coalesce(c.was, c.status) IN ('approved', 'spam') AND c.ban IS NULL
         AND (c.decided_by LIKE 'moderator:%' OR c.decided_by LIKE 'token:%')
         AND (c.edited_at IS NULL OR c.edited_at <= c.decided_at)))
     ORDER BY c.id ";

const REFUSED: &str = "SELECT id, site, provider, score FROM refusals
     WHERE id > $1 AND id < $2 AND reason = 'score_low' AND ($3 IS NULL OR site = ANY($3))
     ORDER BY id DESC LIMIT $4";

impl Postgres {
    pub(in crate::store) async fn recorded(&self, query: RecordedQuery) -> Result<Vec<RecordedRow>, StoreError> {
        let (after, before, direction) = bounds(&query);
        let (after, before) = (Uuid::from_bytes(after), Uuid::from_bytes(before));
        let sql = format!("{RECORDED}{direction} LIMIT $6");
        let db = self.reading_patiently().await?;
        let rows = db
            .planned(
                &sql,
                &[
                    (&after, Type::UUID),
                    (&before, Type::UUID),
                    (&query.sites, Type::TEXT_ARRAY),
                    (&query.decided, Type::BOOL),
                    (&query.records, Type::BOOL),
                    (&most(query.limit), Type::INT8),
                ],
            )
            .await?;
        rows.iter().map(row).collect()
    }

    pub(in crate::store) async fn refused_by_score(
        &self,
        sites: Option<Vec<String>>,
        since: Timestamp,
        before: Option<RefusalId>,
        limit: usize,
    ) -> Result<Vec<RefusedRow>, StoreError> {
        let before = Uuid::from_bytes(before.map_or(BEYOND_ALL, RefusalId::bytes));
        let after = Uuid::from_bytes(before_all(since));
        let db = self.reading_patiently().await?;
        let rows = db
            .planned(
                REFUSED,
                &[(&after, Type::UUID), (&before, Type::UUID), (&sites, Type::TEXT_ARRAY), (&most(limit), Type::INT8)],
            )
            .await?;
        rows.iter().map(refused).collect()
    }
}

fn row(row: &Row) -> Result<RecordedRow, StoreError> {
    let decided_by: Option<&str> = get(row, "decided_by")?;
    Ok(RecordedRow {
        id: id(row, "id")?,
        site: get(row, "site")?,
        mode: get::<Option<&str>>(row, "mode")?.and_then(|mode| mode.parse().ok()),
        status: named(row, "status")?,
        decider: decided_by.and_then(decider),
        provider: get(row, "captcha_provider")?,
        outcome: named(row, "captcha_outcome")?,
        score: get(row, "captcha_score")?,
        raw_score: get(row, "captcha_raw")?,
        risk: get(row, "risk")?,
        signals: json(row, "signals")?,
        edited: get(row, "edited")?,
        sampled: get(row, "sampled")?,
        author: AuthorRecord {
            proven: get(row, "proven")?,
            approved: small(row, "approved")?,
            rejected: small(row, "turned_down")?,
            ..AuthorRecord::default()
        },
    })
}

fn refused(row: &Row) -> Result<RefusedRow, StoreError> {
    Ok(RefusedRow {
        id: refusal_id(row, "id")?,
        site: get(row, "site")?,
        provider: get(row, "provider")?,
        score: get(row, "score")?,
    })
}
