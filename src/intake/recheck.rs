//! Checking comments again that were held because nobody could verify their captcha token.
//!
//! One token a site at a time, whichever instance takes it up, once the provider is worth asking. What it
//! comes to is told to the moderators and publishes nothing: the comment was promised to a person, its
//! surroundings have moved on, and a background step must not be the one that shows a text.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::{Intake, UNVERIFIED, keep};
use crate::{
    captcha::{self, Again, FailKind, Standing, bands},
    config::Site,
    domain::{CaptchaOutcome, CaptchaRecord, CommentId, Signal, Status},
    scoring::CaptchaAgain,
    store::{self, OwnComment, Rechecked, StoreError, Take, TakenUp, Waiting},
    telemetry::chain,
};

/// Between two questions about one token.
const PAUSE: Duration = Duration::from_secs(10);
/// How long an instance may take beyond the provider's budget before another takes the token up.
const MARGIN: Duration = Duration::from_secs(5);
const USED: &str = "Asked again: another comment had used its captcha token";

/// What checking one comment again came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recheck {
    /// The provider has spoken; the comment says what.
    Done,
    /// The provider still gives no answer, or is being asked at this moment; the token is kept.
    Unanswered,
    /// There is no token to ask about: never, or not any more.
    NothingLeft,
}

impl Recheck {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Unanswered => "unanswered",
            Self::NothingLeft => "nothing_left",
        }
    }
}

impl Intake {
    /// Asks about at most one waiting token a site. To be called again and again.
    pub async fn recheck_due(&self) {
        let config = self.live.get();
        let mut worth_asking: Vec<&Site> = config.sites.iter().collect();
        worth_asking.retain(|site| self.captcha.is_worth_asking(site));
        if worth_asking.is_empty() {
            return;
        }
        match self.store.unverified_sites(self.clock.now()).await {
            Ok(waiting) => worth_asking.retain(|site| waiting.iter().any(|id| id == site.id.as_str())),
            Err(fault) => return tracing::debug!(error = chain(&fault), "nobody knows what is to be checked again"),
        }
        let mut questions = Vec::with_capacity(worth_asking.len());
        for site in worth_asking {
            questions.push(self.recheck_longest(site));
        }
        join_all(questions).await;
    }

    async fn recheck_longest(&self, site: &Site) {
        let provider = site.captcha.provider.as_str().to_owned();
        let longest = Waiting::Longest { site: site.id.to_string(), provider };
        if let Err(fault) = self.recheck_next(Some(site), longest).await {
            tracing::warn!(error = chain(&fault), "a comment could not be checked again");
        }
    }

    /// Checks one comment again, now.
    ///
    /// # Errors
    /// The store's; the comment is as it was.
    pub async fn recheck(&self, id: CommentId) -> Result<Recheck, StoreError> {
        let config = self.live.get();
        let Some(own) = self.store.own(id).await? else { return Ok(Recheck::NothingLeft) };
        let site = config.sites.iter().find(|site| site.id.as_str() == own.page.site);
        self.recheck_next(site, Waiting::Of(id)).await
    }

    async fn recheck_next(&self, site: Option<&Site>, waiting: Waiting) -> Result<Recheck, StoreError> {
        let Some(site) = site else { return Ok(Recheck::Unanswered) };
        let now = self.clock.now();
        match self.store.take_up(waiting, now, now.plus(site.captcha.timeout).plus(MARGIN)).await? {
            Take::Nothing => Ok(Recheck::NothingLeft),
            Take::Busy => Ok(Recheck::Unanswered),
            Take::Up(taken) => {
                let outcome = self.ask_again(site, &taken).await;
                if !matches!(outcome, Ok(Recheck::Done)) {
                    self.store.put_back(taken.comment, self.clock.now().plus(PAUSE)).await?;
                }
                outcome
            }
        }
    }

    async fn ask_again(&self, site: &Site, taken: &TakenUp) -> Result<Recheck, StoreError> {
        let Some(own) = self.store.own(taken.comment).await? else { return Ok(Recheck::NothingLeft) };
        if own.status != Status::Pending || taken.kept.provider != site.captcha.provider.as_str() {
            return Ok(Recheck::Unanswered);
        }
        let again = Again {
            site,
            action: &taken.kept.action,
            token: &taken.kept.token.0,
            sent_at: own.created_at,
            builtin_score: own.captcha.score.unwrap_or_default(),
            now: self.clock.now(),
        };
        let asked = Instant::now();
        let answer = self.captcha.check_again(again).await;
        let Some(assessment) = answer else {
            let told = "The captcha was checked again: too late, the provider does not know the token any more";
            return self.settle(&own, Outcome { told, name: "too_late", ..Outcome::as_it_was(&own) }).await;
        };
        if assessment.trouble().is_some() {
            return Ok(Recheck::Unanswered);
        }
        self.metrics.provider_took(assessment.provider.as_str(), asked.elapsed());
        self.settle(&own, self.outcome(site, &own, &assessment)).await
    }

