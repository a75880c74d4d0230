//! A card to which something came later: its captcha was checked again, or a ban was set that holds. What else
//! was seen stays as it was found when the comment came.

use super::{Scorer, sender, weighing::Finding};
use crate::{
    config::Rule,
    domain::{CaptchaOutcome, Scorecard, Signal},
};

/// What the second check came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CaptchaAgain {
    /// The token held.
    Held(CaptchaOutcome),
    /// It did not; why, in words.
    Failed(&'static str),
}

/// The signals that speak of the captcha as a whole.
const ABOUT_THE_CAPTCHA: [Rule; 4] =
    [Rule::CaptchaMissing, Rule::CaptchaLow, Rule::CaptchaUnverified, Rule::CaptchaFailed];

impl Scorer {
    /// The content's signals with the captcha's exchanged, and the risk that follows.
    #[must_use]
    pub fn with_captcha(&self, mut signals: Vec<Signal>, again: CaptchaAgain) -> Scorecard {
        signals.retain(|signal| !ABOUT_THE_CAPTCHA.iter().any(|rule| rule.name() == signal.name));
        let finding = match again {
            CaptchaAgain::Held(outcome) => sender::captcha(Some(outcome)),
            CaptchaAgain::Failed(why) => Some(Finding::new(Rule::CaptchaFailed, why)),
        };
        let (signals, risk) = self.weights.weigh_again(signals, finding);
        let found = |rule: Rule| signals.iter().any(|signal| signal.name == rule.name());
        let (word_hold, word_reject) = (found(Rule::WordHold), found(Rule::WordReject));
        Scorecard { risk, signals, word_hold, word_reject }
    }

    /// All signals with that of a ban that holds, and the risk that follows; none where they have it.
    #[must_use]
    pub fn with_ban_hold(&self, signals: Vec<Signal>) -> Option<(Vec<Signal>, f64)> {
        let has_it = signals.iter().any(|signal| signal.name == Rule::BanHold.name());
        (!has_it).then(|| self.weights.weigh_again(signals, Some(sender::ban_hold())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::{Copies, Facts, tests::plain};

    fn facts(outcome: CaptchaOutcome) -> Facts<'static> {
        let body = "CHEAP things at http://shop.example and a good read besides.";
        Facts { name: "Ada", body, no_origin: true, captcha: Some(outcome), ..Facts::default() }
    }

    #[test]
    fn it_is_the_card_that_the_comment_would_have_had() {
        let scorer = plain();
        let unverified = scorer.score(&facts(CaptchaOutcome::Unverified));
        for outcome in [CaptchaOutcome::Pass, CaptchaOutcome::Low] {
            let again = scorer.with_captcha(unverified.signals.clone(), CaptchaAgain::Held(outcome));
            let direct = scorer.score(&facts(outcome));
            let names = |card: &Scorecard| card.signals.iter().map(|s| s.name.to_string()).collect::<Vec<_>>();
            assert_eq!(names(&again), names(&direct));
            assert!((again.risk - direct.risk).abs() < 1e-9, "{outcome:?}");
        }
    }

    #[test]
    fn a_ban_that_holds_leaves_its_signal_once() {
        let scorer = plain();
        let before = facts(CaptchaOutcome::Low);
        let (signals, risk) = scorer.with_ban_hold(scorer.score(&before).signals).unwrap();
        let direct = scorer.score(&Facts { ban_hold: true, ..before });
        assert_eq!(signals, direct.signals);
        assert!((risk - direct.risk).abs() < 1e-9);
        assert!(scorer.with_ban_hold(signals).is_none());
    }

    #[test]
    fn a_failed_check_weighs_more_than_an_unknown_one_and_stays_within_the_groups_cap() {
        let scorer = plain();
        let before = scorer.score(&facts(CaptchaOutcome::Unverified));
        let failed = scorer.with_captcha(before.signals.clone(), CaptchaAgain::Failed("forged"));
        assert!(failed.risk > before.risk);
        assert!(!failed.signals.iter().any(|signal| signal.name == "captcha_unverified"));
        let heavy = Facts {
            honeypot_filled: true,
            copies: Copies { others: 50, ..Copies::default() },
            ..facts(CaptchaOutcome::Unverified)
        };
        let full = scorer.with_captcha(scorer.score(&heavy).signals, CaptchaAgain::Failed("forged"));
        let sender = ["honeypot", "near_copy", "no_origin", "captcha_failed"];
        let sum: f64 = full.signals.iter().filter(|s| sender.contains(&&*s.name)).map(|s| s.weight).sum();
        assert!(sum <= 5.0 + 1e-9, "{sum}");
    }
}
