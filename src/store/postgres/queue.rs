//! What moderators look at: the queue, one item, its history, totals and refusals.

use std::collections::{BTreeSet, HashMap};

use futures_util::future::try_join4;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{
    Postgres, claims,
    clause::{Clause, Value},
    clusters,
    db::Db,
    listing,
    rows::{
        author_id, author_uid, captcha, count, get, id, json, most, named, optional_id, optional_time, page,
        refusal_id, signals, small, tally, time, uid, uids,
    },
};
use crate::{
    domain::{AuthorId, AuthorRecord, CommentId},
    store::{
        AuditRow, QueueItem, QueueQuery, RefusalQuery, RefusalRow, StoreError,
        fragments::{ITEM, PAGE},
        listing::{REASONS, Words, standing},
    },
};

impl Postgres {
    pub(in crate::store) async fn queue(&self, query: QueueQuery) -> Result<Vec<QueueItem>, StoreError> {
        listing::queue(&self.reading_patiently().await?, &query).await
    }

    pub(in crate::store) async fn item(&self, id: CommentId) -> Result<Option<QueueItem>, StoreError> {
        let db = self.reading_patiently().await?;
        let row = db.row("SELECT seq FROM comments WHERE id = $1", &[&uid(id)]).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(whole(&db, &[get(&row, "seq")?]).await?.pop())
    }

    pub(in crate::store) async fn history(&self, id: CommentId) -> Result<Vec<AuditRow>, StoreError> {
        const HISTORY: &str = "SELECT * FROM
             (SELECT id, at, actor, action, subject, detail FROM audit WHERE subject = $1 ORDER BY id DESC LIMIT 500) a
             ORDER BY id";
        let rows = self.reading_patiently().await?.rows(HISTORY, &[&id.to_string()]).await?;
        rows.iter().map(audit_row).collect()
    }

    pub(in crate::store) async fn totals(&self, sites: Option<Vec<String>>) -> Result<Vec<(String, u64)>, StoreError> {
        const ALL: &str = "SELECT status, count(*) AS n FROM comments GROUP BY status ORDER BY status";
        const OF: &str = "SELECT c.status, count(*) AS n FROM pages p JOIN comments c ON c.page = p.id
             WHERE p.site = ANY($1) GROUP BY c.status ORDER BY c.status";
        let db = self.reading_patiently().await?;
        let rows = match &sites {
            None => db.rows(ALL, &[]).await?,
            Some(sites) => db.rows(OF, &[sites]).await?,
        };
        rows.iter().map(|row| Ok((get(row, "status")?, count(row, "n")?))).collect()
    }

    pub(in crate::store) async fn refusals(&self, query: RefusalQuery) -> Result<Vec<RefusalRow>, StoreError> {
        let mut clause = Clause::default();
        if let Some(sites) = query.sites {
            clause.and("site = ANY(@)", [Value::Texts(sites)]);
        }
        if let Some(reference) = query.reference {
            clause.and("reference = @", [Value::Text(reference)]);
        }
        if let Some(since) = query.since {
            clause.and("at >= @", [Value::Number(since.0)]);
        }
        if let Some(before) = query.before {
            clause.and("id < @", [Value::Id(Uuid::from_bytes(before.bytes()))]);
        }
        let limit = most(query.limit);
        let sql = format!(
            "SELECT id, reference, site, page, reason, provider, score, raw_score, signals, at FROM refusals
             WHERE {clause} ORDER BY id DESC LIMIT {limit}"
        );
        let rows = self.reading_patiently().await?.planned(&sql, &clause.values()).await?;
        rows.iter().map(refusal).collect()
    }
}

/// The comments of these numbers and in their order, with their authors' records, claims, readers' reports and their
/// clusters' sizes.
pub(super) async fn whole(db: &Db, seqs: &[i64]) -> Result<Vec<QueueItem>, StoreError> {
    if seqs.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT {PAGE}, {ITEM} FROM comments c JOIN pages p ON p.id = c.page WHERE c.seq = ANY($1)");
    let rows = db.rows(&sql, &[&seqs]).await?;
    let items = rows.iter().map(|row| item(row).map(|item| (item.place.0, item)));
    let items: HashMap<i64, QueueItem> = items.collect::<Result<_, _>>()?;
    let mut items: Vec<QueueItem> = seqs.iter().filter_map(|seq| items.get(seq)).cloned().collect();
    let ids: Vec<CommentId> = items.iter().map(|item| item.id).collect();
    let groups = items.iter().filter_map(|item| item.cluster.map(|(cluster, _)| (cluster, item.status)));
    let groups: Vec<_> = groups.collect();
    // All under way at once: they take the time of one trip.
    let (records, mut claims, mut reports, sizes) =
        try_join4(records(db, &items), claims::of(db, &ids), reports(db, &ids), clusters::sizes(db, &groups)).await?;
    for item in &mut items {
        let record = records.get(&item.author).copied().unwrap_or_default();
        item.record = AuthorRecord { proven: item.record.proven, ..record };
        item.claim = claims.remove(&item.id);
        (item.reports, item.report_reasons) = reports.remove(&item.id).unwrap_or_default();
        if let Some((cluster, size)) = &mut item.cluster {
            *size = sizes.get(&(*cluster, item.status)).copied().unwrap_or(0);
        }
    }
    Ok(items)
}