    /// What the comment says of its captcha from now on.
    fn outcome(&self, site: &Site, own: &OwnComment, assessment: &captcha::Assessment) -> Outcome {
        let band = bands::band(assessment, &site.captcha);
        let (name, told, again) = match (assessment.standing, band) {
            (Standing::Fail(kind), _) => ("failed", "The captcha was checked again: failed", failed(kind)),
            (_, bands::Band::Pass) => {
                ("pass", "The captcha was checked again: pass", CaptchaAgain::Held(CaptchaOutcome::Pass))
            }
            _ => ("low", "The captcha was checked again: a low score", CaptchaAgain::Held(CaptchaOutcome::Low)),
        };
        let held = match again {
            CaptchaAgain::Held(outcome) => Some(CaptchaRecord {
                provider: assessment.provider.as_str().to_owned(),
                outcome,
                score: assessment.score.or(Some(assessment.builtin_score)),
                raw_score: assessment.raw_score,
            }),
            CaptchaAgain::Failed(_) => None,
        };
        let (risk, mut signals) = self.signals(site, own, again);
        signals.extend(keep::as_captchas(&assessment.signals));
        let captcha = held.unwrap_or_else(|| own.captcha.clone());
        Outcome { name, told, captcha, signals, risk: Some(risk), claim: assessment.claim }
    }

    fn signals(&self, site: &Site, own: &OwnComment, again: CaptchaAgain) -> (f64, Vec<Signal>) {
        let (of_captcha, of_content): (Vec<Signal>, Vec<Signal>) =
            own.signals.iter().cloned().partition(|signal| signal.name.starts_with("captcha."));
        let card = self.scorers.get().with_captcha(&site.id, of_content, again);
        let mut signals = card.signals;
        signals.extend(of_captcha.into_iter().filter(|signal| signal.name != UNVERIFIED));
        (card.risk, signals)
    }

    async fn settle(&self, own: &OwnComment, outcome: Outcome) -> Result<Recheck, StoreError> {
        let now = self.clock.now();
        let Outcome { name, told, captcha, signals, risk, claim } = outcome;
        let recheck = store::Recheck {
            comment: own.id,
            seen_version: own.version,
            captcha,
            risk: risk.unwrap_or(own.risk),
            signals,
            claim: claim.map(|claim| (claim.key, claim.until)),
            told: told.to_owned(),
            now,
        };
        let rechecked = self.store.recheck(recheck).await?;
        if let (Rechecked::Stored | Rechecked::TokenUsed, Some(claim)) = (rechecked, &claim) {
            self.spent.note(claim, now, &self.limiter);
        }
        match rechecked {
            Rechecked::Stored => {
                self.metrics.rechecked(name);
                Ok(Recheck::Done)
            }
            Rechecked::Moved => Ok(Recheck::Unanswered),
            Rechecked::TokenUsed => {
                let config = self.live.get();
                let site = config.sites.iter().find(|site| site.id.as_str() == own.page.site);
                let Some(site) = site else { return Ok(Recheck::Unanswered) };
                let (risk, signals) = self.signals(site, own, CaptchaAgain::Failed(USED));
                let told = "The captcha was checked again: its token was used for another comment";
                let spent =
                    Outcome { name: "token_replayed", told, risk: Some(risk), signals, ..Outcome::as_it_was(own) };
                Box::pin(self.settle(own, spent)).await
            }
        }
    }
}

/// What a second check came to, in the comment's own terms.
struct Outcome {
    name: &'static str,
    told: &'static str,
    captcha: CaptchaRecord,
    signals: Vec<Signal>,
    /// None leaves it.
    risk: Option<f64>,
    claim: Option<captcha::Claim>,
}

impl Outcome {
    fn as_it_was(own: &OwnComment) -> Self {
        let (captcha, signals) = (own.captcha.clone(), own.signals.clone());
        Self { name: "", told: "", captcha, signals, risk: None, claim: None }
    }
}

fn failed(kind: FailKind) -> CaptchaAgain {
    CaptchaAgain::Failed(match kind {
        FailKind::HostMismatch | FailKind::KeyMismatch | FailKind::ActionMismatch => {
            "Asked again: the captcha token was made on another site or for another form"
        }
        _ => "Asked again: the provider refuses the captcha token",
    })
}
