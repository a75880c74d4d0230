//! How sure a rate is: 95 % intervals for reading, exact bounds for promising.

use serde::Serialize;
use statrs::function::beta::beta_reg;
use utoipa::ToSchema;

/// Where 95 % of a normal distribution lies, in standard deviations to both sides.
const SIGMAS: f64 = 1.959_963_984_540_054;
/// Halvings of `[0,1]` until nothing of a double is left to halve.
const HALVINGS: u32 = 60;

/// From one rate to another, both in `[0,1]`.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, ToSchema)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Wilson's 95 % interval for `hits` of `of` (Journal of the American Statistical Association 22, 1927). Both may be
/// fractions, as of weighted rows. All of `[0,1]` where there is nothing to judge by.
#[must_use]
pub fn wilson(hits: f64, of: f64) -> Interval {
    if of <= 0.0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let (rate, squared) = (hits / of, SIGMAS * SIGMAS);
    let scale = 1.0 + squared / of;
    let middle = (rate + squared / (2.0 * of)) / scale;
    let reach = SIGMAS / scale * (rate * (1.0 - rate) / of + squared / (4.0 * of * of)).max(0.0).sqrt();
    // At the ends the formula gives 0 and 1 but for the rounding.
    Interval {
        low: if hits <= 0.0 { 0.0 } else { (middle - reach).max(0.0) },
        high: if hits >= of { 1.0 } else { (middle + reach).min(1.0) },
    }
}

/// The exact two-sided interval of Clopper and Pearson (Biometrika 26, 1934) for `hits` of `of`: in at least
/// `confidence` of all samples it holds the rate.
#[must_use]
pub fn clopper_pearson(hits: u64, of: u64, confidence: f64) -> Interval {
    let beyond = (1.0 - confidence) / 2.0;
    Interval {
        low: 1.0 - upper_bound(of.saturating_sub(hits), of, 1.0 - beyond),
        high: upper_bound(hits, of, 1.0 - beyond),
    }
}

/// The rate that the true one exceeds in `1 - confidence` of all samples at most: the one-sided bound of Clopper and
/// Pearson, the quantile of Beta(hits + 1, of - hits).
#[must_use]
pub fn upper_bound(hits: u64, of: u64, confidence: f64) -> f64 {
    if hits >= of {
        return 1.0;
    }
    let (a, b) = (count(hits) + 1.0, count(of - hits));
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        *(if beta_reg(a, b, middle) < confidence { &mut low } else { &mut high }) = middle;
    }
    high
}

#[expect(clippy::cast_precision_loss, reason = "counts of comments are far below 2^53")]
fn count(n: u64) -> f64 {
    n as f64
}
