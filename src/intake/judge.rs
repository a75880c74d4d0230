//! From the captcha to the verdict: every check says what it found, `decide` says what follows.

use std::time::Duration;

use super::{
    Admitted, Intake, Passage, Provenance, Refusal, Submission,
    decide::{self, Evidence, Policy, Ruling},
};
use crate::{
    captcha::{self, FailKind, Standing, bands},
    domain::{AttackCause, BanMode, CaptchaOutcome, EmailAddress, Scorecard, Website},
    keys::random,
    limit,
    scoring::{self, Facts, NetworkRecord},
    store,
};

/// Longest `comment_post_ID` that is remembered; WordPress' own are numbers.
const POST_ID_MAX: usize = 40;

impl Intake {
    /// From the captcha to the write.
    pub(super) async fn judge(
        &self,
        passage: Passage<'_>,
        submission: &Submission,
        idempotency: Option<([u8; 32], [u8; 32])>,
    ) -> Result<Admitted, Refusal> {
        let draw = draw();
        let mark = passage.visitor.client.network_mark(&self.keys);
        let request = captcha_request(&passage, submission, &mark);
        let assessment = self.assess(request).await;
        let band = bands::band(&assessment, &passage.site.captcha);
        self.metrics.captcha(assessment.provider.as_str(), outcome_of(&assessment, band));
        let sampled = match decide::captcha_gate(band, passage.site.captcha.explore, draw) {
            Ok(sampled) => sampled,
            Err(refusal) => {
                // Another instance may have taken the same submission, token and all, a moment ago.
                if let Some(admitted) = self.replayed(idempotency).await? {
                    return Ok(admitted);
                }
                return Err(self.refuse(&passage, &assessment, refusal).await);
            }
        };
        if assessment.trouble().is_some() && band != bands::Band::Pass {
            self.charge_unverified(&passage).await?;
        }
        let over = self.ceilings(&passage).await;
        let outcome = band.outcome().unwrap_or(CaptchaOutcome::Low);
        let typed_within = typed_within(submission.interaction, assessment.age);
        let card = self.score(&passage, outcome, &over, typed_within);
        let ruling = rule(&passage, &card, (band, sampled), &over, draw);
        let mut comment = self.finish(&passage, &assessment, outcome, card, ruling, sampled);
        self.mind_the_token(&mut comment, &assessment, &request);
        comment.post_id = submission.post_id.filled().filter(|id| id.len() <= POST_ID_MAX).map(str::to_owned);
        comment.idempotency = idempotency;
        self.store_it(comment, &passage, &assessment).await
    }

    /// Charges the ceilings that hold; passing a page's or site's raises an attack.
    pub(super) async fn ceilings(&self, passage: &Passage<'_>) -> Over {
        let (site, page) = (passage.site, &passage.draft.page.key);
        let email = passage.email_key.map(|key| key.to_string());
        let buckets = limit::ceilings(&site.limits, email.as_deref(), page, &site.id);
        let over = self.limiter.over(&buckets).await;
        if over.contains(&limit::Rule::PerPage) {
            self.raise(site, Some(page), AttackCause::Ceiling, passage.now);
        }
        if over.contains(&limit::Rule::PerSite) {
            self.raise(site, None, AttackCause::Ceiling, passage.now);
        }
        Over { email: over.contains(&limit::Rule::PerEmail), attack: self.attacks.on(&site.id, page, passage.now) }
    }

    pub(super) fn score(
        &self,
        passage: &Passage<'_>,
        outcome: CaptchaOutcome,
        over: &Over,
        typed_within: Option<Duration>,
    ) -> Scorecard {
        let roster = self.roster.load();
        let draft = &passage.draft;
        let unproven = !passage.around.author.proven
            && (passage.around.email.approved > 0
                || draft.email.as_ref().is_some_and(|email| roster.is_staff_email(email)));
        let scorers = self.scorers.get();
        scorers.score(
            &passage.site.id,
            &Facts {
                name: draft.name.as_str(),
                email: draft.email.as_ref().map(EmailAddress::as_str),
                url: draft.url.as_ref().map(Website::as_str),
                body: draft.body.as_str(),
                reading: Some(&passage.reading),
                own_hosts: scorers.own_hosts(&passage.site.id),
                author: passage.around.author,
                email_record: passage.around.email,
                network: NetworkRecord { approved: passage.around.network.good, spam: passage.around.network.bad },
                network_rate: passage.network_rate,
                lately: passage.around.lately,
                typed_within,
                copies: passage.copies,
                by_staff: false,
                staff_names: &roster.staff_names,
                email_unproven: unproven,
                honeypot_filled: passage.honeypot,
                no_origin: passage.provenance == Provenance::Absent,
                captcha: Some(outcome),
                ban_hold: passage.ban == Some(BanMode::Hold),
                over_email_limit: over.email,
                attack: over.attack,
            },
            &self.learning,
        )
    }
}

