//! Near-copies: which comments are one cluster, and decisions on all of them.
//!
//! Who is near to whom is found elsewhere; here it is kept, told to every instance, and decided on in
//! batches, so that a cluster of thousands keeps nobody's comment waiting.

use std::collections::HashMap;

use tokio_postgres::Row;
use uuid::Uuid;

use super::{
    Postgres,
    db::Db,
    deciding::decide,
    rows::{count, get, id, named, optional_id, time, uid, uids},
};
use crate::{
    domain::{CommentId, Status, Timestamp},
    store::{
        CLUSTER_BATCH, ClusterEnd, ClusterOrder, DecisionOrder, DecisionResult, Regroup, SketchCursor, Sketched,
        StoreError, UpTo, fragments::SKETCHED,
    },
};

impl Postgres {
    /// Where to begin to read: at the first comment since, and at the end of the audit.
    pub(in crate::store) async fn sketches_begin(
        &self,
        since: Timestamp,
        most: i64,
    ) -> Result<SketchCursor, StoreError> {
        // Ids begin with their time, and within a millisecond are in no order. The sum keeps the planner from walking
        // the numbers, of which all are old, up to the first id that fits.
        const ENDS: &str = "SELECT (SELECT coalesce(max(seq), 0) FROM comments) AS newest,
               (SELECT coalesce(max(id), 0) FROM audit) AS audit,
               (SELECT min(seq + 0) FROM comments WHERE id >= $1) AS first";
        let ends = self.reading_patiently().await?.one(ENDS, &[&uid(CommentId::first_of(since))]).await?;
        let (newest, first): (i64, Option<i64>) = (get(&ends, "newest")?, get(&ends, "first")?);
        Ok(SketchCursor::begin(newest, first, most, get(&ends, "audit")?))
    }

    pub(in crate::store) async fn sketches(
        &self,
        after: SketchCursor,
        most: u32,
    ) -> Result<(Vec<Sketched>, SketchCursor), StoreError> {
        let fresh = format!(
            "SELECT {SKETCHED} FROM comments c JOIN pages p ON p.id = c.page WHERE c.seq > $1 ORDER BY c.seq LIMIT $2"
        );
        let known = format!("SELECT {SKETCHED} FROM comments c JOIN pages p ON p.id = c.page WHERE c.id = ANY($1)");
        let (db, most) = (self.reading_patiently().await?, i64::from(most));
        let (mut rows, mut cursor) = (Vec::new(), after);
        for row in db.rows(&fresh, &[&after.seq, &most]).await? {
            cursor.seq = get(&row, "seq")?;
            rows.push(sketched(&row)?);
        }
        let deeds = "SELECT id, action, subject FROM audit WHERE id > $1 ORDER BY id LIMIT $2";
        let mut changed = Vec::new();
        for row in db.rows(deeds, &[&after.audit, &most]).await? {
            cursor.audit = get(&row, "id")?;
            changed.extend(comment_of(get(&row, "action")?, get(&row, "subject")?));
        }
        if !changed.is_empty() {
            let found = db.rows(&known, &[&uids(&changed)]).await?;
            let found = found.iter().map(|row| sketched(row).map(|row| (row.id, row)));
            let found: HashMap<CommentId, Sketched> = found.collect::<Result<_, _>>()?;
            rows.extend(changed.iter().filter_map(|id| found.get(id)).cloned());
        }
        Ok((rows, cursor))
    }

    pub(in crate::store) async fn regroup(&self, moves: Vec<Regroup>) -> Result<(), StoreError> {
        const JOIN: &str = "UPDATE comments c SET cluster = j.cluster
             FROM unnest($1::uuid[], $2::bigint[], $3::uuid[]) AS j (comment, sketch, cluster)
             WHERE c.id = j.comment AND c.sketch = j.sketch";
        let (joins, merges): (Vec<_>, Vec<_>) =
            moves.into_iter().partition(|regroup| matches!(regroup, Regroup::Join { .. }));
        for some in joins.chunks(usize::try_from(CLUSTER_BATCH).unwrap_or(usize::MAX)) {
            // Of several for one comment the last one holds.
            let mut last = HashMap::new();
            for regroup in some {
                if let Regroup::Join { comment, sketch, cluster } = regroup {
                    last.insert((*comment, *sketch), uid(*cluster));
                }
            }
            let (which, clusters): (Vec<(CommentId, i64)>, Vec<Uuid>) = last.into_iter().unzip();
            let (comments, sketches): (Vec<Uuid>, Vec<i64>) =
                which.into_iter().map(|(comment, sketch)| (uid(comment), sketch)).unzip();
            let db = self.writing_patiently().await?;
            db.execute(JOIN, &[&comments, &sketches, &clusters]).await?;
            db.keep(()).await?;
        }
        for merge in merges {
            let Regroup::Merge { from, to } = merge else { continue };
            while self.rename(from, to).await? {}
        }
        Ok(())
    }

