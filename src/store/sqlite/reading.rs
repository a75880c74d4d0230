//! The way out: pages, counts, single comments, and an author's own.

use rusqlite::{OptionalExtension as _, Row, params};

use super::{
    Done, Sqlite,
    deciding::{Standing, audit, move_to},
    rows::{captcha, id, named, optional_id, optional_time, page, shown, signals, time, to_json},
};
use crate::{
    domain::{AuthorId, CommentId, Status, Timestamp},
    store::{
        Edit, Edited, OwnComment, PageRow, ShownComment, StoreError,
        fragments::{PAGE, SHOWN},
    },
};

impl Sqlite {
    pub(in crate::store) async fn page(&self, site: String, key: String) -> Result<Option<PageRow>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!("SELECT {PAGE} FROM pages p WHERE p.site = ? AND p.key = ?"))?
                    .query_row([site, key], page)
                    .optional()
            })
            .await
    }

    pub(in crate::store) async fn counts(&self, pages: Vec<(String, String)>) -> Result<Vec<u64>, StoreError> {
        self.readers
            .read(move |connection| {
                let mut statement =
                    connection.prepare_cached("SELECT approved FROM pages WHERE site = ? AND key = ?")?;
                pages
                    .iter()
                    .map(|(site, key)| {
                        let count: Option<i64> = statement.query_row([site, key], |row| row.get(0)).optional()?;
                        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
                    })
                    .collect()
            })
            .await
    }

    pub(in crate::store) async fn shown(&self, id: CommentId) -> Result<Option<(PageRow, ShownComment)>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {PAGE}, {SHOWN} FROM comments c JOIN pages p ON p.id = c.page
                         JOIN comments r ON r.id = c.root WHERE c.id = ? AND c.status = 'approved'"
                    ))?
                    .query_row([id.bytes()], |row| Ok((page(row)?, shown(row)?)))
                    .optional()
            })
            .await
    }

    pub(in crate::store) async fn around(&self, id: CommentId, limit: usize) -> Result<Vec<ShownComment>, StoreError> {
        self.readers
            .read(move |connection| {
                let place: Option<(i64, Vec<u8>)> = connection
                    .prepare_cached("SELECT page, root FROM comments WHERE id = ?")?
                    .query_row([id.bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?;
                let Some((page, root)) = place else { return Ok(Vec::new()) };
                // Paths of one thread start with its root's id, and no id starts with 0xff.
                let mut end = root.clone();
                end.push(0xff);
                connection
                    .prepare_cached(&format!(
                        "SELECT {SHOWN} FROM comments c JOIN comments r ON r.id = c.root
                         WHERE c.page = ? AND c.shown > 0 AND c.path >= ? AND c.path < ? ORDER BY c.path LIMIT ?"
                    ))?
                    .query_map(params![page, root, end, i64::try_from(limit).unwrap_or(i64::MAX)], shown)?
                    .collect()
            })
            .await
    }

    pub(in crate::store) async fn own(&self, id: CommentId) -> Result<Option<OwnComment>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {PAGE}, c.* FROM comments c JOIN pages p ON p.id = c.page WHERE c.id = ?"
                    ))?
                    .query_row([id.bytes()], own)
                    .optional()
            })
            .await
    }

    pub(in crate::store) async fn edit(&self, edit: Edit) -> Result<Edited, StoreError> {
        self.writer
            .write(move |connection| {
                let Some(standing) = Standing::of(connection, edit.id)? else { return Ok(Done::Undo(Edited::Gone)) };
                if standing.status == Status::Deleted {
                    return Ok(Done::Undo(Edited::Gone));
                }
                if standing.version != edit.seen_version {
                    return Ok(Done::Undo(Edited::Conflict));
                }
                connection
                    .prepare_cached(
                        "UPDATE comments SET body = ?, sketch = ?, cluster = ?, edited_at = ?, risk = ?, verdict = ?, signals = ?,
                           desk_name = NULL, desk_url = NULL, desk_body = NULL, desk_by = NULL, desk_at = NULL WHERE seq = ?",
                    )?
                    .execute(params![
                        edit.body,
                        edit.sketch,
                        edit.cluster.map(CommentId::bytes),
                        edit.now.0,
                        edit.risk,
                        edit.verdict.as_str(),
                        to_json(&edit.signals),
                        standing.seq
                    ])?;
                let version = move_to(connection, &standing, edit.status, edit.now, None)?;
                audit(connection, edit.now, "author", "comment.edit", &standing, edit.status, None, version)?;
                Ok(Done::Keep(Edited::Stored(version)))
            })
            .await
    }

    pub(in crate::store) async fn withdraw(&self, id: CommentId, now: Timestamp) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                let Some(standing) = Standing::of(connection, id)? else { return Ok(Done::Undo(false)) };
                if standing.status == Status::Deleted {
                    return Ok(Done::Undo(true));
                }
                let version = move_to(connection, &standing, Status::Deleted, now, None)?;
                audit(connection, now, "author", "comment.delete", &standing, Status::Deleted, None, version)?;
                Ok(Done::Keep(true))
            })
            .await
    }
}

fn own(row: &Row<'_>) -> rusqlite::Result<OwnComment> {
    Ok(OwnComment {
        id: id(row, "id")?,
        page: page(row)?,
        parent: optional_id(row, "parent")?,
        depth: row.get("depth")?,
        status: named(row, "status")?,
        version: row.get("version")?,
        name: row.get("name")?,
        email: row.get("email")?,
        email_key: row.get("email_key")?,
        url: row.get("url")?,
        body: row.get("body")?,
        by_staff: row.get("by_staff")?,
        likes: super::rows::count(row, "likes")?,
        created_at: time(row, "created_at")?,
        edited_at: optional_time(row, "edited_at")?,
        edit_until: time(row, "edit_until")?,
        author: AuthorId::from_bytes(row.get("author")?),
        proven: row.get("proven")?,
        captcha: captcha(row)?,
        risk: row.get("risk")?,
        signals: signals(row)?,
        verdict: named(row, "verdict")?,
    })
}
