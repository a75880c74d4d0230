//! Whether a score in `[0,1]` means what it says: of those at 0.8, are eight in ten bad?

use super::{Labelled, histogram::bin_of};

/// One bin of the reliability diagram.
#[derive(Clone, Copy, PartialEq, Debug, Default, serde::Serialize)]
pub struct Reliability {
    /// Its lower edge; the upper one is the next bin's and belongs to that, but for the last.
    pub from: f64,
    /// Weight of its rows.
    pub rows: f64,
    /// Mean score; 0 without rows.
    pub mean: f64,
    /// Share of the bad; 0 without rows.
    pub share: f64,
}

/// Mean squared distance of score and outcome (Brier, Monthly Weather Review 78, 1950). None without rows.
#[must_use]
pub fn brier<'a>(labelled: impl Into<Labelled<'a>>) -> Option<f64> {
    let (sum, rows) = labelled.into().iter().fold((0.0, 0.0), |(sum, rows), (score, bad, weight)| {
        let off = score - f64::from(u8::from(bad));
        (sum + weight * off * off, rows + weight)
    });
    (rows > 0.0).then(|| sum / rows)
}

/// So many bins of equal width. A score of 1 falls into the last.
#[must_use]
pub fn reliability<'a>(labelled: impl Into<Labelled<'a>>, bins: u16) -> Vec<Reliability> {
    let width = 1.0 / f64::from(bins.max(1));
    let mut found: Vec<Reliability> =
        (0..bins).map(|bin| Reliability { from: f64::from(bin) * width, ..Reliability::default() }).collect();
    for (score, bad, weight) in labelled.into().iter() {
        if let Some(bin) = found.get_mut(bin_of(score, bins)) {
            bin.rows += weight;
            bin.mean += weight * score;
            bin.share += if bad { weight } else { 0.0 };
        }
    }
    for bin in found.iter_mut().filter(|bin| bin.rows > 0.0) {
        bin.mean /= bin.rows;
        bin.share /= bin.rows;
    }
    found
}

/// Expected calibration error: how far mean score and share of the bad lie apart, over bins of equal width.
/// None without rows.
#[must_use]
pub fn calibration_error<'a>(labelled: impl Into<Labelled<'a>>, bins: u16) -> Option<f64> {
    let bins = reliability(labelled, bins);
    let rows: f64 = bins.iter().map(|bin| bin.rows).sum();
    let off: f64 = bins.iter().map(|bin| bin.rows * (bin.mean - bin.share).abs()).sum();
    (rows > 0.0).then(|| off / rows)
}
