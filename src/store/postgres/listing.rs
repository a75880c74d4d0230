//! A stretch of the queue: narrowed, ordered, and one row a cluster where that is asked for.
//!
//! A row has a place and shows a comment. They are the same but for a cluster in the order of age: its place
//! is its oldest member's, so that a flood does not run away from who reads it, and what it shows is its newest.

use std::collections::HashMap;

use super::{
    clause::{Clause, Value},
    db::Db,
    queue::whole,
    rows::{author_uid, get, most, uid},
};
use crate::{
    domain::{CommentId, Status, Timestamp},
    store::{
        QueueAuthor, QueueItem, QueueOrder, QueueQuery, StoreError,
        listing::{SLACK, pattern},
    },
};

/// Whether the row `#` is of these sites: from either end, as it comes cheaper.
const OF_SITES: &str = "EXISTS (SELECT 1 FROM pages p WHERE p.id = #.page AND p.site = ANY(@))";
/// The same of a row that is looked at by itself, again and again.
const IS_OF_SITES: &str = "(SELECT p.site FROM pages p WHERE p.id = #.page) = ANY(@)";

pub(super) async fn queue(db: &Db, query: &QueueQuery) -> Result<Vec<QueueItem>, StoreError> {
    let order = match query.order {
        QueueOrder::Oldest => "c.seq",
        QueueOrder::Newest => "c.seq DESC",
        QueueOrder::Risk => "c.risk DESC, c.seq DESC",
    };
    let (shows, chosen) = chosen(query);
    let (rows, limit) = (of_row(&chosen, "c"), most(query.limit));
    let sql =
        format!("SELECT c.seq, c.risk, {shows} AS shows FROM comments c WHERE {rows} ORDER BY {order} LIMIT {limit}");
    let (mut places, mut shown) = (Vec::new(), Vec::new());
    for row in db.planned(&sql, &chosen.values()).await? {
        let seq: i64 = get(&row, "shows")?;
        places.push(((get(&row, "seq")?, get(&row, "risk")?), seq));
        shown.push(seq);
    }
    let items = whole(db, &shown).await?;
    let mut items: HashMap<i64, QueueItem> = items.into_iter().map(|item| (item.place.0, item)).collect();
    let placed = places.into_iter().filter_map(|(place, seq)| Some(QueueItem { place, ..items.remove(&seq)? }));
    Ok(placed.collect())
}

/// What a row shows, and which rows there are.
fn chosen(query: &QueueQuery) -> (String, Clause) {
    let mut chosen = filter(query, OF_SITES);
    let mut shows = "c.seq".to_owned();
    if query.collapse {
        // The same values in the same order, so its marks are those of the row itself.
        let sibling = filter(query, IS_OF_SITES);
        let siblings = format!(
            "FROM comments d WHERE d.cluster = c.cluster AND d.status = c.status AND {}",
            of_row(&sibling, "d")
        );
        let before = match query.order {
            QueueOrder::Oldest => "<",
            QueueOrder::Newest | QueueOrder::Risk => ">",
        };
        let first = format!("(c.cluster IS NULL OR NOT EXISTS (SELECT 1 {siblings} AND d.seq {before} c.seq))");
        chosen.and(&first, []);
        if query.order == QueueOrder::Oldest {
            shows = format!("coalesce((SELECT max(d.seq) {siblings}), c.seq)");
        }
    }
    if let Some((seq, risk)) = query.after {
        let seq = Value::Number(seq);
        match query.order {
            QueueOrder::Oldest => chosen.and("c.seq > @", [seq]),
            QueueOrder::Newest => chosen.and("c.seq < @", [seq]),
            QueueOrder::Risk => chosen.and("(c.risk, c.seq) < (@, @)", [Value::Real(risk), seq]),
        }
    }
    (shows, chosen)
}

/// Conditions on a row of this name.
fn of_row(clause: &Clause, row: &str) -> String {
    clause.to_string().replace('#', row)
}

/// What narrows the queue, but for where the last stretch left off. The row is called `#`.
fn filter(query: &QueueQuery, of_sites: &str) -> Clause {
    let mut clause = Clause::default();
    match query.status {
        // By name: the index of the risk holds what waits alone.
        Some(status) => clause.and(&format!("#.status = '{}'", status.as_str()), []),
        None => clause.and(&format!("#.status <> '{}'", Status::Deleted.as_str()), []),
    }
    if let Some(sites) = &query.sites {
        clause.and(of_sites, [Value::Texts(sites.clone())]);
    }
    if let Some(page) = query.page {
        clause.and("#.page = @", [Value::Number(page)]);
    }
    if let Some(cluster) = query.cluster {
        clause.and("#.cluster = @", [Value::Id(uid(cluster))]);
    }
    // Letters of ASCII alone are folded, here as there: the columns' collation knows no others.
    match &query.author {
        Some(QueueAuthor::Id(author)) => clause.and("#.author = @", [Value::Id(author_uid(*author))]),
        Some(QueueAuthor::Email(key)) => clause.and("#.email_key = @", [Value::Number(*key)]),
        Some(QueueAuthor::Name(name)) => clause.and("lower(#.name) = @", [Value::Text(name.to_ascii_lowercase())]),
        None => {}
    }
    for word in &query.words {
        let like = || Value::Text(pattern(&word.to_ascii_lowercase()));
        let anywhere = "(lower(#.body) LIKE @ OR lower(#.name) LIKE @ OR lower(#.email) LIKE @)";
        clause.and(anywhere, [like(), like(), like()]);
    }
    if query.reported {
        let reported =
            "#.seq IN (SELECT o.seq FROM reactions r JOIN comments o ON o.id = r.comment WHERE r.kind = 'report')";
        clause.and(reported, []);
    }
    within(&mut clause, "#.captcha_score", query.score);
    within(&mut clause, "#.risk", query.risk);
    between(&mut clause, query.since, query.until);
    clause
}

fn within(clause: &mut Clause, column: &str, (least, most): (Option<f64>, Option<f64>)) {
    for (sign, bound) in [(">=", least), ("<=", most)] {
        if let Some(bound) = bound {
            clause.and(&format!("{column} {sign} @"), [Value::Real(bound)]);
        }
    }
}

/// Ids begin with their time, so their index leads to the stretch of numbers; the time itself is exact.
fn between(clause: &mut Clause, since: Option<Timestamp>, until: Option<Timestamp>) {
    if let Some(since) = since {
        let first = Value::Id(uid(CommentId::first_of(since.minus(SLACK))));
        clause.and(
            "#.created_at >= @ AND #.seq >= coalesce((SELECT f.seq FROM comments f WHERE f.id >= @ ORDER BY f.id LIMIT 1), 0)",
            [Value::Number(since.0), first],
        );
    }
    if let Some(until) = until {
        let last = Value::Id(uid(CommentId::first_of(until.plus(SLACK))));
        clause.and(
            "#.created_at <= @ AND #.seq <= coalesce((SELECT l.seq FROM comments l WHERE l.id < @ ORDER BY l.id DESC LIMIT 1), 0)",
            [Value::Number(until.0), last],
        );
    }
}
