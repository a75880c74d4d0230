//! Claims: who looks at a comment at the moment. They advise and never block; a decision ends them.

use std::collections::HashMap;

use serde_json::json;

use super::{
    Postgres,
    db::Db,
    deciding::Standing,
    rows::{get, id, time, uid, uids},
};
use crate::{
    domain::{CommentId, Timestamp},
    store::{Claim, ClaimOrder, Claimed, StoreError},
};

impl Postgres {
    pub(in crate::store) async fn claim_comment(&self, order: ClaimOrder) -> Result<Claimed, StoreError> {
        const CLAIM: &str = "INSERT INTO claims (comment, actor, until) VALUES ($1, $2, $3)
             ON CONFLICT (comment) DO UPDATE SET actor = excluded.actor, until = excluded.until";
        let db = self.writing().await?;
        let standing = Standing::found(&db, order.id).await?;
        let Some(standing) = standing.filter(|standing| standing.is_for(order.sites.as_deref())) else {
            return db.undo(Claimed::NotFound).await;
        };
        let held = of(&db, &[order.id]).await?.remove(&order.id);
        if let Some(claim) = held.filter(|claim| claim.until > order.now && claim.actor != order.by) {
            return db.undo(Claimed::ByOther(claim)).await;
        }
        db.execute(CLAIM, &[&uid(order.id), &order.by, &order.until.0]).await?;
        let told = json!({ "by": order.by, "until": order.until });
        standing.tell(&db, order.now, "comment.claim", told).await?;
        db.keep(Claimed::Held).await
    }

    pub(in crate::store) async fn release_claim(
        &self,
        id: CommentId,
        by: String,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let db = self.writing().await?;
        let given_back = db.execute("DELETE FROM claims WHERE comment = $1 AND actor = $2", &[&uid(id), &by]).await?;
        if given_back == 0 {
            return db.undo(false).await;
        }
        if let Some(standing) = Standing::found(&db, id).await? {
            standing.tell(&db, now, "comment.claim", json!({ "by": null, "until": null })).await?;
        }
        db.keep(true).await
    }
}

/// The claims on comments, over or not.
pub(super) async fn of(db: &Db, ids: &[CommentId]) -> Result<HashMap<CommentId, Claim>, StoreError> {
    let rows = db.rows("SELECT comment, actor, until FROM claims WHERE comment = ANY($1)", &[&uids(ids)]).await?;
    let claim = |row| Ok((id(row, "comment")?, Claim { actor: get(row, "actor")?, until: time(row, "until")? }));
    rows.iter().map(claim).collect()
}

/// Ends the claims on comments, whoever's they are.
pub(super) async fn end(db: &Db, ids: &[CommentId]) -> Result<(), StoreError> {
    db.execute("DELETE FROM claims WHERE comment = ANY($1)", &[&uids(ids)]).await.map(|_rows| ())
}
