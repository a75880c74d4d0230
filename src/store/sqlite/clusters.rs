//! Near-copies on disk: which comments are one cluster, and decisions on all of them.
//!
//! Who is near to whom is found elsewhere; here it is kept, told to every instance, and decided on in
//! batches, so that a cluster of thousands keeps nobody's comment waiting.

use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params, params_from_iter, types::Value};

use super::{
    Done, Sqlite,
    deciding::decide,
    rows::{id, marks, named, optional_id, time},
};
use crate::{
    domain::{CommentId, Status, Timestamp},
    store::{
        CLUSTER_BATCH, ClusterEnd, ClusterOrder, DecisionResult, Regroup, SketchCursor, Sketched, StoreError, UpTo,
        fragments::SKETCHED,
    },
};

impl Sqlite {
    /// Where to begin to read: at the first comment since, and at the end of the audit.
    pub(in crate::store) async fn sketches_begin(
        &self,
        since: Timestamp,
        most: i64,
    ) -> Result<SketchCursor, StoreError> {
        self.readers
            .read(move |connection| {
                let last = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
                let newest = last("SELECT coalesce(max(seq), 0) FROM comments")?;
                // Ids begin with their time, and within a millisecond are in no order.
                let floor = CommentId::first_of(since).bytes();
                let first: Option<i64> =
                    connection.query_row("SELECT min(seq) FROM comments WHERE id >= ?", [floor], |row| row.get(0))?;
                let audit = last("SELECT coalesce(max(id), 0) FROM audit")?;
                Ok(SketchCursor::begin(newest, first, most, audit))
            })
            .await
    }

    pub(in crate::store) async fn sketches(
        &self,
        after: SketchCursor,
        most: u32,
    ) -> Result<(Vec<Sketched>, SketchCursor), StoreError> {
        self.readers.read(move |connection| sketches(connection, after, most)).await
    }

    pub(in crate::store) async fn regroup(&self, moves: Vec<Regroup>) -> Result<(), StoreError> {
        let (joins, merges): (Vec<_>, Vec<_>) =
            moves.into_iter().partition(|regroup| matches!(regroup, Regroup::Join { .. }));
        for some in joins.chunks(usize::try_from(CLUSTER_BATCH).unwrap_or(usize::MAX)) {
            let some = some.to_vec();
            self.writer.write(move |connection| join(connection, &some).map(Done::Keep)).await?;
        }
        for merge in merges {
            let Regroup::Merge { from, to } = merge else { continue };
            while self.writer.write(move |connection| rename(connection, from, to).map(Done::Keep)).await? {}
        }
        Ok(())
    }

    pub(in crate::store) async fn cluster_end(
        &self,
        cluster: CommentId,
        up_to: UpTo,
        sites: Option<Vec<String>>,
    ) -> Result<ClusterEnd, StoreError> {
        self.readers.read(move |connection| end(connection, cluster, up_to, sites)).await
    }

    /// Decides on the next members; also the last one's number, where more may follow.
    pub(in crate::store) async fn decide_cluster(
        &self,
        order: ClusterOrder,
        by: String,
        now: Timestamp,
    ) -> Result<(Vec<DecisionResult>, Option<i64>), StoreError> {
        self.writer
            .write(move |connection| {
                let members = members(connection, &order)?;
                let full = members.len() >= usize::try_from(CLUSTER_BATCH).unwrap_or(usize::MAX);
                let next = members.last().filter(|_| full).map(|(seq, _)| *seq);
                let results = members.into_iter().map(|(_, id)| decide(connection, &order.on(id), &by, now));
                Ok(Done::Keep((results.collect::<rusqlite::Result<_>>()?, next)))
            })
            .await
    }
}

/// Marks the row of the comment that was alone until a near-copy of it came.
pub(super) fn found(connection: &Connection, founder: CommentId, cluster: CommentId) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE comments SET cluster = ? WHERE id = ? AND cluster IS NULL")?
        .execute([cluster.bytes(), founder.bytes()])
        .map(|_one| ())
}

