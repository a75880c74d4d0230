//! The log of lessons: written with the decision, read by whoever learns, in the order of commit.

use std::collections::HashMap;

use serde_json::json;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{
    Postgres,
    db::Db,
    rows::{get, json as from_json, optional_id, time, uid, uids},
};
use crate::{
    domain::{CommentId, Decision, Timestamp},
    store::{
        Lesson, LessonQuery, LessonText, LogSummary, LoggedLesson, RollbackTo, RolledBack, StoreError,
        lessons::{self, LESSONS, label},
    },
};

impl Postgres {
    pub(in crate::store) async fn lessons(&self, query: LessonQuery) -> Result<Vec<Lesson>, StoreError> {
        let of_site = if query.site.is_some() { "l.site = $3" } else { "$3::text IS NULL" };
        let sql = format!("{LESSONS} WHERE {of_site} AND l.seq > $1 ORDER BY l.seq LIMIT $2");
        let rows =
            self.reading_patiently().await?.rows(&sql, &[&query.after, &i64::from(query.limit), &query.site]).await?;
        rows.iter().map(lesson).collect()
    }

    pub(in crate::store) async fn lesson_log(&self, site: String, after: i64) -> Result<Vec<LoggedLesson>, StoreError> {
        const LOG: &str = "SELECT seq, kind, comment, since FROM lessons WHERE site = $1 AND seq > $2 ORDER BY seq";
        let rows = self.reading_patiently().await?.rows(LOG, &[&site, &after]).await?;
        rows.iter().map(logged).collect()
    }

    pub(in crate::store) async fn lesson_logs(&self) -> Result<Vec<LogSummary>, StoreError> {
        const LOGS: &str = "SELECT l.site, l.seq, l.at FROM lessons l
             JOIN (SELECT site, max(seq) AS last FROM lessons GROUP BY site) s ON s.last = l.seq ORDER BY l.site";
        let rows = self.reading_patiently().await?.rows(LOGS, &[]).await?;
        let summary = |row| Ok(LogSummary { site: get(row, "site")?, last: get(row, "seq")?, at: time(row, "at")? });
        rows.iter().map(summary).collect()
    }

    pub(in crate::store) async fn last_lesson(&self) -> Result<i64, StoreError> {
        let row = self.reading_patiently().await?.one("SELECT coalesce(max(seq), 0) AS last FROM lessons", &[]).await?;
        get(&row, "last")
    }

    pub(in crate::store) async fn roll_back(
        &self,
        site: String,
        to: RollbackTo,
        by: String,
        now: Timestamp,
    ) -> Result<Option<RolledBack>, StoreError> {
        // The clock of a machine may go back; the log's order never does.
        const TO: &str = "SELECT coalesce(max(seq), 0) AS last FROM lessons WHERE site = $1 AND seq <= $2
             AND seq < coalesce((SELECT min(seq) FROM lessons WHERE site = $1 AND at > $3), $4)";
        let (seq, time) = match to {
            RollbackTo::Seq(seq) => (seq, i64::MAX),
            RollbackTo::Time(time) => (i64::MAX, time.0),
        };
        let db = self.writing().await?;
        let to: i64 = get(&db.one(TO, &[&site, &seq, &time, &i64::MAX]).await?, "last")?;
        let undone = "SELECT count(*) AS undone FROM lessons WHERE site = $1 AND seq > $2";
        let undone: i64 = get(&db.one(undone, &[&site, &to]).await?, "undone")?;
        if undone == 0 {
            return db.undo(None).await;
        }
        let Some(seq) = keep(&db, &[(&site, "rollback", None, Some(to + 1))], now).await? else {
            return Err(StoreError::Unreadable("seq"));
        };
        drop_from(&db, &[(&site, to + 1)]).await?;
        let detail = json!({ "to": to, "undone": undone, "site": site }).to_string();
        super::keeping::append(&db, now, &by, "model.rollback", &site, &detail).await?;
        db.keep(Some(RolledBack { to, seq, undone: u64::try_from(undone).unwrap_or(0) })).await
    }
}

/// A decision that was applied.
pub(super) struct Taught<'a> {
    pub(super) site: &'a str,
    pub(super) comment: CommentId,
    pub(super) decision: Decision,
}

