//! What moderators look at: the queue, one item, its history, totals and refusals.

use std::collections::{HashMap, hash_map::Entry};

use rusqlite::{Connection, OptionalExtension as _, Row, params_from_iter, types::Value};

use super::{
    Sqlite, claims, clusters, listing,
    rows::{captcha, id, json, marks, named, optional_id, optional_time, page, signals, tally, time},
};
use crate::{
    domain::{AuthorId, AuthorRecord, CommentId, RefusalId, Status},
    store::{
        AuditRow, QueueItem, QueueQuery, RefusalQuery, RefusalRow, StoreError,
        fragments::{ITEM, PAGE},
        listing::{REASONS, Words, standing},
    },
};

impl Sqlite {
    pub(in crate::store) async fn queue(&self, query: QueueQuery) -> Result<Vec<QueueItem>, StoreError> {
        self.readers.read(move |connection| listing::queue(connection, &query)).await
    }

    pub(in crate::store) async fn item(&self, id: CommentId) -> Result<Option<QueueItem>, StoreError> {
        self.readers
            .read(move |connection| {
                let seq: Option<i64> = connection
                    .prepare_cached("SELECT seq FROM comments WHERE id = ?")?
                    .query_row([id.bytes()], |row| row.get(0))
                    .optional()?;
                seq.map(|seq| whole(connection, seq, &mut Seen::default())).transpose()
            })
            .await
    }

    pub(in crate::store) async fn history(&self, id: CommentId) -> Result<Vec<AuditRow>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT * FROM (SELECT * FROM audit WHERE subject = ? ORDER BY id DESC LIMIT 500) ORDER BY id",
                    )?
                    .query_map([id.to_string()], audit_row)?
                    .collect()
            })
            .await
    }

    pub(in crate::store) async fn totals(&self, sites: Option<Vec<String>>) -> Result<Vec<(String, u64)>, StoreError> {
        self.readers
            .read(move |connection| {
                let (filter, values) = of_sites(sites.as_deref());
                let sql = if filter.is_empty() {
                    "SELECT status, count(*) FROM comments GROUP BY status".to_owned()
                } else {
                    format!(
                        "SELECT c.status, count(*) FROM pages p CROSS JOIN comments c ON c.page = p.id WHERE 1 {filter} GROUP BY 1"
                    )
                };
                connection
                    .prepare_cached(&sql)?
                    .query_map(params_from_iter(values), |row| {
                        Ok((row.get(0)?, u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0)))
                    })?
                    .collect()
            })
            .await
    }

    pub(in crate::store) async fn refusals(&self, query: RefusalQuery) -> Result<Vec<RefusalRow>, StoreError> {
        self.readers.read(move |connection| refusals(connection, &query)).await
    }
}

fn of_sites(sites: Option<&[String]>) -> (String, Vec<Value>) {
    match sites {
        None => (String::new(), Vec::new()),
        Some(sites) => (
            format!("AND p.site IN ({})", marks(sites.len())),
            sites.iter().map(|site| Value::Text(site.clone())).collect(),
        ),
    }
}

/// What was counted already for one answer: clusters' sizes and authors' records.
#[derive(Default)]
pub(super) struct Seen {
    sizes: HashMap<(CommentId, Status), u64>,
    records: HashMap<AuthorId, AuthorRecord>,
}

/// The comment of this number, with its author's record, its reports and its cluster's size.
pub(super) fn whole(connection: &Connection, seq: i64, seen: &mut Seen) -> rusqlite::Result<QueueItem> {
    let item = connection
        .prepare_cached(&format!(
            "SELECT {PAGE}, {ITEM} FROM comments c JOIN pages p ON p.id = c.page WHERE c.seq = ?"
        ))?
        .query_row([seq], item)?;
    let mut item = with_record(connection, item, seen)?;
    if let Some((cluster, count)) = &mut item.cluster {
        *count = match seen.sizes.entry((*cluster, item.status)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => *unknown.insert(clusters::size(connection, *cluster, item.status)?),
        };
    }
    Ok(item)
}