/// How many members of a cluster stand so.
pub(super) fn size(connection: &Connection, cluster: CommentId, status: Status) -> rusqlite::Result<u64> {
    let count: i64 = connection
        .prepare_cached("SELECT count(*) FROM comments WHERE cluster = ? AND status = ?")?
        .query_row(params![cluster.bytes(), status.as_str()], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

fn sketches(
    connection: &Connection,
    after: SketchCursor,
    most: u32,
) -> rusqlite::Result<(Vec<Sketched>, SketchCursor)> {
    let (mut rows, mut cursor) = (Vec::new(), after);
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {SKETCHED} FROM comments c CROSS JOIN pages p ON p.id = c.page WHERE c.seq > ? ORDER BY c.seq LIMIT ?"
    ))?;
    let mut fresh = statement.query(params![after.seq, most])?;
    while let Some(row) = fresh.next()? {
        cursor.seq = row.get("seq")?;
        rows.push(sketched(row)?);
    }
    let mut statement =
        connection.prepare_cached("SELECT id, action, subject FROM audit WHERE id > ? ORDER BY id LIMIT ?")?;
    let mut deeds = statement.query(params![after.audit, most])?;
    let mut known = connection
        .prepare_cached(&format!("SELECT {SKETCHED} FROM comments c JOIN pages p ON p.id = c.page WHERE c.id = ?"))?;
    while let Some(row) = deeds.next()? {
        cursor.audit = row.get("id")?;
        let (action, subject): (String, String) = (row.get("action")?, row.get("subject")?);
        let subject = action.starts_with("comment.").then(|| subject.parse::<CommentId>().ok()).flatten();
        if let Some(changed) = subject {
            rows.extend(known.query_row([changed.bytes()], sketched).optional()?);
        }
    }
    Ok((rows, cursor))
}

fn sketched(row: &Row<'_>) -> rusqlite::Result<Sketched> {
    Ok(Sketched {
        id: id(row, "id")?,
        site: row.get("site")?,
        status: named(row, "status")?,
        decided: row.get("decided")?,
        created_at: time(row, "created_at")?,
        sketch: row.get("sketch")?,
        cluster: optional_id(row, "cluster")?,
        email_key: row.get("email_key")?,
        network_key: row.get("network_key")?,
    })
}

fn join(connection: &Connection, moves: &[Regroup]) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached("UPDATE comments SET cluster = ? WHERE id = ? AND sketch = ?")?;
    for regroup in moves {
        if let Regroup::Join { comment, sketch, cluster } = regroup {
            statement.execute(params![cluster.bytes(), comment.bytes(), sketch])?;
        }
    }
    Ok(())
}

/// Gives some members of a cluster another's name; whether there may be more.
fn rename(connection: &Connection, from: CommentId, to: CommentId) -> rusqlite::Result<bool> {
    let changed = connection
        .prepare_cached(
            "UPDATE comments SET cluster = ?1 WHERE seq IN (SELECT seq FROM comments WHERE cluster = ?2 LIMIT ?3)",
        )?
        .execute(params![to.bytes(), from.bytes(), CLUSTER_BATCH])?;
    Ok(changed >= usize::try_from(CLUSTER_BATCH).unwrap_or(usize::MAX))
}

fn end(
    connection: &Connection,
    cluster: CommentId,
    up_to: UpTo,
    sites: Option<Vec<String>>,
) -> rusqlite::Result<ClusterEnd> {
    let mut values = vec![Value::Blob(cluster.bytes().to_vec())];
    let within = match sites {
        None => String::new(),
        Some(sites) => {
            let within = format!("AND p.site IN ({})", marks(sites.len()));
            values.extend(sites.into_iter().map(Value::Text));
            within
        }
    };
    let found = connection
        .prepare_cached(&format!(
            "SELECT 1 FROM comments c CROSS JOIN pages p ON p.id = c.page
             WHERE c.cluster = ? AND c.status <> 'deleted' {within} LIMIT 1"
        ))?
        .exists(params_from_iter(values))?;
    if !found {
        return Ok(ClusterEnd::NotFound);
    }
    let last: Option<i64> = match up_to {
        UpTo::Comment(id) => connection
            .prepare_cached("SELECT seq FROM comments WHERE id = ? AND cluster = ?")?
            .query_row([id.bytes(), cluster.bytes()], |row| row.get(0))
            .optional()?,
        UpTo::Moment(moment) => connection
            .prepare_cached("SELECT coalesce(max(seq), 0) FROM comments WHERE cluster = ? AND created_at <= ?")?
            .query_row(params![cluster.bytes(), moment.0], |row| row.get(0))
            .optional()?,
    };
    Ok(last.map_or(ClusterEnd::NoMember, ClusterEnd::At))
}

fn members(connection: &Connection, order: &ClusterOrder) -> rusqlite::Result<Vec<(i64, CommentId)>> {
    connection
        .prepare_cached(
            "SELECT seq, id FROM comments WHERE cluster = :cluster AND seq > :after AND seq <= :last
               AND status <> 'deleted' AND (:status IS NULL OR status = :status) ORDER BY seq LIMIT :most",
        )?
        .query_map(
            named_params! {
                ":cluster": order.cluster.bytes(), ":after": order.after, ":last": order.last,
                ":status": order.status.map(Status::as_str), ":most": CLUSTER_BATCH,
            },
            |row| Ok((row.get(0)?, id(row, "id")?)),
        )?
        .collect()
}
