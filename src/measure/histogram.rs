//! How scores in `[0,1]` are spread.

/// Scores a bin, of equal width. Those below 0 count in the first bin, those above 1 in the last.
#[must_use]
pub fn histogram(scores: impl IntoIterator<Item = f64>, bins: u16) -> Vec<u64> {
    let mut counts = vec![0; usize::from(bins)];
    for score in scores {
        if let Some(count) = counts.get_mut(bin_of(score, bins)) {
            *count += 1;
        }
    }
    counts
}

/// The bin of a score.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates: below 0 is the first bin, beyond the end is cut to the last"
)]
pub(super) fn bin_of(score: f64, bins: u16) -> usize {
    let bin = (score * f64::from(bins)) as usize;
    bin.min(usize::from(bins.saturating_sub(1)))
}
