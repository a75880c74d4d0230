//! The built-in score, model `builtin-1`: how human a submission looks, from named evidence.
//!
//! Log-odds of a machine: a prior, plus the weights of the rules that fired, each group within its
//! bounds, so that no group decides alone what it cannot know. Proof of work is a cost and says
//! little of humanity: a stealth browser on a clean address scores like a reader, and moderation
//! is the answer to it.

mod kept;
mod rules;
mod weights;

use std::{collections::BTreeMap, time::Duration};

use super::{ClientFacts, FailKind};
use crate::{config::CaptchaSignal, domain::Signal};

pub use kept::{Asked, Hit, PREFIX, hit, kept_as, rescored};
pub use weights::{Group, WEIGHTS, Weight};

/// The model's name, which changes when the rules do.
pub const MODEL: &str = "builtin-1";
/// Log-odds of a machine before any rule: four of five submissions are a human's.
pub const PRIOR: f64 = -1.4;
/// How far headers may go beside a proof of work that holds: they make somebody wait who did the work, and
/// never refuse them by themselves. Otherwise a solved challenge could fare worse than none.
const HEADERS_CAP_PROVEN: (f64, f64) = (0.0, 1.2);
/// How far the network may go where nothing was asked that a reader could have shown for themselves: not
/// to even odds.
const NET_CAP_UNASKED: (f64, f64) = (-0.6, 1.3);

/// What the rules look at.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// What became of the proof of work.
    pub proof: ProofSeen,
    /// What the client showed, and what is known around it.
    pub facts: &'a ClientFacts<'a>,
    /// The operator's lists that hold the client's address.
    pub listed: Listed,
    /// The site lives on https, where browsers send all their headers.
    pub https: bool,
    /// A provider that gives no score let it pass.
    pub vouched: bool,
}

/// Which of the operator's lists hold an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Listed {
    /// `captcha.lists.tor_exits`
    pub tor: bool,
    /// `captcha.lists.hosting`, or an AS of `captcha.lists.hosting_asns`.
    pub hosting: bool,
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
            FailKind::Expired
            | FailKind::Duplicate
            | FailKind::ExpiredOrDuplicate
            | FailKind::Replayed
            | FailKind::OutOfTurn => Self::Expired,
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

/// What one rule saw.
struct Finding {
    signal: CaptchaSignal,
    /// Times the signal's weight; 1 for the plain case.
    strength: f64,
    /// What it says where that is not the table's sentence.
    says: Option<String>,
}

impl From<CaptchaSignal> for Finding {
    fn from(signal: CaptchaSignal) -> Self {
        Self { signal, strength: 1.0, says: None }
    }
}

/// The score from 0 to 1 = human, and the signals that made it: [`PRIOR`] and their weights add up to
/// its log-odds. A group that reached its bound leaves the signal `bound_GROUP` with what it lost.
///
/// `own` are the operator's weights; a signal that weighs nothing is left out.
#[must_use]
pub fn score(evidence: &Evidence<'_>, own: &BTreeMap<CaptchaSignal, f64>) -> (f64, Vec<Signal>) {
    let mut signals = Vec::new();
    let mut sums = Group::ALL.map(|group| (group, 0.0));
    for finding in rules::look(evidence) {
        let row = Weight::of(finding.signal);
        let weight = row.in_force(own) * finding.strength;
        if weight == 0.0 {
            continue;
        }
        sums.iter_mut().filter(|(group, _)| *group == row.group).for_each(|(_, sum)| *sum += weight);
        signals.push(Signal::new(row.name, weight, finding.says.unwrap_or_else(|| row.says.to_owned())));
    }
    let asked = Asked {
        proven: matches!(evidence.proof, ProofSeen::Solved { .. }),
        nothing: evidence.proof == ProofSeen::NotAsked && !evidence.vouched,
    };
    signals.extend(sums.into_iter().filter_map(|(group, sum)| bound(group, sum, asked)));
    (human(&signals), signals)
}

/// The same submission once its token turned out to have been used: the proof of work says nothing more.
#[must_use]
pub fn replayed(signals: &[Signal], own: &BTreeMap<CaptchaSignal, f64>) -> (f64, Vec<Signal>) {
    let of_the_proof = |signal: &&Signal| WEIGHTS.iter().any(|row| row.group == Group::Pow && row.name == signal.name);
    let row = Weight::of(CaptchaSignal::TokenReplayed);
    let mut seen = vec![Signal::new(row.name, row.in_force(own), row.says)];
    seen.retain(|signal| signal.weight != 0.0);
    seen.extend(signals.iter().filter(|signal| !of_the_proof(signal)).cloned());
    (human(&seen), seen)
}

/// From 0 to 1 = human.
fn human(signals: &[Signal]) -> f64 {
    let z = PRIOR + signals.iter().map(|signal| signal.weight).sum::<f64>();
    1.0 / (1.0 + z.exp())
}

/// A group's sum within its bounds.
fn within(group: Group, sum: f64, asked: Asked) -> f64 {
    let cap = match group {
        Group::Headers if asked.proven => Some(HEADERS_CAP_PROVEN),
        Group::Net if asked.nothing => Some(NET_CAP_UNASKED),
        Group::Pow | Group::Client | Group::Headers | Group::Net | Group::Content | Group::Author | Group::Provider => {
            group.cap()
        }
    };
    cap.map_or(sum, |(least, most)| sum.clamp(least, most))
}

/// What a group's sum is over its bounds, as a signal that takes it back.
fn bound(group: Group, sum: f64, asked: Asked) -> Option<Signal> {
    let over = within(group, sum, asked) - sum;
    let (name, text) = match group {
        Group::Client => ("bound_client", "What was done in the form counts up to its bound only."),
        Group::Headers => ("bound_headers", "What the headers show counts up to its bound only."),
        Group::Net => ("bound_net", "What the network shows counts up to its bound only."),
        Group::Pow | Group::Content | Group::Author | Group::Provider => return None,
    };
    (over != 0.0).then(|| Signal::new(name, over, text))
}

#[cfg(test)]
mod tests;
