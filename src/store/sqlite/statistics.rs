//! Figures about the work, counted a stretch at a time: what came, what waits, and what moderators did.
//!
//! Comments and refusals are sought by their ids, which begin with their time, deeds by an index on theirs: nothing
//! from before is looked at. A stretch bounds what is looked at, not what is found.

use rusqlite::{Connection, OptionalExtension as _, named_params, params};

use super::{
    Sqlite,
    rows::{named, time, to_json},
};
use crate::{
    domain::{CommentId, RefusalId, Timestamp},
    store::{Arrived, CountQuery, Counted, Refused, StoreError, Waits, Work, Worked, statistics::Seen},
};

const ARRIVED: &str = "SELECT s.created_at / 86400000 AS day, s.verdict,
       s.by_staff = 0 AND (:sites IS NULL OR p.site IN (SELECT value FROM json_each(:sites))) AS ours,
       count(*) AS n, max(s.id) AS last
     FROM (SELECT id, page, by_staff, created_at, verdict FROM comments
           WHERE id > :after AND id < :before ORDER BY id LIMIT :limit) s
       CROSS JOIN pages p ON p.id = s.page
     GROUP BY 1, 2, 3";

const REFUSED: &str = "SELECT s.at / 86400000 AS day,
       (:sites IS NULL OR s.site IN (SELECT value FROM json_each(:sites))) AS ours, count(*) AS n, max(s.id) AS last
     FROM (SELECT id, site, at FROM refusals WHERE id > :after AND id < :before ORDER BY id LIMIT :limit) s
     GROUP BY 1, 2";

/// What is somebody's work: decisions and edits by people and tokens, but for what a ban decided in their name. First is a decision before which there was none.
const WORKED: &str = "SELECT s.id, s.at, s.actor, s.action, s.subject, s.ours,
       s.ours AND s.action IN ('comment.approve', 'comment.reject', 'comment.spam') AND NOT EXISTS
         (SELECT 1 FROM audit e WHERE e.subject = s.subject AND e.id < s.id
            AND e.action IN ('comment.approve', 'comment.reject', 'comment.spam')
            AND (e.actor LIKE 'moderator:%' OR e.actor LIKE 'token:%') AND json_extract(CASE WHEN json_valid(e.detail) THEN e.detail END, '$.ban') IS NULL) AS first
     FROM (SELECT a.id, a.at, a.actor, a.action, a.subject,
             a.action IN ('comment.approve', 'comment.reject', 'comment.spam', 'comment.pending', 'comment.revise')
               AND (a.actor LIKE 'moderator:%' OR a.actor LIKE 'token:%')
               AND json_extract(CASE WHEN json_valid(a.detail) THEN a.detail END, '$.ban') IS NULL
               AND (:sites IS NULL OR CASE WHEN json_valid(a.detail) THEN json_extract(a.detail, '$.site') END
                    IN (SELECT value FROM json_each(:sites))) AS ours
           FROM audit a WHERE a.at >= :since AND a.at < :until AND (a.at > :since OR a.id > :behind)
           ORDER BY a.at, a.id LIMIT :limit) s
     ORDER BY s.at, s.id";

const WAITING: &str = "SELECT s.seq, s.created_at, p.site IN (SELECT value FROM json_each(:sites)) AS ours
     FROM (SELECT seq, page, created_at FROM comments WHERE status = 'pending' AND seq > :after ORDER BY seq LIMIT :limit) s
       CROSS JOIN pages p ON p.id = s.page";

impl Sqlite {
    pub(in crate::store) async fn arrived(&self, query: CountQuery<CommentId>) -> Result<Arrived, StoreError> {
        self.readers.read(move |connection| arrived(connection, &query)).await
    }

    pub(in crate::store) async fn refused(&self, query: CountQuery<RefusalId>) -> Result<Refused, StoreError> {
        self.readers.read(move |connection| refused(connection, &query)).await
    }

    pub(in crate::store) async fn worked(&self, query: CountQuery<(Timestamp, i64)>) -> Result<Worked, StoreError> {
        self.readers.read(move |connection| worked(connection, &query)).await
    }

    pub(in crate::store) async fn waiting(
        &self,
        sites: Option<Vec<String>>,
        after: i64,
        limit: usize,
    ) -> Result<Waits, StoreError> {
        self.readers.read(move |connection| waiting(connection, sites.as_deref(), after, limit)).await
    }
}

