//! Moving comments from one status to another, with everything that must move along.
//!
//! The rows, what readers see of the pages, the audit rows and the events change in one transaction, whoever asked: a
//! moderator, the author, an edit. Many decisions take as many trips to the server as one.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{
    Postgres, claims,
    db::Db,
    events, keeping,
    lessons::{self, Taught},
    reputation,
    rows::{get, id, named, optional_id, optional_time, uids},
    unverified,
};
use crate::{
    domain::{CommentId, Status, Timestamp},
    store::{
        DecisionOrder, DecisionOutcome, DecisionResult, Deed, StoreError,
        standing::{Answer, answer},
    },
};

pub(super) use crate::store::standing::Standing;

impl Standing {
    /// Of those of these that there are.
    pub(super) async fn all(db: &Db, ids: &[CommentId]) -> Result<HashMap<CommentId, Self>, StoreError> {
        const ALL: &str = "SELECT c.seq, c.id, c.status, c.version, c.page, p.site, p.key, c.parent, c.post_id,
               c.decided_by, c.decided_at, c.ban IS NOT NULL AS by_ban, c.edited_at, c.desk_by, c.desk_at,
               c.network_key, c.counted
             FROM comments c JOIN pages p ON p.id = c.page WHERE c.id = ANY($1)";
        let rows = db.rows(ALL, &[&uids(ids)]).await?;
        rows.iter().map(|row| standing(row).map(|standing| (standing.id, standing))).collect()
    }

    pub(super) async fn found(db: &Db, id: CommentId) -> Result<Option<Self>, StoreError> {
        Ok(Self::all(db, &[id]).await?.remove(&id))
    }

    /// Tells whoever listens.
    pub(super) async fn tell(&self, db: &Db, at: Timestamp, kind: &str, detail: Value) -> Result<(), StoreError> {
        events::append(db, &self.news(at, kind, detail)).await
    }
}

fn standing(row: &Row) -> Result<Standing, StoreError> {
    Ok(Standing {
        seq: get(row, "seq")?,
        id: id(row, "id")?,
        status: named(row, "status")?,
        version: get(row, "version")?,
        page: get(row, "page")?,
        site: get(row, "site")?,
        page_key: get(row, "key")?,
        parent: optional_id(row, "parent")?,
        post_id: get(row, "post_id")?,
        decided_by: get(row, "decided_by")?,
        decided_at: optional_time(row, "decided_at")?,
        by_ban: get(row, "by_ban")?,
        edited_at: optional_time(row, "edited_at")?,
        desk_by: get(row, "desk_by")?,
        desk_at: optional_time(row, "desk_at")?,
        network_key: get(row, "network_key")?,
        counted: get(row, "counted")?,
    })
}

impl Postgres {
    pub(in crate::store) async fn decide(
        &self,
        decisions: Vec<DecisionOrder>,
        by: String,
        now: Timestamp,
    ) -> Result<Vec<DecisionResult>, StoreError> {
        let db = self.writing().await?;
        let results = decide(&db, &decisions, &by, now).await?;
        db.keep(results).await
    }
}

/// Takes decisions in this order.
pub(super) async fn decide(
    db: &Db,
    orders: &[DecisionOrder],
    by: &str,
    now: Timestamp,
) -> Result<Vec<DecisionResult>, StoreError> {
    let mut results = Vec::with_capacity(orders.len());
    let mut rest = orders;
    while !rest.is_empty() {
        // One that is named twice is to be found as the first decision left it.
        let mut met = HashSet::new();
        let (some, later) = rest.split_at(rest.iter().take_while(|order| met.insert(order.id)).count());
        results.extend(decide_each(db, some, by, now).await?);
        rest = later;
    }
    Ok(results)
}

