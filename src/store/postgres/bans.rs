//! Bans: kept as they were given, with an audit row each way. What they do to comments is `banning`'s.

use serde_json::json;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{
    Postgres, answers,
    db::Db,
    keeping::append,
    rows::{count, get, optional_id, optional_time, time, uid},
};
use crate::{
    domain::{BanId, CommentId, Timestamp},
    store::{BanRow, BanSource, KeptAnswer, Once, StoreError, told},
};

fn ban(row: &Row) -> Result<BanRow, StoreError> {
    Ok(BanRow {
        id: BanId::from_bytes(get::<Uuid>(row, "id")?.into_bytes()),
        kind: get(row, "kind")?,
        value: get(row, "value")?,
        mode: get(row, "mode")?,
        site: get(row, "site")?,
        reason: get(row, "reason")?,
        created_by: get(row, "created_by")?,
        created_at: time(row, "created_at")?,
        expires_at: optional_time(row, "expires_at")?,
        from_comment: optional_id(row, "from_comment")?,
        applied: count(row, "applied")?,
    })
}

impl Postgres {
    pub(in crate::store) async fn bans(&self, now: Timestamp) -> Result<Vec<BanRow>, StoreError> {
        let db = self.reading().await?;
        let sql = "SELECT id, kind, value, mode, site, reason, created_by, created_at, expires_at, from_comment, applied FROM bans
             WHERE expires_at IS NULL OR expires_at > $1 ORDER BY id DESC";
        db.rows(sql, &[&now.0]).await?.iter().map(ban).collect()
    }

    /// Where the key was used before, nothing is added; what was answered then.
    pub(in crate::store) async fn ban(
        &self,
        ban: BanRow,
        once: Option<Once>,
    ) -> Result<Option<KeptAnswer>, StoreError> {
        let db = self.writing().await?;
        if let Some(once) = &once {
            if let Some(kept) = answers::find(&db, &once.key, ban.created_at).await? {
                return db.undo(Some(kept)).await;
            }
            answers::begin(&db, once, &ban.id.to_string(), ban.created_at).await?;
        }
        add(&db, &ban).await?;
        db.keep(None).await
    }

    pub(in crate::store) async fn unban(&self, id: BanId, by: String, now: Timestamp) -> Result<bool, StoreError> {
        let db = self.writing().await?;
        let sql = "DELETE FROM bans WHERE id = $1 RETURNING kind, mode, site";
        let Some(row) = db.row(sql, &[&Uuid::from_bytes(id.bytes())]).await? else { return db.undo(false).await };
        let (kind, mode, site): (String, String, Option<String>) =
            (get(&row, "kind")?, get(&row, "mode")?, get(&row, "site")?);
        let detail = json!({ "kind": kind, "mode": mode, "site": site });
        append(&db, now, &by, "ban.remove", &id.to_string(), &detail.to_string()).await?;
        db.keep(true).await
    }

    pub(in crate::store) async fn ban_source(&self, id: CommentId) -> Result<Option<BanSource>, StoreError> {
        let db = self.reading().await?;
        let sql = "SELECT p.site, c.name, c.email, c.address FROM comments c JOIN pages p ON p.id = c.page WHERE c.id = $1 AND c.was IS NULL";
        let found = db.row(sql, &[&uid(id)]).await?;
        found
            .map(|row| {
                Ok(BanSource {
                    site: get(&row, "site")?,
                    name: get(&row, "name")?,
                    email: get(&row, "email")?,
                    address: get(&row, "address")?,
                })
            })
            .transpose()
    }
}

async fn add(db: &Db, ban: &BanRow) -> Result<(), StoreError> {
    let from_comment = ban.from_comment.map(uid);
    db.execute(
        "INSERT INTO bans (id, kind, value, mode, site, reason, created_by, created_at, expires_at, from_comment)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            &Uuid::from_bytes(ban.id.bytes()),
            &ban.kind,
            &ban.value,
            &ban.mode,
            &ban.site,
            &ban.reason,
            &ban.created_by,
            &ban.created_at.0,
            &ban.expires_at.map(|at| at.0),
            &from_comment,
        ],
    )
    .await?;
    append(db, ban.created_at, &ban.created_by, "ban.add", &ban.id.to_string(), &told::of_ban(ban)).await
}
