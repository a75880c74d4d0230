//! The content score: facts about a comment in, named and weighted signals out.
//!
//! Every rule runs and leaves a signal in words; nothing stops at the first. The sum of the weights
//! is the risk's log-odds. No input or output, no clock, no thresholds: what a risk leads to is
//! decided elsewhere, from the configuration.

mod again;
mod content;
mod disguise;
mod facts;
mod language;
pub mod learned;
mod links;
mod pace;
mod rules;
mod sender;
mod shelf;
mod storms;
mod taught;
mod weighing;
mod words;

pub use again::CaptchaAgain;
pub use facts::{Copies, Facts, NetworkRecord};
pub use rules::Group;
pub use shelf::Shelf;
pub use taught::Beside;
pub use weighing::replay;

pub use crate::config::Rule;
use crate::{
    config,
    domain::{Scorecard, Signal},
    text::Reading,
};
use facts::Seen;
use language::Language;
use learned::Model;
use weighing::{Finding, Weights};
use words::Lists;

/// A site's weights and lists, compiled once a configuration.
pub struct Scorer {
    weights: Weights,
    words: Lists,
    domains: config::Lists,
    language: Option<Language>,
}

impl Scorer {
    /// Takes a site's `[scoring.weights]` over the shipped ones, and its word lists from the shelf, where
    /// those that are not there yet are compiled.
    #[must_use]
    pub fn new(scoring: &config::Scoring, words: &config::Words, shelf: &mut Shelf) -> Self {
        Self {
            weights: Weights::new(&scoring.weights),
            words: Lists::new(words, shelf),
            domains: scoring.lists.clone(),
            language: None,
        }
    }

    /// The same for a site whose pages are in this language, a tag such as `en` or `pt-BR`.
    #[must_use]
    pub fn speaking(self, lang: &str) -> Self {
        Self { language: Language::of_tag(lang), ..self }
    }

    /// Scores one comment by the rules alone: pure, and linear in its length.
    #[must_use]
    pub fn score(&self, facts: &Facts<'_>) -> Scorecard {
        self.score_with(facts, None)
    }

    /// Scores one comment by the rules and by what the site's moderators taught: pure, and linear in its
    /// length.
    #[must_use]
    pub fn score_with(&self, facts: &Facts<'_>, model: Option<&Model>) -> Scorecard {
        match facts.reading {
            Some(body) => self.scored(facts, body, model),
            None => self.scored(facts, &Reading::of(facts.body), model),
        }
    }

    fn scored(&self, facts: &Facts<'_>, body: &Reading, model: Option<&Model>) -> Scorecard {
        let mut findings = self.findings(facts, body);
        if let Some(model) = model {
            taught::look(facts, body, model, &mut findings);
        }
        let found = |rule: Rule| findings.iter().any(|finding: &Finding| finding.rule == rule);
        let (word_hold, word_reject) = (found(Rule::WordHold), found(Rule::WordReject));
        let (signals, risk) = self.weights.weigh(findings);
        Scorecard { risk, signals, word_hold, word_reject }
    }

    /// What every rule found, unweighed.
    fn findings(&self, facts: &Facts<'_>, body: &Reading) -> Vec<Finding> {
        let seen = &Seen { facts, body, lists: &self.domains };
        let mut findings = Vec::new();
        links::look(seen, &mut findings);
        content::look(seen, &mut findings);
        storms::look(seen, &mut findings);
        disguise::look(seen, &mut findings);
        sender::look(seen, &mut findings);
        pace::look(facts, body.length, &mut findings);
        if let Some(language) = self.language {
            language.look(seen, &mut findings);
        }
        self.words.look(seen, &mut findings);
        findings
    }
}

/// Whether a comment waits for a moderator whatever its risk: a signal of this card says so, even
/// where its weight is set to 0. A filled trap holds too, unless it is switched off: no pleasing text
/// outweighs it.
#[must_use]
pub fn holds(card: &Scorecard) -> bool {
    let holding = [Rule::StaffLookalike, Rule::Flood].map(Rule::name);
    let trap = |signal: &Signal| signal.name == Rule::Honeypot.name() && signal.weight > 0.0;
    card.word_hold || card.signals.iter().any(|signal| holding.contains(&&*signal.name) || trap(signal))
}

#[cfg(test)]
mod tests;