fn item(row: &Row<'_>) -> rusqlite::Result<QueueItem> {
    let page = page(row)?;
    let (seq, risk) = (row.get("seq")?, row.get("risk")?);
    let own = Words { name: row.get("name")?, url: row.get("url")?, body: row.get("body")? };
    let desk = match optional_time(row, "desk_at")? {
        None => None,
        Some(at) => {
            let words = Words { name: row.get("desk_name")?, url: row.get("desk_url")?, body: row.get("desk_body")? };
            Some((words, row.get("desk_by")?, at))
        }
    };
    let (words, revised) = standing(own, desk);
    Ok(QueueItem {
        place: (seq, risk),
        id: id(row, "id")?,
        version: row.get("version")?,
        status: named(row, "status")?,
        site: page.site.clone(),
        page,
        parent: optional_id(row, "parent")?,
        name: words.name,
        email: row.get("email")?,
        url: words.url,
        body: words.body,
        by_staff: row.get("by_staff")?,
        created_at: time(row, "created_at")?,
        edited_at: optional_time(row, "edited_at")?,
        captcha: captcha(row)?,
        risk,
        verdict: named(row, "verdict")?,
        signals: signals(row)?,
        author: AuthorId::from_bytes(row.get("author")?),
        record: AuthorRecord { proven: row.get("proven")?, ..AuthorRecord::default() },
        reports: 0,
        report_reasons: Vec::new(),
        decided_by: row.get("decided_by")?,
        decided_at: optional_time(row, "decided_at")?,
        cluster: optional_id(row, "cluster")?.map(|cluster| (cluster, 0)),
        claim: None,
        revised,
    })
}

/// Claim, the author's record and readers' reports as they stand now, this comment included once it is decided.
fn with_record(connection: &Connection, mut item: QueueItem, seen: &mut Seen) -> rusqlite::Result<QueueItem> {
    let record = match seen.records.entry(item.author) {
        Entry::Occupied(known) => *known.get(),
        Entry::Vacant(unknown) => *unknown.insert(record(connection, item.author)?),
    };
    item.record = AuthorRecord { proven: item.record.proven, ..record };
    item.claim = claims::of(connection, item.id)?;
    item.reports = connection
        .prepare_cached("SELECT count(*) FROM reactions WHERE comment = ? AND kind = 'report'")?
        .query_row([item.id.bytes()], |row| row.get(0))?;
    if item.reports > 0 {
        item.report_reasons = connection
            .prepare_cached(
                "SELECT reason FROM reactions WHERE comment = ? AND kind = 'report' AND reason IS NOT NULL
                 GROUP BY reason ORDER BY max(at) DESC, reason LIMIT ?",
            )?
            .query_map(rusqlite::params![item.id.bytes(), REASONS], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
    }
    Ok(item)
}

fn record(connection: &Connection, author: AuthorId) -> rusqlite::Result<AuthorRecord> {
    let mut record = AuthorRecord::default();
    let mut statement = connection.prepare_cached(
        "SELECT coalesce(was, status) AS status, count(*) AS n FROM comments WHERE author = ? GROUP BY 1",
    )?;
    let mut rows = statement.query([author.bytes()])?;
    while let Some(row) = rows.next()? {
        let status: Status = named(row, "status")?;
        tally(&mut record, status, row.get("n")?);
    }
    Ok(record)
}

pub(super) fn audit_row(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    Ok(AuditRow {
        id: row.get("id")?,
        at: time(row, "at")?,
        actor: row.get("actor")?,
        action: row.get("action")?,
        subject: row.get("subject")?,
        detail: json(row, "detail")?,
    })
}

fn refusals(connection: &Connection, query: &RefusalQuery) -> rusqlite::Result<Vec<RefusalRow>> {
    let mut clauses = vec!["1".to_owned()];
    let mut values = Vec::new();
    if let Some(sites) = &query.sites {
        clauses.push(format!("site IN ({})", marks(sites.len())));
        values.extend(sites.iter().map(|site| Value::Text(site.clone())));
    }
    if let Some(reference) = &query.reference {
        clauses.push("reference = ?".to_owned());
        values.push(Value::Text(reference.clone()));
    }
    if let Some(since) = query.since {
        clauses.push("at >= ?".to_owned());
        values.push(Value::Integer(since.0));
    }
    if let Some(before) = query.before {
        clauses.push("id < ?".to_owned());
        values.push(Value::Blob(before.bytes().to_vec()));
    }
    values.push(Value::Integer(i64::try_from(query.limit).unwrap_or(i64::MAX)));
    let sql = format!("SELECT * FROM refusals WHERE {} ORDER BY id DESC LIMIT ?", clauses.join(" AND "));
    connection
        .prepare_cached(&sql)?
        .query_map(params_from_iter(values), |row| {
            Ok(RefusalRow {
                id: RefusalId::from_bytes(row.get("id")?),
                reference: row.get("reference")?,
                site: row.get("site")?,
                page: row.get("page")?,
                reason: row.get("reason")?,
                provider: row.get("provider")?,
                score: row.get("score")?,
                raw_score: row.get("raw_score")?,
                signals: signals(row)?,
                at: time(row, "at")?,
            })
        })?
        .collect()
}
