//! The one way in: what happens to a comment between the form and the queue.
//!
//! Gates in the order of cost, nothing that needs a network before what does not: syntax (at the rim)
//! → idempotency → fields → origin → bans → limits → page and parent → author's bans → duplicate →
//! captcha → content score → verdict → one durable write. `gates` are what comes before the captcha,
//! `judge` is what follows up to the verdict, `keep` writes what is left. It decides nothing by itself:
//! each check says what it found, `decide` says what follows, and the store says what became of it.

mod attack;
mod attacks;
mod challenges;
mod changes;
pub mod decide;
mod gates;
mod health;
mod judge;
mod keep;
mod meters;
mod near;
mod outcome;
mod passage;
mod rates;
mod reactions;
mod recheck;
mod refused;
mod rise;
mod roster;
mod scorers;
mod single_file;
mod siteverify;
mod spent;
mod submission;
mod unverified;
mod visitor;

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;

pub use challenges::NoChallenge;
pub use changes::ChangeRefused;
pub use health::{Check, Health, Load};
pub use outcome::{Admitted, CaptchaRefused, Flooder, Refusal};
pub use recheck::Recheck;
pub use roster::Roster;
pub use scorers::Compiled;
pub use siteverify::Siteverify;
pub use submission::{Entry, Submission, author_token, edit_token};
use visitor::presume;
pub use visitor::{Nowhere, Provenance, Visitor, locate, presume as presumed};
// What the rim has to name of the rooms behind this one; it imports none of them.
pub use crate::{
    captcha::{Reason, challenge::MintFault},
    store::{AttackRow as Attack, OwnComment, StoreError},
};

use crate::{
    captcha::Captcha,
    config::{Config, Live, Site},
    domain::{Clock, Signal},
    keys::{Keyring, Purpose},
    learning::Learning,
    limit::{self, Limiter},
    net::Client,
    store::Store,
    telemetry::Metrics,
};
use attack::Attacks;
use meters::Meters;
use near::Near;
use passage::Passage;
use rates::Rates;
use refused::Refused;
use scorers::Scorers;
use single_file::SingleFile;
use spent::Spent;

/// How long the same words from the same place count as a repetition.
const DUPLICATE_FOR: Duration = Duration::from_secs(24 * 3600);
/// How long a comment is one of many of its author.
const LATELY: Duration = Duration::from_secs(10 * 60);

/// The signal that says why a token could not be verified.
pub const UNVERIFIED: &str = "captcha.unverified";
/// The signal that says why a comment is stored as spam whatever its risk.
pub const BAN_SHADOW: &str = "ban_shadow";

/// The pipeline and everything that it asks.
pub struct Intake {
    live: Arc<Live>,
    store: Store,
    keys: Keyring,
    clock: Clock,
    limiter: Limiter,
    captcha: Captcha,
    learning: Arc<Learning>,
    metrics: Arc<Metrics>,
    scorers: Scorers,
    roster: ArcSwap<Roster>,
    reading: tokio::sync::Mutex<()>,
    attacks: Attacks,
    attacked: tokio::sync::Notify,
    sharing: tokio::sync::Mutex<()>,
    meters: Meters,
    near: Near,
    rates: Rates,
    refused: Refused,
    lines: SingleFile,
    spent: Spent,
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
        learning: Arc<Learning>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let captcha = Captcha::new(keys.clone(), clock.clone());
        Self {
            live,
            store,
            keys,
            limiter,
            captcha,
            learning,
            metrics,
            scorers: Scorers::default(),
            roster: ArcSwap::default(),
            reading: tokio::sync::Mutex::default(),
            attacks: Attacks::default(),
            attacked: tokio::sync::Notify::new(),
            sharing: tokio::sync::Mutex::default(),
            meters: Meters::new(clock.clone()),
            near: Near::default(),
            rates: Rates::default(),
            refused: Refused::default(),
            clock,
            lines: SingleFile::default(),
            spent: Spent::new(),
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

    /// What these settings need compiled: long lists take their time, so a caller does this beside the
    /// requests, and before the settings come into force.
    #[must_use]
    pub fn compile(&self, config: &Config) -> Compiled {
        self.scorers.compile(config)
    }

    /// Puts what was compiled for them beside the settings in force. Until then comments are scored as before.
    pub fn install(&self, compiled: Compiled) {
        self.scorers.install(compiled);
        self.meters.renew(&self.live.get());
    }

    /// Forgets clients that have not been seen for a while.
    pub fn sweep(&self) {
        self.limiter.sweep();
        self.meters.sweep();
        self.rates.sweep(self.clock.now());
    }

    /// Waits for captcha tokens that were spent here, and tells the other instances. To be called again
    /// and again.
    pub async fn share_spent(&self) {
        self.spent.share(&self.limiter).await;
    }

    /// Reads bans and staff anew. One at a time, so that an older reading never replaces a newer one.
    ///
    /// # Errors
    /// When the store gives no answer; the old ones stay.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let _turn = self.reading.lock().await;
        self.roster.store(Arc::new(Roster::read(&self.store, self.clock.now()).await?));
        Ok(())
    }

