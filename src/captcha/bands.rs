//! What an assessment leads to under the operator's thresholds: go on, wait, or be refused.
//!
//! Pure. It says nothing about the comment's content; `decide` joins the two.

use super::{Assessment, Reason, Standing};
use crate::{
    config::{self, OnMissing, OnUnverified},
    domain::CaptchaOutcome,
};

/// Where a submission stands with the captcha.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Band {
    /// No captcha is configured.
    Off,
    /// Nothing in its way.
    Pass,
    /// The score is below `hold_below`: held.
    Low,
    /// No token: held, whatever the score.
    Missing,
    /// Not verified: held.
    Unverified,
    /// Not stored as a comment.
    Refuse(Refusal),
}

/// Which of the two captcha refusals.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// `captcha_failed`
    Failed(Reason),
    /// `captcha_score_low`
    ScoreLow,
}

impl Band {
    /// What is kept beside the comment; none for a refused one.
    #[must_use]
    pub fn outcome(self) -> Option<CaptchaOutcome> {
        match self {
            Self::Off => Some(CaptchaOutcome::Off),
            Self::Pass => Some(CaptchaOutcome::Pass),
            Self::Low => Some(CaptchaOutcome::Low),
            Self::Missing => Some(CaptchaOutcome::Missing),
            Self::Unverified => Some(CaptchaOutcome::Unverified),
            Self::Refuse(_) => None,
        }
    }
}

/// Lays the thresholds on an assessment. `score < reject_below` refuses and equal passes; a pass
/// without any score passes.
#[must_use]
pub fn band(assessment: &Assessment, settings: &config::Captcha) -> Band {
    match assessment.standing {
        Standing::Off => Band::Off,
        Standing::Pass => by_score(assessment.score, settings),
        Standing::Fail(kind) => Band::Refuse(Refusal::Failed(kind.reason())),
        Standing::Missing => match settings.on_missing {
            OnMissing::Hold => Band::Missing,
            OnMissing::Refuse => Band::Refuse(Refusal::Failed(Reason::Missing)),
        },
        Standing::Unverified(_) => match settings.on_unverified {
            OnUnverified::Hold => Band::Unverified,
            OnUnverified::Builtin => by_score(Some(assessment.builtin_score), settings),
            OnUnverified::Reject => Band::Refuse(Refusal::Failed(Reason::Invalid)),
            OnUnverified::Accept => Band::Pass,
        },
    }
}

fn by_score(score: Option<f64>, settings: &config::Captcha) -> Band {
    match score {
        Some(score) if score < settings.reject_below => Band::Refuse(Refusal::ScoreLow),
        Some(score) if score < settings.hold_below => Band::Low,
        Some(_) | None => Band::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        captcha::{FailKind, Why},
        config::{Captcha, Provider},
    };

    fn settings(on_missing: OnMissing, on_unverified: OnUnverified) -> Captcha {
        let defaults: Captcha = toml::from_str(
            r#"
            provider = "recaptcha-v3"
            site_key = ""
            secret = "s"
            project = ""
            action = "comment"
            hostnames = []
            reject_below = 0.3
            hold_below = 0.6
            on_missing = "hold"
            on_unverified = "hold"
            timeout = "3s"
            max_age = "5m"
            verify_url = ""
            style = "form"
            send_address = false
            score = "provider"
            explore = 0.0
            siteverify_secret = ""
            lists = { tor_exits = [], hosting = [], asn_database = "", hosting_asns = [] }
            weights = {}
            "#,
        )
        .unwrap();
        Captcha { on_missing, on_unverified, ..defaults }
    }

    fn assessed(standing: Standing, score: Option<f64>, builtin_score: f64) -> Assessment {
        Assessment {
            provider: Provider::RecaptchaV3,
            standing,
            score,
            provider_score: score,
            raw_score: score,
            builtin_score,
            signals: Vec::new(),
            claim: None,
            age: None,
        }
    }

    #[test]
    fn a_score_is_refused_below_one_threshold_and_held_below_the_other_and_equal_passes() {
        let settings = settings(OnMissing::Hold, OnUnverified::Hold);
        for (score, expected) in [
            (Some(0.0), Band::Refuse(Refusal::ScoreLow)),
            (Some(0.1), Band::Refuse(Refusal::ScoreLow)),
            (Some(0.3_f64.next_down()), Band::Refuse(Refusal::ScoreLow)),
            (Some(0.3), Band::Low),
            (Some(0.6_f64.next_down()), Band::Low),
            (Some(0.6), Band::Pass),
            (Some(1.0), Band::Pass),
            (None, Band::Pass),
        ] {
            assert_eq!(band(&assessed(Standing::Pass, score, 0.0), &settings), expected, "{score:?}");
        }
    }

    #[test]
    fn a_missing_token_is_never_refused_for_its_score() {
        let missing = assessed(Standing::Missing, Some(0.01), 0.01);
        assert_eq!(band(&missing, &settings(OnMissing::Hold, OnUnverified::Hold)), Band::Missing);
        let refused = Band::Refuse(Refusal::Failed(Reason::Missing));
        assert_eq!(band(&missing, &settings(OnMissing::Refuse, OnUnverified::Hold)), refused);
    }

    #[test]
    fn an_outage_follows_the_operators_choice() {
        let invalid = Band::Refuse(Refusal::Failed(Reason::Invalid));
        for (choice, builtin_score, expected) in [
            (OnUnverified::Hold, 0.9, Band::Unverified),
            (OnUnverified::Hold, 0.0, Band::Unverified),
            (OnUnverified::Builtin, 0.9, Band::Pass),
            (OnUnverified::Builtin, 0.59, Band::Low),
            (OnUnverified::Builtin, 0.29, Band::Refuse(Refusal::ScoreLow)),
            (OnUnverified::Reject, 0.9, invalid),
            (OnUnverified::Accept, 0.0, Band::Pass),
        ] {
            let out = assessed(Standing::Unverified(Why::Timeout), None, builtin_score);
            assert_eq!(band(&out, &settings(OnMissing::Hold, choice)), expected, "{choice:?} {builtin_score}");
        }
    }

    #[test]
    fn a_failed_token_is_refused_with_its_reason_whatever_the_score() {
        let settings = settings(OnMissing::Hold, OnUnverified::Accept);
        for (kind, reason) in [
            (FailKind::Expired, Reason::Expired),
            (FailKind::ExpiredOrDuplicate, Reason::Expired),
            (FailKind::Forged, Reason::Invalid),
            (FailKind::HostMismatch, Reason::Invalid),
            (FailKind::ActionMismatch, Reason::Invalid),
        ] {
            let failed = assessed(Standing::Fail(kind), Some(1.0), 1.0);
            assert_eq!(band(&failed, &settings), Band::Refuse(Refusal::Failed(reason)), "{kind:?}");
        }
        assert_eq!(band(&assessed(Standing::Off, None, 0.0), &settings), Band::Off);
    }
}
