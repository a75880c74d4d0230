//! Asking about a token, and what becomes of one that nobody can verify: counted against the limits of
//! comments without a token, and kept with the comment to be asked about again.

use std::time::{Duration, Instant};

use super::{Intake, Passage, Refusal};
use crate::{
    captcha::{self, Why},
    config::Provider,
    domain::{CaptchaOutcome, Status},
    limit::{self, Admission},
    store::{HeldToken, NewComment, Unverified},
};

/// Before the provider is asked again for the first time: who was just out is hardly back at once.
const FIRST: Duration = Duration::from_secs(5);

impl Intake {
    /// Checks the token, unless it is known to be spent.
    pub(super) async fn assess(&self, request: captcha::Request<'_>) -> captcha::Assessment {
        let outside = self.captcha.claim_of(&request);
        if let Some(claim) = &outside
            && self.spent.is_known(claim, request.now, &self.limiter).await
        {
            return self.captcha.replayed(request);
        }
        let asked = Instant::now();
        let assessment = self.captcha.assess(request).await;
        let trouble = assessment.trouble();
        if outside.is_some() && assessment.provider != Provider::Builtin && trouble != Some(Why::Resting) {
            self.metrics.provider_took(assessment.provider.as_str(), asked.elapsed());
        }
        if let Some(why) = trouble {
            self.metrics.unverified(why.as_str());
        }
        match &assessment.claim {
            Some(claim) if self.spent.knows(claim, request.now) => assessment.replayed(&request.site.captcha),
            _ => assessment,
        }
    }

    /// A token that nobody could verify: where the comment waits for it, it is kept to be asked about again;
    /// where the comment goes on without it, it counts once like any other.
    pub(super) fn mind_the_token(
        &self,
        comment: &mut NewComment,
        assessment: &captcha::Assessment,
        request: &captcha::Request<'_>,
    ) {
        if assessment.trouble().is_none() {
            return;
        }
        if comment.captcha.outcome != CaptchaOutcome::Unverified {
            comment.claim = self.captcha.claim_of(request).map(|claim| (claim.key, claim.until));
        } else if comment.status == Status::Pending {
            comment.unverified = request.token.map(|token| Unverified {
                provider: assessment.provider.as_str().to_owned(),
                action: request.action.to_owned(),
                token: HeldToken(token.trim().to_owned()),
                until: request.now.plus(request.site.captcha.max_age),
                due: request.now.plus(FIRST),
            });
        }
    }

    /// What is held unverified counts as a comment without a token, so that an outage is no flood door.
    pub(super) async fn charge_unverified(&self, passage: &Passage<'_>) -> Result<(), Refusal> {
        let limits = &passage.site.limits;
        if limit::allowed(limits, passage.visitor.client.address) {
            return Ok(());
        }
        let client = &passage.visitor.client;
        let address = client.address_key(&self.keys, passage.now);
        let network = client.network_key(&self.keys, passage.now);
        match self.limiter.admit(&limit::unverified(limits, &address, &network)).await {
            Admission::Refused { rule, retry_after, standing } => {
                self.metrics.limited(rule.as_str());
                self.note_refusal(passage.site, &network, passage.now);
                Err(Refusal::Limited { wait: retry_after, standing })
            }
            Admission::Granted(_) => Ok(()),
            Admission::Unavailable => Err(Refusal::Busy),
        }
    }
}
