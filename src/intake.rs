//! The one way in: what happens to a comment between the form and the queue.
//!
//! Gates in the order of cost, nothing that needs a network before what does not: syntax (at the rim)
//! → idempotency → fields → origin → bans → limits → page and parent → author's bans → duplicate →
//! captcha → content score → verdict → one durable write. It decides nothing by itself: each check
//! says what it found, `decide` says what follows, and the store says what became of it.

mod attack;
mod challenges;
mod changes;
mod decide;
mod health;
pub mod hold_share;
mod meters;
mod outcome;
mod reactions;
mod roster;
mod scorers;
mod single_file;
mod siteverify;
mod submission;
mod visitor;

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;

pub use attack::Attack;
pub use challenges::NoChallenge;
pub use changes::ChangeRefused;
pub use health::{Check, Health, Load};
pub use outcome::{Admitted, CaptchaRefused, Refusal};
pub use roster::Roster;
pub use siteverify::Siteverify;
pub use submission::{Entry, Submission, author_token, edit_token};
pub use visitor::{Nowhere, Provenance, Visitor, locate};
// What the rim has to name of the rooms behind this one; it imports none of them.
pub use crate::{
    captcha::{Reason, challenge::MintFault},
    store::{OwnComment, StoreError},
};

use crate::{
    captcha::{self, Captcha, bands},
    config::{Config, Live, Provider, Site},
    domain::{
        AuthorId, BanMode, CaptchaOutcome, CaptchaRecord, Clock, CommentId, Draft, RefusalId, Scorecard, Signal,
        Timestamp,
    },
    keys::{Keyring, Purpose, random},
    limit::{self, Admission, Limiter},
    scoring::{self, Facts},
    store::{Accepted, NewComment, RefusalRow, Store, Surroundings, SurroundingsQuery},
    telemetry::Metrics,
    text,
};
use attack::Attacks;
use decide::{Evidence, Policy, Ruling};
use meters::Meters;
use roster::Author;
use scorers::Scorers;
use single_file::SingleFile;

/// How long the same words from the same place count as a repetition.
const DUPLICATE_FOR: Duration = Duration::from_secs(24 * 3600);
/// Longest `comment_post_ID` that is remembered; WordPress' own are numbers.
const POST_ID_MAX: usize = 40;
/// How long the same words from elsewhere count as a copy.
const COPIES_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

/// The pipeline and everything that it asks.
pub struct Intake {
    live: Arc<Live>,
    store: Store,
    keys: Keyring,
    clock: Clock,
    limiter: Limiter,
    captcha: Captcha,
    metrics: Arc<Metrics>,
    scorers: Scorers,
    roster: ArcSwap<Roster>,
    attacks: Attacks,
    meters: Meters,
    lines: SingleFile,
}

/// A draft on its way, with what was learned about it so far.
struct Passage<'a> {
    site: &'a Site,
    visitor: &'a Visitor,
    draft: Draft,
    now: Timestamp,
    email_key: Option<i64>,
    body_key: i64,
    provenance: Provenance,
    around: Surroundings,
    /// The hardest ban that met it, short of refusal.
    ban: Option<BanMode>,
    honeypot: bool,
}

impl Intake {
    /// The pipeline over its services.
    #[must_use]
    pub fn new(
        live: Arc<Live>,
        store: Store,
        keys: Keyring,
        clock: Clock,
        limiter: Limiter,
        metrics: Arc<Metrics>,
    ) -> Self {
        let captcha = Captcha::new(keys.clone(), clock.clone());
        Self {
            live,
            store,
            keys,
            limiter,
            captcha,
            metrics,
            scorers: Scorers::default(),
            roster: ArcSwap::default(),
            attacks: Attacks::default(),
            meters: Meters::new(clock.clone()),
            clock,
            lines: SingleFile::default(),
        }
    }

    /// The limiter, for its state and for forgetting what a reload made untrue.
    #[must_use]
    pub fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// The captcha room, for challenges and its state.
    #[must_use]
    pub fn captcha(&self) -> &Captcha {
        &self.captcha
    }

    /// Compiles what the settings in force need, so that no submission waits for it.
    pub fn prepare(&self) {
        self.scorers.of(&self.live);
        self.meters.renew(&self.live.get());
    }

    /// Forgets clients that have not been seen for a while.
    pub fn sweep(&self) {
        self.limiter.sweep();
        self.meters.sweep();
    }

