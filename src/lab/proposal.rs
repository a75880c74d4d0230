//! Thresholds as they are asked about, and what they may be.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    config::{self, Site},
    scoring::Rule,
};

/// The four thresholds.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, ToSchema)]
pub struct Thresholds {
    /// Of the captcha's score.
    pub captcha: CaptchaThresholds,
    /// Of the risk.
    pub scoring: ScoringThresholds,
}

/// Of the captcha's score, from 0 to 1 = human.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, ToSchema)]
pub struct CaptchaThresholds {
    /// A lower score is refused.
    pub reject_below: f64,
    /// A lower one waits.
    pub hold_below: f64,
}

/// Of the risk, from 0 to 1 = surely spam.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, ToSchema)]
pub struct ScoringThresholds {
    /// From here on it waits.
    pub hold_at: f64,
    /// From here on it is marked as spam.
    pub spam_at: f64,
}

/// What to try. What is not named stays as it is in force.
#[derive(Clone, Default, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// Of the captcha's score.
    #[serde(default)]
    pub captcha: CaptchaProposal,
    /// Of the risk.
    #[serde(default)]
    pub scoring: ScoringProposal,
}

/// Of the captcha's score, from 0 to 1 = human.
#[derive(Clone, Default, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaptchaProposal {
    /// A lower score is refused.
    pub reject_below: Option<f64>,
    /// A lower one waits; not under `reject_below`.
    pub hold_below: Option<f64>,
}

/// Of the risk, from 0 to 1 = surely spam.
#[derive(Clone, Default, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoringProposal {
    /// From here on it waits; not over `spam_at`.
    pub hold_at: Option<f64>,
    /// From here on it is marked as spam.
    pub spam_at: Option<f64>,
    /// A signal's name and its log-odds, as under `[scoring.weights]`; one that is not named keeps its weight.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, f64>)]
    pub weights: BTreeMap<Rule, f64>,
}

/// What is wrong with a proposal: the field, and what to give.
#[derive(Clone, PartialEq, Debug)]
pub struct Misfit {
    /// The field, e.g. `captcha.reject_below`.
    pub field: &'static str,
    /// One sentence.
    pub says: String,
}

impl Thresholds {
    /// Those of a site.
    #[must_use]
    pub fn of(site: &Site) -> Self {
        Self {
            captcha: CaptchaThresholds { reject_below: site.captcha.reject_below, hold_below: site.captcha.hold_below },
            scoring: ScoringThresholds { hold_at: site.scoring.hold_at, spam_at: site.scoring.spam_at },
        }
    }
}

impl Proposal {
    /// The site's settings with the proposal laid over them.
    ///
    /// # Errors
    /// Every field that could not be in force.
    pub fn over(&self, site: &Site) -> Result<Site, Vec<Misfit>> {
        let mut site = site.clone();
        let (captcha, scoring) = (&mut site.captcha, &mut site.scoring);
        let mut misfits = Vec::new();
        for (field, given, place) in [
            ("captcha.reject_below", self.captcha.reject_below, &mut captcha.reject_below),
            ("captcha.hold_below", self.captcha.hold_below, &mut captcha.hold_below),
            ("scoring.hold_at", self.scoring.hold_at, &mut scoring.hold_at),
            ("scoring.spam_at", self.scoring.spam_at, &mut scoring.spam_at),
        ] {
            match given {
                Some(value) if !(0.0..=1.0).contains(&value) => {
                    misfits.push(Misfit { field, says: "Give a number from 0 to 1.".to_owned() });
                }
                Some(value) => *place = value,
                None => {}
            }
        }
        let mut ordered =
            |(low, of_low): (&'static str, f64), (high, of_high): (&'static str, f64), low_given: bool| {
                let is_told = |field| misfits.iter().any(|misfit| misfit.field == field);
                if of_low > of_high && !is_told(low) && !is_told(high) {
                    let (field, says) = if low_given {
                        (low, format!("Give at most {of_high}, which is {high}."))
                    } else {
                        (high, format!("Give at least {of_low}, which is {low}."))
                    };
                    misfits.push(Misfit { field, says });
                }
            };
        ordered(
            ("captcha.reject_below", captcha.reject_below),
            ("captcha.hold_below", captcha.hold_below),
            self.captcha.reject_below.is_some(),
        );
        ordered(
            ("scoring.hold_at", scoring.hold_at),
            ("scoring.spam_at", scoring.spam_at),
            self.scoring.hold_at.is_some(),
        );
        scoring.weights.extend(&self.scoring.weights);
        let is_sane = |weight: &f64| weight.abs() <= config::HEAVIEST;
        if !self.scoring.weights.values().all(is_sane) {
            let says = format!("Give numbers from -{0} to {0}.", config::HEAVIEST);
            misfits.push(Misfit { field: "scoring.weights", says });
        }
        if misfits.is_empty() { Ok(site) } else { Err(misfits) }
    }
}