    /// What a ban that holds leaves on a comment of this site that waits already: its signals with one more, by the
    /// weights in force now, and the risk that follows; none where it has that signal.
    pub fn ban_mark(&self) -> impl Fn(&str, Vec<Signal>) -> Option<(Vec<Signal>, f64)> + Send + Sync + 'static {
        let scorers = self.scorers.get();
        move |site, signals| scorers.with_ban_hold(site, signals)
    }

    /// Reads on in what was sent and decided, here and elsewhere, so that near-copies find each other.
    ///
    /// # Errors
    /// When the store gives no answer; then it goes on from there the next time.
    pub async fn read_on(&self) -> Result<(), StoreError> {
        self.near.read_on(&self.store, self.clock.now()).await
    }

    /// A client that is known to be over its limit; asked before its body is read. Silent where sites have limits of their own, since the site is in the body.
    #[must_use]
    pub fn flooder(&self, config: &Config, client: &Client) -> Option<Flooder> {
        let first = config.sites.first()?;
        if !limit::limits_alike(&config.sites) || limit::allowed(&first.limits, client.address) {
            return None;
        }
        let at = self.clock.now();
        let (address, network) = (client.address_key(&self.keys, at), client.network_key(&self.keys, at));
        let wait = self.limiter.known_refused(&address, &network)?;
        Some(Flooder { wait, network, at })
    }

    /// Counts the refusal of a flooder, for the site that they are taken to be on; how they stand.
    pub fn turn_away(&self, config: &Config, flooder: &Flooder, site: Option<&Site>) -> limit::Standing {
        self.metrics.submission("rate_limited");
        if let Some(site) = site {
            self.note_refusal(site, &flooder.network, flooder.at);
        }
        config.sites.first().map(|first| limit::Standing::known(&first.limits, flooder.wait)).unwrap_or_default()
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
        let (site, draft) = self.check_fields(submission, located, presume(config, visitor))?;
        let passage = match self.look_around(config, site, draft, submission, visitor).await {
            Ok(passage) => passage,
            // The first of the same key may have been stored since it was looked up: then it is its own duplicate.
            Err(Refusal::Duplicate) => {
                return self.replayed(idempotency).await?.ok_or(Refusal::Duplicate);
            }
            Err(refusal) => return Err(refusal),
        };
        self.judge(passage, submission, idempotency).await
    }

    /// The idempotency key within its scope: site, route and the network that sends.
    fn scope(&self, site: &Site, visitor: &Visitor, key: &str) -> [u8; 32] {
        // Not the client's rotating key: the turn of an epoch would make a second comment of a repeated one.
        let actor = visitor.client.network().to_string();
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
}
