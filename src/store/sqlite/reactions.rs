//! Likes and reports: one of each a reader and comment.

use rusqlite::{OptionalExtension as _, params};
use serde_json::json;

use super::{
    Done, Sqlite,
    deciding::{Standing, touch_page},
};
use crate::{
    domain::{CommentId, Status, Timestamp},
    store::{Key, StoreError},
};

impl Sqlite {
    pub(in crate::store) async fn like(
        &self,
        id: CommentId,
        reader: Key,
        liked: bool,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        self.writer
            .write(move |connection| {
                let found: Option<(i64, i64)> = connection
                    .prepare_cached("SELECT page, likes FROM comments WHERE id = ? AND status = 'approved'")?
                    .query_row([id.bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?;
                let Some((page, likes)) = found else { return Ok(Done::Undo(None)) };
                let changed = if liked {
                    connection
                        .prepare_cached("INSERT INTO reactions VALUES (?, 'like', ?, NULL, ?) ON CONFLICT DO NOTHING")?
                        .execute(params![id.bytes(), reader, now.0])?
                } else {
                    connection
                        .prepare_cached("DELETE FROM reactions WHERE comment = ? AND kind = 'like' AND reader = ?")?
                        .execute(params![id.bytes(), reader])?
                };
                let count = |likes: i64| u64::try_from(likes).unwrap_or(0);
                if changed == 0 {
                    return Ok(Done::Undo(Some(count(likes))));
                }
                let likes = likes + if liked { 1 } else { -1 };
                connection
                    .prepare_cached("UPDATE comments SET likes = ? WHERE id = ?")?
                    .execute(params![likes, id.bytes()])?;
                touch_page(connection, page, 0)?;
                Ok(Done::Keep(Some(count(likes))))
            })
            .await
    }

    pub(in crate::store) async fn report(
        &self,
        id: CommentId,
        reader: Key,
        reason: String,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                let standing = Standing::of(connection, id)?.filter(|standing| standing.status == Status::Approved);
                let Some(standing) = standing else { return Ok(Done::Undo(false)) };
                connection
                    .prepare_cached(
                        "INSERT INTO reactions VALUES (?, 'report', ?, ?, ?)
                         ON CONFLICT DO UPDATE SET reason = excluded.reason, at = excluded.at",
                    )?
                    .execute(params![id.bytes(), reader, reason, now.0])?;
                let told = json!({ "status": standing.status, "version": standing.version, "by": null });
                standing.event(connection, now, "comment.reported", told)?;
                Ok(Done::Keep(true))
            })
            .await
    }
}
