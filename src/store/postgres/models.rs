//! Models as they were after some lesson: any instance keeps one, all read them.

use tokio_postgres::Row;

use super::{
    Postgres,
    rows::{get, time},
};
use crate::store::{Snapshot, SnapshotMark, StoreError};

impl Postgres {
    /// The newest of the site up to this row.
    pub(in crate::store) async fn snapshot(&self, site: String, up_to: i64) -> Result<Option<Snapshot>, StoreError> {
        const NEWEST: &str = "SELECT site, seq, version, labels, at, bytes FROM models WHERE site = $1 AND seq <= $2
             ORDER BY seq DESC LIMIT 1";
        let row = self.reading_patiently().await?.row(NEWEST, &[&site, &up_to]).await?;
        row.map(|row| Ok(Snapshot { mark: mark(&row)?, bytes: get(&row, "bytes")? })).transpose()
    }

    /// All of a site, or of all, without their bytes; by site, newest first.
    pub(in crate::store) async fn snapshots(&self, site: Option<String>) -> Result<Vec<SnapshotMark>, StoreError> {
        const ALL: &str = "SELECT site, seq, version, labels, at FROM models WHERE $1::text IS NULL OR site = $1
             ORDER BY site, seq DESC";
        let rows = self.reading_patiently().await?.rows(ALL, &[&site]).await?;
        rows.iter().map(mark).collect()
    }

    /// Keeps one, unless it is there or knows what was taken back since. One of another version at the same
    /// row makes room.
    pub(in crate::store) async fn keep_snapshot(&self, snapshot: Snapshot) -> Result<bool, StoreError> {
        const KEEP: &str = "INSERT INTO models AS m (site, seq, version, labels, at, bytes)
             SELECT $1::text, $2::bigint, $3::text, $4::bigint, $5::bigint, $6::bytea WHERE NOT EXISTS
               (SELECT 1 FROM lessons WHERE site = $1 AND seq > $2 AND since IS NOT NULL AND since <= $2)
             ON CONFLICT (site, seq) DO UPDATE
               SET version = excluded.version, labels = excluded.labels, at = excluded.at, bytes = excluded.bytes
               WHERE m.version <> excluded.version";
        let Snapshot { mark, bytes } = &snapshot;
        let db = self.writing_patiently().await?;
        let kept = db.execute(KEEP, &[&mark.site, &mark.seq, &mark.version, &mark.labels, &mark.at.0, &bytes]).await?;
        db.keep(kept > 0).await
    }

    pub(in crate::store) async fn drop_snapshots(&self, site: String, rows: Vec<i64>) -> Result<(), StoreError> {
        let db = self.writing().await?;
        db.execute("DELETE FROM models WHERE site = $1 AND seq = ANY($2)", &[&site, &rows]).await?;
        db.keep(()).await
    }
}

fn mark(row: &Row) -> Result<SnapshotMark, StoreError> {
    Ok(SnapshotMark {
        site: get(row, "site")?,
        seq: get(row, "seq")?,
        version: get(row, "version")?,
        labels: get(row, "labels")?,
        at: time(row, "at")?,
    })
}
