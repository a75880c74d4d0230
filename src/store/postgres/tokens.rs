//! API tokens. Only digests are kept.

use serde_json::json;
use tokio_postgres::Row;

use super::{
    Postgres,
    keeping::append,
    rows::{get, key_of, optional_time, time},
};
use crate::{
    domain::Timestamp,
    store::{Key, StoreError, TokenRow},
};

fn token(row: &Row) -> Result<TokenRow, StoreError> {
    Ok(TokenRow {
        name: get(row, "name")?,
        token: key_of(row, "token")?,
        scope: get(row, "scope")?,
        created_at: time(row, "created_at")?,
        expires_at: optional_time(row, "expires_at")?,
    })
}

impl Postgres {
    pub(in crate::store) async fn add_token(&self, new: TokenRow, by: String) -> Result<bool, StoreError> {
        let db = self.writing().await?;
        let added = db
            .execute(
                "INSERT INTO tokens (name, token, scope, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT DO NOTHING",
                &[&new.name, &new.token.as_slice(), &new.scope, &new.created_at.0, &new.expires_at.map(|at| at.0)],
            )
            .await?;
        if added == 0 {
            return db.undo(false).await;
        }
        let detail = json!({ "scope": new.scope });
        append(&db, new.created_at, &by, "token.add", &new.name, &detail.to_string()).await?;
        db.keep(true).await
    }

    pub(in crate::store) async fn token(&self, digest: Key, now: Timestamp) -> Result<Option<TokenRow>, StoreError> {
        let db = self.reading().await?;
        let sql = "SELECT name, token, scope, created_at, expires_at FROM tokens WHERE token = $1 AND (expires_at IS NULL OR expires_at > $2)";
        db.row(sql, &[&digest.as_slice(), &now.0]).await?.as_ref().map(token).transpose()
    }

    pub(in crate::store) async fn tokens(&self) -> Result<Vec<TokenRow>, StoreError> {
        let db = self.reading().await?;
        db.rows("SELECT name, token, scope, created_at, expires_at FROM tokens ORDER BY name", &[])
            .await?
            .iter()
            .map(token)
            .collect()
    }

    pub(in crate::store) async fn revoke_token(
        &self,
        name: String,
        by: String,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let db = self.writing().await?;
        if db.execute("DELETE FROM tokens WHERE name = $1", &[&name]).await? == 0 {
            return db.undo(false).await;
        }
        append(&db, now, &by, "token.revoke", &name, "{}").await?;
        db.keep(true).await
    }
}
