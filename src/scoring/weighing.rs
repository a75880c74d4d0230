//! How what the rules found becomes signals and a risk, and how recorded signals are weighed anew.
//!
//! A group's weights add up to its cap at most, so that ten links do not weigh ten times one. Everything
//! is added in the order of the rules, so that a replay comes to the same risk to the last bit.

use std::{borrow::Cow, cmp::Ordering, collections::BTreeMap};

use super::rules::Group;
use crate::{
    config::Rule,
    domain::{Signal, risk_of},
};

/// What a rule saw.
pub(super) struct Finding {
    pub(super) rule: Rule,
    /// Times the rule's weight: 1 for the plain case.
    pub(super) strength: f64,
    /// One sentence for the moderator.
    pub(super) text: Cow<'static, str>,
    /// Characters of the body, end exclusive.
    pub(super) span: Option<(usize, usize)>,
}

impl Finding {
    pub(super) fn new(rule: Rule, text: impl Into<Cow<'static, str>>) -> Self {
        Self { rule, strength: 1.0, text: text.into(), span: None }
    }
    pub(super) fn times(self, strength: f64) -> Self {
        Self { strength, ..self }
    }
    pub(super) fn at(self, span: Option<(usize, usize)>) -> Self {
        Self { span, ..self }
    }

    /// What a recorded signal was found by; none for one of no rule that this version knows.
    fn recorded(signal: &Signal) -> Option<Self> {
        let (rule, strength) = found(signal)?;
        let place = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        let span = signal.span.map(|span| (place(span.start), place(span.end)));
        Some(Self { rule, strength, text: signal.text.clone().into(), span })
    }
}

/// The rule that left a recorded signal, and how strongly it found it.
fn found(signal: &Signal) -> Option<(Rule, f64)> {
    let rule = Rule::named(&signal.name)?;
    let plain = if rule.weight() == 0.0 { 1.0 } else { signal.weight / rule.weight() };
    Some((rule, signal.strength.unwrap_or(plain)))
}

/// 1 for the first of a kind, `step` for each further, at most `most`.
pub(super) fn growing(count: usize, step: f64, most: f64) -> f64 {
    let further = u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX);
    step.mul_add(f64::from(further), 1.0).min(most)
}

/// The weights in force: the operator's over the shipped ones.
#[derive(Clone)]
pub(super) struct Weights {
    own: BTreeMap<Rule, f64>,
}

impl Weights {
    pub(super) fn new(own: &BTreeMap<Rule, f64>) -> Self {
        Self {
            own: own.iter().filter(|(_, weight)| weight.is_finite()).map(|(rule, weight)| (*rule, *weight)).collect(),
        }
    }

    fn of(&self, rule: Rule) -> f64 {
        self.own.get(&rule).copied().unwrap_or(rule.weight())
    }

    /// The findings as signals, strongest first, and the risk that they add up to. What weighs nothing is
    /// quiet, unless it is a reason to wait.
    pub(super) fn weigh(&self, mut findings: Vec<Finding>) -> (Vec<Signal>, f64) {
        findings.sort_by_key(|finding| finding.rule);
        let weighed = self.weighed(findings.iter().map(|finding| (finding.rule, finding.strength)));
        let risk = risk_of(weighed.iter().copied());
        let mut signals: Vec<Signal> = findings.into_iter().zip(weighed).map(|(f, weight)| signal(f, weight)).collect();
        signals.sort_by(|a, b| b.weight.abs().partial_cmp(&a.weight.abs()).unwrap_or(Ordering::Equal));
        (signals, risk)
    }

    /// Recorded signals weighed anew beside a finding that comes to them.
    pub(super) fn weigh_again(&self, recorded: Vec<Signal>, one_more: Option<Finding>) -> (Vec<Signal>, f64) {
        let (known, others): (Vec<Signal>, Vec<Signal>) =
            recorded.into_iter().partition(|signal| Rule::named(&signal.name).is_some());
        let (mut signals, _) = self.weigh(known.iter().filter_map(Finding::recorded).chain(one_more).collect());
        signals.extend(others);
        let risk = replay(&signals, &self.own);
        (signals, risk)
    }

    /// What each finding adds under the groups' caps, in the same order.
    fn weighed(&self, findings: impl Iterator<Item = (Rule, f64)>) -> Vec<f64> {
        let found: Vec<(Rule, f64)> = findings.map(|(rule, strength)| (rule, self.of(rule) * strength)).collect();
        let scale = Group::ALL.map(|group| (group, self.scale(group, &found)));
        let scale_of = |group| scale.iter().find(|(of, _)| *of == group).map_or(1.0, |(_, scale)| *scale);
        let capped = |(rule, weight): (Rule, f64)| if weight > 0.0 { weight * scale_of(rule.group()) } else { weight };
        found.into_iter().map(capped).collect()
    }

    /// By how much a group's evidence for spam shrinks to meet its cap, or the operator's own weight where
    /// that is more.
    fn scale(&self, group: Group, found: &[(Rule, f64)]) -> f64 {
        let counted = found.iter().filter(|(rule, weight)| rule.group() == group && *weight > 0.0);
        let (sum, most) = counted.fold((0.0, group.cap()), |(sum, most): (f64, f64), (rule, weight)| {
            (sum + weight, most.max(self.of(*rule)))
        });
        if sum > most { most / sum } else { 1.0 }
    }
}

