//! The signals as they are kept beside a comment, read back: which fired, and the score they make under other
//! weights than those of their time.
//!
//! It refuses to know where they are kept. A signal that weighed nothing left no trace.

use super::{Group, PRIOR, WEIGHTS, Weight, within};
use crate::config::CaptchaSignal;

/// Stands before a signal's name beside a comment, where the content's signals stand bare.
pub const PREFIX: &str = "captcha.";

/// A signal that fired.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Hit {
    /// Which.
    pub signal: CaptchaSignal,
    /// Times its weight; 1 but for the one that has degrees.
    pub strength: f64,
}

/// What was asked of the sender, which decides how far groups go.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Asked {
    /// A proof of work that held.
    pub proven: bool,
    /// Nothing that they could have shown for themselves.
    pub nothing: bool,
}

/// The name under which a signal is kept.
#[must_use]
pub fn kept_as(name: &str) -> String {
    format!("{PREFIX}{name}")
}

/// What a kept signal says fired; none for what is not the built-in score's, or is no longer. `in_force` is the
/// weight that the signal has now: how strong one with degrees was is read from its kept weight by it, so where
/// the weight has changed since, the strength is told in the new one's measure.
#[must_use]
pub fn hit(name: &str, weight: f64, in_force: impl Fn(CaptchaSignal) -> f64) -> Option<Hit> {
    let row = WEIGHTS.iter().find(|row| row.name == name)?;
    if row.signal != CaptchaSignal::PrefixReputation {
        return Some(Hit { signal: row.signal, strength: 1.0 });
    }
    let unit = Some(in_force(row.signal)).filter(|unit| *unit != 0.0).unwrap_or(row.weight);
    Some(Hit { signal: row.signal, strength: (weight / unit).clamp(-1.0, 1.0) })
}

/// The score from 0 to 1 = human that these make under the weights given.
#[must_use]
pub fn rescored(hits: &[Hit], asked: Asked, weight: impl Fn(CaptchaSignal) -> f64) -> f64 {
    let of = |group: Group| {
        let hits = hits.iter().filter(|hit| Weight::of(hit.signal).group == group);
        within(group, hits.map(|hit| weight(hit.signal) * hit.strength).sum(), asked)
    };
    let z = PRIOR + Group::ALL.map(of).iter().sum::<f64>();
    1.0 / (1.0 + z.exp())
}
