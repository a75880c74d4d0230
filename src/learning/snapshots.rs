//! Which models are kept, and which of those kept are kept on.
//!
//! Any instance keeps them, each at the same rows, and the first one counts.

use std::{collections::HashSet, sync::Arc, time::Duration};

use tokio::task::spawn_blocking;

use super::{
    Learning, broke_off,
    pupil::{Pupil, Written},
};
use crate::{
    domain::SiteId,
    store::{Snapshot, SnapshotMark, StoreError},
    telemetry::chain,
};

/// Labels from one snapshot to the next.
pub(super) const EVERY: u64 = 100;
/// How long nothing is decided before what is new is kept all the same.
const QUIET: Duration = Duration::from_secs(60);
/// So many of the newest are kept on.
const NEWEST: usize = 5;
/// Behind them one a span: the first ends so many labels back at most, each following one four times as far.
const SPANS: u32 = 7;
/// Bytes at the start of a model that name their form.
const FORM: usize = 4;

impl Learning {
    /// Keeps a model, unless another instance has, or what it knows was taken back.
    pub(super) async fn keep(&self, site: &SiteId, written: Written) -> Result<(), StoreError> {
        let Written { seq, labels, bytes } = written;
        let version = bytes.get(..FORM).map(|form| String::from_utf8_lossy(form).into_owned()).unwrap_or_default();
        let labels = i64::try_from(labels).unwrap_or(i64::MAX);
        let mark = SnapshotMark { site: site.to_string(), seq, version, labels, at: self.clock.now() };
        if self.store.keep_snapshot(Snapshot { mark, bytes }).await? {
            let superfluous = thinned(&self.store.snapshots(Some(site.to_string())).await?);
            if !superfluous.is_empty() {
                self.store.drop_snapshots(site.to_string(), superfluous).await?;
            }
        }
        if let Some(pupil) = self.pupils.load().get(site) {
            let mut knowledge = pupil.write();
            knowledge.kept = knowledge.kept.max(seq);
        }
        Ok(())
    }

    /// Keeps what is new where nothing was decided for a while.
    pub(super) async fn keep_quiet_ones(&self) {
        let before = self.clock.now().minus(QUIET);
        self.keep_new_ones(|pupil| pupil.read().at <= before).await;
    }

    /// Keeps all that is new: before the end.
    pub async fn keep_all(&self) {
        self.keep_new_ones(|_any| true).await;
    }

    async fn keep_new_ones(&self, wanted: impl Fn(&Pupil) -> bool) {
        for (site, pupil) in self.pupils.load_full().iter() {
            let is_new = {
                let knowledge = pupil.read();
                knowledge.seq > knowledge.kept
            };
            if is_new && wanted(pupil) {
                let pupil = Arc::clone(pupil);
                let written = spawn_blocking(move || pupil.read().written()).await.map_err(broke_off);
                let kept = match written {
                    Ok(written) => self.keep(site, written).await,
                    Err(fault) => Err(fault),
                };
                if let Err(fault) = kept {
                    tracing::debug!(error = chain(&fault), "a model could not be kept; its lessons are");
                }
            }
        }
    }
}

/// Rows of those not to be kept on; the marks are one site's, newest first.
fn thinned(marks: &[SnapshotMark]) -> Vec<i64> {
    let newest = marks.first().map_or(0, |mark| mark.labels);
    let mut spans = HashSet::new();
    // From the oldest: the oldest of each span stays, and grows into the next.
    let older = marks.get(NEWEST..).unwrap_or_default().iter().rev();
    older.filter(|mark| !spans.insert(span(newest - mark.labels))).map(|mark| mark.seq).collect()
}

fn span(labels_back: i64) -> u32 {
    let back = u64::try_from(labels_back).unwrap_or(0) / EVERY;
    (back.max(1).ilog(4)).min(SPANS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    #[test]
    fn the_newest_stay_and_the_older_ones_grow_rarer() {
        let mut marks: Vec<SnapshotMark> = Vec::new();
        for n in 1..=20_000_i64 {
            let (labels, site, version) = (n * 100, String::new(), String::new());
            marks.insert(0, SnapshotMark { site, seq: n, version, labels, at: Timestamp(0) });
            let gone = thinned(&marks);
            marks.retain(|mark| !gone.contains(&mark.seq));
            assert!(marks.len() <= 12, "{n}: {}", marks.len());
        }
        let back: Vec<i64> = marks.iter().map(|mark| 20_000 - mark.seq).collect();
        assert_eq!(back[..5], [0, 1, 2, 3, 4]);
        for pair in back[4..].windows(2) {
            assert!(pair[1] <= 20 * pair[0], "a gap in {back:?}");
        }
        assert!(back.last().unwrap() > &4_000, "{back:?}");
    }
}
