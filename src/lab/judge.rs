//! A site's settings laid on a record: what would have become of it.
//!
//! Nothing is sampled here: a sample is judged as all of its like are.

use std::{borrow::Cow, collections::BTreeMap};

use super::{Row, Thresholds, row::Content};
use crate::{
    captcha::{Assessment, Standing, Why, bands},
    config::{self, OnUnverified, Provider, ScoreSource, Site},
    domain::{BanMode, CaptchaOutcome, Signal, Verdict, risk_of},
    intake::decide::{self, Evidence, Policy},
    scoring::{self, Rule},
};

/// Two risks that differ by more are not the same sum.
const UNEXPLAINED: f64 = 1e-6;
/// Two that differ by less are.
const ROUNDING: f64 = 1e-9;

/// What would have become of a submission.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Shown at once.
    Published,
    /// Waits for a moderator.
    Held,
    /// Let on by the captcha, where the record ends: its text was never kept, so it is taken to wait.
    Unseen,
    /// Stored as spam.
    Spam,
    /// Stored as rejected, by a word.
    Rejected,
    /// Refused by the captcha.
    Refused,
}

/// A site's settings.
pub struct Judge {
    captcha: config::Captcha,
    policy: Policy,
    weights: BTreeMap<Rule, f64>,
}

impl Judge {
    /// The settings as they stand.
    #[must_use]
    pub fn of(site: &Site) -> Self {
        Self::with(site, Thresholds::of(site))
    }

    /// The settings with other thresholds.
    #[must_use]
    pub fn with(site: &Site, thresholds: Thresholds) -> Self {
        let Thresholds { captcha, scoring } = thresholds;
        Self {
            captcha: config::Captcha {
                reject_below: captcha.reject_below,
                hold_below: captcha.hold_below,
                ..site.captcha.clone()
            },
            policy: Policy {
                mode: site.moderation.mode,
                trusted_after: site.moderation.trusted_after,
                hold_at: scoring.hold_at,
                spam_at: scoring.spam_at,
                explore_spam: 0.0,
            },
            weights: site.scoring.weights.clone(),
        }
    }

    /// Whether another provider checked it than the one in force, so that its score means nothing here.
    #[must_use]
    pub fn is_foreign(&self, row: &Row) -> bool {
        row.provider != self.captcha.provider.as_str()
    }

    /// The score that the captcha's thresholds are compared with, if they are.
    #[must_use]
    pub fn compared(&self, row: &Row) -> Option<f64> {
        if self.is_foreign(row) {
            return None;
        }
        let Some(content) = &row.content else { return row.score };
        let is_compared = match content.outcome {
            CaptchaOutcome::Off | CaptchaOutcome::Missing => false,
            CaptchaOutcome::Unverified => self.captcha.on_unverified == OnUnverified::Builtin,
            CaptchaOutcome::Pass | CaptchaOutcome::Low => {
                let has_own = self.captcha.provider == Provider::Builtin || row.has_raw_score;
                // What is kept without a provider's figure is the built-in score, which may stand beside a mere pass.
                match (has_own, content.unverified) {
                    (true, _) => true,
                    (false, true) => self.captcha.on_unverified == OnUnverified::Builtin,
                    (false, false) => self.captcha.score != ScoreSource::Provider,
                }
            }
        };
        row.score.filter(|_| is_compared)
    }

    /// What would have become of it.
    #[must_use]
    pub fn fate(&self, row: &Row) -> Fate {
        let band = self.band(row);
        // No draw lies under a share: nothing is sampled.
        if decide::captcha_gate(band, 0.0, 1.0).is_err() {
            return Fate::Refused;
        }
        let Some(content) = &row.content else {
            // Nobody knows what this captcha would have made of what another one refused.
            return if self.compared(row).is_some() { Fate::Unseen } else { Fate::Refused };
        };
        let evidence = Evidence { band, risk: self.replayed(content, band), ..content.evidence };
        let policy = Policy { mode: content.mode.unwrap_or(self.policy.mode), ..self.policy };
        match decide::decide(&evidence, &policy, 1.0).verdict {
            Verdict::Publish => Fate::Published,
            Verdict::Hold => Fate::Held,
            Verdict::Spam => Fate::Spam,
            Verdict::Reject => Fate::Rejected,
        }
    }

    /// The risk that it would have had.
    #[must_use]
    pub fn risk(&self, row: &Row) -> Option<f64> {
        row.content.as_ref().map(|content| self.replayed(content, self.band(row)))
    }

    /// The risk that `scoring.spam_at` is compared with, if it is: a reject word or a ban comes first.
    #[must_use]
    pub fn weighed(&self, row: &Row) -> Option<f64> {
        let evidence = &row.content.as_ref()?.evidence;
        let is_settled = evidence.word_reject || evidence.ban >= Some(BanMode::Shadow);
        self.risk(row).filter(|_| !is_settled)
    }

    /// What the recorded signals add up to under these weights. A risk that its signals do not explain, as an earlier
    /// version may have left it, stays.
    fn replayed(&self, content: &Content, band: bands::Band) -> f64 {
        let recorded = content.evidence.risk;
        let explained = risk_of(content.signals.iter().map(|signal| signal.weight));
        if (explained - recorded).abs() > UNEXPLAINED {
            return recorded;
        }
        let replayed = scoring::replay(&under(band, content), &self.weights);
        // What only rounding tells apart is the same to a threshold too.
        if (replayed - recorded).abs() < ROUNDING { recorded } else { replayed }
    }

    fn band(&self, row: &Row) -> bands::Band {
        let score = self.compared(row);
        let outcome = row.content.as_ref().map(|content| content.outcome);
        let standing = match outcome {
            _ if self.captcha.provider == Provider::None => Standing::Off,
            Some(CaptchaOutcome::Off) => Standing::Off,
            Some(CaptchaOutcome::Missing) => Standing::Missing,
            Some(CaptchaOutcome::Unverified) => Standing::Unverified(Why::Timeout),
            Some(CaptchaOutcome::Pass | CaptchaOutcome::Low) | None => Standing::Pass,
        };
        let assessment = Assessment {
            provider: self.captcha.provider,
            standing,
            score,
            provider_score: None,
            raw_score: None,
            builtin_score: row.score.unwrap_or(1.0),
            signals: Vec::new(),
            claim: None,
            age: None,
        };
        bands::band(&assessment, &self.captcha)
    }
}

/// The recorded signals as they would have been had the captcha come to this.
fn under(band: bands::Band, content: &Content) -> Cow<'_, [Signal]> {
    let (is_low, was_low) = (band == bands::Band::Low, content.outcome == CaptchaOutcome::Low);
    let was_scored = was_low || content.outcome == CaptchaOutcome::Pass;
    if is_low == was_low || !was_scored {
        return Cow::Borrowed(&content.signals);
    }
    let mut signals = content.signals.clone();
    signals.retain(|signal| signal.name != Rule::CaptchaLow.name());
    if is_low {
        signals.push(Signal { strength: Some(1.0), ..Signal::new(Rule::CaptchaLow.name(), 0.0, "") });
    }
    Cow::Owned(signals)
}
