//! The built-in score, model `builtin-1`: how human a submission looks, from named evidence.
//!
//! Log-odds of a machine: a prior, plus the weights of the rules that fired, each group within its
//! cap, so that no group decides alone what it cannot know. Proof of work is a cost and says
//! little of humanity: a stealth browser on a clean address scores like a reader, and moderation
//! is the answer to it. Weights are a reasoned start, not fitted to traffic.

mod rules;

use std::time::Duration;

use super::{ClientFacts, FailKind};
use crate::domain::Signal;

/// Log-odds of a machine before any rule: four of five submissions are a human's.
const PRIOR: f64 = -1.4;
/// How far the client's behaviour may move the sum.
const CLIENT_CAP: (f64, f64) = (-0.8, 4.5);
/// How far its headers may: they never speak for anybody.
const HEADERS_CAP: (f64, f64) = (0.0, 3.0);
/// How far they may beside a proof of work that holds: they make somebody wait who did the work, and never
/// refuse them by themselves. Otherwise a solved challenge could fare worse than none.
const HEADERS_CAP_PROVEN: (f64, f64) = (0.0, 1.2);

/// What the rules look at.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// What became of the proof of work.
    pub proof: ProofSeen,
    /// What the client showed.
    pub facts: &'a ClientFacts<'a>,
    /// The site lives on https, where browsers send all their headers.
    pub https: bool,
    /// A provider that gives no score let it pass.
    pub vouched: bool,
}

/// What became of the proof of work. It weighs only where the provider is `builtin`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProofSeen {
    /// Another provider, or none, is configured.
    NotAsked,
    /// None came.
    Missing,
    /// Malformed, forged or unsolved.
    Invalid,
    /// Genuine, too late.
    Expired,
    /// Genuine, for another page, site or action.
    Elsewhere,
    /// It holds.
    Solved {
        /// From minting to submission, by the server's clock.
        age: Duration,
        /// The try that the client says it hit at.
        counter: u32,
        /// It was minted for another network.
        network_changed: bool,
    },
}

impl ProofSeen {
    /// How a failed proof is weighed.
    #[must_use]
    pub fn of(kind: FailKind) -> Self {
        match kind {
            FailKind::Expired | FailKind::Duplicate | FailKind::ExpiredOrDuplicate => Self::Expired,
            FailKind::HostMismatch | FailKind::KeyMismatch | FailKind::ActionMismatch | FailKind::PageMismatch => {
                Self::Elsewhere
            }
            FailKind::Malformed
            | FailKind::Forged
            | FailKind::Refused
            | FailKind::FromFuture
            | FailKind::WrongSolution => Self::Invalid,
        }
    }
}

/// The score from 0 to 1 = human, and the signals that made it, each with its uncapped weight.
#[must_use]
pub fn score(evidence: &Evidence<'_>) -> (f64, Vec<Signal>) {
    let facts = evidence.facts;
    let proven = matches!(evidence.proof, ProofSeen::Solved { .. });
    let headers_cap = if proven { HEADERS_CAP_PROVEN } else { HEADERS_CAP };
    let groups = [
        (None, rules::proof(evidence.proof)),
        (Some(CLIENT_CAP), rules::client(facts, evidence.proof)),
        (Some(headers_cap), rules::headers(facts, evidence.https)),
        (None, rules::vouched(evidence.vouched).into_iter().collect()),
    ];
    let mut z = PRIOR;
    let mut seen = Vec::new();
    for (cap, signals) in groups {
        let sum: f64 = signals.iter().map(|signal| signal.weight).sum();
        z += cap.map_or(sum, |(low, high)| sum.clamp(low, high));
        seen.extend(signals);
    }
    (1.0 / (1.0 + z.exp()), seen)
}

#[cfg(test)]
mod tests;
