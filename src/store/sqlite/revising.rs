//! The newsroom's version of a comment's words, kept beside the author's own.
//!
//! Nothing is judged or learned from it, so the score, the signals and the lessons stay as they are.

use rusqlite::{Connection, params};

use super::{
    Done, Sqlite,
    deciding::{Standing, touch_page},
    keeping::append,
};
use crate::{
    domain::Status,
    store::{
        DecisionOutcome, DecisionResult, Revision, StoreError,
        revising::{Words, news, open, put, told},
    },
};

impl Sqlite {
    pub(in crate::store) async fn revise(&self, revision: Revision) -> Result<DecisionResult, StoreError> {
        self.writer.write(move |connection| revise(connection, &revision)).await
    }
}

fn revise(connection: &Connection, new: &Revision) -> rusqlite::Result<Done<DecisionResult>> {
    let standing = Standing::of(connection, new.id)?;
    let standing = match open(new, standing.as_ref()) {
        Ok(standing) => standing,
        Err(answer) => return Ok(Done::Undo(answer)),
    };
    let mut words = connection
        .prepare_cached(
            "SELECT coalesce(desk_name, name), CASE WHEN desk_at IS NULL THEN url ELSE desk_url END,
               coalesce(desk_body, body) FROM comments WHERE seq = ?",
        )?
        .query_row([standing.seq], |row| Ok(Words { name: row.get(0)?, url: row.get(1)?, body: row.get(2)? }))?;
    let changed = put(new, &mut words);
    if changed.is_empty() {
        return Ok(Done::Undo(standing.result(DecisionOutcome::Unchanged, standing.version)));
    }
    let (version, Words { name, url, body }) = (standing.next_version(), words);
    connection
        .prepare_cached(
            "UPDATE comments SET desk_name = ?, desk_url = ?, desk_body = ?, desk_by = ?, desk_at = ?, version = ?
             WHERE seq = ?",
        )?
        .execute(params![name, url, body, new.by, new.now.0, version, standing.seq])?;
    if standing.status == Status::Approved {
        touch_page(connection, standing.page, 0)?;
    }
    append(connection, new.now, &new.by, "comment.revise", &new.id.to_string(), &told(standing, &changed))?;
    standing.event(connection, new.now, "comment.revised", news(standing, &new.by))?;
    Ok(Done::Keep(standing.result(DecisionOutcome::Applied, version)))
}
