//! API tokens. Only digests are kept.

use rusqlite::{OptionalExtension as _, Row, params};
use serde_json::json;

use super::{
    Done, Sqlite,
    keeping::append,
    rows::{optional_time, time},
};
use crate::{
    domain::Timestamp,
    store::{Key, StoreError, TokenRow},
};

fn token(row: &Row<'_>) -> rusqlite::Result<TokenRow> {
    Ok(TokenRow {
        name: row.get("name")?,
        token: row.get("token")?,
        scope: row.get("scope")?,
        created_at: time(row, "created_at")?,
        expires_at: optional_time(row, "expires_at")?,
    })
}

impl Sqlite {
    pub(in crate::store) async fn add_token(&self, new: TokenRow, by: String) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                let added = connection
                    .prepare_cached("INSERT INTO tokens VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING")?
                    .execute(params![
                        new.name,
                        new.token,
                        new.scope,
                        new.created_at.0,
                        new.expires_at.map(|at| at.0)
                    ])?;
                if added == 0 {
                    return Ok(Done::Undo(false));
                }
                let detail = json!({ "scope": new.scope });
                append(connection, new.created_at, &by, "token.add", &new.name, &detail.to_string())?;
                Ok(Done::Keep(true))
            })
            .await
    }

    pub(in crate::store) async fn token(&self, digest: Key, now: Timestamp) -> Result<Option<TokenRow>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT * FROM tokens WHERE token = ? AND (expires_at IS NULL OR expires_at > ?)")?
                    .query_row(params![digest, now.0], token)
                    .optional()
            })
            .await
    }

    pub(in crate::store) async fn tokens(&self) -> Result<Vec<TokenRow>, StoreError> {
        self.readers
            .read(|connection| {
                connection.prepare_cached("SELECT * FROM tokens ORDER BY name")?.query_map([], token)?.collect()
            })
            .await
    }

    pub(in crate::store) async fn revoke_token(
        &self,
        name: String,
        by: String,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                let gone = connection.prepare_cached("DELETE FROM tokens WHERE name = ?")?.execute([&name])?;
                if gone == 0 {
                    return Ok(Done::Undo(false));
                }
                append(connection, now, &by, "token.revoke", &name, "{}")?;
                Ok(Done::Keep(true))
            })
            .await
    }
}
