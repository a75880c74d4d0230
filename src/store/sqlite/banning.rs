//! What a ban does to comments that wait: a mark, or a decision in the name of whoever set it.
//!
//! It moves what any decision moves, and says so in the history with the ban's id. But nobody judged these texts, so
//! it teaches no score and counts in no reputation.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::json;

use super::{
    Done, Sqlite, claims,
    deciding::{Standing, move_to},
    keeping::append,
    reputation,
    rows::{json as from_json, to_json},
};
use crate::{
    domain::{Decision, Signal, Status, Timestamp},
    store::{BanApplied, BanBatch, BanDeed, Mark, StoreError, told},
};

impl Sqlite {
    /// None where the ban has ended; then nothing was done.
    pub(in crate::store) async fn apply_ban(
        &self,
        batch: BanBatch,
        by: String,
        now: Timestamp,
    ) -> Result<Option<BanApplied>, StoreError> {
        self.writer.write(move |connection| apply(connection, &batch, &by, now)).await
    }
}

fn apply(
    connection: &Connection,
    batch: &BanBatch,
    by: &str,
    now: Timestamp,
) -> rusqlite::Result<Done<Option<BanApplied>>> {
    let (mut count, mut pages) = (0_i64, Vec::new());
    for (id, version) in &batch.met {
        let Some(standing) = Standing::of(connection, *id)? else { continue };
        if standing.status != Status::Pending || standing.version != *version {
            continue;
        }
        let done = match &batch.deed {
            BanDeed::Mark(mark) => leave(connection, batch, &standing, mark, by, now)?,
            BanDeed::Decide(decision) => {
                take(connection, batch, &standing, *decision, by, now)?;
                true
            }
        };
        if done {
            count += 1;
            if !pages.contains(&standing.place()) {
                pages.push(standing.place());
            }
        }
    }
    let applied: Option<i64> = connection
        .prepare_cached("UPDATE bans SET applied = applied + ? WHERE id = ? RETURNING applied")?
        .query_row(params![count, batch.ban.bytes()], |row| row.get(0))
        .optional()?;
    Ok(match applied {
        Some(applied) => Done::Keep(Some(BanApplied { applied: u64::try_from(applied).unwrap_or(0), pages })),
        None => Done::Undo(None),
    })
}

/// Leaves the ban's mark; the version stays, for what a moderator looks at, the text, is the same. False where it was
/// there.
fn leave(
    connection: &Connection,
    batch: &BanBatch,
    standing: &Standing,
    mark: &Mark,
    by: &str,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let signals: Vec<Signal> = connection
        .prepare_cached("SELECT signals FROM comments WHERE seq = ?")?
        .query_row([standing.seq], |row| from_json(row, "signals"))?;
    let Some((signals, risk)) = mark(&standing.site, signals) else { return Ok(false) };
    connection.prepare_cached("UPDATE comments SET signals = ?, risk = ? WHERE seq = ?")?.execute(params![
        to_json(&signals),
        risk,
        standing.seq
    ])?;
    record(connection, batch, standing, ("comment.hold", Status::Pending, standing.version), by, now)?;
    let told = json!({ "status": Status::Pending, "version": standing.version, "by": by });
    standing.event(connection, now, "comment.hold", told)?;
    Ok(true)
}

fn take(
    connection: &Connection,
    batch: &BanBatch,
    standing: &Standing,
    decision: Decision,
    by: &str,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let to = decision.leads_to();
    let version = move_to(connection, standing, to, now, Some(by))?;
    claims::end(connection, standing.id)?;
    connection
        .prepare_cached("UPDATE comments SET ban = ? WHERE seq = ?")?
        .execute(params![batch.ban.bytes(), standing.seq])?;
    // What an earlier decision said of the network ends with this one; it says nothing of its own.
    reputation::count(connection, standing.seq, &standing.before(), Decision::Pending, now)?;
    record(connection, batch, standing, (decision.deed(), to, version), by, now)
}

/// A row of the comment's history.
fn record(
    connection: &Connection,
    batch: &BanBatch,
    standing: &Standing,
    (action, to, version): (&str, Status, i64),
    by: &str,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let detail = told::of_ban_laid(batch, (standing.status, to), version, &standing.site);
    append(connection, now, by, action, &standing.id.to_string(), &detail)
}
