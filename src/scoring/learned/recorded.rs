//! What a comment's recorded signals say to the model that learns from it: the same that the rules said
//! when it was scored.

use crate::{config::Rule, domain::Signal};

/// What the rules had seen.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Recorded {
    /// Nearly the same text had come.
    pub near_copy: bool,
    /// What they added to the risk, in log-odds.
    pub rules: f32,
}

/// Reads a comment's signals. Those of the captcha (`captcha.…`) count in no risk.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "log-odds of a few units")]
pub fn recorded(signals: &[Signal]) -> Recorded {
    let rules = || signals.iter().filter(|signal| !signal.name.contains('.') && signal.name != "learned");
    Recorded {
        near_copy: rules().any(|signal| signal.name == Rule::NearCopy.name()),
        rules: rules().map(|signal| signal.weight).sum::<f64>() as f32,
    }
}