    /// The attacks that go on.
    #[must_use]
    pub fn attacks(&self) -> Vec<Attack> {
        self.attacks.all(self.clock.now())
    }

    /// Reads bans and staff anew.
    ///
    /// # Errors
    /// When the store gives no answer; the old ones stay.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        self.roster.store(Arc::new(Roster::read(&self.store, self.clock.now()).await?));
        Ok(())
    }

    /// How long an address that is known to be over its limit must still wait; asked before its body
    /// is read. Silent where sites have limits of their own, since the site is in the body.
    #[must_use]
    pub fn known_refused(&self, visitor: &Visitor) -> Option<Refusal> {
        let config = self.live.get();
        let first = config.sites.first()?;
        if !limit::limits_alike(&config.sites) || limit::allowed(&first.limits, visitor.client.address) {
            return None;
        }
        let now = self.clock.now();
        let client = &visitor.client;
        let (address, network) = (client.address_key(&self.keys, now), client.network_key(&self.keys, now));
        let wait = self.limiter.known_refused(&address, &network)?;
        self.metrics.submission("rate_limited");
        Some(Refusal::Limited { wait, standing: limit::Standing::known(&first.limits, wait) })
    }

    /// Takes a submission all the way: stored, or refused with the reason.
    ///
    /// # Errors
    /// The refusal; one of the kind `Store` or `Busy` is our own fault and kept nothing.
    pub async fn submit(&self, submission: &Submission, visitor: &Visitor) -> Result<Admitted, Refusal> {
        let config = self.live.get();
        let result = self.run(&config, submission, visitor).await;
        self.metrics.submission(match &result {
            Ok(admitted) => admitted.outcome(),
            Err(refusal) => refusal.outcome(),
        });
        result
    }

    async fn run(&self, config: &Config, submission: &Submission, visitor: &Visitor) -> Result<Admitted, Refusal> {
        let located = locate(config, submission.page.text(), visitor);
        let key = submission.idempotency_key().map_err(|fault| Refusal::Invalid(vec![fault]))?;
        let idempotency = match (&located, key) {
            (Ok((site, _)), Some(key)) => Some((self.scope(site, visitor, key), submission.content())),
            _ => None,
        };
        let _turn = match &idempotency {
            Some((key, _)) => Some(self.lines.wait(*key).await),
            None => None,
        };
        if let Some(admitted) = self.replayed(idempotency).await? {
            return Ok(admitted);
        }
        let (site, draft) = self.check_fields(submission, located)?;
        let passage = self.look_around(config, site, draft, submission, visitor).await?;
        self.judge(passage, submission, idempotency).await
    }

    /// The idempotency key within its scope: site, route and the network that sends.
    fn scope(&self, site: &Site, visitor: &Visitor, key: &str) -> [u8; 32] {
        let actor = visitor.client.network_key(&self.keys, self.clock.now());
        self.keys
            .tag(Purpose::Idempotency, &[site.id.as_str().as_bytes(), b"comments", actor.as_bytes(), key.as_bytes()])
    }

    async fn replayed(&self, idempotency: Option<([u8; 32], [u8; 32])>) -> Result<Option<Admitted>, Refusal> {
        let Some((key, content)) = idempotency else { return Ok(None) };
        match self.store.replay(key, self.clock.now()).await? {
            None => Ok(None),
            Some(replay) if replay.content == content => Ok(Some(Admitted::of(&self.keys, &replay.receipt, true))),
            Some(_) => Err(Refusal::IdempotencyReused),
        }
    }

    fn check_fields<'a>(
        &self,
        submission: &Submission,
        located: Result<(&'a Site, crate::domain::PageIdentity), Nowhere>,
    ) -> Result<(&'a Site, Draft), Refusal> {
        let (site, page, foreign) = match located {
            Ok((site, page)) => (Some(site), Ok(page), false),
            Err(Nowhere::Fault(fault)) => (None, Err(fault), false),
            // The fields are told first; a stand-in keeps the page from being told twice.
            Err(Nowhere::ForeignHost) => (None, Ok(nowhere()), true),
        };
        let draft = submission.draft(page, site, &self.keys).map_err(Refusal::Invalid)?;
        match site {
            Some(site) if !foreign => Ok((site, draft)),
            _ => Err(Refusal::Origin),
        }
    }

    /// Everything up to the captcha: origin, bans, limits, page, parent, duplicate.
    async fn look_around<'a>(
        &self,
        config: &Config,
        site: &'a Site,
        draft: Draft,
        submission: &Submission,
        visitor: &'a Visitor,
    ) -> Result<Passage<'a>, Refusal> {
        let now = self.clock.now();
        let provenance = visitor.provenance(site, &config.server.public_url);
        if provenance == Provenance::Foreign {
            return Err(Refusal::Origin);
        }
        let roster = self.roster.load();
        let of_address = roster.of_address(&site.id, visitor.client.address, now);
        if of_address == Some(BanMode::Refuse) {
            return Err(Refusal::Banned);
        }
        let without_token = site.captcha.provider != Provider::None && submission.captcha.filled().is_none();
        self.charge(site, visitor, without_token, now).await?;

        let email_key = draft.email.as_ref().map(|email| submission::email_key(&self.keys, email));
        let body_key = body_key(&self.keys, site, &draft.body);
        let network = visitor.client.network_key(&self.keys, now);
        let query = SurroundingsQuery {
            page: draft.page.clone(),
            parent: draft.parent,
            duplicate: self.duplicate_key(&draft, email_key, &network),
            duplicate_since: now.minus(DUPLICATE_FOR),
            author: draft.author,
            email_key,
            body_key,
            copies_since: now.minus(COPIES_FOR),
        };
        let around = self.store.surroundings(query).await?;
        check_page(site, &draft, &around, now)?;

        let hosts = link_hosts(&draft);
        let author = Author { name: draft.name.as_str(), email: draft.email.as_ref(), link_hosts: &hosts };
        let ban = of_address.max(roster.of_author(&site.id, &author, now));
        if ban == Some(BanMode::Refuse) {
            return Err(Refusal::Banned);
        }
        if around.duplicate {
            return Err(Refusal::Duplicate);
        }
        let honeypot = submission.contact_ref.filled().is_some();
        Ok(Passage { site, visitor, draft, now, email_key, body_key, provenance, around, ban, honeypot })
    }

    /// Charges all refusing buckets together, or none of them.
    async fn charge(&self, site: &Site, visitor: &Visitor, without_token: bool, now: Timestamp) -> Result<(), Refusal> {
        if limit::allowed(&site.limits, visitor.client.address) {
            return Ok(());
        }
        let address = visitor.client.address_key(&self.keys, now);
        let network = visitor.client.network_key(&self.keys, now);
        let mut charge = limit::refusing(&site.limits, &address, &network, without_token);
        // A refusal is remembered across sites only where it holds on all of them.
        charge.remembered &= limit::limits_alike(&self.live.get().sites);
        match self.limiter.admit(&charge).await {
            Admission::Granted(_) => Ok(()),
            Admission::Refused { rule, retry_after, standing } => {
                self.metrics.limited(rule.as_str());
                Err(Refusal::Limited { wait: retry_after, standing })
            }
            Admission::Unavailable => Err(Refusal::Busy),
        }
    }

    /// From the captcha to the write.
    async fn judge(
        &self,
        passage: Passage<'_>,
        submission: &Submission,
        idempotency: Option<([u8; 32], [u8; 32])>,
    ) -> Result<Admitted, Refusal> {
        let draw = draw();
        let assessment = self.assess(&passage, submission).await;
        let band = bands::band(&assessment, &passage.site.captcha);
        self.metrics.captcha(passage.site.captcha.provider.as_str(), outcome_of(band));
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
        if band == bands::Band::Unverified {
            self.charge_unverified(&passage).await?;
        }
        let over = self.ceilings(&passage).await;
        let outcome = band.outcome().unwrap_or(CaptchaOutcome::Low);
        let card = self.score(&passage, outcome, &over);
        let ruling = rule(&passage, &card, band, &over, draw);
        let mut comment = self.finish(&passage, &assessment, outcome, card, ruling, sampled);
        comment.post_id = submission.post_id.filled().filter(|id| id.len() <= POST_ID_MAX).map(str::to_owned);
        comment.idempotency = idempotency;
        self.store_it(comment, &passage, &assessment).await
    }

    async fn assess(&self, passage: &Passage<'_>, submission: &Submission) -> captcha::Assessment {
        let visitor = passage.visitor;
        let mark = visitor.client.network_mark(&self.keys);
        self.captcha
            .assess(captcha::Request {
                site: passage.site,
                page_key: &passage.draft.page.key,
                action: &passage.site.captcha.action,
                token: submission.captcha.filled(),
                now: passage.now,
                facts: captcha::ClientFacts {
                    network_mark: &mark,
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
                },
            })
            .await
    }

    /// What is held unverified counts as a comment without a token, so that an outage is no flood door.
    async fn charge_unverified(&self, passage: &Passage<'_>) -> Result<(), Refusal> {
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
                Err(Refusal::Limited { wait: retry_after, standing })
            }
            Admission::Granted(_) => Ok(()),
            Admission::Unavailable => Err(Refusal::Busy),
        }
    }

    /// Charges the ceilings that hold; passing a page's or site's raises an attack.
    async fn ceilings(&self, passage: &Passage<'_>) -> Over {
        let (site, page) = (passage.site, &passage.draft.page.key);
        let email = passage.email_key.map(|key| key.to_string());
        let buckets = limit::ceilings(&site.limits, email.as_deref(), page, &site.id);
        let over = self.limiter.over(&buckets).await;
        let last = site.moderation.attack_for;
        if over.contains(&limit::Rule::PerPage) {
            self.attacks.raise(&site.id, Some(page), passage.now, last);
        }
        if over.contains(&limit::Rule::PerSite) {
            self.attacks.raise(&site.id, None, passage.now, last);
        }
        Over { email: over.contains(&limit::Rule::PerEmail), attack: self.attacks.on(&site.id, page, passage.now) }
    }

    fn score(&self, passage: &Passage<'_>, outcome: CaptchaOutcome, over: &Over) -> Scorecard {
        let roster = self.roster.load();
        let draft = &passage.draft;
        let unproven = !passage.around.author.proven
            && (passage.around.email.approved > 0
                || draft.email.as_ref().is_some_and(|email| roster.is_staff_email(email)));
        let scorers = self.scorers.of(&self.live);
        scorers.score(
            &passage.site.id,
            &Facts {
                name: draft.name.as_str(),
                email: draft.email.as_ref().map(crate::domain::EmailAddress::as_str),
                url: draft.url.as_ref().map(crate::domain::Website::as_str),
                body: draft.body.as_str(),
                own_hosts: scorers.own_hosts(&passage.site.id),
                author: passage.around.author,
                email_record: passage.around.email,
                copies_elsewhere: passage.around.copies,
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
        )
    }

    fn finish(
        &self,
        passage: &Passage<'_>,
        assessment: &captcha::Assessment,
        outcome: CaptchaOutcome,
        card: Scorecard,
        ruling: Ruling,
        sampled: bool,
    ) -> NewComment {
        let Passage { site, visitor, now, email_key, body_key, .. } = *passage;
        let draft = passage.draft.clone();
        let network_key = visitor.client.network_key(&self.keys, now);
        let duplicate = (self.duplicate_key(&draft, email_key, &network_key), now.minus(DUPLICATE_FOR));
        let keep_address = !site.moderation.retain_ip.is_zero();
        NewComment {
            id: CommentId::new(now),
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
            body_key,
            address: keep_address.then(|| visitor.client.address.to_string()),
            network_key,
            captcha: CaptchaRecord {
                provider: assessment.provider.as_str().to_owned(),
                outcome,
                score: assessment.score.or((outcome != CaptchaOutcome::Off).then_some(assessment.builtin_score)),
                raw_score: assessment.raw_score,
            },
            risk: card.risk,
            verdict: ruling.verdict,
            signals: told(card, assessment, sampled || ruling.explored),
            duplicate,
            claim: assessment.claim.map(|claim| (claim.key, claim.until)),
            idempotency: None,
            page: draft.page,
        }
    }

    async fn store_it(
        &self,
        comment: NewComment,
        passage: &Passage<'_>,
        assessment: &captcha::Assessment,
    ) -> Result<Admitted, Refusal> {
        let content = comment.idempotency.map(|(_, content)| content);
        match self.store.accept(comment).await? {
            Accepted::Stored(receipt) => Ok(Admitted::of(&self.keys, &receipt, false)),
            Accepted::Replayed(replay) if Some(replay.content) == content => {
                Ok(Admitted::of(&self.keys, &replay.receipt, true))
            }
            Accepted::Replayed(_) => Err(Refusal::IdempotencyReused),
            Accepted::Duplicate => Err(Refusal::Duplicate),
            Accepted::TokenUsed => Err(self.refuse(passage, assessment, bands::Refusal::Failed(Reason::Expired)).await),
            Accepted::ParentGone => Err(Refusal::ParentNotFound),
        }
    }

    /// The answer to a captcha refusal, once its row is left so that the reference leads somewhere.
    async fn refuse(
        &self,
        passage: &Passage<'_>,
        assessment: &captcha::Assessment,
        refusal: bands::Refusal,
    ) -> Refusal {
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
                tracing::warn!(error = %fault, "a captcha refusal left no row");
                Refusal::Captcha(CaptchaRefused { reference: None, ..refused })
            }
        }
    }

    /// The same words of the same email from the same network on the same page.
    fn duplicate_key(&self, draft: &Draft, email_key: Option<i64>, network: &str) -> [u8; 32] {
        self.keys.tag(
            Purpose::Duplicate,
            &[
                draft.page.site.as_str().as_bytes(),
                draft.page.key.as_bytes(),
                &email_key.unwrap_or(0).to_be_bytes(),
                network.as_bytes(),
                draft.body.normalised().as_bytes(),
            ],
        )
    }
}

