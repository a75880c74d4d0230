//! Asking once more about a token that nobody could verify when it came.
//!
//! Only the provider is asked: what the client showed was judged when it was there. A provider that says
//! "used or too old" now says nothing of the sender, since its first answer may have been lost and the
//! token has aged with us.

use super::{
    Assessment, Captcha, FailKind, Standing, Why, chosen, dialect::Dialect, question::Asked, reasons, siteverify,
};
use crate::{config::Site, domain::Timestamp};

/// A token that waits to be checked.
#[derive(Clone, Copy)]
pub struct Again<'a> {
    /// Its site with its settings.
    pub site: &'a Site,
    /// What it must have been minted for.
    pub action: &'a str,
    /// As it was sent.
    pub token: &'a str,
    /// When it came: its age is judged by then.
    pub sent_at: Timestamp,
    /// The built-in score of then.
    pub builtin_score: f64,
    /// The present.
    pub now: Timestamp,
}

impl Captcha {
    /// Whether asking this site's provider now promises an answer.
    #[must_use]
    pub fn is_worth_asking(&self, site: &Site) -> bool {
        Dialect::of(&site.captcha).is_some_and(|dialect| self.providers.is_worth_asking(dialect, site))
    }

    /// Asks once more; `None` where there is nothing to learn any more.
    pub async fn check_again(&self, again: Again<'_>) -> Option<Assessment> {
        let Again { site, action, token, sent_at, builtin_score, now } = again;
        let dialect = Dialect::of(&site.captcha)?;
        let again = self.again(dialect, token);
        // The sender's address is not asked for again: it may be gone from the store by now.
        let asked = Asked { action, token, address: None, again: &again };
        let answer = self.providers.ask(dialect, site, &asked, sent_at).await;
        let aged = [FailKind::Expired, FailKind::Duplicate, FailKind::ExpiredOrDuplicate];
        if aged.iter().any(|kind| answer.standing == Standing::Fail(*kind)) {
            return None;
        }
        let claim = (answer.standing == Standing::Pass).then(|| siteverify::claim(&self.keys, site, token, now));
        Some(Assessment {
            provider: dialect.provider,
            standing: answer.standing,
            score: chosen(dialect.provider, site.captcha.score, answer.human_score, builtin_score),
            provider_score: answer.human_score,
            raw_score: answer.raw_score,
            builtin_score,
            signals: answer.reasons.iter().map(|reason| reasons::signal(dialect.reason, reason)).collect(),
            claim,
            age: None,
        })
    }
}

impl Assessment {
    /// Why nobody could say, where nobody could.
    #[must_use]
    pub fn trouble(&self) -> Option<Why> {
        match self.standing {
            Standing::Unverified(why) => Some(why),
            _ => None,
        }
    }
}
