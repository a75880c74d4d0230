//! What is left of a submission: the comment's row, or a refusal's.

use super::{
    Admitted, BAN_SHADOW, CaptchaRefused, DUPLICATE_FOR, Intake, Passage, Reason, Refusal, UNVERIFIED, decide::Ruling,
};
use crate::{
    captcha::{self, bands, builtin::kept_as},
    domain::{AuthorId, BanMode, CaptchaOutcome, CaptchaRecord, RefusalId, Scorecard, Signal},
    limit,
    store::{Accepted, NewComment, RefusalRow},
    telemetry::chain,
    text::Sketch,
};

impl Intake {
    pub(super) fn finish(
        &self,
        passage: &Passage<'_>,
        assessment: &captcha::Assessment,
        outcome: CaptchaOutcome,
        card: Scorecard,
        ruling: Ruling,
        sampled: Option<f64>,
    ) -> NewComment {
        let Passage { id, site, visitor, now, email_key, .. } = *passage;
        let draft = passage.draft.clone();
        // What another gate turned down after the captcha's had let it on is a sample all the same.
        let sampled = ruling.sampled.or(sampled);
        let duplicate = (passage.duplicate, now.minus(DUPLICATE_FOR));
        let keep_address = !site.moderation.retain_ip.is_zero();
        NewComment {
            id,
            title: draft.title,
            parent: draft.parent,
            status: ruling.status(),
            name: draft.name.as_str().to_owned(),
            email: draft.email.map(|email| email.as_str().to_owned()),
            url: draft.url.map(|url| url.as_str().to_owned()),
            body: draft.body.as_str().to_owned(),
            post_id: None,
            created_at: now,
            edit_until: now.plus(site.moderation.edit_window),
            author: draft.author.unwrap_or_else(|| AuthorId::new(now)),
            proven: draft.author.is_some(),
            email_key,
            sketch: passage.sketch.map(Sketch::bits),
            cluster: None,
            founder: None,
            address: keep_address.then(|| visitor.client.address.to_string()),
            network_key: passage.network_key.clone(),
            captcha: CaptchaRecord {
                provider: assessment.provider.as_str().to_owned(),
                outcome,
                score: assessment.score.or((outcome != CaptchaOutcome::Off).then_some(assessment.builtin_score)),
                raw_score: assessment.raw_score,
            },
            sampled,
            risk: card.risk,
            verdict: ruling.verdict,
            signals: told(card, assessment, passage.ban, sampled.is_some()),
            duplicate,
            claim: assessment.claim.map(|claim| (claim.key, claim.until)),
            unverified: None,
            idempotency: None,
            staff: None,
            page: draft.page,
        }
    }

    pub(super) async fn store_it(
        &self,
        mut comment: NewComment,
        passage: &Passage<'_>,
        assessment: &captcha::Assessment,
    ) -> Result<Admitted, Refusal> {
        let content = comment.idempotency.map(|(_, content)| content);
        let claim = comment.claim.map(|(key, until)| captcha::Claim { key, until });
        // Before it is stored: copies that come at the same moment must find it.
        if let Some(member) = passage.member() {
            let seat = self.near.admit(member);
            (comment.cluster, comment.founder) = (seat.cluster, seat.founder);
        }
        let accepted = self.store.accept(comment).await;
        if !matches!(accepted, Ok(Accepted::Stored(_))) {
            self.near.forget(passage.id);
        }
        if let (Ok(Accepted::Stored(_) | Accepted::TokenUsed), Some(claim)) = (&accepted, &claim) {
            self.spent.note(claim, passage.now, &self.limiter);
        }
        match accepted? {
            Accepted::Stored(receipt) => Ok(Admitted::of(&self.keys, &receipt, false)),
            Accepted::Replayed(replay) if Some(replay.content) == content => {
                Ok(Admitted::of(&self.keys, &replay.receipt, true))
            }
            Accepted::Replayed(_) => Err(Refusal::IdempotencyReused),
            Accepted::Duplicate => Err(Refusal::Duplicate),
            Accepted::TokenUsed => {
                let replayed = assessment.replayed(&passage.site.captcha);
                self.metrics.captcha(assessment.provider.as_str(), "token_replayed");
                Err(self.refuse(passage, &replayed, bands::Refusal::Failed(Reason::Expired)).await)
            }
            Accepted::ParentGone => Err(Refusal::ParentNotFound),
        }
    }

    /// The answer to a captcha refusal, once its row is left so that the reference leads somewhere.
    pub(super) async fn refuse(
        &self,
        passage: &Passage<'_>,
        assessment: &captcha::Assessment,
        refusal: bands::Refusal,
    ) -> Refusal {
        if !limit::allowed(&passage.site.limits, passage.visitor.client.address) {
            self.note_refusal(passage.site, &passage.network_key, passage.now);
        }
        let refused = CaptchaRefused::of(passage.site, refusal);
        let row = RefusalRow {
            id: RefusalId::new(passage.now),
            reference: refused.reference.clone().unwrap_or_default(),
            site: passage.site.id.to_string(),
            page: passage.draft.page.key.clone(),
            reason: refused.reason.to_owned(),
            provider: assessment.provider.as_str().to_owned(),
            score: assessment.score.or(Some(assessment.builtin_score)),
            raw_score: assessment.raw_score,
            signals: assessment.signals.clone(),
            at: passage.now,
        };
        match self.store.refuse(row).await {
            Ok(()) => Refusal::Captcha(refused),
            Err(fault) => {
                tracing::warn!(error = chain(&fault), "a captcha refusal left no row");
                Refusal::Captcha(CaptchaRefused { reference: None, ..refused })
            }
        }
    }
}

/// All signals of a comment: the content's, which add up to the risk, then the captcha's, which made
/// its score and bear its name: all of them, also where the content says the same, for only the whole list
/// explains each sum.
fn told(card: Scorecard, assessment: &captcha::Assessment, ban: Option<BanMode>, explored: bool) -> Vec<Signal> {
    let mut signals = card.signals;
    signals.extend(shadowed(ban));
    signals.extend(as_captchas(&assessment.signals));
    if let Some(why) = assessment.trouble() {
        let text = format!("Nobody could verify the captcha token: the provider could not say ({}).", why.in_words());
        signals.push(Signal::new(UNVERIFIED, 0.0, text));
    }
    if explored {
        let text = "By the thresholds this would not have reached the queue; it is a sample to judge them by.";
        signals.push(Signal::new("explored", 0.0, text));
    }
    signals
}

/// What marks a comment as spam that no score speaks against: without it nobody could tell why, nor what other
/// thresholds would have made of it.
pub(super) fn shadowed(ban: Option<BanMode>) -> Option<Signal> {
    (ban == Some(BanMode::Shadow))
        .then(|| Signal::new(BAN_SHADOW, 0.0, "A ban in mode shadow applies: whatever the risk, it is stored as spam"))
}

/// The captcha's own signals under the name that tells them from the content's.
pub(super) fn as_captchas(signals: &[Signal]) -> impl Iterator<Item = Signal> {
    signals.iter().map(|signal| Signal { name: kept_as(&signal.name).into(), ..signal.clone() })
}