/// Which ceilings it is over.
struct Over {
    email: bool,
    attack: bool,
}

/// A page that stands for none, while the fields are looked at.
fn nowhere() -> crate::domain::PageIdentity {
    crate::domain::PageIdentity { site: crate::domain::SiteId::new(""), key: String::new(), url: String::new() }
}

/// The same words on one site, wherever they come from.
fn body_key(keys: &Keyring, site: &Site, body: &crate::domain::BodyText) -> i64 {
    keys.number(Purpose::Duplicate, &[site.id.as_str().as_bytes(), b"copy", text::skeleton(body.as_str()).as_bytes()])
}

fn check_page(site: &Site, draft: &Draft, around: &Surroundings, now: Timestamp) -> Result<(), Refusal> {
    if let Some(page) = &around.page {
        let over = site.moderation.close_after.is_some_and(|after| now >= page.first_at.plus(after));
        if page.closed || over {
            return Err(Refusal::Closed);
        }
    }
    match (draft.parent, around.parent) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(Refusal::ParentNotFound),
        (Some(_), Some((_, depth))) if depth >= site.max_depth => Err(Refusal::TooDeep),
        (Some(_), Some(_)) => Ok(()),
    }
}

fn link_hosts(draft: &Draft) -> Vec<String> {
    let of_body = text::links::find(draft.body.as_str()).into_iter().map(|link| link.host);
    let of_author = draft
        .url
        .as_ref()
        .and_then(|url| url::Url::parse(url.as_str()).ok())
        .and_then(|url| url.host_str().map(str::to_owned));
    of_body.chain(of_author).collect()
}

