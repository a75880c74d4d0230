//! Bans: kept as they were given, with an audit row each way. What they do to comments is `banning`'s.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::json;

use super::{
    Done, Sqlite, answers,
    keeping::append,
    rows::{count, optional_id, optional_time, time},
};
use crate::{
    domain::{BanId, CommentId, Timestamp},
    store::{BanRow, BanSource, KeptAnswer, Once, StoreError, told},
};

impl Sqlite {
    pub(in crate::store) async fn bans(&self, now: Timestamp) -> Result<Vec<BanRow>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT * FROM bans WHERE expires_at IS NULL OR expires_at > ? ORDER BY id DESC")?
                    .query_map([now.0], |row| {
                        Ok(BanRow {
                            id: BanId::from_bytes(row.get("id")?),
                            kind: row.get("kind")?,
                            value: row.get("value")?,
                            mode: row.get("mode")?,
                            site: row.get("site")?,
                            reason: row.get("reason")?,
                            created_by: row.get("created_by")?,
                            created_at: time(row, "created_at")?,
                            expires_at: optional_time(row, "expires_at")?,
                            from_comment: optional_id(row, "from_comment")?,
                            applied: count(row, "applied")?,
                        })
                    })?
                    .collect()
            })
            .await
    }

    /// Where the key was used before, nothing is added; what was answered then.
    pub(in crate::store) async fn ban(
        &self,
        ban: BanRow,
        once: Option<Once>,
    ) -> Result<Option<KeptAnswer>, StoreError> {
        self.writer
            .write(move |connection| {
                if let Some(once) = &once {
                    if let Some(kept) = answers::find(connection, &once.key, ban.created_at)? {
                        return Ok(Done::Undo(Some(kept)));
                    }
                    answers::begin(connection, once, &ban.id.to_string(), ban.created_at)?;
                }
                add(connection, &ban)?;
                Ok(Done::Keep(None))
            })
            .await
    }

    pub(in crate::store) async fn unban(&self, id: BanId, by: String, now: Timestamp) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                let removed = connection
                    .prepare_cached("DELETE FROM bans WHERE id = ? RETURNING kind, mode, site")?
                    .query_row([id.bytes()], |row| {
                        let (kind, mode, site): (String, String, Option<String>) =
                            (row.get(0)?, row.get(1)?, row.get(2)?);
                        Ok(json!({ "kind": kind, "mode": mode, "site": site }))
                    })
                    .optional()?;
                let Some(detail) = removed else { return Ok(Done::Undo(false)) };
                append(connection, now, &by, "ban.remove", &id.to_string(), &detail.to_string())?;
                Ok(Done::Keep(true))
            })
            .await
    }

    pub(in crate::store) async fn ban_source(&self, id: CommentId) -> Result<Option<BanSource>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT p.site, c.name, c.email, c.address FROM comments c JOIN pages p ON p.id = c.page
                         WHERE c.id = ? AND c.was IS NULL",
                    )?
                    .query_row([id.bytes()], |row| {
                        Ok(BanSource { site: row.get(0)?, name: row.get(1)?, email: row.get(2)?, address: row.get(3)? })
                    })
                    .optional()
            })
            .await
    }
}

fn add(connection: &Connection, ban: &BanRow) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO bans (id, kind, value, mode, site, reason, created_by, created_at, expires_at, from_comment)
             VALUES (?,?,?,?,?,?,?,?,?,?)",
        )?
        .execute(params![
            ban.id.bytes(),
            ban.kind,
            ban.value,
            ban.mode,
            ban.site,
            ban.reason,
            ban.created_by,
            ban.created_at.0,
            ban.expires_at.map(|at| at.0),
            ban.from_comment.map(|id| id.bytes()),
        ])?;
    append(connection, ban.created_at, &ban.created_by, "ban.add", &ban.id.to_string(), &told::of_ban(ban))
}