/// How long the form was open, by what is kindest: the widget's word, which a program may make up, and the
/// age of the challenge, which begins anew where a refused comment is sent again. None where something was
/// pasted.
fn typed_within(interaction: Option<[u32; 6]>, challenge: Option<Duration>) -> Option<Duration> {
    let Some([first, total, .., pastes]) = interaction else { return challenge };
    let shown = Duration::from_millis(u64::from(first) + u64::from(total));
    (pastes == 0).then(|| challenge.map_or(shown, |age| age.max(shown)))
}

/// What the captcha's score may know beside the request.
fn around(passage: &Passage<'_>) -> captcha::Around {
    let store::NetworkRecord { good, bad } = passage.around.network;
    captcha::Around {
        reputation: captcha::Reputation { good, bad },
        network_rate: passage.network_rate,
        copies: passage.copies.same,
        length: passage.draft.body.as_str().chars().count(),
        links: passage.links,
        author: passage.around.author,
        email: passage.around.email,
    }
}

/// Which ceilings it is over.
pub(super) struct Over {
    email: bool,
    attack: bool,
}

/// The band comes with the share that the captcha's gate sampled it at.
pub(super) fn rule(
    passage: &Passage<'_>,
    card: &Scorecard,
    (band, sampled): (bands::Band, Option<f64>),
    over: &Over,
    draw: f64,
) -> Ruling {
    let (scoring, moderation) = (&passage.site.scoring, &passage.site.moderation);
    let evidence = Evidence {
        band,
        risk: card.risk,
        word_reject: card.word_reject,
        held_by_content: scoring::holds(card),
        ban: passage.ban,
        over_ceiling: over.email || over.attack,
        sampled,
        author: passage.around.author,
    };
    let policy = Policy {
        mode: passage.around.page.as_ref().and_then(|page| page.mode).unwrap_or(moderation.mode),
        trusted_after: moderation.trusted_after,
        hold_at: scoring.hold_at,
        spam_at: scoring.spam_at,
        explore_spam: scoring.explore,
    };
    decide::decide(&evidence, &policy, draw)
}

fn captcha_request<'a>(passage: &'a Passage<'_>, submission: &'a Submission, mark: &'a str) -> captcha::Request<'a> {
    let visitor = passage.visitor;
    captcha::Request {
        site: passage.site,
        page_key: &passage.draft.page.key,
        action: &passage.site.captcha.action,
        token: submission.captcha.filled(),
        now: passage.now,
        facts: captcha::ClientFacts {
            network_mark: mark,
            address: visitor.client.address,
            user_agent: visitor.user_agent.as_deref(),
            has_accept_language: visitor.has_accept_language,
            has_sec_fetch: visitor.has_sec_fetch,
            has_client_hints: visitor.has_client_hints,
            origin: match passage.provenance {
                Provenance::Own => captcha::OriginSeen::Own,
                Provenance::Foreign => captcha::OriginSeen::Foreign,
                Provenance::Absent => captcha::OriginSeen::Absent,
            },
            honeypot_filled: passage.honeypot,
            interaction: submission.interaction,
            around: around(passage),
        },
    }
}

fn outcome_of(assessment: &captcha::Assessment, band: bands::Band) -> &'static str {
    match band {
        _ if assessment.standing == Standing::Fail(FailKind::Replayed) => "token_replayed",
        bands::Band::Refuse(bands::Refusal::ScoreLow) => "refused_score",
        bands::Band::Refuse(bands::Refusal::Failed(_)) => "refused_failed",
        other => other.outcome().map_or("refused_failed", CaptchaOutcome::as_str),
    }
}

/// Uniform in [0,1). Without randomness nothing is sampled.
fn draw() -> f64 {
    random::<4>().map_or(1.0, |bytes| f64::from(u32::from_be_bytes(bytes)) / 4_294_967_296.0)
}
