//! Second factors and recovery codes: what counts once is spent by the very statement that finds it unspent.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Done, Sqlite, keeping::append};
use crate::{
    domain::Timestamp,
    store::{Key, Proof, SecondFactorRow, StoreError},
};

impl Sqlite {
    pub(in crate::store) async fn second_factor(
        &self,
        username: String,
        now: Timestamp,
    ) -> Result<Option<SecondFactorRow>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT secret, CASE WHEN pending_until > ?2 THEN pending END AS pending, last_step
                         FROM second_factors WHERE username = ?1",
                    )?
                    .query_row(params![username, now.0], |row| {
                        Ok(SecondFactorRow {
                            secret: row.get("secret")?,
                            pending: row.get("pending")?,
                            last_step: row.get("last_step")?,
                        })
                    })
                    .optional()
            })
            .await
    }

    pub(in crate::store) async fn begin_second_factor(
        &self,
        username: String,
        pending: Vec<u8>,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                // Who was removed meanwhile gets no row: the key to the people would be broken.
                connection
                    .prepare_cached(
                        "INSERT INTO second_factors (username, pending, pending_until)
                         SELECT username, ?2, ?3 FROM moderators WHERE username = ?1
                         ON CONFLICT (username) DO UPDATE SET pending = ?2, pending_until = ?3",
                    )?
                    .execute(params![username, pending, until.0])?;
                Ok(Done::Keep(()))
            })
            .await
    }

    pub(in crate::store) async fn confirm_second_factor(
        &self,
        username: String,
        pending: Vec<u8>,
        step: i64,
        recovery: Vec<Key>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                let confirmed = connection
                    .prepare_cached(
                        "UPDATE second_factors SET secret = pending, pending = NULL, pending_until = NULL,
                           last_step = max(last_step, ?3)
                         WHERE username = ?1 AND pending = ?2 AND pending_until > ?4",
                    )?
                    .execute(params![username, pending, step, now.0])?;
                if confirmed == 0 {
                    return Ok(Done::Undo(false));
                }
                connection.prepare_cached("DELETE FROM recovery_codes WHERE username = ?")?.execute([&username])?;
                for digest in recovery {
                    connection
                        .prepare_cached("INSERT INTO recovery_codes (username, digest) VALUES (?, ?)")?
                        .execute(params![username, digest])?;
                }
                let actor = format!("moderator:{username}");
                append(connection, now, &actor, "moderator.second_factor_on", &username, "{}")?;
                Ok(Done::Keep(true))
            })
            .await
    }
}

/// Uses up what proved the second factor; false where it was used before, or none is in force.
pub(super) fn spend(connection: &Connection, username: &str, proof: Proof) -> rusqlite::Result<bool> {
    let spent = match proof {
        Proof::Step(step) => connection
            .prepare_cached(
                "UPDATE second_factors SET last_step = ?2
                 WHERE username = ?1 AND secret IS NOT NULL AND last_step < ?2",
            )?
            .execute(params![username, step])?,
        Proof::Recovery(digest) => connection
            .prepare_cached("DELETE FROM recovery_codes WHERE username = ? AND digest = ?")?
            .execute(params![username, digest])?,
    };
    Ok(spent > 0)
}

/// How many recovery codes a person has left.
pub(super) fn recovery_left(connection: &Connection, username: &str) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("SELECT count(*) FROM recovery_codes WHERE username = ?")?
        .query_row([username], |row| row.get(0))
}

/// Takes a person's second factor away, also one that was only begun; whether one was in force.
pub(super) fn end(connection: &Connection, username: &str) -> rusqlite::Result<bool> {
    let was_in_force = connection
        .prepare_cached("SELECT 1 FROM second_factors WHERE username = ? AND secret IS NOT NULL")?
        .exists([username])?;
    connection.prepare_cached("DELETE FROM second_factors WHERE username = ?")?.execute([username])?;
    Ok(was_in_force)
}