/// Takes decisions on as many comments.
async fn decide_each(
    db: &Db,
    orders: &[DecisionOrder],
    by: &str,
    now: Timestamp,
) -> Result<Vec<DecisionResult>, StoreError> {
    let ids: Vec<CommentId> = orders.iter().map(|order| order.id).collect();
    let known = Standing::all(db, &ids).await?;
    let (mut results, mut applied) = (Vec::with_capacity(orders.len()), Vec::new());
    for order in orders {
        results.push(match answer(order, known.get(&order.id)) {
            Answer::Nothing(result) => result,
            Answer::Applies(standing) => {
                applied.push((order, standing));
                standing.result(DecisionOutcome::Applied, standing.next_version())
            }
        });
    }
    if applied.is_empty() {
        return Ok(results);
    }
    let moves: Vec<_> = applied.iter().map(|(order, standing)| (*standing, order.decision.leads_to())).collect();
    move_all(db, &moves, now, Some(by)).await?;
    let moved: Vec<CommentId> = moves.iter().map(|(standing, _)| standing.id).collect();
    claims::end(db, &moved).await?;
    let before: Vec<_> = applied.iter().map(|(_, standing)| standing.before()).collect();
    let counted = applied.iter().zip(&before).map(|((order, standing), before)| (standing.seq, before, order.decision));
    reputation::count_all(db, &counted.collect::<Vec<_>>(), now).await?;
    let taught = applied.iter().map(|(order, standing)| Taught {
        site: &standing.site,
        comment: standing.id,
        decision: order.decision,
    });
    lessons::teach(db, &taught.collect::<Vec<_>>(), now).await?;
    let rows: Vec<_> = applied
        .iter()
        .map(|(order, standing)| {
            let to = order.decision.leads_to();
            let told = standing.told(to, order.reason.as_deref(), standing.next_version());
            (order.decision.deed(), standing.id.to_string(), told)
        })
        .collect();
    let deeds = rows.iter().map(|(action, subject, detail)| Deed { at: now, actor: by, action, subject, detail });
    keeping::append_all(db, &deeds.collect::<Vec<_>>()).await?;
    Ok(results)
}

/// Gives one comment its status and a new version, which is returned; as [`move_all`] does it.
pub(super) async fn move_to(
    db: &Db,
    standing: &Standing,
    to: Status,
    now: Timestamp,
    by: Option<&str>,
) -> Result<i64, StoreError> {
    move_all(db, &[(standing, to)], now, by).await?;
    Ok(standing.next_version())
}

/// Gives as many comments their status and a new version each, and keeps what readers see in step. `by` is the
/// moderator who decided; none leaves the last decisions' names standing.
pub(super) async fn move_all(
    db: &Db,
    moves: &[(&Standing, Status)],
    now: Timestamp,
    by: Option<&str>,
) -> Result<(), StoreError> {
    const MOVE: &str = "UPDATE comments c SET status = m.status, version = c.version + 1,
           decided_by = coalesce($3, c.decided_by),
           decided_at = CASE WHEN $3 IS NULL THEN c.decided_at ELSE $4 END, ban = CASE WHEN $3 IS NULL THEN c.ban END
         FROM unnest($1::bigint[], $2::text[]) AS m (seq, status) WHERE c.seq = m.seq";
    const NAME: &str = "UPDATE pages p SET post_id = f.post_id
         FROM unnest($1::bigint[], $2::text[]) AS f (page, post_id) WHERE p.id = f.page AND p.post_id IS NULL";
    if moves.is_empty() {
        return Ok(());
    }
    let (seqs, states): (Vec<i64>, Vec<&str>) = moves.iter().map(|(from, to)| (from.seq, to.as_str())).unzip();
    db.execute(MOVE, &[&seqs, &states, &by, &now.0]).await?;
    let settled: Vec<_> = moves.iter().filter(|(_, to)| *to != Status::Pending).map(|(from, _)| from.id).collect();
    unverified::forget(db, &settled).await?;
    let (mut coming, mut going) = (Vec::new(), Vec::new());
    let (mut touched, mut names) = (BTreeMap::new(), BTreeMap::new());
    for (from, to) in moves {
        let (was, is) = (from.status == Status::Approved, *to == Status::Approved);
        if was || is {
            if is { &mut coming } else { &mut going }.push(from.id);
            let (times, approved): &mut (i64, i64) = touched.entry(from.page).or_default();
            (*times, *approved) = (*times + 1, *approved + i64::from(is) - i64::from(was));
        }
        if let (true, Some(post_id)) = (is, &from.post_id) {
            names.entry(from.page).or_insert(post_id.as_str());
        }
    }
    show(db, &coming).await?;
    hide(db, &going).await?;
    touch(db, touched).await?;
    if !names.is_empty() {
        let (pages, names): (Vec<i64>, Vec<&str>) = names.into_iter().unzip();
        db.execute(NAME, &[&pages, &names]).await?;
    }
    let news: Vec<_> = moves.iter().map(|(from, to)| from.moved(*to, now, by)).collect();
    events::append_all(db, &news).await
}

