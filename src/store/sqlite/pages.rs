//! Pages as moderators see them: listed with what waits there, closed, named, and given a mode of their own.

use rusqlite::{Connection, OptionalExtension as _, Row, params, params_from_iter, types::Value};

use super::{
    Done, Sqlite,
    keeping::append,
    rows::{marks, page},
};
use crate::{
    domain::Mode,
    store::{PageChange, PageLine, PageOrder, PageQuery, StoreError, fragments::PAGE, told},
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
    let mut line = found.clone().unwrap_or_else(|| told::unknown(change));
    let Some(detail) = told::bring(&mut line.page, change) else { return Ok(Done::Undo(line)) };
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
    append(connection, change.now, &change.by, "page.change", &line.page.url, &detail)?;
    Ok(Done::Keep(known.query_row([site, key], self::line)?))
}
