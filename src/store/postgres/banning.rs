//! What a ban does to comments that wait: a mark, or a decision in the name of whoever set it.
//!
//! It moves what any decision moves, and says so in the history with the ban's id. But nobody judged these texts, so
//! it teaches no score and counts in no reputation. Many comments take as many trips to the server as one.

use serde_json::json;
use uuid::Uuid;

use super::{
    Postgres, claims,
    db::Db,
    deciding::{Standing, move_all},
    events, keeping, reputation,
    rows::{get, json as from_json, to_json},
};
use crate::{
    domain::{CommentId, Decision, Signal, Status, Timestamp},
    store::{BanApplied, BanBatch, BanDeed, Deed, Mark, StoreError, told},
};

impl Postgres {
    /// None where the ban has ended; then nothing was done.
    pub(in crate::store) async fn apply_ban(
        &self,
        batch: BanBatch,
        by: String,
        now: Timestamp,
    ) -> Result<Option<BanApplied>, StoreError> {
        let db = self.writing().await?;
        let ban = Uuid::from_bytes(batch.ban.bytes());
        if !db.finds("SELECT 1 FROM bans WHERE id = $1", &[&ban]).await? {
            return db.undo(None).await;
        }
        let met = standing(&db, &batch).await?;
        let done = match &batch.deed {
            BanDeed::Mark(mark) => leave(&db, &batch, met, mark, &by, now).await?,
            BanDeed::Decide(decision) => take(&db, &batch, met, *decision, &by, now).await?,
        };
        let count = i64::try_from(done.len()).unwrap_or(i64::MAX);
        let row =
            db.one("UPDATE bans SET applied = applied + $1 WHERE id = $2 RETURNING applied", &[&count, &ban]).await?;
        let mut pages = Vec::new();
        for place in done.iter().map(Standing::place) {
            if !pages.contains(&place) {
                pages.push(place);
            }
        }
        let applied = u64::try_from(get::<i64>(&row, "applied")?).unwrap_or(0);
        db.keep(Some(BanApplied { applied, pages })).await
    }
}

/// Those that still wait as they were seen, in the order they were met.
async fn standing(db: &Db, batch: &BanBatch) -> Result<Vec<Standing>, StoreError> {
    let ids: Vec<CommentId> = batch.met.iter().map(|(id, _)| *id).collect();
    let mut known = Standing::all(db, &ids).await?;
    let waits = |(id, version): &(CommentId, i64)| {
        known.remove(id).filter(|found| found.status == Status::Pending && found.version == *version)
    };
    Ok(batch.met.iter().filter_map(waits).collect())
}

/// Leaves the ban's mark where it was not yet; the version stays, for what a moderator looks at, the text, is the same.
async fn leave(
    db: &Db,
    batch: &BanBatch,
    met: Vec<Standing>,
    mark: &Mark,
    by: &str,
    now: Timestamp,
) -> Result<Vec<Standing>, StoreError> {
    const SIGNALS: &str = "SELECT c.signals FROM unnest($1::bigint[]) WITH ORDINALITY AS m (seq, nth)
         JOIN comments c ON c.seq = m.seq ORDER BY m.nth";
    const MARK: &str = "UPDATE comments c SET signals = m.signals, risk = m.risk
         FROM unnest($1::bigint[], $2::text[], $3::double precision[]) AS m (seq, signals, risk) WHERE c.seq = m.seq";
    let seqs: Vec<i64> = met.iter().map(|standing| standing.seq).collect();
    let found = db.rows(SIGNALS, &[&seqs]).await?;
    let (mut marked, mut signals, mut risks) = (Vec::new(), Vec::new(), Vec::new());
    for (standing, row) in met.into_iter().zip(&found) {
        let had: Vec<Signal> = from_json(row, "signals")?;
        if let Some((has, risk)) = mark(&standing.site, had) {
            marked.push(standing);
            signals.push(to_json(&has));
            risks.push(risk);
        }
    }
    let seqs: Vec<i64> = marked.iter().map(|standing| standing.seq).collect();
    db.execute(MARK, &[&seqs, &signals, &risks]).await?;
    record(db, batch, &marked, ("comment.hold", Status::Pending, |standing| standing.version), by, now).await?;
    let news = marked.iter().map(|standing| {
        let told = json!({ "status": Status::Pending, "version": standing.version, "by": by });
        standing.news(now, "comment.hold", told)
    });
    events::append_all(db, &news.collect::<Vec<_>>()).await?;
    Ok(marked)
}

async fn take(
    db: &Db,
    batch: &BanBatch,
    met: Vec<Standing>,
    decision: Decision,
    by: &str,
    now: Timestamp,
) -> Result<Vec<Standing>, StoreError> {
    let to = decision.leads_to();
    let moves: Vec<(&Standing, Status)> = met.iter().map(|standing| (standing, to)).collect();
    move_all(db, &moves, now, Some(by)).await?;
    claims::end(db, &met.iter().map(|standing| standing.id).collect::<Vec<_>>()).await?;
    let seqs: Vec<i64> = met.iter().map(|standing| standing.seq).collect();
    let ban = Uuid::from_bytes(batch.ban.bytes());
    db.execute("UPDATE comments SET ban = $1 WHERE seq = ANY ($2)", &[&ban, &seqs]).await?;
    // What an earlier decision said of the network ends with this one; it says nothing of its own.
    let before: Vec<_> = met.iter().map(Standing::before).collect();
    let counted: Vec<_> = seqs.iter().zip(&before).map(|(seq, before)| (*seq, before, Decision::Pending)).collect();
    reputation::count_all(db, &counted, now).await?;
    record(db, batch, &met, (decision.deed(), to, Standing::next_version), by, now).await?;
    Ok(met)
}

/// A row of each comment's history.
async fn record(
    db: &Db,
    batch: &BanBatch,
    done: &[Standing],
    (action, to, version): (&str, Status, fn(&Standing) -> i64),
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = |standing: &Standing| {
        let detail = told::of_ban_laid(batch, (standing.status, to), version(standing), &standing.site);
        (standing.id.to_string(), detail)
    };
    let rows: Vec<(String, String)> = done.iter().map(row).collect();
    let deeds = rows.iter().map(|(subject, detail)| Deed { at: now, actor: by, action, subject, detail });
    keeping::append_all(db, &deeds.collect::<Vec<_>>()).await
}
