//! How good scores are, held against labels, and how sure one may be of a rate.
//!
//! Pure arithmetic over pairs of a score and whether it turned out bad; a higher score says worse.
//! It refuses to know what was scored, who labelled it, and what follows.

mod calibration;
mod histogram;
mod interval;
mod logistic;
mod ranking;

pub use calibration::{Reliability, brier, calibration_error, reliability};
pub use histogram::histogram;
pub use interval::{Interval, clopper_pearson, upper_bound, wilson};
pub use logistic::{Bounds, Fit, Observation, fit, platt, probability};
pub use ranking::{Caught, Point, auc, average_precision, points, recall_at};

/// Scores with their labels, and how much each counts.
#[derive(Clone, Copy, Debug)]
pub struct Labelled<'a> {
    rows: &'a [(f64, bool)],
    weights: &'a [f64],
}

impl<'a> From<&'a [(f64, bool)]> for Labelled<'a> {
    fn from(rows: &'a [(f64, bool)]) -> Self {
        Self { rows, weights: &[] }
    }
}

impl<'a> From<&'a Vec<(f64, bool)>> for Labelled<'a> {
    fn from(rows: &'a Vec<(f64, bool)>) -> Self {
        Self::from(rows.as_slice())
    }
}

/// Sums of weights.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Totals {
    /// Of the bad.
    pub bad: f64,
    /// Of the others.
    pub good: f64,
}

impl<'a> Labelled<'a> {
    /// With a weight a row, in the same order; rows beyond the weights count once.
    #[must_use]
    pub fn weighted(rows: &'a [(f64, bool)], weights: &'a [f64]) -> Self {
        Self { rows, weights }
    }

    /// Score, whether it is bad, weight.
    pub fn iter(self) -> impl Iterator<Item = (f64, bool, f64)> + 'a {
        let weights = self.weights.iter().copied().chain(std::iter::repeat(1.0));
        self.rows.iter().zip(weights).map(|((score, bad), weight)| (*score, *bad, weight))
    }

    /// What there is of each kind.
    #[must_use]
    pub fn totals(self) -> Totals {
        self.iter().fold(Totals::default(), |sum, (_, bad, weight)| {
            if bad { Totals { bad: sum.bad + weight, ..sum } } else { Totals { good: sum.good + weight, ..sum } }
        })
    }
}

/// How many rows of weight one say as much as these (Kish, Survey Sampling, 1965): the square of the sum over the
/// sum of the squares. Rates of weighted rows are no surer than that.
#[must_use]
pub fn effective(weights: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, squares) = weights.into_iter().fold((0.0, 0.0), |(sum, squares), w| (sum + w, squares + w * w));
    if squares > 0.0 { sum * sum / squares } else { 0.0 }
}

#[cfg(test)]
mod tests;
