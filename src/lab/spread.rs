//! How scores and risks are spread, by what moderators made of the comments.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Judge, Label, Row};
use crate::measure::histogram;

/// Bins, each a twentieth wide.
const BINS: u16 = 20;

/// Two histograms. What was sent counts once; a sample is one of its like.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Histograms {
    /// Bins of equal width from 0 to 1; the last holds 1 too.
    pub bins: u16,
    /// Captcha scores from 0 to 1 = human, of what has one that the thresholds are compared with.
    pub captcha: ByOutcome,
    /// Risks from 0 to 1 = surely spam.
    pub risk: ByOutcome,
}

/// Counts a bin, by what moderators made of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct ByOutcome {
    /// Approved.
    pub approved: Vec<u64>,
    /// Marked as spam.
    pub spam: Vec<u64>,
    /// Turned down for what they say.
    pub rejected: Vec<u64>,
    /// No moderator has decided.
    pub undecided: Vec<u64>,
    /// Refused by the captcha's score, and never seen by anybody; these have no risk.
    pub refused: Vec<u64>,
}

/// Histograms in the making.
pub(super) struct Spread {
    captcha: ByOutcome,
    risk: ByOutcome,
}

impl Default for Spread {
    fn default() -> Self {
        let none = || vec![0; usize::from(BINS)];
        let empty =
            || ByOutcome { approved: none(), spam: none(), rejected: none(), undecided: none(), refused: none() };
        Self { captcha: empty(), risk: empty() }
    }
}

impl ByOutcome {
    fn add(&mut self, row: &Row, value: Option<f64>) {
        let counts = match (&row.content, row.label) {
            (None, _) => &mut self.refused,
            (Some(_), Label::Approved) => &mut self.approved,
            (Some(_), Label::Spam) => &mut self.spam,
            (Some(_), Label::Rejected) => &mut self.rejected,
            (Some(_), Label::Undecided) => &mut self.undecided,
        };
        for (count, one) in counts.iter_mut().zip(histogram(value, BINS)) {
            *count += one;
        }
    }
}

impl Spread {
    pub(super) fn add(&mut self, row: &Row, judge: &Judge) {
        self.captcha.add(row, judge.compared(row));
        self.risk.add(row, judge.risk(row));
    }

    pub(super) fn histograms(self) -> Histograms {
        Histograms { bins: BINS, captcha: self.captcha, risk: self.risk }
    }
}
