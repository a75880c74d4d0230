//! The newsroom's version of a comment's words, kept beside the author's own.
//!
//! Nothing is judged or learned from it, so the score, the signals and the lessons stay as they are.

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::{
    Done, Sqlite,
    deciding::{Standing, touch_page},
    keeping::append,
};
use crate::{
    domain::Status,
    store::{DecisionOutcome, DecisionResult, Revision, StoreError},
};

impl Sqlite {
    pub(in crate::store) async fn revise(&self, revision: Revision) -> Result<DecisionResult, StoreError> {
        self.writer.write(move |connection| revise(connection, &revision)).await
    }
}

fn revise(connection: &Connection, new: &Revision) -> rusqlite::Result<Done<DecisionResult>> {
    let missing = DecisionResult { id: new.id, outcome: DecisionOutcome::NotFound, version: None, page: None };
    let Some(standing) = Standing::of(connection, new.id)? else { return Ok(Done::Undo(missing)) };
    if !standing.is_for(new.sites.as_deref()) {
        return Ok(Done::Undo(missing));
    }
    let result = |outcome, version| DecisionResult { id: new.id, outcome, version, page: Some(standing.place()) };
    if new.version.is_some_and(|seen| seen != standing.version) {
        return Ok(Done::Undo(result(standing.conflict(), Some(standing.version))));
    }
    let (name, url, body): (String, Option<String>, String) = connection
        .prepare_cached(
            "SELECT coalesce(desk_name, name), CASE WHEN desk_at IS NULL THEN url ELSE desk_url END,
               coalesce(desk_body, body) FROM comments WHERE seq = ?",
        )?
        .query_row([standing.seq], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let now_name = new.name.as_ref().unwrap_or(&name);
    let now_url = new.url.as_ref().unwrap_or(&url);
    let now_body = new.body.as_ref().unwrap_or(&body);
    let changed = [("name", *now_name != name), ("url", *now_url != url), ("body", *now_body != body)];
    let changed: Vec<&str> = changed.into_iter().filter(|(_, is)| *is).map(|(field, _)| field).collect();
    if changed.is_empty() {
        return Ok(Done::Undo(result(DecisionOutcome::Unchanged, Some(standing.version))));
    }
    let version = standing.version + 1;
    connection
        .prepare_cached(
            "UPDATE comments SET desk_name = ?, desk_url = ?, desk_body = ?, desk_by = ?, desk_at = ?, version = ?
             WHERE seq = ?",
        )?
        .execute(params![now_name, now_url, now_body, new.by, new.now.0, version, standing.seq])?;
    if standing.status == Status::Approved {
        touch_page(connection, standing.page, 0)?;
    }
    // What was changed is told, not what stood there: the record outlives the words.
    let (status, site) = (standing.status, &standing.site);
    let none = Value::Null;
    let detail =
        json!({ "from": status, "to": status, "reason": none, "version": version, "site": site, "changed": changed });
    append(connection, new.now, &new.by, "comment.revise", &new.id.to_string(), &detail.to_string())?;
    let told = json!({ "status": status, "version": version, "by": new.by });
    standing.event(connection, new.now, "comment.revised", told)?;
    Ok(Done::Keep(result(DecisionOutcome::Applied, Some(version))))
}
