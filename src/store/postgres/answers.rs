//! Answers that a repeated request is given again: kept with what the first one created.
//!
//! Whatever moderators create may use it. What an answer says is not known here.

use super::{
    Postgres,
    db::Db,
    rows::{get, key_of},
};
use crate::{
    domain::Timestamp,
    store::{IDEMPOTENCY_KEPT, KeptAnswer, Key, Once, StoreError},
};

impl Postgres {
    pub(in crate::store) async fn kept_answer(
        &self,
        key: Key,
        now: Timestamp,
    ) -> Result<Option<KeptAnswer>, StoreError> {
        find(&self.reading().await?, &key, now).await
    }

    pub(in crate::store) async fn keep_answer(&self, key: Key, answer: String) -> Result<String, StoreError> {
        let db = self.writing().await?;
        let sql = "UPDATE kept_answers SET answer = coalesce(answer, $1) WHERE key = $2 RETURNING answer";
        let stands = match db.row(sql, &[&answer, &key.as_slice()]).await? {
            Some(row) => get(&row, "answer")?,
            None => answer,
        };
        db.keep(stands).await
    }
}

/// What this key was answered, where it was used within 24 h.
pub(super) async fn find(db: &Db, key: &Key, now: Timestamp) -> Result<Option<KeptAnswer>, StoreError> {
    let sql = "SELECT content, subject, answer FROM kept_answers WHERE key = $1 AND at > $2";
    let found = db.row(sql, &[&key.as_slice(), &now.minus(IDEMPOTENCY_KEPT).0]).await?;
    found
        .map(|row| {
            Ok(KeptAnswer {
                content: key_of(&row, "content")?,
                subject: get(&row, "subject")?,
                answer: get(&row, "answer")?,
            })
        })
        .transpose()
}

/// Binds a key to what is created in this transaction; the answer follows once all is done.
pub(super) async fn begin(db: &Db, once: &Once, subject: &str, now: Timestamp) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO kept_answers (key, content, subject, at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (key) DO UPDATE
           SET content = excluded.content, subject = excluded.subject, answer = NULL, at = excluded.at",
        &[&once.key.as_slice(), &once.content.as_slice(), &subject, &now.0],
    )
    .await
    .map(|_one| ())
}
