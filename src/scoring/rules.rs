//! The closed set of rules: name, default weight and group of each in one table, and how what they
//! found becomes signals.
//!
//! A group's weights add up to its cap at most, so that ten links do not weigh ten times one. What
//! a rule looks at is its own business.

use std::{borrow::Cow, cmp::Ordering, collections::BTreeMap};

use crate::domain::Signal;

/// Every rule of the content score.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each rule's function says what it looks for")]
pub enum Rule {
    LinkForeign,
    LinkMany,
    LinkShortener,
    LinkBare,
    LinkMostly,
    AuthorLink,
    AuthorLinkRepeated,
    Markup,
    RepeatedCharacters,
    RepeatedWords,
    Capitals,
    Length,
    MixedScript,
    HiddenCharacters,
    BidiControl,
    CombiningMarks,
    StyledLetters,
    SpacedLetters,
    SpamPhrase,
    WordHold,
    WordReject,
    StaffLookalike,
    EmailUnproven,
    NearCopy,
    Honeypot,
    NoOrigin,
    CaptchaMissing,
    CaptchaLow,
    CaptchaUnverified,
    CaptchaFailed,
    BanHold,
    OverEmailLimit,
    AttackMode,
    AuthorApproved,
    AuthorRejected,
    AuthorSpam,
}

/// Rules whose weights are capped together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Group {
    Links,
    Shape,
    Disguise,
    Phrases,
    Lists,
    Sender,
    Record,
}

impl Group {
    const ALL: [Self; 7] =
        [Self::Links, Self::Shape, Self::Disguise, Self::Phrases, Self::Lists, Self::Sender, Self::Record];

    /// The most that the group's signals add, in log-odds.
    fn cap(self) -> f64 {
        match self {
            Self::Links | Self::Lists => 4.0,
            Self::Shape => 1.5,
            Self::Disguise => 3.5,
            Self::Phrases => 2.8,
            Self::Record => 2.5,
            Self::Sender => 5.0,
        }
    }
}

impl Rule {
    /// The table: name in the configuration and the API, default log-odds, group.
    const fn row(self) -> (&'static str, f64, Group) {
        match self {
            Self::LinkForeign => ("link_foreign", 1.2, Group::Links),
            Self::LinkMany => ("link_many", 0.9, Group::Links),
            Self::LinkShortener => ("link_shortener", 1.5, Group::Links),
            Self::LinkBare => ("link_bare", 0.3, Group::Links),
            Self::LinkMostly => ("link_mostly", 1.0, Group::Links),
            Self::AuthorLink => ("author_link", 0.3, Group::Links),
            Self::AuthorLinkRepeated => ("author_link_repeated", 0.6, Group::Links),
            Self::Markup => ("markup", 1.6, Group::Links),
            Self::RepeatedCharacters => ("repeated_characters", 0.4, Group::Shape),
            Self::RepeatedWords => ("repeated_words", 0.9, Group::Shape),
            Self::Capitals => ("capitals", 0.6, Group::Shape),
            Self::Length => ("length", 0.2, Group::Shape),
            Self::MixedScript => ("mixed_script", 1.4, Group::Disguise),
            Self::HiddenCharacters => ("hidden_characters", 1.4, Group::Disguise),
            Self::BidiControl => ("bidi_control", 1.0, Group::Disguise),
            Self::CombiningMarks => ("combining_marks", 1.0, Group::Disguise),
            Self::StyledLetters => ("styled_letters", 2.2, Group::Disguise),
            Self::SpacedLetters => ("spaced_letters", 1.3, Group::Disguise),
            Self::SpamPhrase => ("spam_phrase", 1.5, Group::Phrases),
            Self::WordHold => ("word_hold", 1.5, Group::Lists),
            Self::WordReject => ("word_reject", 3.0, Group::Lists),
            Self::StaffLookalike => ("staff_lookalike", 2.0, Group::Sender),
            Self::EmailUnproven => ("email_unproven", 0.5, Group::Sender),
            Self::NearCopy => ("near_copy", 1.0, Group::Sender),
            Self::Honeypot => ("honeypot", 3.5, Group::Sender),
            Self::NoOrigin => ("no_origin", 0.4, Group::Sender),
            Self::CaptchaMissing => ("captcha_missing", 0.4, Group::Sender),
            Self::CaptchaLow => ("captcha_low", 1.0, Group::Sender),
            Self::CaptchaUnverified => ("captcha_unverified", 0.2, Group::Sender),
            Self::CaptchaFailed => ("captcha_failed", 2.0, Group::Sender),
            Self::BanHold => ("ban_hold", 1.0, Group::Sender),
            Self::OverEmailLimit => ("over_email_limit", 0.6, Group::Sender),
            Self::AttackMode => ("attack_mode", 0.3, Group::Sender),
            Self::AuthorApproved => ("author_approved", -0.8, Group::Record),
            Self::AuthorRejected => ("author_rejected", 0.5, Group::Record),
            Self::AuthorSpam => ("author_spam", 1.2, Group::Record),
        }
    }

    /// The signal's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// Whether the signal tells a moderator why a comment waits, and so shows even at weight 0.
    const fn is_reason(self) -> bool {
        matches!(
            self,
            Self::WordHold
                | Self::WordReject
                | Self::StaffLookalike
                | Self::CaptchaMissing
                | Self::CaptchaLow
                | Self::CaptchaUnverified
                | Self::CaptchaFailed
                | Self::BanHold
                | Self::OverEmailLimit
                | Self::AttackMode
        )
    }
}

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
}

