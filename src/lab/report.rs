//! The lab's face: the past under the settings in force, and beside them under others.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Figures, Histograms, Judge, Notes, Thresholds, Wanted, past::walk, spread::Spread, tally::Tally};
use crate::{
    config::Site,
    domain::Timestamp,
    store::{Store, StoreError},
};

/// Thresholds and what they would have made of the past.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Judged {
    /// The thresholds.
    pub thresholds: Thresholds,
    /// What they would have done.
    pub figures: Figures,
}

/// The past under the settings in force.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InForce {
    /// What came then or later was looked at.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// The thresholds in force. The figures are theirs for the whole of the past, whatever was in force then.
    pub in_force: Judged,
    /// How scores and risks are spread.
    pub histograms: Histograms,
    /// What to know before believing the figures.
    pub notes: Notes,
}

/// The past under two settings.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Compared {
    /// What came then or later was looked at.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// The thresholds in force.
    pub in_force: Judged,
    /// Those proposed.
    pub proposed: Judged,
    /// What to know before believing the figures.
    pub notes: Notes,
}

/// The lab over a store.
#[derive(Clone)]
pub struct Lab {
    store: Store,
}

/// Settings at work.
struct Bench {
    judge: Judge,
    tally: Tally,
    thresholds: Thresholds,
}

impl Bench {
    fn of(site: &Site) -> Self {
        Self { judge: Judge::of(site), tally: Tally::default(), thresholds: Thresholds::of(site) }
    }
    fn judged(&self) -> Judged {
        Judged { thresholds: self.thresholds, figures: self.tally.figures() }
    }
}

impl Lab {
    /// Over this store.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// What the settings of `site` make of the past.
    ///
    /// # Errors
    /// The store's.
    pub async fn in_force(&self, site: &Site, wanted: &Wanted) -> Result<InForce, StoreError> {
        let (mut bench, mut spread, mut other_provider) = (Bench::of(site), Spread::default(), 0);
        let notes = walk(&self.store, wanted, |row| {
            other_provider += u64::from(bench.judge.is_foreign(&row));
            bench.tally.add(&row, bench.judge.fate(&row));
            spread.add(&row, &bench.judge);
        })
        .await?;
        let notes = Notes { other_provider, ..notes };
        Ok(InForce { since: wanted.since, in_force: bench.judged(), histograms: spread.histograms(), notes })
    }

    /// What the settings of `site` make of the past, and what those of `proposed` would.
    ///
    /// # Errors
    /// The store's.
    pub async fn compared(&self, site: &Site, proposed: &Site, wanted: &Wanted) -> Result<Compared, StoreError> {
        let (mut old, mut new, mut other_provider) = (Bench::of(site), Bench::of(proposed), 0);
        let notes = walk(&self.store, wanted, |row| {
            other_provider += u64::from(new.judge.is_foreign(&row));
            for bench in [&mut old, &mut new] {
                bench.tally.add(&row, bench.judge.fate(&row));
            }
        })
        .await?;
        let notes = Notes { other_provider, ..notes };
        Ok(Compared { since: wanted.since, in_force: old.judged(), proposed: new.judged(), notes })
    }
}
