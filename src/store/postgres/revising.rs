//! The newsroom's version of a comment's words, kept beside the author's own.
//!
//! Nothing is judged or learned from it, so the score, the signals and the lessons stay as they are.

use super::{
    Postgres,
    deciding::{Standing, touch_page},
    keeping::append,
    rows::get,
};
use crate::{
    domain::Status,
    store::{
        DecisionOutcome, DecisionResult, Revision, StoreError,
        revising::{Words, news, open, put, told},
    },
};

impl Postgres {
    pub(in crate::store) async fn revise(&self, new: Revision) -> Result<DecisionResult, StoreError> {
        const FIND: &str = "SELECT coalesce(desk_name, name) AS name,
               CASE WHEN desk_at IS NULL THEN url ELSE desk_url END AS url, coalesce(desk_body, body) AS body
             FROM comments WHERE seq = $1";
        const SET: &str =
            "UPDATE comments SET desk_name = $1, desk_url = $2, desk_body = $3, desk_by = $4, desk_at = $5,
               version = $6 WHERE seq = $7";
        let db = self.writing().await?;
        let standing = Standing::found(&db, new.id).await?;
        let standing = match open(&new, standing.as_ref()) {
            Ok(standing) => standing,
            Err(answer) => return db.undo(answer).await,
        };
        let row = db.one(FIND, &[&standing.seq]).await?;
        let mut words = Words { name: get(&row, "name")?, url: get(&row, "url")?, body: get(&row, "body")? };
        let changed = put(&new, &mut words);
        if changed.is_empty() {
            return db.undo(standing.result(DecisionOutcome::Unchanged, standing.version)).await;
        }
        let (version, Words { name, url, body }) = (standing.next_version(), words);
        db.execute(SET, &[&name, &url, &body, &new.by, &new.now.0, &version, &standing.seq]).await?;
        if standing.status == Status::Approved {
            touch_page(&db, standing.page, 0).await?;
        }
        let (id, detail) = (new.id.to_string(), told(standing, &changed));
        append(&db, new.now, &new.by, "comment.revise", &id, &detail).await?;
        standing.tell(&db, new.now, "comment.revised", news(standing, &new.by)).await?;
        db.keep(standing.result(DecisionOutcome::Applied, version)).await
    }
}