/// Moves a page's revision, and its count of approved comments by so many.
pub(super) async fn touch_page(db: &Db, page: i64, approved: i64) -> Result<(), StoreError> {
    touch(db, BTreeMap::from([(page, (1, approved))])).await
}

/// Moves pages' revisions and counts of approved comments, each by so much.
async fn touch(db: &Db, pages: BTreeMap<i64, (i64, i64)>) -> Result<(), StoreError> {
    const TOUCH: &str = "UPDATE pages p SET revision = p.revision + t.times, approved = p.approved + t.approved
         FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS t (page, times, approved) WHERE p.id = t.page";
    if pages.is_empty() {
        return Ok(());
    }
    let (pages, moved): (Vec<i64>, Vec<(i64, i64)>) = pages.into_iter().unzip();
    let (times, approved): (Vec<i64>, Vec<i64>) = moved.into_iter().unzip();
    db.execute(TOUCH, &[&pages, &times, &approved]).await.map(|_rows| ())
}

/// A comment that is shown needs its ancestors' places. One that has its place needs nothing of those above it.
async fn show(db: &Db, ids: &[CommentId]) -> Result<(), StoreError> {
    const ABOVE: &str = "WITH RECURSIVE above (id, parent, shown) AS (
           SELECT a.id, a.parent, a.shown FROM comments c JOIN comments a ON a.id = c.parent WHERE c.id = ANY($1)
           UNION SELECT a.id, a.parent, a.shown FROM above b JOIN comments a ON a.id = b.parent WHERE b.shown = 0)
         UPDATE comments SET shown = 2 WHERE id IN (SELECT id FROM above WHERE shown = 0)";
    if ids.is_empty() {
        return Ok(());
    }
    let ids = uids(ids);
    db.execute("UPDATE comments SET shown = 1 WHERE id = ANY($1)", &[&ids]).await?;
    db.execute(ABOVE, &[&ids]).await.map(|_rows| ())
}

/// One that is gone keeps its place only for replies, and so do those above it that had theirs only for this.
async fn hide(db: &Db, ids: &[CommentId]) -> Result<(), StoreError> {
    const LEAVE: &str = "UPDATE comments c SET shown = 0 WHERE c.id = ANY($1) AND c.shown = 2
           AND NOT EXISTS (SELECT 1 FROM comments r WHERE r.parent = c.id AND r.shown > 0) RETURNING c.parent";
    if ids.is_empty() {
        return Ok(());
    }
    let mut next = uids(ids);
    db.execute("UPDATE comments SET shown = 2 WHERE id = ANY($1)", &[&next]).await?;
    while !next.is_empty() {
        let left = db.rows(LEAVE, &[&next]).await?;
        let above = left.iter().map(|row| get::<Option<Uuid>>(row, "parent"));
        next = above.filter_map(Result::transpose).collect::<Result<_, _>>()?;
    }
    Ok(())
}

/// The audit row of a moved comment; a comment's history is these rows.
#[expect(clippy::too_many_arguments, reason = "one row of eight columns, written from three places")]
pub(super) async fn audit(
    db: &Db,
    now: Timestamp,
    actor: &str,
    action: &str,
    standing: &Standing,
    to: Status,
    reason: Option<&str>,
    version: i64,
) -> Result<(), StoreError> {
    let (subject, told) = (standing.id.to_string(), standing.told(to, reason, version));
    keeping::append(db, now, actor, action, &subject, &told).await
}
