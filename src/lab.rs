//! The threshold lab: what thresholds and weights would have made of what came in, and which threshold keeps a
//! promise about what is lost.
//!
//! It lays settings on records by the same rules that judge a submission (`captcha/bands.rs`, `intake/decide.rs`)
//! and counts. Pure but for `past`, which reads. It changes nothing, and refuses to know who asks.

mod common;
mod hold_share;
mod judge;
mod past;
mod proposal;
mod report;
mod row;
mod spread;
mod suggest;
mod tally;

pub use common::{Differing, common};
pub use hold_share::check as check_hold_share;
pub use judge::{Fate, Judge};
pub use past::{MOST, Notes, Past, Wanted, read};
pub use proposal::{
    CaptchaProposal, CaptchaThresholds, Misfit, Proposal, ScoringProposal, ScoringThresholds, Thresholds,
};
pub use report::{Compared, InForce, Judged, Lab};
pub use row::{Content, Label, Row};
pub use spread::{ByOutcome, Histograms};
pub use suggest::{Advice, Suggestion, suggest};
pub use tally::{Figures, Rate};

#[cfg(test)]
mod tests;