fn item(row: &Row) -> Result<QueueItem, StoreError> {
    let page = page(row)?;
    let own = Words { name: get(row, "name")?, url: get(row, "url")?, body: get(row, "body")? };
    let desk = match optional_time(row, "desk_at")? {
        None => None,
        Some(at) => {
            let words =
                Words { name: get(row, "desk_name")?, url: get(row, "desk_url")?, body: get(row, "desk_body")? };
            Some((words, get(row, "desk_by")?, at))
        }
    };
    let (words, revised) = standing(own, desk);
    let (seq, risk) = (get(row, "seq")?, get(row, "risk")?);
    Ok(QueueItem {
        place: (seq, risk),
        id: id(row, "id")?,
        version: get(row, "version")?,
        status: named(row, "status")?,
        site: page.site.clone(),
        page,
        parent: optional_id(row, "parent")?,
        name: words.name,
        email: get(row, "email")?,
        url: words.url,
        body: words.body,
        by_staff: get(row, "by_staff")?,
        created_at: time(row, "created_at")?,
        edited_at: optional_time(row, "edited_at")?,
        captcha: captcha(row)?,
        risk,
        verdict: named(row, "verdict")?,
        signals: signals(row)?,
        author: author_id(row, "author")?,
        record: AuthorRecord { proven: get(row, "proven")?, ..AuthorRecord::default() },
        reports: 0,
        report_reasons: Vec::new(),
        decided_by: get(row, "decided_by")?,
        decided_at: optional_time(row, "decided_at")?,
        cluster: optional_id(row, "cluster")?.map(|cluster| (cluster, 0)),
        claim: None,
        revised,
    })
}

/// The records of comments' authors as they stand now, these comments included once they are decided.
async fn records(db: &Db, items: &[QueueItem]) -> Result<HashMap<AuthorId, AuthorRecord>, StoreError> {
    const RECORDS: &str = "SELECT author, coalesce(was, status) AS status, count(*) AS n FROM comments WHERE author = ANY($1) GROUP BY 1, 2";
    let authors: BTreeSet<Uuid> = items.iter().map(|item| author_uid(item.author)).collect();
    let authors: Vec<Uuid> = authors.into_iter().collect();
    let mut records: HashMap<AuthorId, AuthorRecord> = HashMap::new();
    for row in db.rows(RECORDS, &[&authors]).await? {
        tally(records.entry(author_id(&row, "author")?).or_default(), named(&row, "status")?, small(&row, "n")?);
    }
    Ok(records)
}

/// How many readers reported comments, and for which reasons, the newest first.
async fn reports(db: &Db, ids: &[CommentId]) -> Result<HashMap<CommentId, (u32, Vec<String>)>, StoreError> {
    const REPORTS: &str = "SELECT comment, count(*) AS n FROM reactions WHERE comment = ANY($1) AND kind = 'report'
         GROUP BY comment";
    const WHY: &str = "SELECT comment, reason FROM
           (SELECT comment, reason, row_number() OVER (PARTITION BY comment ORDER BY max(at) DESC, reason) AS place
            FROM reactions WHERE comment = ANY($1) AND kind = 'report' AND reason IS NOT NULL GROUP BY comment, reason) r
         WHERE place <= $2 ORDER BY comment, place";
    let mut reports: HashMap<CommentId, (u32, Vec<String>)> = HashMap::new();
    for row in db.rows(REPORTS, &[&uids(ids)]).await? {
        reports.insert(id(&row, "comment")?, (small(&row, "n")?, Vec::new()));
    }
    if !reports.is_empty() {
        for row in db.rows(WHY, &[&uids(ids), &REASONS]).await? {
            reports.entry(id(&row, "comment")?).or_default().1.push(get(&row, "reason")?);
        }
    }
    Ok(reports)
}

fn audit_row(row: &Row) -> Result<AuditRow, StoreError> {
    Ok(AuditRow {
        id: get(row, "id")?,
        at: time(row, "at")?,
        actor: get(row, "actor")?,
        action: get(row, "action")?,
        subject: get(row, "subject")?,
        detail: json(row, "detail")?,
    })
}

fn refusal(row: &Row) -> Result<RefusalRow, StoreError> {
    Ok(RefusalRow {
        id: refusal_id(row, "id")?,
        reference: get(row, "reference")?,
        site: get(row, "site")?,
        page: get(row, "page")?,
        reason: get(row, "reason")?,
        provider: get(row, "provider")?,
        score: get(row, "score")?,
        raw_score: get(row, "raw_score")?,
        signals: signals(row)?,
        at: time(row, "at")?,
    })
}
