//! Pages as moderators see them: listed with what waits there, closed, named, and given a mode of their own.

use rusqlite::{Connection, OptionalExtension as _, Row, params, params_from_iter, types::Value};
use serde_json::{Map, Value as Json, json};

use super::{
    Done, Sqlite,
    keeping::append,
    rows::{PAGE, marks, page},
};
use crate::{
    domain::Mode,
    store::{PageChange, PageLine, PageOrder, PageQuery, PageRow, StoreError},
};

impl Sqlite {
    pub(in crate::store) async fn pages(&self, query: PageQuery) -> Result<Vec<PageLine>, StoreError> {
        self.readers.read(move |connection| pages(connection, &query)).await
    }

    pub(in crate::store) async fn change_page(&self, change: PageChange) -> Result<PageLine, StoreError> {
        self.writer.write(move |connection| change_page(connection, &change)).await
    }
}

fn pages(connection: &Connection, query: &PageQuery) -> rusqlite::Result<Vec<PageLine>> {
    let (mut clauses, mut values) = (vec!["1".to_owned()], Vec::new());
    if let Some(sites) = &query.sites {
        clauses.push(format!("p.site IN ({})", marks(sites.len())));
        values.extend(sites.iter().map(|site| Value::Text(site.clone())));
    }
    if let Some(part) = &query.text {
        let like = format!("%{}%", part.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        clauses.push("(p.url LIKE ? ESCAPE '\\' OR p.title LIKE ? ESCAPE '\\')".to_owned());
        values.extend([Value::Text(like.clone()), Value::Text(like)]);
    }
    if let Some(closed) = query.closed {
        clauses.push("p.closed = ?".to_owned());
        values.push(Value::Integer(i64::from(closed)));
    }
    let order = match query.order {
        PageOrder::Newest => "p.id DESC",
        PageOrder::Waiting => "p.pending DESC, p.id DESC",
    };
    if let Some((pending, id)) = query.after {
        match query.order {
            PageOrder::Newest => clauses.push("p.id < ?".to_owned()),
            PageOrder::Waiting => {
                clauses.push("(p.pending, p.id) < (?, ?)".to_owned());
                values.push(Value::Integer(pending));
            }
        }
        values.push(Value::Integer(id));
    }
    values.push(Value::Integer(i64::try_from(query.limit).unwrap_or(i64::MAX)));
    connection
        .prepare_cached(&format!(
            "SELECT {PAGE}, p.pending FROM pages p WHERE {} ORDER BY {order} LIMIT ?",
            clauses.join(" AND ")
        ))?
        .query_map(params_from_iter(values), line)?
        .collect()
}

fn line(row: &Row<'_>) -> rusqlite::Result<PageLine> {
    Ok(PageLine { page: page(row)?, pending: row.get("pending")? })
}

fn change_page(connection: &Connection, change: &PageChange) -> rusqlite::Result<Done<PageLine>> {
    let (site, key) = (change.page.site.as_str(), &change.page.key);
    let mut known =
        connection.prepare_cached(&format!("SELECT {PAGE}, p.pending FROM pages p WHERE p.site = ? AND p.key = ?"))?;
    let found = known.query_row([site, key], line).optional()?;
    let mut line = found.clone().unwrap_or_else(|| unknown(change));
    let changed = differences(change, &mut line.page);
    if changed.is_empty() {
        return Ok(Done::Undo(line));
    }
    if found.is_none() {
        connection
            .prepare_cached("INSERT INTO pages (site, key, url, first_at) VALUES (?, ?, ?, 0)")?
            .execute(params![site, key, change.page.url])?;
    }
    connection
        .prepare_cached(
            "UPDATE pages SET closed = ?, title = ?, mode = ?, revision = revision + 1 WHERE site = ? AND key = ?",
        )?
        .execute(params![line.page.closed, line.page.title, line.page.mode.map(Mode::as_str), site, key])?;
    let side = |side: fn(&(Json, Json)) -> &Json| -> Map<String, Json> {
        changed.iter().map(|(name, both)| ((*name).to_owned(), side(both).clone())).collect()
    };
    let detail =
        json!({ "site": site, "page": key, "before": side(|(before, _)| before), "after": side(|(_, after)| after) });
    append(connection, change.now, &change.by, "page.change", &line.page.url, &detail.to_string())?;
    Ok(Done::Keep(known.query_row([site, key], self::line)?))
}

/// A page as it is before anybody knows it.
fn unknown(change: &PageChange) -> PageLine {
    let page = PageRow {
        id: 0,
        site: change.page.site.to_string(),
        key: change.page.key.clone(),
        url: change.page.url.clone(),
        title: None,
        closed: false,
        mode: None,
        first_at: None,
        revision: 0,
        approved: 0,
    };
    PageLine { page, pending: 0 }
}

/// Brings the row to what is asked for; what that changes, each before and after.
fn differences(change: &PageChange, page: &mut PageRow) -> Vec<(&'static str, (Json, Json))> {
    let mut changed = Vec::new();
    if let Some(closed) = change.closed.filter(|closed| *closed != page.closed) {
        changed.push(("closed", (json!(page.closed), json!(closed))));
        page.closed = closed;
    }
    if let Some(title) = change.title.as_ref().filter(|title| **title != page.title) {
        changed.push(("title", (json!(page.title), json!(title))));
        page.title.clone_from(title);
    }
    if let Some(mode) = change.mode.filter(|mode| *mode != page.mode) {
        changed.push(("mode", (json!(page.mode), json!(mode))));
        page.mode = mode;
    }
    changed
}