/// Keeps what decisions teach, each on another comment and in this order, and takes back what the ones before them
/// taught.
pub(super) async fn teach(db: &Db, decisions: &[Taught<'_>], now: Timestamp) -> Result<(), StoreError> {
    // What a comment taught with other words than it has now stays true of those. A roll-back since its last lesson may
    // have brought back what was taken back before it.
    const KNOWN: &str = "SELECT c.id, c.by_staff, l.kind AS last,
           (SELECT min(seq) FROM lessons f WHERE f.comment = c.id AND f.kind IN ('ham', 'spam') AND f.body IS NULL) AS first,
           EXISTS (SELECT 1 FROM lessons r WHERE r.site = t.site AND r.seq > l.seq AND r.since IS NOT NULL
             AND r.kind = 'rollback') AS rolled_back
         FROM unnest($1::uuid[], $2::text[]) AS t (id, site) JOIN comments c ON c.id = t.id
         LEFT JOIN LATERAL (SELECT kind, seq FROM lessons WHERE comment = t.id ORDER BY seq DESC LIMIT 1) l ON true";
    if decisions.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = decisions.iter().map(|taught| uid(taught.comment)).collect();
    let sites: Vec<&str> = decisions.iter().map(|taught| taught.site).collect();
    let rows = db.rows(KNOWN, &[&ids, &sites]).await?;
    let mut known = HashMap::new();
    for row in &rows {
        known.insert(get::<Uuid>(row, "id")?, row);
    }
    let (mut lines, mut void) = (Vec::new(), Vec::new());
    for taught in decisions {
        let Some(row) = known.get(&uid(taught.comment)) else { continue };
        lines.extend(lesson_of(taught, row, &mut void)?);
    }
    keep(db, &lines, now).await?;
    drop_from(db, &void).await
}

/// A row of the log to be: site, kind, comment, and the first row that it takes back.
type Line<'a> = (&'a str, &'static str, Option<Uuid>, Option<i64>);

fn lesson_of<'a>(
    taught: &Taught<'a>,
    known: &Row,
    void: &mut Vec<(&'a str, i64)>,
) -> Result<Vec<Line<'a>>, StoreError> {
    let label = label(taught.decision);
    let comment = Some(uid(taught.comment));
    let mut lines = Vec::new();
    if let Some(since) = get::<Option<i64>>(known, "first")? {
        let last: Option<&str> = get(known, "last")?;
        if label.is_some() && label == last {
            return Ok(lines);
        }
        if last != Some("void") || get(known, "rolled_back")? {
            lines.push((taught.site, "void", comment, Some(since)));
            void.push((taught.site, since));
        }
    }
    if let (Some(label), false) = (label, get(known, "by_staff")?) {
        lines.push((taught.site, label, comment, None));
    }
    Ok(lines)
}

/// Appends rows to the log; the number of the last one.
async fn keep(db: &Db, lines: &[Line<'_>], now: Timestamp) -> Result<Option<i64>, StoreError> {
    const KEEP: &str = "INSERT INTO lessons (site, kind, comment, since, at)
         SELECT site, kind, comment, since, $5 FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bigint[])
           WITH ORDINALITY AS l (site, kind, comment, since, place) ORDER BY place
         RETURNING seq";
    if lines.is_empty() {
        return Ok(None);
    }
    let (sites, kinds): (Vec<&str>, Vec<&str>) = lines.iter().map(|(site, kind, ..)| (*site, *kind)).unzip();
    let (comments, since): (Vec<_>, Vec<_>) = lines.iter().map(|(.., comment, since)| (*comment, *since)).unzip();
    let rows = db.rows(KEEP, &[&sites, &kinds, &comments, &since, &now.0]).await?;
    rows.last().map(|row| get(row, "seq")).transpose()
}

/// Drops the snapshots that know these rows of their sites' logs.
async fn drop_from(db: &Db, rows: &[(&str, i64)]) -> Result<(), StoreError> {
    const DROP: &str = "DELETE FROM models m USING unnest($1::text[], $2::bigint[]) AS v (site, seq)
         WHERE m.site = v.site AND m.seq >= v.seq";
    if rows.is_empty() {
        return Ok(());
    }
    let (sites, seqs): (Vec<&str>, Vec<i64>) = rows.iter().copied().unzip();
    db.execute(DROP, &[&sites, &seqs]).await.map(|_rows| ())
}

/// What comments taught whose words are still there.
pub(super) async fn of_comments(db: &Db, comments: &[CommentId]) -> Result<Vec<Lesson>, StoreError> {
    let sql = format!(
        "{LESSONS} WHERE l.comment = ANY($1) AND l.kind IN ('ham', 'spam') AND l.digest IS NULL ORDER BY l.seq"
    );
    db.rows(&sql, &[&uids(comments)]).await?.iter().map(lesson).collect()
}

fn lesson(row: &Row) -> Result<Lesson, StoreError> {
    let body: Option<String> = get(row, "body")?;
    let text = match body.filter(|body| !body.is_empty()) {
        Some(body) => Some(LessonText {
            name: get(row, "name")?,
            url: get(row, "url")?,
            body,
            signals: from_json(row, "signals")?,
        }),
        None => None,
    };
    Ok(Lesson { site: get(row, "site")?, row: logged(row)?, text, digest: get(row, "digest")? })
}

fn logged(row: &Row) -> Result<LoggedLesson, StoreError> {
    let (kind, comment) = (get(row, "kind")?, optional_id(row, "comment")?);
    lessons::logged(get(row, "seq")?, kind, comment, get(row, "since")?).ok_or(StoreError::Unreadable("since"))
}
