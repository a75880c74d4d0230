//! Sessions: what one rests on is checked again and used up in the transaction that opens it.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::json;

use super::{
    Done, Sqlite,
    keeping::append,
    people::{find, person, store_password},
    rows::time,
    second_factors,
};
use crate::{
    domain::Timestamp,
    store::{
        Entry, Key, ModeratorRow, Opened, Opening, Proof, SessionRow, StoreError, Which,
        fragments::{PERSON, SESSION},
    },
};

/// Reads [`SESSION`].
fn session(row: &Row<'_>) -> rusqlite::Result<SessionRow> {
    Ok(SessionRow {
        token: row.get("token")?,
        username: row.get("username")?,
        created_at: time(row, "created_at")?,
        expires_at: time(row, "expires_at")?,
        seen_at: time(row, "seen_at")?,
        device: row.get("device")?,
    })
}

impl Sqlite {
    pub(in crate::store) async fn open_session(&self, opening: Opening) -> Result<Opened, StoreError> {
        self.writer
            .write(move |connection| match open(connection, &opening)? {
                Opened::Yes => Ok(Done::Keep(Opened::Yes)),
                refused => Ok(Done::Undo(refused)),
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
                        "SELECT {SESSION}, {PERSON} FROM sessions s JOIN moderators m ON m.username = s.username
                         WHERE s.token = ? AND s.expires_at > ?"
                    ))?
                    .query_row(params![key, now.0], |row| Ok((session(row)?, person(row)?)))
                    .optional()
            })
            .await
    }

    pub(in crate::store) async fn sessions_of(
        &self,
        username: String,
        now: Timestamp,
    ) -> Result<Vec<SessionRow>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {SESSION} FROM sessions s WHERE s.username = ? AND s.expires_at > ?
                         ORDER BY s.created_at DESC, s.token"
                    ))?
                    .query_map(params![username, now.0], session)?
                    .collect()
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

    pub(in crate::store) async fn end_sessions(
        &self,
        username: String,
        which: Which,
        by: String,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        self.writer
            .write(move |connection| {
                let ended = end(connection, &username, which, now)?;
                if ended > 0 {
                    let detail = json!({ "count": ended });
                    append(connection, now, &by, "session.end", &username, &detail.to_string())?;
                }
                Ok(Done::Keep(ended))
            })
            .await
    }

    pub(in crate::store) fn saw(&self, session: &SessionRow, now: Timestamp) {
        let (token, username) = (session.token, session.username.clone());
        self.writer.post(move |connection| {
            connection
                .prepare_cached("UPDATE sessions SET seen_at = ?1 WHERE token = ?2 AND seen_at < ?1")?
                .execute(params![now.0, token])?;
            saw_person(connection, &username, now)?;
            Ok(Done::Keep(()))
        });
    }

    pub(in crate::store) fn note_failure(&self, username: &str, by: &str, reason: &str, now: Timestamp) {
        let (username, by) = (username.to_owned(), by.to_owned());
        let detail = json!({ "reason": reason }).to_string();
        self.writer.post(move |connection| {
            append(connection, now, &by, "session.fail", &username, &detail)?;
            Ok(Done::Keep(()))
        });
    }
}

fn open(connection: &Connection, opening: &Opening) -> rusqlite::Result<Opened> {
    let (session, now) = (&opening.session, opening.session.created_at);
    let actor = format!("moderator:{}", session.username);
    let Some(person) = find(connection, &session.username)? else { return Ok(Opened::Stale) };
    let stands = match &opening.by {
        Entry::Password(hash) => person.password.as_ref() == Some(hash),
        Entry::Invitation { token, .. } => connection
            .prepare_cached("SELECT 1 FROM invitations WHERE username = ? AND token = ? AND expires_at > ?")?
            .exists(params![session.username, token, now.0])?,
    };
    if !stands {
        return Ok(Opened::Stale);
    }
    let spent = match opening.proof {
        Some(proof) => second_factors::spend(connection, &session.username, proof)?,
        None => !person.second_factor,
    };
    if !spent {
        return Ok(Opened::Unproven);
    }
    if let Entry::Invitation { password, .. } = &opening.by {
        store_password(connection, &session.username, password)?;
        append(connection, now, &actor, "moderator.join", &session.username, "{}")?;
    }
    if let Some(Proof::Recovery(_)) = opening.proof {
        let detail = json!({ "left": second_factors::recovery_left(connection, &session.username)? });
        append(connection, now, &actor, "moderator.recovery_code", &session.username, &detail.to_string())?;
    }
    connection
        .prepare_cached(
            "INSERT INTO sessions (token, username, created_at, expires_at, seen_at, device) VALUES (?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![session.token, session.username, now.0, session.expires_at.0, now.0, session.device])?;
    saw_person(connection, &session.username, now)?;
    let detail = json!({ "second_factor": opening.proof.is_some() });
    append(connection, now, &actor, "session.open", &session.username, &detail.to_string())?;
    Ok(Opened::Yes)
}

fn saw_person(connection: &Connection, username: &str, now: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE moderators SET seen_at = ?1 WHERE username = ?2 AND coalesce(seen_at, 0) < ?1")?
        .execute(params![now.0, username])
        .map(|_one| ())
}

/// Whether this is an open session of this person.
pub(super) fn stands(connection: &Connection, username: &str, key: Key, now: Timestamp) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM sessions WHERE token = ? AND username = ? AND expires_at > ?")?
        .exists(params![key, username, now.0])
}

/// Ends sessions of a person; how many still stood.
pub(super) fn end(connection: &Connection, username: &str, which: Which, now: Timestamp) -> rusqlite::Result<usize> {
    let (clause, key) = match which {
        Which::All => ("?2 IS NULL", None),
        Which::AllBut(key) => ("token <> ?2", Some(key)),
        Which::One(key) => ("token = ?2", Some(key)),
    };
    connection
        .prepare_cached(&format!("DELETE FROM sessions WHERE username = ?1 AND {clause} AND expires_at > ?3"))?
        .execute(params![username, key, now.0])
}
