//! Figures about the work, counted a stretch at a time: what came, what waits, and what moderators did.
//!
//! Comments and refusals are sought by their ids, which begin with their time, deeds by an index on theirs: nothing
//! from before is looked at. A stretch bounds what is looked at, not what is found.

use std::collections::HashMap;

use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use super::{
    Postgres,
    db::Db,
    rows::{count, get, most, named, optional_time, time},
};
use crate::{
    domain::{CommentId, RefusalId, Timestamp},
    store::{
        Arrived, CountQuery, Counted, Refused, StoreError, Waits, Work, Worked,
        statistics::{Seen, is_work},
    },
};

const ARRIVED: &str = "SELECT s.created_at / 86400000 AS day, s.verdict,
       NOT s.by_staff AND ($1 IS NULL OR p.site = ANY($1)) AS ours, count(*) AS n, max(s.id::text COLLATE \"C\")::uuid AS last
     FROM (SELECT id, page, by_staff, created_at, verdict FROM comments
           WHERE id > $2 AND id < $3 ORDER BY id LIMIT $4) s
       JOIN pages p ON p.id = s.page
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";

const REFUSED: &str = "SELECT s.at / 86400000 AS day, ($1 IS NULL OR s.site = ANY($1)) AS ours, count(*) AS n,
       max(s.id::text COLLATE \"C\")::uuid AS last
     FROM (SELECT id, site, at FROM refusals WHERE id > $2 AND id < $3 ORDER BY id LIMIT $4) s
     GROUP BY 1, 2 ORDER BY 1, 2";

/// Of what may be somebody's work, decisions and edits by people and tokens, the detail comes along: whose it is stands
/// there.
const WORKED: &str = "SELECT id, at, actor, action, subject,
       CASE WHEN action IN ('comment.approve', 'comment.reject', 'comment.spam', 'comment.pending', 'comment.revise')
         AND (actor LIKE 'moderator:%' OR actor LIKE 'token:%') THEN detail END AS detail,
       action IN ('comment.approve', 'comment.reject', 'comment.spam') AS decides
     FROM audit WHERE at >= $1 AND at < $2 AND (at > $1 OR id > $3) ORDER BY at, id LIMIT $4";

/// Decisions on comments up to a row.
const DECIDED: &str = "SELECT id, subject, detail FROM audit
     WHERE subject = ANY($1) AND id <= $2 AND action IN ('comment.approve', 'comment.reject', 'comment.spam')
       AND (actor LIKE 'moderator:%' OR actor LIKE 'token:%') ORDER BY id";

impl Postgres {
    pub(in crate::store) async fn arrived(&self, query: CountQuery<CommentId>) -> Result<Arrived, StoreError> {
        let after = query.after.unwrap_or_else(|| CommentId::first_of(query.since)).bytes();
        let rows = self.counted(ARRIVED, &query, after, CommentId::first_of(query.until).bytes()).await?;
        let (mut found, mut seen) = (Vec::new(), Seen::default());
        for row in &rows {
            let n = seen.add(get(row, "n")?, get::<Uuid>(row, "last")?.into_bytes());
            if get(row, "ours")? {
                found.push((get(row, "day")?, named(row, "verdict")?, n));
            }
        }
        Ok(Counted { found, next: seen.next(query.limit).map(CommentId::from_bytes) })
    }

    pub(in crate::store) async fn refused(&self, query: CountQuery<RefusalId>) -> Result<Refused, StoreError> {
        let after = query.after.unwrap_or_else(|| RefusalId::first_of(query.since)).bytes();
        let rows = self.counted(REFUSED, &query, after, RefusalId::first_of(query.until).bytes()).await?;
        let (mut found, mut seen) = (Vec::new(), Seen::default());
        for row in &rows {
            let n = seen.add(get(row, "n")?, get::<Uuid>(row, "last")?.into_bytes());
            if get(row, "ours")? {
                found.push((get(row, "day")?, n));
            }
        }
        Ok(Counted { found, next: seen.next(query.limit).map(RefusalId::from_bytes) })
    }

    async fn counted<C>(
        &self,
        sql: &str,
        query: &CountQuery<C>,
        after: [u8; 16],
        before: [u8; 16],
    ) -> Result<Vec<Row>, StoreError> {
        let (after, before) = (Uuid::from_bytes(after), Uuid::from_bytes(before));
        let values: &[(&(dyn tokio_postgres::types::ToSql + Sync), Type)] = &[
            (&query.sites, Type::TEXT_ARRAY),
            (&after, Type::UUID),
            (&before, Type::UUID),
            (&most(query.limit), Type::INT8),
        ];
        self.reading_patiently().await?.planned(sql, values).await
    }

    pub(in crate::store) async fn worked(&self, query: CountQuery<(Timestamp, i64)>) -> Result<Worked, StoreError> {
        let (since, behind) = query.after.unwrap_or((query.since, i64::MIN));
        let db = self.reading_patiently().await?;
        let rows = db.rows(WORKED, &[&since.0, &query.until.0, &behind, &most(query.limit)]).await?;
        let (mut ours, mut last) = (Vec::new(), None);
        for row in &rows {
            last = Some((time(row, "at")?, get(row, "id")?));
            let detail: Option<&str> = get(row, "detail")?;
            if detail.is_some_and(|detail| is_work(detail, query.sites.as_deref())) {
                ours.push(row);
            }
        }
        let firsts = firsts(&db, &ours).await?;
        let mut found = Vec::with_capacity(ours.len());
        for row in ours {
            let subject: &str = get(row, "subject")?;
            let first = get(row, "decides")? && firsts.get(subject) == Some(&get(row, "id")?);
            let (at, actor, action) = (time(row, "at")?, get(row, "actor")?, get(row, "action")?);
            found.push(Work { at, actor, action, comment: subject.parse().ok(), first });
        }
        Ok(Counted { found, next: last.filter(|_| rows.len() >= query.limit) })
    }

    pub(in crate::store) async fn waiting(
        &self,
        sites: Option<Vec<String>>,
        after: i64,
        limit: usize,
    ) -> Result<Waits, StoreError> {
        // Without sites the index alone knows how many there are.
        const ALL: &str =
            "SELECT s.n AS seen, s.n, s.last, (SELECT created_at FROM comments WHERE seq = s.first) AS oldest
             FROM (SELECT count(*) AS n, min(seq) AS first, max(seq) AS last FROM
               (SELECT seq FROM comments WHERE status = 'pending' AND seq > $1 ORDER BY seq LIMIT $2) w) s";
        const OURS: &str = "SELECT count(*) AS seen, count(*) FILTER (WHERE p.site = ANY($3)) AS n, max(s.seq) AS last,
               min(s.created_at) FILTER (WHERE p.site = ANY($3)) AS oldest
             FROM (SELECT seq, page, created_at FROM comments WHERE status = 'pending' AND seq > $1 ORDER BY seq LIMIT $2) s
               JOIN pages p ON p.id = s.page";
        let (db, limit) = (self.reading_patiently().await?, most(limit));
        let row = match &sites {
            None => db.one(ALL, &[&after, &limit]).await?,
            Some(sites) => db.one(OURS, &[&after, &limit, sites]).await?,
        };
        let (seen, last): (i64, Option<i64>) = (get(&row, "seen")?, get(&row, "last")?);
        let (count, oldest_at) = (count(&row, "n")?, optional_time(&row, "oldest")?);
        Ok(Waits { count, oldest_at, next: last.filter(|_| seen >= limit) })
    }
}

/// The first decision on each comment that one of these rows decides on.
async fn firsts(db: &Db, rows: &[&Row]) -> Result<HashMap<String, i64>, StoreError> {
    let (mut subjects, mut newest) = (Vec::new(), i64::MIN);
    for row in rows {
        if get(row, "decides")? {
            subjects.push(get::<&str>(row, "subject")?);
            newest = newest.max(get(row, "id")?);
        }
    }
    let mut firsts = HashMap::new();
    if subjects.is_empty() {
        return Ok(firsts);
    }
    for row in db.rows(DECIDED, &[&subjects, &newest]).await? {
        if is_work(get(&row, "detail")?, None) {
            firsts.entry(get(&row, "subject")?).or_insert(get(&row, "id")?);
        }
    }
    Ok(firsts)
}
