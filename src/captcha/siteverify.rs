//! Asking an outside provider: one HTTP client, one time budget, one breaker a site's endpoint.
//!
//! It turns every trouble into `Unverified`. What is sent is `question`'s to say, what an answer means
//! `reply`'s.

mod call;
mod strange;
mod watch;

use std::time::Duration;

use reqwest::Client;
use secrecy::ExposeSecret as _;

use super::{
    Claim, FailKind, Probe, Standing, Why,
    dialect::Dialect,
    question::{Asked, Question, question},
    reply::{self, Answer, Expected},
};
use crate::{
    config::Site,
    domain::{Clock, Timestamp},
    keys::{self, Keyring, Purpose},
};
use call::Heard;
use strange::Strange;
use watch::{Watch, Way};

pub use watch::{Health, Mood, OFFER};

/// How long a claim outlives the token's greatest age: for clocks that differ and slow answers.
const CLAIM_MARGIN: Duration = Duration::from_secs(600);

/// All outside providers, asked through one client.
pub struct Providers {
    client: Option<Client>,
    clock: Clock,
    watch: Watch,
    strange: Strange,
}

impl Providers {
    /// Builds the client; connects to nobody.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { client: call::client(), clock, watch: Watch::default(), strange: Strange::default() }
    }

    /// Asks about one token, unless the endpoint's breaker is open. `now` is when the token came, by which
    /// its age is judged.
    pub async fn ask(&self, dialect: &Dialect, site: &Site, asked: &Asked<'_>, now: Timestamp) -> Answer {
        if asked.token.len() > dialect.max_token {
            return Standing::Fail(FailKind::Malformed).into();
        }
        let (url, way) = (dialect.endpoint(&site.captcha), way(dialect, site));
        if !self.watch.admit(&way, self.clock.now()) {
            return Standing::Unverified(Why::Resting).into();
        }
        let question = question(dialect, &site.captcha, asked);
        let (answer, _) = self.within_budget(dialect, site, &url, &question, asked.action, now).await;
        self.strange.tell(dialect.provider, &answer.unknown);
        self.watch.record(&way, self.clock.now(), answer.standing);
        answer
    }

    /// Asks about a token that cannot be good; neither waits for the breaker nor counts for it.
    pub(super) async fn probe(&self, dialect: &Dialect, site: &Site, asked: &Asked<'_>, now: Timestamp) -> Probe {
        let (url, started) = (dialect.endpoint(&site.captcha), tokio::time::Instant::now());
        let question = question(dialect, &site.captcha, asked);
        let (answer, heard) = self.within_budget(dialect, site, &url, &question, asked.action, now).await;
        Probe {
            asked: url::Url::parse(&url).map_or(String::new(), |url| url.origin().ascii_serialization()),
            standing: answer.standing,
            status: heard.as_ref().map(|heard| heard.status),
            codes: answer.codes,
            date: heard.and_then(|heard| heard.date),
            took: started.elapsed(),
        }
    }

    /// Asks once, and once more where that cannot spend the token and half the budget brought no answer.
    async fn within_budget(
        &self,
        dialect: &Dialect,
        site: &Site,
        url: &str,
        question: &Question,
        action: &str,
        now: Timestamp,
    ) -> (Answer, Option<Heard>) {
        let hosts = hosts(site);
        let settings = &site.captcha;
        let expected = Expected { action, hosts: &hosts, site_key: &settings.site_key, max_age: settings.max_age, now };
        let once = async |budget: Duration| {
            let Some(client) = &self.client else { return (Standing::Unverified(Why::OperatorConfig).into(), None) };
            match tokio::time::timeout(budget, call::post(client, url, question)).await {
                Ok(Ok(heard)) => (reply::read(heard.status, &heard.body, dialect, &expected), Some(heard)),
                Ok(Err(why)) => (Standing::Unverified(why).into(), None),
                Err(_late) => (Standing::Unverified(Why::Timeout).into(), None),
            }
        };
        if !dialect.may_ask_again() {
            return once(settings.timeout).await;
        }
        let first = once(settings.timeout / 2).await;
        if !deserves_another(&first) {
            return first;
        }
        let (answer, heard) = once(settings.timeout / 2).await;
        match answer.standing {
            // The first call may have spent it after all.
            Standing::Fail(FailKind::Duplicate | FailKind::ExpiredOrDuplicate) => (first.0.standing.into(), heard),
            _ => (answer, heard),
        }
    }

    /// How a site's endpoint does.
    #[must_use]
    pub fn mood(&self, dialect: &Dialect, site: &Site) -> Mood {
        self.watch.health(&way(dialect, site)).mood
    }

    /// Whether asking it now promises an answer.
    #[must_use]
    pub fn is_worth_asking(&self, dialect: &Dialect, site: &Site) -> bool {
        self.watch.is_worth_asking(&way(dialect, site), self.clock.now())
    }

    /// Whether a page may be sent to the provider: always while it is well, else one page each [`OFFER`] in
    /// which no token of the provider's came to try it with.
    pub fn offer(&self, dialect: &Dialect, site: &Site) -> bool {
        self.watch.offer(&way(dialect, site), self.clock.now())
    }

    /// How each of these sites' endpoints does.
    #[must_use]
    pub fn health(&self, sites: &[Site]) -> Vec<Health> {
        let outside = sites.iter().filter_map(|site| Some((site, Dialect::of(&site.captcha)?)));
        outside.map(|(site, dialect)| self.watch.health(&way(dialect, site))).collect()
    }
}

/// No answer came, or one that says to try again.
fn deserves_another((answer, heard): &(Answer, Option<Heard>)) -> bool {
    let failed = heard.as_ref().is_some_and(|heard| heard.status >= 500);
    match answer.standing {
        Standing::Unverified(Why::Timeout | Why::Connect) => true,
        Standing::Unverified(Why::BadBody) => failed,
        Standing::Unverified(Why::ProviderInternal) => {
            failed || answer.codes.iter().any(|code| code == "internal-error")
        }
        _ => false,
    }
}

/// The claim of a provider's token: good until no instance would take the token any more.
pub(super) fn claim(keys: &Keyring, site: &Site, token: &str, now: Timestamp) -> Claim {
    let key = keys.tag(Purpose::ClaimedToken, &[site.captcha.provider.as_str().as_bytes(), token.as_bytes()]);
    Claim { key, until: now.plus(site.captcha.max_age).plus(CLAIM_MARGIN) }
}

fn way<'a>(dialect: &Dialect, site: &'a Site) -> Way<'a> {
    let settings = &site.captcha;
    let url = dialect.endpoint(settings);
    let parts = [&*url, &settings.site_key, settings.secret.expose_secret()];
    Way {
        site: &site.id,
        provider: dialect.provider,
        identity: keys::digest(parts.join("\n").as_bytes()),
        budget: settings.timeout,
    }
}

/// The hosts that a token may come from: those configured, else the site's own.
fn hosts(site: &Site) -> Vec<String> {
    if !site.captcha.hostnames.is_empty() {
        return site.captcha.hostnames.clone();
    }
    let origins = site.origins.iter().filter_map(|origin| url::Url::parse(origin).ok());
    origins.filter_map(|origin| origin.host_str().map(str::to_owned)).collect()
}
