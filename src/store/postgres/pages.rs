//! Pages as moderators see them: listed with what waits there, closed, named, and given a mode of their own.

use tokio_postgres::Row;

use super::{
    Postgres,
    keeping::append,
    rows::{get, page},
};
use crate::{
    domain::Mode,
    store::{PageChange, PageLine, PageOrder, PageQuery, StoreError, fragments::PAGE, told},
};

fn line(row: &Row) -> Result<PageLine, StoreError> {
    Ok(PageLine { page: page(row)?, pending: get(row, "pending")? })
}

impl Postgres {
    pub(in crate::store) async fn pages(&self, query: PageQuery) -> Result<Vec<PageLine>, StoreError> {
        let db = self.reading_patiently().await?;
        let order = match query.order {
            PageOrder::Newest => "p.id DESC",
            PageOrder::Waiting => "p.pending DESC, p.id DESC",
        };
        let behind = match (query.after, query.order) {
            (None, _) => "$4::bigint IS NULL AND $5::bigint IS NULL",
            (Some(_), PageOrder::Newest) => "$4::bigint IS NOT NULL AND p.id < $5",
            (Some(_), PageOrder::Waiting) => "(p.pending, p.id) < ($4, $5)",
        };
        // What is sought is folded as it is there: the letters of ASCII alone.
        let sql = format!(
            r#"SELECT {PAGE}, p.pending FROM pages p
             WHERE ($1::text[] IS NULL OR p.site = ANY ($1))
               AND ($2::text IS NULL OR lower(p.url) LIKE lower($2 COLLATE "C") ESCAPE '\'
                 OR lower(p.title) LIKE lower($2 COLLATE "C") ESCAPE '\')
               AND ($3::boolean IS NULL OR p.closed = $3)
               AND {behind}
             ORDER BY {order} LIMIT $6"#
        );
        let like = query
            .text
            .as_ref()
            .map(|part| format!("%{}%", part.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")));
        let (pending, id) = query.after.unzip();
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
        let found = db.rows(&sql, &[&query.sites, &like, &query.closed, &pending, &id, &limit]).await?;
        found.iter().map(line).collect()
    }

    pub(in crate::store) async fn change_page(&self, change: PageChange) -> Result<PageLine, StoreError> {
        let db = self.writing().await?;
        let (site, key) = (change.page.site.as_str(), &change.page.key);
        let known = format!("SELECT {PAGE}, p.pending FROM pages p WHERE p.site = $1 AND p.key = $2");
        let found = db.row(&known, &[&site, key]).await?.as_ref().map(line).transpose()?;
        let mut after = found.clone().unwrap_or_else(|| told::unknown(&change));
        let Some(detail) = told::bring(&mut after.page, &change) else { return db.undo(after).await };
        if found.is_none() {
            let sql = "INSERT INTO pages (site, key, url, first_at) VALUES ($1, $2, $3, 0)";
            db.execute(sql, &[&site, key, &change.page.url]).await?;
        }
        let (page, mode) = (&after.page, after.page.mode.map(Mode::as_str));
        db.execute(
            "UPDATE pages SET closed = $1, title = $2, mode = $3, revision = revision + 1 WHERE site = $4 AND key = $5",
            &[&page.closed, &page.title, &mode, &site, key],
        )
        .await?;
        append(&db, change.now, &change.by, "page.change", &page.url, &detail).await?;
        let now = line(&db.one(&known, &[&site, key]).await?)?;
        db.keep(now).await
    }
}