fn rule(passage: &Passage<'_>, card: &Scorecard, band: bands::Band, over: &Over, draw: f64) -> Ruling {
    let (scoring, moderation) = (&passage.site.scoring, &passage.site.moderation);
    let evidence = Evidence {
        band,
        risk: card.risk,
        word_reject: card.word_reject,
        held_by_content: scoring::holds(card),
        ban: passage.ban,
        over_ceiling: over.email || over.attack,
        author: passage.around.author,
    };
    let policy = Policy {
        mode: moderation.mode,
        trusted_after: moderation.trusted_after,
        hold_at: scoring.hold_at,
        spam_at: scoring.spam_at,
        explore_spam: scoring.explore,
    };
    decide::decide(&evidence, &policy, draw)
}

/// All signals of a comment: the content's, which add up to the risk, then the captcha's, which made
/// its score and bear its name.
fn told(card: Scorecard, assessment: &captcha::Assessment, explored: bool) -> Vec<Signal> {
    let mut signals = card.signals;
    for signal in &assessment.signals {
        if !signals.iter().any(|known| known.name == signal.name) {
            signals.push(Signal { name: format!("captcha.{}", signal.name).into(), ..signal.clone() });
        }
    }
    if explored {
        let text = "By the thresholds this would not have reached the queue; it is a sample to judge them by.";
        signals.push(Signal::new("explored", 0.0, text));
    }
    signals
}

fn outcome_of(band: bands::Band) -> &'static str {
    match band {
        bands::Band::Refuse(bands::Refusal::ScoreLow) => "refused_score",
        bands::Band::Refuse(bands::Refusal::Failed(_)) => "refused_failed",
        other => other.outcome().map_or("refused_failed", CaptchaOutcome::as_str),
    }
}

/// Uniform in [0,1). Without randomness nothing is sampled.
fn draw() -> f64 {
    random::<4>().map_or(1.0, |bytes| f64::from(u32::from_be_bytes(bytes)) / 4_294_967_296.0)
}
