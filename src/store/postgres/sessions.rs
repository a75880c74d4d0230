//! Sessions: what one rests on is checked again and used up in the transaction that opens it.

use serde_json::json;
use tokio_postgres::Row;

use super::{
    Postgres,
    db::Db,
    keeping::append,
    notes::Note,
    people::{find, person, store_password},
    rows::{get, key_of, time},
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
fn session(row: &Row) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        token: key_of(row, "token")?,
        username: get(row, "username")?,
        created_at: time(row, "created_at")?,
        expires_at: time(row, "expires_at")?,
        seen_at: time(row, "seen_at")?,
        device: get(row, "device")?,
    })
}

impl Postgres {
    pub(in crate::store) async fn open_session(&self, opening: Opening) -> Result<Opened, StoreError> {
        let db = self.writing().await?;
        match open(&db, &opening).await? {
            Opened::Yes => db.keep(Opened::Yes).await,
            refused => db.undo(refused).await,
        }
    }

    pub(in crate::store) async fn session(
        &self,
        key: Key,
        now: Timestamp,
    ) -> Result<Option<(SessionRow, ModeratorRow)>, StoreError> {
        let db = self.reading().await?;
        let sql = format!(
            "SELECT {SESSION}, {PERSON} FROM sessions s JOIN moderators m ON m.username = s.username
             WHERE s.token = $1 AND s.expires_at > $2"
        );
        let found = db.row(&sql, &[&key.as_slice(), &now.0]).await?;
        found.map(|row| Ok((session(&row)?, person(&row)?))).transpose()
    }

    pub(in crate::store) async fn sessions_of(
        &self,
        username: String,
        now: Timestamp,
    ) -> Result<Vec<SessionRow>, StoreError> {
        let db = self.reading().await?;
        let sql = format!(
            "SELECT {SESSION} FROM sessions s WHERE s.username = $1 AND s.expires_at > $2
             ORDER BY s.created_at DESC, s.token"
        );
        db.rows(&sql, &[&username, &now.0]).await?.iter().map(session).collect()
    }

    pub(in crate::store) async fn close_session(&self, key: Key, by: String, now: Timestamp) -> Result<(), StoreError> {
        let db = self.writing().await?;
        if db.execute("DELETE FROM sessions WHERE token = $1", &[&key.as_slice()]).await? > 0 {
            let name = by.strip_prefix("moderator:").unwrap_or(&by);
            append(&db, now, &by, "session.close", name, "{}").await?;
        }
        db.keep(()).await
    }

    pub(in crate::store) async fn end_sessions(
        &self,
        username: String,
        which: Which,
        by: String,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let db = self.writing().await?;
        let ended = end(&db, &username, which, now).await?;
        if ended > 0 {
            let detail = json!({ "count": ended });
            append(&db, now, &by, "session.end", &username, &detail.to_string()).await?;
        }
        db.keep(ended).await
    }

    pub(in crate::store) fn saw(&self, session: &SessionRow, now: Timestamp) {
        self.leave(Note::Saw { token: session.token, username: session.username.clone(), now });
    }

    pub(in crate::store) fn note_failure(&self, username: &str, by: &str, reason: &str, now: Timestamp) {
        let detail = json!({ "reason": reason }).to_string();
        self.leave(Note::Failed { username: username.to_owned(), by: by.to_owned(), detail, now });
    }

    fn leave(&self, note: Note) {
        if let Some(notes) = &self.notes {
            notes.leave(note);
        }
    }
}

async fn open(db: &Db, opening: &Opening) -> Result<Opened, StoreError> {
    let (session, now) = (&opening.session, opening.session.created_at);
    let name = session.username.as_str();
    let actor = format!("moderator:{name}");
    let Some(person) = find(db, name).await? else { return Ok(Opened::Stale) };
    let stands = match &opening.by {
        Entry::Password(hash) => person.password.as_ref() == Some(hash),
        Entry::Invitation { token, .. } => {
            let sql = "SELECT 1 FROM invitations WHERE username = $1 AND token = $2 AND expires_at > $3";
            db.finds(sql, &[&name, &token.as_slice(), &now.0]).await?
        }
    };
    if !stands {
        return Ok(Opened::Stale);
    }
    let spent = match opening.proof {
        Some(proof) => second_factors::spend(db, name, proof).await?,
        None => !person.second_factor,
    };
    if !spent {
        return Ok(Opened::Unproven);
    }
    if let Entry::Invitation { password, .. } = &opening.by {
        store_password(db, name, password).await?;
        append(db, now, &actor, "moderator.join", name, "{}").await?;
    }
    if let Some(Proof::Recovery(_)) = opening.proof {
        let detail = json!({ "left": second_factors::recovery_left(db, name).await? });
        append(db, now, &actor, "moderator.recovery_code", name, &detail.to_string()).await?;
    }
    db.execute(
        "INSERT INTO sessions (token, username, created_at, expires_at, seen_at, device) VALUES ($1, $2, $3, $4, $3, $5)",
        &[&session.token.as_slice(), &name, &now.0, &session.expires_at.0, &session.device],
    )
    .await?;
    saw_person(db, name, now).await?;
    let detail = json!({ "second_factor": opening.proof.is_some() });
    append(db, now, &actor, "session.open", name, &detail.to_string()).await?;
    Ok(Opened::Yes)
}

/// Notes that a session was used.
pub(super) async fn saw(db: &Db, token: &Key, username: &str, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE sessions SET seen_at = $1 WHERE token = $2 AND seen_at < $1";
    db.execute(sql, &[&now.0, &token.as_slice()]).await?;
    saw_person(db, username, now).await
}

async fn saw_person(db: &Db, username: &str, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE moderators SET seen_at = $1 WHERE username = $2 AND coalesce(seen_at, 0) < $1";
    db.execute(sql, &[&now.0, &username]).await.map(|_one| ())
}

/// Whether this is an open session of this person.
pub(super) async fn stands(db: &Db, username: &str, key: Key, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM sessions WHERE token = $1 AND username = $2 AND expires_at > $3";
    db.finds(sql, &[&key.as_slice(), &username, &now.0]).await
}

/// Ends sessions of a person; how many still stood.
pub(super) async fn end(db: &Db, username: &str, which: Which, now: Timestamp) -> Result<usize, StoreError> {
    let (those, key) = match which {
        Which::All => ("$2::bytea IS NULL", None),
        Which::AllBut(key) => ("token <> $2", Some(key)),
        Which::One(key) => ("token = $2", Some(key)),
    };
    let sql = format!("DELETE FROM sessions WHERE username = $1 AND {those} AND expires_at > $3");
    let ended = db.execute(&sql, &[&username, &key.as_ref().map(Key::as_slice), &now.0]).await?;
    Ok(usize::try_from(ended).unwrap_or(usize::MAX))
}