/// 1 for the first of a kind, `step` for each further, at most `most`.
pub(super) fn growing(count: usize, step: f64, most: f64) -> f64 {
    let further = u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX);
    step.mul_add(f64::from(further), 1.0).min(most)
}

/// The weights in force.
pub(super) struct Weights {
    overrides: BTreeMap<String, f64>,
}

impl Weights {
    pub(super) fn new(overrides: &BTreeMap<String, f64>) -> Self {
        Self {
            overrides: overrides
                .iter()
                .filter(|(_, weight)| weight.is_finite())
                .map(|(k, v)| (k.clone(), *v))
                .collect(),
        }
    }

    fn of(&self, rule: Rule) -> f64 {
        let (name, default, _) = rule.row();
        if self.overrides.is_empty() { default } else { self.overrides.get(name).copied().unwrap_or(default) }
    }

    /// One finding as a signal beside others of its group that were weighed before.
    pub(super) fn weigh_beside(&self, finding: Finding, beside: &[Signal]) -> Signal {
        const SENDER: [Rule; 12] = [
            Rule::StaffLookalike,
            Rule::EmailUnproven,
            Rule::NearCopy,
            Rule::Honeypot,
            Rule::NoOrigin,
            Rule::CaptchaMissing,
            Rule::CaptchaLow,
            Rule::CaptchaUnverified,
            Rule::CaptchaFailed,
            Rule::BanHold,
            Rule::OverEmailLimit,
            Rule::AttackMode,
        ];
        let counts = |signal: &&Signal| signal.weight > 0.0 && SENDER.iter().any(|rule| rule.name() == signal.name);
        let taken: f64 = beside.iter().filter(counts).map(|signal| signal.weight).sum();
        let own = self.of(finding.rule);
        let room = (Group::Sender.cap().max(own) - taken).max(0.0);
        Signal::new(finding.rule.name(), own.min(room), finding.text)
    }

    /// The findings as signals, strongest first; those of weight 0 only where they are a reason.
    pub(super) fn weigh(&self, findings: Vec<Finding>) -> Vec<Signal> {
        let mut weighed: Vec<(Finding, f64)> = findings
            .into_iter()
            .map(|finding| {
                let weight = self.of(finding.rule) * finding.strength;
                (finding, weight)
            })
            .filter(|(finding, weight)| *weight != 0.0 || finding.rule.is_reason())
            .collect();
        for group in Group::ALL {
            self.cap(group, &mut weighed);
        }
        weighed.sort_by(|(_, a), (_, b)| b.abs().partial_cmp(&a.abs()).unwrap_or(Ordering::Equal));
        weighed
            .into_iter()
            .map(|(finding, weight)| {
                let signal = Signal::new(finding.rule.name(), weight, finding.text);
                finding.span.map_or(signal.clone(), |(start, end)| signal.at(start, end))
            })
            .collect()
    }

    /// Scales what speaks for spam in a group down to its cap, or to the operator's own weight where
    /// that is more.
    fn cap(&self, group: Group, weighed: &mut [(Finding, f64)]) {
        let counts = |finding: &Finding, weight: f64| finding.rule.row().2 == group && weight > 0.0;
        let counted = weighed.iter().filter(|(finding, weight)| counts(finding, *weight));
        let (sum, most) = counted.fold((0.0, group.cap()), |(sum, most): (f64, f64), (finding, weight)| {
            (sum + weight, most.max(self.of(finding.rule)))
        });
        if sum > most {
            let scale = most / sum;
            weighed.iter_mut().filter(|(finding, weight)| counts(finding, *weight)).for_each(|(_, w)| *w *= scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weigh(overrides: &[(&str, f64)], rules: &[Rule]) -> Vec<(String, f64)> {
        let overrides = overrides.iter().map(|(name, weight)| ((*name).to_owned(), *weight)).collect();
        let findings = rules.iter().map(|rule| Finding::new(*rule, "")).collect();
        Weights::new(&overrides).weigh(findings).into_iter().map(|s| (s.name.into_owned(), s.weight)).collect()
    }

    #[test]
    fn the_strongest_signal_comes_first() {
        let signals = weigh(&[("capitals", -5.0)], &[Rule::LinkBare, Rule::Honeypot, Rule::Capitals]);
        let names: Vec<_> = signals.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["capitals", "honeypot", "link_bare"]);
    }

    #[test]
    fn weight_zero_switches_a_signal_off_but_never_a_reason_to_wait() {
        let signals = weigh(&[("capitals", 0.0), ("word_hold", 0.0)], &[Rule::Capitals, Rule::WordHold]);
        assert_eq!(signals, [("word_hold".to_owned(), 0.0)]);
    }

    #[test]
    fn a_group_is_capped_unless_the_operator_asks_for_more() {
        let many = [Rule::LinkForeign, Rule::LinkMany, Rule::LinkShortener, Rule::Markup, Rule::LinkMostly];
        let sum = |signals: Vec<(String, f64)>| signals.iter().map(|(_, weight)| weight).sum::<f64>();
        assert!((sum(weigh(&[], &many)) - 4.0).abs() < 1e-9);
        assert!((sum(weigh(&[("markup", 7.0)], &many)) - 7.0).abs() < 1e-9);
        assert!((sum(weigh(&[], &[Rule::Markup])) - 1.6).abs() < 1e-9);
    }
}
