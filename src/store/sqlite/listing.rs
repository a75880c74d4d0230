//! A stretch of the queue: narrowed, ordered, and one row a cluster where that is asked for.
//!
//! A row has a place and shows a comment. They are the same but for a cluster in the order of age: its place
//! is its oldest member's, so that a flood does not run away from who reads it, and what it shows is its newest.

use std::fmt::Write as _;

use rusqlite::{Connection, params_from_iter, types::Value};

use super::{
    queue::{Seen, whole},
    rows::marks,
};
use crate::{
    domain::{CommentId, Status, Timestamp},
    store::{
        QueueAuthor, QueueItem, QueueOrder, QueueQuery,
        listing::{SLACK, pattern},
    },
};

/// Conditions of a statement, and what their marks stand for.
#[derive(Default)]
struct Clause {
    text: String,
    values: Vec<Value>,
}

impl Clause {
    fn and(&mut self, clause: &str, values: impl IntoIterator<Item = Value>) {
        // Writing into a String cannot fail.
        let _infallible = write!(self.text, " AND {clause}");
        self.values.extend(values);
    }
}

pub(super) fn queue(connection: &Connection, query: &QueueQuery) -> rusqlite::Result<Vec<QueueItem>> {
    let order = match query.order {
        QueueOrder::Oldest => "c.seq",
        QueueOrder::Newest => "c.seq DESC",
        QueueOrder::Risk => "c.risk DESC, c.seq DESC",
    };
    let mut chosen = filter(query, "c");
    let mut shows = Clause { text: "c.seq".to_owned(), values: Vec::new() };
    if query.collapse {
        let sibling = filter(query, "d");
        let siblings = format!("FROM comments d WHERE d.cluster = c.cluster AND d.status = c.status {}", sibling.text);
        let before = match query.order {
            QueueOrder::Oldest => "<",
            QueueOrder::Newest | QueueOrder::Risk => ">",
        };
        chosen.and(
            &format!("(c.cluster IS NULL OR NOT EXISTS (SELECT 1 {siblings} AND d.seq {before} c.seq))"),
            sibling.values.iter().cloned(),
        );
        if query.order == QueueOrder::Oldest {
            shows.text = format!("coalesce((SELECT max(d.seq) {siblings}), c.seq)");
            shows.values = sibling.values;
        }
    }
    if let Some((seq, risk)) = query.after {
        let (seq, risk) = (Value::Integer(seq), Value::Real(risk));
        match query.order {
            QueueOrder::Oldest => chosen.and("c.seq > ?", [seq]),
            QueueOrder::Newest => chosen.and("c.seq < ?", [seq]),
            QueueOrder::Risk => chosen.and("c.risk <= ? AND (c.risk < ? OR c.seq < ?)", [risk.clone(), risk, seq]),
        }
    }
    let sql = format!(
        "SELECT c.seq, c.risk, {} FROM comments c {} WHERE 1 {} ORDER BY {order} LIMIT ?",
        shows.text,
        walk(query),
        chosen.text
    );
    let limit = Value::Integer(i64::try_from(query.limit).unwrap_or(i64::MAX));
    let values = shows.values.into_iter().chain(chosen.values).chain([limit]);
    let rows: Vec<((i64, f64), i64)> = connection
        .prepare_cached(&sql)?
        .query_map(params_from_iter(values), |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut seen = Seen::default();
    rows.into_iter().map(|(place, seq)| Ok(QueueItem { place, ..whole(connection, seq, &mut seen)? })).collect()
}

/// The index to walk along where nothing narrows the waiting ones to a few: without statistics the planner would
/// rather sort them all by risk.
fn walk(query: &QueueQuery) -> &'static str {
    let few = query.page.is_some() || query.author.is_some() || query.cluster.is_some() || query.reported;
    match (query.order, query.status) {
        (QueueOrder::Risk, Some(Status::Pending)) if !few => "INDEXED BY comments_risk",
        _ => "",
    }
}

/// What narrows the queue, but for where the last stretch left off.
fn filter(query: &QueueQuery, row: &str) -> Clause {
    let mut clause = Clause::default();
    let text = |text: &str| Value::Text(text.to_owned());
    if let Some(sites) = &query.sites {
        let within =
            format!("EXISTS (SELECT 1 FROM pages p WHERE p.id = {row}.page AND p.site IN ({}))", marks(sites.len()));
        clause.and(&within, sites.iter().map(|site| text(site)));
    }
    match query.status {
        // By name: the index of the risk holds what waits alone, which a mark does not tell the planner.
        Some(status) => clause.and(&format!("{row}.status = '{}'", status.as_str()), []),
        None => clause.and(&format!("{row}.status <> '{}'", Status::Deleted.as_str()), []),
    }
    if let Some(page) = query.page {
        clause.and(&format!("{row}.page = ?"), [Value::Integer(page)]);
    }
    if let Some(cluster) = query.cluster {
        clause.and(&format!("{row}.cluster = ?"), [Value::Blob(cluster.bytes().to_vec())]);
    }
    match &query.author {
        Some(QueueAuthor::Id(author)) => {
            clause.and(&format!("{row}.author = ?"), [Value::Blob(author.bytes().to_vec())]);
        }
        Some(QueueAuthor::Email(key)) => clause.and(&format!("{row}.email_key = ?"), [Value::Integer(*key)]),
        Some(QueueAuthor::Name(name)) => clause.and(&format!("{row}.name = ? COLLATE NOCASE"), [text(name)]),
        None => {}
    }
    for word in &query.words {
        let like = pattern(word);
        clause.and(
            &format!(
                "({row}.body LIKE ? ESCAPE '\\' OR {row}.name LIKE ? ESCAPE '\\' OR {row}.email LIKE ? ESCAPE '\\')"
            ),
            [text(&like), text(&like), text(&like)],
        );
    }
    if query.reported {
        clause.and(
            &format!(
                "{row}.seq IN (SELECT o.seq FROM reactions r CROSS JOIN comments o ON o.id = r.comment WHERE r.kind = 'report')"
            ),
            [],
        );
    }
    within(&mut clause, &format!("{row}.captcha_score"), query.score);
    within(&mut clause, &format!("{row}.risk"), query.risk);
    between(&mut clause, row, query.since, query.until);
    clause
}

fn within(clause: &mut Clause, column: &str, (least, most): (Option<f64>, Option<f64>)) {
    for (sign, bound) in [(">=", least), ("<=", most)] {
        if let Some(bound) = bound {
            clause.and(&format!("{column} {sign} ?"), [Value::Real(bound)]);
        }
    }
}

/// Ids begin with their time, so their index leads to the stretch of numbers; the time itself is exact.
fn between(clause: &mut Clause, row: &str, since: Option<Timestamp>, until: Option<Timestamp>) {
    if let Some(since) = since {
        let first = CommentId::first_of(since.minus(SLACK)).bytes().to_vec();
        clause.and(
            &format!("{row}.created_at >= ? AND {row}.seq >= coalesce((SELECT seq FROM comments WHERE id >= ? ORDER BY id LIMIT 1), 0)"),
            [Value::Integer(since.0), Value::Blob(first)],
        );
    }
    if let Some(until) = until {
        let last = CommentId::first_of(until.plus(SLACK)).bytes().to_vec();
        clause.and(
            &format!("{row}.created_at <= ? AND {row}.seq <= coalesce((SELECT seq FROM comments WHERE id < ? ORDER BY id DESC LIMIT 1), 0)"),
            [Value::Integer(until.0), Value::Blob(last)],
        );
    }
}
