//! Claims: who looks at a comment at the moment. They advise and never block; a decision ends them.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::json;

use super::{Done, Sqlite, deciding::Standing};
use crate::{
    domain::{CommentId, Timestamp},
    store::{Claim, ClaimOrder, Claimed, StoreError},
};

impl Sqlite {
    pub(in crate::store) async fn claim_comment(&self, order: ClaimOrder) -> Result<Claimed, StoreError> {
        self.writer.write(move |connection| take(connection, &order)).await
    }

    pub(in crate::store) async fn release_claim(
        &self,
        id: CommentId,
        by: String,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                let given_back = connection
                    .prepare_cached("DELETE FROM claims WHERE comment = ? AND actor = ?")?
                    .execute(params![id.bytes(), by])?;
                if given_back == 0 {
                    return Ok(Done::Undo(false));
                }
                if let Some(standing) = Standing::of(connection, id)? {
                    standing.event(connection, now, "comment.claim", json!({ "by": null, "until": null }))?;
                }
                Ok(Done::Keep(true))
            })
            .await
    }
}

fn take(connection: &Connection, order: &ClaimOrder) -> rusqlite::Result<Done<Claimed>> {
    let Some(standing) = Standing::of(connection, order.id)? else { return Ok(Done::Undo(Claimed::NotFound)) };
    if !standing.is_for(order.sites.as_deref()) {
        return Ok(Done::Undo(Claimed::NotFound));
    }
    let held = of(connection, order.id)?.filter(|claim| claim.until > order.now && claim.actor != order.by);
    if let Some(claim) = held {
        return Ok(Done::Undo(Claimed::ByOther(claim)));
    }
    connection.prepare_cached("INSERT OR REPLACE INTO claims VALUES (?, ?, ?)")?.execute(params![
        order.id.bytes(),
        order.by,
        order.until.0
    ])?;
    standing.event(connection, order.now, "comment.claim", json!({ "by": order.by, "until": order.until }))?;
    Ok(Done::Keep(Claimed::Held))
}

/// The claim on a comment, over or not.
pub(super) fn of(connection: &Connection, id: CommentId) -> rusqlite::Result<Option<Claim>> {
    connection
        .prepare_cached("SELECT actor, until FROM claims WHERE comment = ?")?
        .query_row([id.bytes()], |row| Ok(Claim { actor: row.get(0)?, until: Timestamp(row.get(1)?) }))
        .optional()
}

/// Ends the claim on a comment, whoever's it is.
pub(super) fn end(connection: &Connection, id: CommentId) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM claims WHERE comment = ?")?.execute([id.bytes()]).map(|_rows| ())
}
