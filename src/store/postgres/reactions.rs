//! Likes and reports: one of each a reader and comment.

use serde_json::json;

use super::{
    Postgres,
    deciding::{Standing, touch_page},
    rows::{get, uid},
};
use crate::{
    domain::{CommentId, Status, Timestamp},
    store::{Key, StoreError},
};

impl Postgres {
    pub(in crate::store) async fn like(
        &self,
        id: CommentId,
        reader: Key,
        liked: bool,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        const KEEP: &str = "INSERT INTO reactions (comment, kind, reader, at) VALUES ($1, 'like', $2, $3)
             ON CONFLICT DO NOTHING";
        const DROP: &str = "DELETE FROM reactions WHERE comment = $1 AND kind = 'like' AND reader = $2";
        let db = self.writing().await?;
        let (comment, reader) = (uid(id), reader.as_slice());
        let found =
            db.row("SELECT page, likes FROM comments WHERE id = $1 AND status = 'approved'", &[&comment]).await?;
        let Some(row) = found else { return db.undo(None).await };
        let (page, likes): (i64, i64) = (get(&row, "page")?, get(&row, "likes")?);
        let changed = match liked {
            true => db.execute(KEEP, &[&comment, &reader, &now.0]).await?,
            false => db.execute(DROP, &[&comment, &reader]).await?,
        };
        let count = |likes: i64| Some(u64::try_from(likes).unwrap_or(0));
        if changed == 0 {
            return db.undo(count(likes)).await;
        }
        let likes = likes + if liked { 1 } else { -1 };
        db.execute("UPDATE comments SET likes = $1 WHERE id = $2", &[&likes, &comment]).await?;
        touch_page(&db, page, 0).await?;
        db.keep(count(likes)).await
    }

    pub(in crate::store) async fn report(
        &self,
        id: CommentId,
        reader: Key,
        reason: String,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        const KEEP: &str = "INSERT INTO reactions (comment, kind, reader, reason, at) VALUES ($1, 'report', $2, $3, $4)
             ON CONFLICT (comment, kind, reader) DO UPDATE SET reason = excluded.reason, at = excluded.at";
        let db = self.writing().await?;
        let standing = Standing::found(&db, id).await?.filter(|standing| standing.status == Status::Approved);
        let Some(standing) = standing else { return db.undo(false).await };
        db.execute(KEEP, &[&uid(id), &reader.as_slice(), &reason, &now.0]).await?;
        let told = json!({ "status": standing.status, "version": standing.version, "by": null });
        standing.tell(&db, now, "comment.reported", told).await?;
        db.keep(true).await
    }
}
