//! People, their sessions, and API tokens. Only hashes of secrets are kept.

use rusqlite::{OptionalExtension as _, Row, params};
use serde_json::json;

use super::{
    Done, Sqlite,
    keeping::append,
    rows::{optional_time, time, to_json},
};
use crate::{
    domain::Timestamp,
    store::{Key, ModeratorRow, SessionRow, StoreError, TokenRow},
};

const PERSON: &str = "m.username AS m_username, m.role AS m_role, m.email AS m_email, m.sites AS m_sites, \
     m.password AS m_password, m.created_at AS m_created";

fn person(row: &Row<'_>) -> rusqlite::Result<ModeratorRow> {
    let sites: Option<String> = row.get("m_sites")?;
    Ok(ModeratorRow {
        username: row.get("m_username")?,
        role: row.get("m_role")?,
        email: row.get("m_email")?,
        sites: sites.and_then(|list| serde_json::from_str(&list).ok()),
        password: row.get("m_password")?,
        created_at: time(row, "m_created")?,
    })
}

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
    pub(in crate::store) async fn add_moderator(&self, new: ModeratorRow, by: String) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                let added = connection
                    .prepare_cached("INSERT INTO moderators VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING")?
                    .execute(params![
                        new.username,
                        new.role,
                        new.email,
                        new.sites.as_ref().map(to_json),
                        new.password,
                        new.created_at.0
                    ])?;
                if added == 0 {
                    return Ok(Done::Undo(false));
                }
                let detail = json!({ "role": new.role, "sites": new.sites });
                append(connection, new.created_at, &by, "moderator.add", &new.username, &detail.to_string())?;
                Ok(Done::Keep(true))
            })
            .await
    }

    pub(in crate::store) async fn moderator(&self, username: String) -> Result<Option<ModeratorRow>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!("SELECT {PERSON} FROM moderators m WHERE m.username = ?"))?
                    .query_row([username], person)
                    .optional()
            })
            .await
    }

    pub(in crate::store) async fn moderators(&self) -> Result<Vec<ModeratorRow>, StoreError> {
        self.readers
            .read(|connection| {
                connection
                    .prepare_cached(&format!("SELECT {PERSON} FROM moderators m ORDER BY m.username"))?
                    .query_map([], person)?
                    .collect()
            })
            .await
    }

    pub(in crate::store) async fn remove_moderator(
        &self,
        username: String,
        by: String,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                let gone =
                    connection.prepare_cached("DELETE FROM moderators WHERE username = ?")?.execute([&username])?;
                if gone == 0 {
                    return Ok(Done::Undo(false));
                }
                append(connection, now, &by, "moderator.remove", &username, "{}")?;
                Ok(Done::Keep(true))
            })
            .await
    }

    pub(in crate::store) async fn set_password(
        &self,
        username: String,
        hash: String,
        by: String,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                let set = connection
                    .prepare_cached("UPDATE moderators SET password = ? WHERE username = ?")?
                    .execute([&hash, &username])?;
                if set == 0 {
                    return Ok(Done::Undo(false));
                }
                connection.prepare_cached("DELETE FROM sessions WHERE username = ?")?.execute([&username])?;
                append(connection, now, &by, "moderator.password", &username, "{}")?;
                Ok(Done::Keep(true))
            })
            .await
    }

    pub(in crate::store) async fn open_session(&self, session: SessionRow) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                connection.prepare_cached("INSERT INTO sessions VALUES (?, ?, ?, ?)")?.execute(params![
                    session.token,
                    session.username,
                    session.created_at.0,
                    session.expires_at.0
                ])?;
                let actor = format!("moderator:{}", session.username);
                append(connection, session.created_at, &actor, "session.open", &session.username, "{}")?;
                Ok(Done::Keep(()))
            })
            .await
    }

    pub(in crate::store) async fn session(
        &self,
        key: Key,
        now: Timestamp,
    ) -> Result<Option<(SessionRow, ModeratorRow)>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT s.token, s.username, s.created_at, s.expires_at, {PERSON}
                         FROM sessions s JOIN moderators m ON m.username = s.username
                         WHERE s.token = ? AND s.expires_at > ?"
                    ))?
                    .query_row(params![key, now.0], |row| {
                        let session = SessionRow {
                            token: row.get("token")?,
                            username: row.get("username")?,
                            created_at: time(row, "created_at")?,
                            expires_at: time(row, "expires_at")?,
                        };
                        Ok((session, person(row)?))
                    })
                    .optional()
            })
            .await
    }

    pub(in crate::store) async fn close_session(&self, key: Key, by: String, now: Timestamp) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                let ended = connection.prepare_cached("DELETE FROM sessions WHERE token = ?")?.execute([key])?;
                if ended > 0 {
                    let name = by.strip_prefix("moderator:").unwrap_or(&by).to_owned();
                    append(connection, now, &by, "session.close", &name, "{}")?;
                }
                Ok(Done::Keep(()))
            })
            .await
    }

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
