//! A model made anew from the log: at the start, and where something was taken back.
//!
//! It is made aside, in stretches, while the one in force goes on scoring.

use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::{Learning, STRETCH, broke_off, log, pupil::Knowledge, snapshots::EVERY};
use crate::{
    config::Site,
    scoring::learned::{Model, SnapshotError},
    store::{LessonQuery, LoggedLesson, Snapshot, StoreError},
    telemetry::chain,
};

impl Learning {
    /// Makes a site's model from its newest snapshot that holds and what still holds of the log behind it.
    pub(super) async fn rebuild(&self, site: &Site) -> Result<(), StoreError> {
        let id = site.id.as_str();
        let mut up_to = i64::MAX;
        loop {
            let before = self.newest(id, up_to).await?;
            let from = before.seq;
            let log = self.store.lesson_log(id.to_owned(), from).await?;
            if from == 0 && log.is_empty() {
                return Ok(());
            }
            // Somebody took back what this snapshot knows since it was read; the store has dropped it.
            if let Some(since) = log.iter().filter_map(|row| row.kind.since()).find(|since| *since <= from) {
                up_to = since - 1;
                continue;
            }
            let wanted = log::effective(&log);
            let mut after = self.replay(site, before, &wanted).await?;
            after.seq = log.last().map_or(from, |row| row.seq);
            after.at = self.clock.now();
            let written = (wanted.len() >= usize::try_from(EVERY).unwrap_or(usize::MAX)).then(|| after.written());
            self.install(&site.id, after);
            if let Some(written) = written {
                self.keep(&site.id, written).await?;
            }
            return Ok(());
        }
    }

    /// The newest snapshot that can be read, up to this row; else a model that knows nothing.
    async fn newest(&self, site: &str, mut up_to: i64) -> Result<Knowledge, StoreError> {
        let mut told = false;
        while let Some(Snapshot { mark, bytes }) = self.store.snapshot(site.to_owned(), up_to).await? {
            let seed = Arc::clone(&self.seed);
            let read = spawn_blocking(move || Model::from_bytes(&bytes, seed)).await.map_err(broke_off)?;
            let fault = match read {
                Ok(model) => return Ok(Knowledge { model, seq: mark.seq, kept: mark.seq, at: mark.at }),
                Err(fault) => fault,
            };
            if !told {
                tracing::warn!(site, lesson = mark.seq, error = chain(&fault), "a model's snapshot is not used");
                told = true;
            }
            // One of another version is for a program that goes back to it.
            if fault == SnapshotError::Damaged {
                self.store.drop_snapshots(site.to_owned(), vec![mark.seq]).await?;
            }
            up_to = mark.seq - 1;
        }
        Ok(Knowledge { model: Model::new(Arc::clone(&self.seed)), seq: 0, kept: 0, at: self.clock.now() })
    }

    /// Learns these labels in stretches.
    async fn replay(
        &self,
        site: &Site,
        mut knowledge: Knowledge,
        wanted: &[LoggedLesson],
    ) -> Result<Knowledge, StoreError> {
        let hosts: Arc<[String]> = site.hosts().into();
        let mut rest = wanted;
        while let Some(first) = rest.first() {
            let query = LessonQuery { site: Some(site.id.to_string()), after: first.seq - 1, limit: STRETCH };
            let mut lessons = self.store.lessons(query).await?;
            let Some(last) = lessons.last().map(|lesson| lesson.row.seq) else { break };
            let (now, later) = rest.split_at(rest.partition_point(|row| row.seq <= last));
            lessons.retain(|lesson| now.binary_search_by_key(&lesson.row.seq, |row| row.seq).is_ok());
            let hosts = Arc::clone(&hosts);
            let learned = spawn_blocking(move || knowledge.learn_all(&lessons, &hosts)).await;
            knowledge = learned.map_err(broke_off)?;
            rest = later;
        }
        Ok(knowledge)
    }
}