    /// Gives some members of a cluster another's name; whether there may be more.
    async fn rename(&self, from: CommentId, to: CommentId) -> Result<bool, StoreError> {
        const RENAME: &str = "UPDATE comments SET cluster = $1
             WHERE ctid = ANY(ARRAY(SELECT ctid FROM comments WHERE cluster = $2 LIMIT $3))";
        let db = self.writing_patiently().await?;
        let changed = db.execute(RENAME, &[&uid(to), &uid(from), &i64::from(CLUSTER_BATCH)]).await?;
        db.keep(changed >= u64::from(CLUSTER_BATCH)).await
    }

    pub(in crate::store) async fn cluster_end(
        &self,
        cluster: CommentId,
        up_to: UpTo,
        sites: Option<Vec<String>>,
    ) -> Result<ClusterEnd, StoreError> {
        const FOUND: &str = "SELECT 1 FROM comments c JOIN pages p ON p.id = c.page
             WHERE c.cluster = $1 AND c.status <> 'deleted' AND ($2::text[] IS NULL OR p.site = ANY($2)) LIMIT 1";
        const UP_TO: &str = "SELECT coalesce(max(seq), 0) AS seq FROM comments WHERE cluster = $1 AND created_at <= $2";
        let db = self.reading_patiently().await?;
        if !db.finds(FOUND, &[&uid(cluster), &sites]).await? {
            return Ok(ClusterEnd::NotFound);
        }
        let last = match up_to {
            UpTo::Comment(id) => {
                let member = "SELECT seq FROM comments WHERE id = $1 AND cluster = $2";
                db.row(member, &[&uid(id), &uid(cluster)]).await?
            }
            UpTo::Moment(moment) => db.row(UP_TO, &[&uid(cluster), &moment.0]).await?,
        };
        last.map_or(Ok(ClusterEnd::NoMember), |row| get(&row, "seq").map(ClusterEnd::At))
    }

    /// Decides on the next members; also the last one's number, where more may follow.
    pub(in crate::store) async fn decide_cluster(
        &self,
        order: ClusterOrder,
        by: String,
        now: Timestamp,
    ) -> Result<(Vec<DecisionResult>, Option<i64>), StoreError> {
        let db = self.writing().await?;
        let members = members(&db, &order).await?;
        let full = members.len() >= usize::try_from(CLUSTER_BATCH).unwrap_or(usize::MAX);
        let next = members.last().filter(|_| full).map(|(seq, _)| *seq);
        let orders: Vec<DecisionOrder> = members.iter().map(|(_, id)| order.on(*id)).collect();
        let results = decide(&db, &orders, &by, now).await?;
        db.keep((results, next)).await
    }
}

/// How many members of clusters stand so.
pub(super) async fn sizes(
    db: &Db,
    clusters: &[(CommentId, Status)],
) -> Result<HashMap<(CommentId, Status), u64>, StoreError> {
    const SIZES: &str = "SELECT a.cluster, a.status, (SELECT count(*) FROM comments c
           WHERE c.cluster = a.cluster AND c.status = a.status) AS n
         FROM unnest($1::uuid[], $2::text[]) AS a (cluster, status)";
    if clusters.is_empty() {
        return Ok(HashMap::new());
    }
    let (ids, states): (Vec<Uuid>, Vec<&str>) =
        clusters.iter().map(|(cluster, status)| (uid(*cluster), status.as_str())).unzip();
    let rows = db.rows(SIZES, &[&ids, &states]).await?;
    rows.iter().map(|row| Ok(((id(row, "cluster")?, named(row, "status")?), count(row, "n")?))).collect()
}

/// The comment that a row of the audit tells of.
fn comment_of(action: &str, subject: &str) -> Option<CommentId> {
    action.starts_with("comment.").then(|| subject.parse().ok()).flatten()
}

fn sketched(row: &Row) -> Result<Sketched, StoreError> {
    Ok(Sketched {
        id: id(row, "id")?,
        site: get(row, "site")?,
        status: named(row, "status")?,
        decided: get(row, "decided")?,
        created_at: time(row, "created_at")?,
        sketch: get(row, "sketch")?,
        cluster: optional_id(row, "cluster")?,
        email_key: get(row, "email_key")?,
        network_key: get(row, "network_key")?,
    })
}

async fn members(db: &Db, order: &ClusterOrder) -> Result<Vec<(i64, CommentId)>, StoreError> {
    const MEMBERS: &str = "SELECT seq, id FROM comments WHERE cluster = $1 AND seq > $2 AND seq <= $3
           AND status <> 'deleted' AND ($4::text IS NULL OR status = $4) ORDER BY seq LIMIT $5";
    let status = order.status.map(Status::as_str);
    let values = (uid(order.cluster), i64::from(CLUSTER_BATCH));
    let rows = db.rows(MEMBERS, &[&values.0, &order.after, &order.last, &status, &values.1]).await?;
    rows.iter().map(|row| Ok((get(row, "seq")?, id(row, "id")?))).collect()
}
