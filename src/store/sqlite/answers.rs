//! Answers that a repeated request is given again: kept with what the first one created.
//!
//! Whatever moderators create may use it. What an answer says is not known here.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Done, Sqlite};
use crate::{
    domain::Timestamp,
    store::{IDEMPOTENCY_KEPT, KeptAnswer, Key, Once, StoreError},
};

impl Sqlite {
    pub(in crate::store) async fn kept_answer(
        &self,
        key: Key,
        now: Timestamp,
    ) -> Result<Option<KeptAnswer>, StoreError> {
        self.readers.read(move |connection| find(connection, &key, now)).await
    }

    pub(in crate::store) async fn keep_answer(&self, key: Key, answer: String) -> Result<String, StoreError> {
        self.writer
            .write(move |connection| {
                let stands: Option<String> = connection
                    .prepare_cached(
                        "UPDATE kept_answers SET answer = coalesce(answer, ?) WHERE key = ? RETURNING answer",
                    )?
                    .query_row(params![answer, key], |row| row.get(0))
                    .optional()?;
                Ok(Done::Keep(stands.unwrap_or(answer)))
            })
            .await
    }
}

/// What this key was answered, where it was used within 24 h.
pub(super) fn find(connection: &Connection, key: &Key, now: Timestamp) -> rusqlite::Result<Option<KeptAnswer>> {
    connection
        .prepare_cached("SELECT content, subject, answer FROM kept_answers WHERE key = ? AND at > ?")?
        .query_row(params![key, now.minus(IDEMPOTENCY_KEPT).0], |row| {
            Ok(KeptAnswer { content: row.get(0)?, subject: row.get(1)?, answer: row.get(2)? })
        })
        .optional()
}

/// Binds a key to what is created in this transaction; the answer follows once all is done.
pub(super) fn begin(connection: &Connection, once: &Once, subject: &str, now: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO kept_answers (key, content, subject, at) VALUES (?, ?, ?, ?)")?
        .execute(params![once.key, once.content, subject, now.0])
        .map(|_one| ())
}
