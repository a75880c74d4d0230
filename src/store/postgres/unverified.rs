//! Tokens that wait to be checked once more: taken up by one instance at a time, and gone with the answer.

use serde_json::json;
use tokio_postgres::Row;

use super::{
    Postgres,
    db::Db,
    deciding::{Standing, audit},
    rows::{get, id, time, to_json, uid, uids},
    submitting::claim,
};
use crate::{
    domain::{CommentId, Status, Timestamp},
    store::{CHECKED_BY, HeldToken, Recheck, Rechecked, StoreError, Take, TakenUp, Unverified, Waiting},
};

impl Postgres {
    pub(in crate::store) async fn unverified_sites(&self, now: Timestamp) -> Result<Vec<String>, StoreError> {
        const SITES: &str = "SELECT DISTINCT site FROM unverified WHERE due <= $1 AND until > $1 ORDER BY site";
        let rows = self.reading().await?.rows(SITES, &[&now.0]).await?;
        rows.iter().map(|row| get(row, "site")).collect()
    }

    pub(in crate::store) async fn take_up(
        &self,
        waiting: Waiting,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Take, StoreError> {
        const LONGEST: &str = "UPDATE unverified SET asking = $2 WHERE comment =
               (SELECT comment FROM unverified WHERE site = $3 AND provider = $4 AND due <= $1 AND until > $1
                ORDER BY due LIMIT 1)
             AND NOT EXISTS (SELECT 1 FROM unverified WHERE site = $3 AND asking > $1)
             RETURNING comment, site, provider, action, token, until, due";
        const OF: &str = "UPDATE unverified SET asking = $2 WHERE comment = $3 AND until > $1 AND asking <= $1
             RETURNING comment, site, provider, action, token, until, due";
        let db = self.writing().await?;
        let taken = match &waiting {
            Waiting::Longest { site, provider } => db.row(LONGEST, &[&now.0, &until.0, site, provider]).await?,
            Waiting::Of(comment) => db.row(OF, &[&now.0, &until.0, &uid(*comment)]).await?,
        };
        match (taken, waiting) {
            (Some(row), _) => {
                let taken = taken_up(&row)?;
                db.keep(Take::Up(taken)).await
            }
            (None, Waiting::Of(comment)) if is_waiting(&db, comment, now).await? => db.undo(Take::Busy).await,
            (None, _) => db.undo(Take::Nothing).await,
        }
    }

    pub(in crate::store) async fn put_back(&self, comment: CommentId, due: Timestamp) -> Result<(), StoreError> {
        let db = self.writing().await?;
        db.execute("UPDATE unverified SET asking = 0, due = $1 WHERE comment = $2", &[&due.0, &uid(comment)]).await?;
        db.keep(()).await
    }

    pub(in crate::store) async fn recheck(&self, recheck: Recheck) -> Result<Rechecked, StoreError> {
        let db = self.writing().await?;
        match settle(&db, &recheck).await? {
            Rechecked::Stored => db.keep(Rechecked::Stored).await,
            other => db.undo(other).await,
        }
    }
}

async fn is_waiting(db: &Db, comment: CommentId, now: Timestamp) -> Result<bool, StoreError> {
    db.finds("SELECT 1 FROM unverified WHERE comment = $1 AND until > $2", &[&uid(comment), &now.0]).await
}

/// Forgets comments' tokens.
pub(super) async fn forget(db: &Db, comments: &[CommentId]) -> Result<(), StoreError> {
    db.execute("DELETE FROM unverified WHERE comment = ANY($1)", &[&uids(comments)]).await.map(|_rows| ())
}

async fn settle(db: &Db, recheck: &Recheck) -> Result<Rechecked, StoreError> {
    const JUDGE: &str = "UPDATE comments SET captcha_outcome = $1, captcha_score = $2, captcha_raw = $3, risk = $4,
           signals = $5 WHERE seq = $6";
    let standing = Standing::found(db, recheck.comment).await?;
    let as_seen = |standing: &Standing| standing.status == Status::Pending && standing.version == recheck.seen_version;
    let Some(standing) = standing.filter(as_seen) else { return Ok(Rechecked::Moved) };
    if let Some((key, until)) = &recheck.claim
        && !claim(db, key, *until).await?
    {
        return Ok(Rechecked::TokenUsed);
    }
    forget(db, &[recheck.comment]).await?;
    let captcha = &recheck.captcha;
    let (outcome, signals) = (captcha.outcome.as_str(), to_json(&recheck.signals));
    db.execute(JUDGE, &[&outcome, &captcha.score, &captcha.raw_score, &recheck.risk, &signals, &standing.seq]).await?;
    let (now, told) = (recheck.now, Some(recheck.told.as_str()));
    // The version stays: what a moderator looks at, the text, is the same.
    audit(db, now, CHECKED_BY, "comment.captcha", &standing, Status::Pending, told, standing.version).await?;
    let detail = json!({ "status": Status::Pending, "version": standing.version, "by": CHECKED_BY });
    standing.tell(db, now, "comment.captcha", detail).await?;
    Ok(Rechecked::Stored)
}

fn taken_up(row: &Row) -> Result<TakenUp, StoreError> {
    Ok(TakenUp {
        comment: id(row, "comment")?,
        site: get(row, "site")?,
        kept: Unverified {
            provider: get(row, "provider")?,
            action: get(row, "action")?,
            token: HeldToken(get(row, "token")?),
            until: time(row, "until")?,
            due: time(row, "due")?,
        },
    })
}
