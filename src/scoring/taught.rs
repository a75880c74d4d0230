//! What a site's model says of a comment, as one signal beside the others, and what a recorded comment's
//! other signals are to it.

use std::fmt::Write as _;

use super::{
    facts::Facts,
    learned::{Document, Input, Learned, Model, Word},
    weighing::Finding,
};
use crate::{
    config::Rule,
    domain::Signal,
    text::{self, Reading},
};

/// Words told for what the model says, and against it.
const WORDS: (usize, usize) = (3, 2);
/// Characters of a word that are told.
const LONGEST: usize = 24;

/// What the signals beside the learned one say of a comment: what a lesson is to be learned beside.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Beside {
    /// Nearly the same text had come lately.
    pub near_copy: bool,
    /// The sum of their weights, in log-odds.
    pub rules: f32,
}

impl Beside {
    /// By a comment's recorded signals. Those of the captcha (`captcha.…`) are in no risk.
    #[must_use]
    pub fn of(recorded: &[Signal]) -> Self {
        let others = || recorded.iter().filter(|s| s.name != Rule::Learned.name() && !s.name.contains('.'));
        let sum: f64 = others().map(|signal| signal.weight).sum();
        #[expect(clippy::cast_possible_truncation, reason = "the model reckons in single precision")]
        let rules = sum as f32;
        Self { near_copy: others().any(|signal| signal.name == Rule::NearCopy.name()), rules }
    }
}

/// The model's finding: its strength is its log-odds.
pub(super) fn look(facts: &Facts<'_>, reading: &Reading, model: &Model, findings: &mut Vec<Finding>) {
    let document = Document::new(&Input {
        name: facts.name,
        url: facts.url,
        body: facts.body,
        reading,
        own_hosts: facts.own_hosts,
        near_copy: findings.iter().any(|finding| finding.rule == Rule::NearCopy),
        rules: 0.0,
    });
    let said = model.score(&document);
    let strongest = said.words.iter().find(|word| word.weight > 0.0).filter(|_| said.weight > 0.0);
    let finding = Finding::new(Rule::Learned, sentence(&said, model.labels().total() > 0));
    findings.push(finding.times(f64::from(said.weight)).at(strongest.map(|word| word.span)));
}

/// In words which way it weighs. A finding may raise the risk and still fall short of calling the text spam.
fn sentence(said: &Learned, taught: bool) -> String {
    let speaks_for_spam = said.weight > 0.0;
    let mut out = String::from(match (speaks_for_spam, said.logit > 0.0, taught) {
        (true, true, true) => "Reads like what was marked as spam here",
        (true, false, true) => "Has something of what was marked as spam here",
        (false, _, true) => "Reads like what was approved here",
        (true, true, false) => "Reads like spam elsewhere; nothing was decided here yet",
        (true, false, false) => "Has something of spam elsewhere; nothing was decided here yet",
        (false, _, false) => "Reads unlike spam elsewhere; nothing was decided here yet",
    });
    let (for_it, against): (Vec<&Word>, Vec<&Word>) =
        said.words.iter().partition(|word| (word.weight > 0.0) == speaks_for_spam);
    tell(": ", for_it.into_iter().take(WORDS.0), &mut out);
    tell("; the other way: ", against.into_iter().take(WORDS.1), &mut out);
    out.push('.');
    out
}

