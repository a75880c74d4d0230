//! One submission as it was recorded: what the checks had seen of it, and what a moderator made of it.

use crate::{
    captcha::bands::Band,
    domain::{BanMode, CaptchaOutcome, Mode, Scorecard, Signal, Status},
    intake::{BAN_SHADOW, UNVERIFIED, decide::Evidence},
    scoring,
    store::{Decider, RecordedRow, RefusedRow},
};

/// What a moderator made of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Label {
    /// Approved.
    Approved,
    /// Marked as spam.
    Spam,
    /// Turned down for what it says.
    Rejected,
    /// Nobody has decided, or the text was changed since.
    Undecided,
}

/// One submission.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its site.
    pub site: String,
    /// Who checked the captcha.
    pub provider: String,
    /// The captcha's score, from 0 to 1 = human.
    pub score: Option<f64>,
    /// The provider gave the score a figure of its own.
    pub has_raw_score: bool,
    /// What the rest of the checks saw; none where the captcha's score was refused, and nothing else is known.
    pub content: Option<Content>,
    /// What a moderator made of it.
    pub label: Label,
    /// A program decided, by an API token.
    pub by_program: bool,
    /// The share of its like with which it reached the queue as a sample.
    pub sampled: Option<f64>,
}

/// What is known of a submission that was stored.
#[derive(Clone, Debug)]
pub struct Content {
    /// What the captcha came to.
    pub outcome: CaptchaOutcome,
    /// Nobody could verify the token when it came.
    pub unverified: bool,
    /// The mode that its page has of its own by now.
    pub mode: Option<Mode>,
    /// The content's signals, without their texts.
    pub signals: Vec<Signal>,
    /// What the verdict rests on, but for the captcha's band.
    pub evidence: Evidence,
}

impl Row {
    /// How many decisions this one stands for: a sample for all of its like.
    #[must_use]
    pub fn weight(&self) -> f64 {
        // A share of none cannot have let anybody in.
        self.sampled.filter(|share| *share > 0.0).map_or(1.0, |share| 1.0 / share)
    }
}

impl From<RecordedRow> for Row {
    fn from(row: RecordedRow) -> Self {
        let label = match (row.decider, row.status) {
            (Some(_), Status::Approved) => Label::Approved,
            (Some(_), Status::Spam) => Label::Spam,
            (Some(_), Status::Rejected) => Label::Rejected,
            (Some(_), Status::Pending | Status::Deleted) | (None, _) => Label::Undecided,
        };
        let unverified = row.signals.iter().any(|signal| signal.name == UNVERIFIED);
        let mut signals = row.signals;
        // The captcha's own made its score, and no risk.
        signals.retain(|signal| !signal.name.contains('.'));
        // A hundred thousand rows share the names that are known.
        for signal in &mut signals {
            if let Some(rule) = scoring::Rule::named(&signal.name) {
                signal.name = rule.name().into();
            }
        }
        let seen = |name: &str| signals.iter().any(|signal| signal.name == name);
        let card = Scorecard {
            risk: row.risk,
            word_hold: seen(scoring::Rule::WordHold.name()),
            word_reject: seen(scoring::Rule::WordReject.name()),
            signals: signals.clone(),
        };
        let ban = if seen(BAN_SHADOW) {
            Some(BanMode::Shadow)
        } else {
            seen(scoring::Rule::BanHold.name()).then_some(BanMode::Hold)
        };
        let evidence = Evidence {
            band: Band::Off,
            risk: row.risk,
            word_reject: card.word_reject,
            held_by_content: scoring::holds(&card),
            ban,
            over_ceiling: seen(scoring::Rule::OverEmailLimit.name()) || seen(scoring::Rule::AttackMode.name()),
            // A sample is judged as its like is.
            sampled: None,
            author: row.author,
        };
        Self {
            site: row.site,
            provider: row.provider,
            score: row.score,
            has_raw_score: row.raw_score.is_some(),
            content: Some(Content { outcome: row.outcome, unverified, mode: row.mode, signals, evidence }),
            label,
            by_program: row.decider == Some(Decider::Program),
            sampled: row.sampled,
        }
    }
}

impl From<RefusedRow> for Row {
    fn from(row: RefusedRow) -> Self {
        Self {
            site: row.site,
            provider: row.provider,
            score: row.score,
            has_raw_score: false,
            content: None,
            label: Label::Undecided,
            by_program: false,
            sampled: None,
        }
    }
}
