//! Models as they were after some lesson: any instance keeps one, all read them.

use rusqlite::{OptionalExtension as _, Row, named_params, params};

use super::{Done, Sqlite, rows::time};
use crate::store::{Snapshot, SnapshotMark, StoreError};

impl Sqlite {
    /// The newest of the site up to this row.
    pub(in crate::store) async fn snapshot(&self, site: String, up_to: i64) -> Result<Option<Snapshot>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT * FROM models WHERE site = ? AND seq <= ? ORDER BY seq DESC LIMIT 1")?
                    .query_row(params![site, up_to], |row| Ok(Snapshot { mark: mark(row)?, bytes: row.get("bytes")? }))
                    .optional()
            })
            .await
    }

    /// All of a site, or of all, without their bytes; by site, newest first.
    pub(in crate::store) async fn snapshots(&self, site: Option<String>) -> Result<Vec<SnapshotMark>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT site, seq, version, labels, at FROM models WHERE ?1 IS NULL OR site = ?1
                         ORDER BY site, seq DESC",
                    )?
                    .query_map([site], mark)?
                    .collect()
            })
            .await
    }

    /// Keeps one, unless it is there or knows what was taken back since. One of another version at the same
    /// row makes room.
    pub(in crate::store) async fn keep_snapshot(&self, snapshot: Snapshot) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                let Snapshot { mark, bytes } = &snapshot;
                let kept = connection
                    .prepare_cached(
                        "INSERT INTO models (site, seq, version, labels, at, bytes)
                         SELECT :site, :seq, :version, :labels, :at, :bytes WHERE NOT EXISTS
                           (SELECT 1 FROM lessons WHERE site = :site AND seq > :seq AND since IS NOT NULL AND since <= :seq)
                         ON CONFLICT (site, seq) DO UPDATE
                           SET version = excluded.version, labels = excluded.labels, at = excluded.at, bytes = excluded.bytes
                           WHERE version <> excluded.version",
                    )?
                    .execute(named_params! {
                        ":site": mark.site, ":seq": mark.seq, ":version": mark.version, ":labels": mark.labels,
                        ":at": mark.at.0, ":bytes": bytes,
                    })?;
                Ok(Done::Keep(kept > 0))
            })
            .await
    }

    pub(in crate::store) async fn drop_snapshots(&self, site: String, rows: Vec<i64>) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                let mut drop = connection.prepare_cached("DELETE FROM models WHERE site = ? AND seq = ?")?;
                for seq in &rows {
                    drop.execute(params![site, seq])?;
                }
                Ok(Done::Keep(()))
            })
            .await
    }
}

fn mark(row: &Row<'_>) -> rusqlite::Result<SnapshotMark> {
    Ok(SnapshotMark {
        site: row.get("site")?,
        seq: row.get("seq")?,
        version: row.get("version")?,
        labels: row.get("labels")?,
        at: time(row, "at")?,
    })
}