fn arrived(connection: &Connection, query: &CountQuery<CommentId>) -> rusqlite::Result<Arrived> {
    let mut statement = connection.prepare_cached(ARRIVED)?;
    let after = query.after.unwrap_or_else(|| CommentId::first_of(query.since));
    let mut rows = statement.query(named_params! {
        ":sites": query.sites.as_ref().map(to_json), ":after": after.bytes(),
        ":before": CommentId::first_of(query.until).bytes(), ":limit": most(query.limit),
    })?;
    let (mut found, mut seen) = (Vec::new(), Seen::default());
    while let Some(row) = rows.next()? {
        let n = seen.add(row.get("n")?, row.get("last")?);
        if row.get("ours")? {
            found.push((row.get("day")?, named(row, "verdict")?, n));
        }
    }
    Ok(Counted { found, next: seen.next(query.limit).map(CommentId::from_bytes) })
}

fn refused(connection: &Connection, query: &CountQuery<RefusalId>) -> rusqlite::Result<Refused> {
    let mut statement = connection.prepare_cached(REFUSED)?;
    let after = query.after.unwrap_or_else(|| RefusalId::first_of(query.since));
    let mut rows = statement.query(named_params! {
        ":sites": query.sites.as_ref().map(to_json), ":after": after.bytes(),
        ":before": RefusalId::first_of(query.until).bytes(), ":limit": most(query.limit),
    })?;
    let (mut found, mut seen) = (Vec::new(), Seen::default());
    while let Some(row) = rows.next()? {
        let n = seen.add(row.get("n")?, row.get("last")?);
        if row.get("ours")? {
            found.push((row.get("day")?, n));
        }
    }
    Ok(Counted { found, next: seen.next(query.limit).map(RefusalId::from_bytes) })
}

fn worked(connection: &Connection, query: &CountQuery<(Timestamp, i64)>) -> rusqlite::Result<Worked> {
    let (since, behind) = query.after.unwrap_or((query.since, i64::MIN));
    let mut statement = connection.prepare_cached(WORKED)?;
    let mut rows = statement.query(named_params! {
        ":sites": query.sites.as_ref().map(to_json), ":since": since.0, ":behind": behind,
        ":until": query.until.0, ":limit": most(query.limit),
    })?;
    let (mut found, mut looked_at, mut last) = (Vec::new(), 0, None);
    while let Some(row) = rows.next()? {
        let at = time(row, "at")?;
        (looked_at, last) = (looked_at + 1, Some((at, row.get("id")?)));
        if row.get("ours")? {
            let subject: String = row.get("subject")?;
            let (actor, action, first) = (row.get("actor")?, row.get("action")?, row.get("first")?);
            found.push(Work { at, actor, action, comment: subject.parse().ok(), first });
        }
    }
    Ok(Counted { found, next: last.filter(|_| looked_at >= query.limit) })
}

fn waiting(connection: &Connection, sites: Option<&[String]>, after: i64, limit: usize) -> rusqlite::Result<Waits> {
    // Without sites the index alone knows how many there are.
    const COUNT: &str = "SELECT count(*), min(seq), max(seq) FROM
         (SELECT seq FROM comments WHERE status = 'pending' AND seq > ? ORDER BY seq LIMIT ?)";
    let Some(sites) = sites else {
        let (count, first, last): (i64, Option<i64>, Option<i64>) = connection
            .prepare_cached(COUNT)?
            .query_row(params![after, most(limit)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let oldest_at = connection
            .prepare_cached("SELECT created_at FROM comments WHERE seq = ?")?
            .query_row([first], |row| time(row, "created_at"))
            .optional()?;
        let next = last.filter(|_| count >= most(limit));
        return Ok(Waits { count: u64::try_from(count).unwrap_or(0), oldest_at, next });
    };
    let mut statement = connection.prepare_cached(WAITING)?;
    let mut rows =
        statement.query(named_params! { ":sites": to_json(&sites), ":after": after, ":limit": most(limit) })?;
    let (mut count, mut oldest_at, mut looked_at, mut last) = (0, None, 0, None);
    while let Some(row) = rows.next()? {
        (looked_at, last) = (looked_at + 1, last.max(Some(row.get("seq")?)));
        if row.get("ours")? {
            let at = time(row, "created_at")?;
            (count, oldest_at) = (count + 1, Some(oldest_at.map_or(at, |oldest: Timestamp| oldest.min(at))));
        }
    }
    Ok(Waits { count, oldest_at, next: last.filter(|_| looked_at >= limit) })
}

fn most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