fn tell<'w>(before: &str, words: impl Iterator<Item = &'w Word>, out: &mut String) {
    for (index, word) in words.enumerate() {
        let mut shown = word.text.chars().filter(|c| !text::is_invisible(*c));
        let start: String = shown.by_ref().take(LONGEST).collect();
        let more = if shown.next().is_some() { "…" } else { "" };
        let between = if index == 0 { before } else { ", " };
        // Writing to a string never fails.
        let _written = write!(out, "{between}“{start}{more}”");
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use super::*;
    use crate::{
        domain::{Scorecard, risk_of},
        scoring::{
            Copies,
            learned::Seed,
            replay,
            tests::{plain, scorer},
        },
    };

    const SPAM: &str = "Win free money now, subscribe to my channel";
    const HAM: &str = "The mayor should have answered the council in March";

    fn facts(body: &str) -> Facts<'_> {
        Facts { name: "Ida", body, ..Facts::default() }
    }

    fn learn(model: &mut Model, body: &str, spam: bool, rules: f32) {
        let reading = Reading::of(body);
        let input = Input { name: "Ida", url: None, body, reading: &reading, own_hosts: &[], near_copy: false, rules };
        let label = model.last_label() + 1;
        model.learn(&Document::new(&input), spam, label);
    }

    fn taught(rounds: usize) -> Model {
        let mut model = Model::new(Arc::new(Seed::none()));
        for _ in 0..rounds {
            learn(&mut model, SPAM, true, 0.0);
            learn(&mut model, HAM, false, 0.0);
        }
        model
    }

    fn signal(card: &Scorecard) -> &Signal {
        card.signals.iter().find(|signal| signal.name == "learned").unwrap()
    }

    #[test]
    fn it_is_one_signal_that_names_its_words_and_points_at_the_worst() {
        let model = taught(20);
        let card = plain().score_with(&facts("Please: win free money"), Some(&model));
        let learned = signal(&card);
        assert!(learned.weight > 3.0, "{learned:?}");
        assert!(learned.text.starts_with("Reads like what was marked as spam here: “"), "{}", learned.text);
        assert!(learned.text.contains("“money”") && learned.text.contains("“free”"), "{}", learned.text);
        let span = learned.span.unwrap();
        assert!(["win", "free", "money"].iter().any(|word| word.len() == (span.end - span.start) as usize));
        let card = plain().score_with(&facts("The council and the mayor"), Some(&model));
        assert!(signal(&card).text.starts_with("Reads like what was approved here: “"), "{}", signal(&card).text);
        assert_eq!(signal(&card).span, None);
        let mild = plain().score_with(&facts("Free parking for my channel"), Some(&taught(1)));
        assert!((0.0..3.0).contains(&signal(&mild).weight), "{:?}", signal(&mild));
        assert!(
            signal(&mild).text.starts_with("Has something of what was marked as spam here"),
            "{}",
            signal(&mild).text
        );
        assert!(card.risk < 0.1, "{}", card.risk);
        assert_eq!(plain().score(&facts(SPAM)).signals.iter().filter(|s| s.name == "learned").count(), 0);
    }

    #[test]
    fn a_long_word_is_cut_where_it_is_told() {
        let body = format!("money{}", "x".repeat(5_000));
        let mut model = Model::new(Arc::new(Seed::none()));
        for _ in 0..5 {
            learn(&mut model, &body, true, 0.0);
            learn(&mut model, HAM, false, 0.0);
        }
        let card = plain().score_with(&facts(&body), Some(&model));
        let cut = format!("“money{}…”", "x".repeat(LONGEST - 5));
        assert!(signal(&card).text.contains(&cut), "{}", signal(&card).text);
    }

    #[test]
    fn its_weight_is_a_factor_and_zero_quiets_it() {
        let model = taught(20);
        let by = |weight| {
            let scorer = scorer(&[(Rule::Learned, weight)], crate::config::Lists::default(), &[], &[]);
            scorer.score_with(&facts(SPAM), Some(&model))
        };
        let (half, off) = (by(0.5), by(0.0));
        assert!((signal(&by(1.0)).weight - 2.0 * signal(&half).weight).abs() < 1e-9);
        assert!(signal(&off).quiet);
        assert_eq!(off.risk, plain().score(&facts(SPAM)).risk);
        let again = replay(&off.signals, &BTreeMap::from([(Rule::Learned, 0.5)]));
        assert_eq!(again, half.risk, "what was learned is replayed under another weight");
    }

    #[test]
    fn the_other_signals_are_found_again_in_what_was_recorded() {
        let busy = Facts {
            no_origin: true,
            copies: Copies { others: 9, ..Copies::default() },
            ..facts("Win http://x.example http://y.example")
        };
        let model = taught(3);
        let card = plain().score_with(&busy, Some(&model));
        let beside = Beside::of(&card.signals);
        assert!(beside.near_copy);
        let alone = plain().score(&busy);
        assert!((risk_of([f64::from(beside.rules)]) - alone.risk).abs() < 1e-6);
        assert_eq!(Beside::of(&[Signal::new("captcha.honeypot", 3.0, "")]), Beside::default());
    }

    #[test]
    fn rules_and_lessons_add_up_to_the_share_that_is_spam() {
        let (mut model, scorer) = (taught(0), plain());
        let body = |n: u32| format!("See http://shop{}.example number {n}", n % 7);
        let mut risks = 0.0;
        for n in 0..400_u32 {
            let body = body(n);
            let card = scorer.score_with(&facts(&body), Some(&model));
            if n >= 200 {
                risks += card.risk;
            }
            learn(&mut model, &body, n % 4 == 0, Beside::of(&card.signals).rules);
        }
        assert!((risks / 200.0 - 0.25).abs() < 0.05, "{}", risks / 200.0);
    }
}