fn signal(finding: Finding, weight: f64) -> Signal {
    let quiet = weight == 0.0 && !finding.rule.is_reason();
    let plain = Signal::new(finding.rule.name(), weight, finding.text);
    let told = Signal { strength: Some(finding.strength), quiet, ..plain };
    match finding.span {
        Some((start, end)) => told.at(start, end),
        None => told,
    }
}

/// The risk that a comment would have got under other weights, by the signals recorded of it and without
/// its text. Under the weights it was scored with it is the recorded risk.
///
/// The captcha's signals (`captcha.…`) never count in a risk. A rule that this version does not know keeps
/// what it added. A signal of an earlier version, which kept no strength, is taken to have been found as
/// strongly as its weight says by the shipped weights: right where these were in force and no cap was met.
#[must_use]
pub fn replay(recorded: &[Signal], weights: &BTreeMap<Rule, f64>) -> f64 {
    let (mut known, mut others) = (Vec::new(), Vec::new());
    for signal in recorded.iter().filter(|signal| !signal.name.contains('.')) {
        match found(signal) {
            Some(found) => known.push(found),
            None => others.push(signal.weight),
        }
    }
    known.sort_by_key(|(rule, _)| *rule);
    risk_of(Weights::new(weights).weighed(known.into_iter()).into_iter().chain(others))
}

#[cfg(test)]
mod tests {
    use proptest::{collection, prelude::*, sample};

    use super::*;

    fn weigh(own: &[(Rule, f64)], rules: &[Rule]) -> Vec<Signal> {
        let findings = rules.iter().map(|rule| Finding::new(*rule, "")).collect();
        Weights::new(&own.iter().copied().collect()).weigh(findings).0
    }

    fn sum(signals: &[Signal]) -> f64 {
        signals.iter().map(|signal| signal.weight).sum()
    }

    #[test]
    fn the_strongest_signal_comes_first() {
        let signals = weigh(&[(Rule::Capitals, -5.0)], &[Rule::LinkBare, Rule::Honeypot, Rule::Capitals]);
        let names: Vec<_> = signals.iter().map(|signal| signal.name.as_ref()).collect();
        assert_eq!(names, ["capitals", "honeypot", "link_bare"]);
    }

    #[test]
    fn weight_zero_quiets_a_signal_but_never_a_reason_to_wait() {
        let signals = weigh(&[(Rule::Capitals, 0.0), (Rule::WordHold, 0.0)], &[Rule::Capitals, Rule::WordHold]);
        let told: Vec<_> = signals.iter().map(|signal| (signal.name.as_ref(), signal.weight, signal.quiet)).collect();
        assert_eq!(told, [("capitals", 0.0, true), ("word_hold", 0.0, false)]);
    }

    #[test]
    fn a_group_is_capped_unless_the_operator_asks_for_more() {
        let many = [Rule::LinkForeign, Rule::LinkMany, Rule::LinkShortener, Rule::Markup, Rule::LinkMostly];
        assert!((sum(&weigh(&[], &many)) - 4.0).abs() < 1e-9);
        assert!((sum(&weigh(&[(Rule::Markup, 7.0)], &many)) - 7.0).abs() < 1e-9);
        assert!((sum(&weigh(&[], &[Rule::Markup])) - 1.6).abs() < 1e-9);
    }

    #[test]
    fn what_the_model_says_is_never_cut_so_that_its_order_stays() {
        let said =
            |strength| Weights::new(&BTreeMap::new()).weigh(vec![Finding::new(Rule::Learned, "").times(strength)]);
        assert!(said(18.0).1 > said(17.0).1);
    }

    #[test]
    fn a_row_of_an_earlier_version_replays_by_its_weight_over_the_shipped_one() {
        let old = |name, weight| Signal::new(name, weight, "");
        let row = [old("link_foreign", 2.4), old("captcha.honeypot", 3.0), old("explored", 0.0), old("retired", 0.5)];
        assert_eq!(replay(&row, &BTreeMap::new()), risk_of([2.4, 0.5]));
        assert_eq!(replay(&row, &BTreeMap::from([(Rule::LinkForeign, 0.6)])), risk_of([1.2, 0.5]));
    }

    fn findings() -> impl Strategy<Value = Vec<(Rule, f64)>> {
        sample::subsequence(Rule::ALL.to_vec(), 0..Rule::ALL.len()).prop_flat_map(|rules| {
            collection::vec(0.1_f64..3.0, rules.len()).prop_map(move |s| rules.iter().copied().zip(s).collect())
        })
    }

    fn own_weights() -> impl Strategy<Value = BTreeMap<Rule, f64>> {
        let weight = prop_oneof![Just(0.0), -4.0_f64..6.0];
        collection::btree_map(sample::select(Rule::ALL.to_vec()), weight, 0..12)
    }

    proptest! {
        #[test]
        fn a_replay_under_the_same_weights_is_the_same_risk_and_under_others_the_score_anew(
            found in findings(), before in own_weights(), after in own_weights()
        ) {
            let weigh = |own| {
                let findings = found.iter().map(|(rule, strength)| Finding::new(*rule, "").times(*strength)).collect();
                Weights::new(own).weigh(findings)
            };
            let (recorded, risk) = weigh(&before);
            prop_assert_eq!(replay(&recorded, &before), risk);
            prop_assert_eq!(replay(&recorded, &after), weigh(&after).1);
            let kept: Vec<Signal> = serde_json::from_str(&serde_json::to_string(&recorded).unwrap()).unwrap();
            prop_assert!((replay(&kept, &after) - weigh(&after).1).abs() < 1e-12);
        }
    }
}
