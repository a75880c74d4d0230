//! The content score: facts about a comment in, named and weighted signals out.
//!
//! Every rule runs and leaves a signal in words; nothing stops at the first. The sum of the weights
//! is the risk's log-odds. No input or output, no clock, no thresholds: what a risk leads to is
//! decided elsewhere, from the configuration.

mod again;
mod content;
mod disguise;
mod facts;
mod links;
mod rules;
mod sender;
mod words;

use std::collections::BTreeMap;

pub use again::CaptchaAgain;
pub use facts::Facts;
pub use rules::Rule;

use crate::{
    config,
    domain::{Scorecard, risk_of},
};
use facts::Seen;
use rules::{Finding, Weights};
use words::Lists;

/// A site's weights and word lists, compiled once a configuration.
pub struct Scorer {
    weights: Weights,
    lists: Lists,
}

impl Scorer {
    /// Takes the site's `[scoring.weights]` over the defaults, and compiles its word lists.
    #[must_use]
    pub fn new(weights: &BTreeMap<String, f64>, words: &config::Words) -> Self {
        Self { weights: Weights::new(weights), lists: Lists::new(words) }
    }

    /// Scores one comment: pure, and linear in its length.
    #[must_use]
    pub fn score(&self, facts: &Facts<'_>) -> Scorecard {
        let seen = Seen::of(facts);
        let mut findings = Vec::new();
        links::look(&seen, &mut findings);
        content::look(&seen, &mut findings);
        disguise::look(&seen, &mut findings);
        sender::look(facts, &mut findings);
        self.lists.look(&seen, &mut findings);
        let found = |rule: Rule| findings.iter().any(|finding: &Finding| finding.rule == rule);
        let (word_hold, word_reject) = (found(Rule::WordHold), found(Rule::WordReject));
        let signals = self.weights.weigh(findings);
        Scorecard { risk: risk_of(&signals), signals, word_hold, word_reject }
    }
}

/// Whether a comment waits for a moderator whatever its risk: a signal of this card says so, even
/// where its weight is set to 0.
#[must_use]
pub fn holds(card: &Scorecard) -> bool {
    card.word_hold || card.signals.iter().any(|signal| signal.name == Rule::StaffLookalike.name())
}

#[cfg(test)]
mod tests;
