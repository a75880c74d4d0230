//! How well scores tell the bad from the others, whatever their scale: ROC, average precision, recall.

use super::{Labelled, Totals};

/// What a threshold would do: rows with this score or a higher one.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Point {
    /// The score.
    pub threshold: f64,
    /// Weight of the bad at or above it.
    pub bad: f64,
    /// Weight of the others at or above it.
    pub good: f64,
}

/// The recall within a bound on false positives.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Caught {
    /// Share of the bad.
    pub recall: f64,
    /// The lowest threshold that keeps within the bound; none where every one breaks it.
    pub threshold: Option<f64>,
}

/// One point a distinct score, from the highest down: tied scores move together.
#[must_use]
pub fn points<'a>(labelled: impl Into<Labelled<'a>>) -> Vec<Point> {
    let mut rows: Vec<(f64, bool, f64)> = labelled.into().iter().collect();
    rows.sort_by(|(one, ..), (other, ..)| other.total_cmp(one));
    let mut points = Vec::new();
    let mut sum = Totals::default();
    let mut rows = rows.into_iter().peekable();
    while let Some((threshold, is_bad, weight)) = rows.next() {
        *(if is_bad { &mut sum.bad } else { &mut sum.good }) += weight;
        if rows.peek().is_none_or(|(next, ..)| *next < threshold) {
            points.push(Point { threshold, bad: sum.bad, good: sum.good });
        }
    }
    points
}

/// Area under the ROC curve: how often a bad one scores above another, a tie counting half. None
/// without rows of both kinds.
#[must_use]
pub fn auc<'a>(labelled: impl Into<Labelled<'a>>) -> Option<f64> {
    let points = points(labelled);
    let all = points.last().filter(|last| last.bad > 0.0 && last.good > 0.0)?;
    let (mut area, mut bad, mut good) = (0.0, 0.0, 0.0);
    for point in &points {
        area += (point.good - good) * (bad + point.bad) / 2.0;
        (bad, good) = (point.bad, point.good);
    }
    Some(area / (all.bad * all.good))
}

/// Mean precision over the bad ones, each at the threshold that first catches it. None without rows of
/// both kinds.
#[must_use]
pub fn average_precision<'a>(labelled: impl Into<Labelled<'a>>) -> Option<f64> {
    let points = points(labelled);
    let all = points.last().filter(|last| last.bad > 0.0 && last.good > 0.0)?;
    let (mut sum, mut bad) = (0.0, 0.0);
    for point in &points {
        sum += (point.bad - bad) / all.bad * (point.bad / (point.bad + point.good));
        bad = point.bad;
    }
    Some(sum)
}

/// The best recall over thresholds whose false positives are `rate` of the others at most. None without
/// rows of both kinds.
#[must_use]
pub fn recall_at<'a>(labelled: impl Into<Labelled<'a>>, rate: f64) -> Option<Caught> {
    let points = points(labelled);
    let all = points.last().filter(|last| last.bad > 0.0 && last.good > 0.0)?;
    let allowed = rate * all.good + 1e-9;
    let best = points.iter().take_while(|point| point.good <= allowed).last();
    Some(Caught { recall: best.map_or(0.0, |best| best.bad / all.bad), threshold: best.map(|best| best.threshold) })
}
