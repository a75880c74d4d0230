//! Asking an outside provider: one HTTP client, one time budget, one breaker a site's endpoint.
//!
//! It follows no redirect (the secret would go with it), reads no more of an answer than one can
//! be, and turns every trouble into `Unverified`. What an answer means is `reply`'s to say.

mod watch;

use std::time::Duration;

use reqwest::{Client, redirect::Policy};
use secrecy::ExposeSecret;

use super::{
    Claim, FailKind, Standing, Why,
    reply::{self, Answer, Dialect, Expected},
};
use crate::{
    config::{self, Site},
    domain::{Clock, Timestamp},
    keys::{Keyring, Purpose},
};
use watch::Watch;

pub use watch::{Health, Mood};

/// Most bytes of a token; longer ones are refused without a call.
pub const MAX_TOKEN: usize = 8192;
/// Most bytes of an answer that are read.
const MAX_ANSWER: usize = 64 * 1024;
/// For a connection, within the whole budget.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a claim outlives the token's greatest age: for clocks that differ and slow answers.
const CLAIM_MARGIN: Duration = Duration::from_secs(600);

/// All outside providers, asked through one client.
pub struct Providers {
    client: Option<Client>,
    clock: Clock,
    watch: Watch,
}

impl Providers {
    /// Builds the client; connects to nobody.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { client: client(), clock, watch: Watch::default() }
    }

    /// Asks about one token, unless the endpoint's breaker is open.
    pub async fn ask(&self, dialect: &Dialect, site: &Site, action: &str, token: &str, now: Timestamp) -> Answer {
        if token.len() > MAX_TOKEN {
            return Standing::Fail(FailKind::Malformed).into();
        }
        let url = endpoint(dialect, &site.captcha);
        if !self.watch.admit(&site.id, url, self.clock.now()) {
            return Standing::Unverified(Why::Resting).into();
        }
        let settings = &site.captcha;
        let asked = tokio::time::timeout(settings.timeout, self.post(url, settings, token)).await;
        let answer = match asked.unwrap_or(Err(Why::Timeout)) {
            Ok(body) => {
                let hosts = hosts(site);
                let expected = Expected { action, hosts: &hosts, max_age: settings.max_age, now };
                reply::read(&body, dialect, &expected)
            }
            Err(why) => Standing::Unverified(why).into(),
        };
        self.watch.record(&site.id, dialect.provider, url, self.clock.now(), answer.standing);
        answer
    }

    /// How each of these sites' endpoints does.
    #[must_use]
    pub fn health(&self, sites: &[Site]) -> Vec<Health> {
        let outside = sites.iter().filter_map(|site| Some((site, Dialect::of(site.captcha.provider)?)));
        outside
            .map(|(site, dialect)| self.watch.health(&site.id, dialect.provider, endpoint(dialect, &site.captcha)))
            .collect()
    }

    /// The body of the answer, whatever its status.
    async fn post(&self, url: &str, settings: &config::Captcha, token: &str) -> Result<Vec<u8>, Why> {
        let client = self.client.as_ref().ok_or(Why::OperatorConfig)?;
        let form = [("secret", settings.secret.expose_secret()), ("response", token)];
        let mut response = client.post(url).form(&form).send().await.map_err(|fault| why(&fault))?;
        if response.status().is_redirection() {
            return Err(Why::BadBody);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|fault| why(&fault))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(Why::BadBody);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// The claim of a provider's token: good until no instance would take the token any more.
pub(super) fn claim(keys: &Keyring, site: &Site, token: &str, now: Timestamp) -> Claim {
    let key = keys.tag(Purpose::ClaimedToken, &[site.captcha.provider.as_str().as_bytes(), token.as_bytes()]);
    Claim { key, until: now.plus(site.captcha.max_age).plus(CLAIM_MARGIN) }
}

fn endpoint<'a>(dialect: &Dialect, settings: &'a config::Captcha) -> &'a str {
    if settings.verify_url.is_empty() { dialect.url } else { &settings.verify_url }
}

/// The hosts that a token may come from: those configured, else the site's own.
fn hosts(site: &Site) -> Vec<String> {
    if !site.captcha.hostnames.is_empty() {
        return site.captcha.hostnames.clone();
    }
    let origins = site.origins.iter().filter_map(|origin| url::Url::parse(origin).ok());
    origins.filter_map(|origin| origin.host_str().map(str::to_owned)).collect()
}

fn why(fault: &reqwest::Error) -> Why {
    if fault.is_builder() {
        Why::OperatorConfig
    } else if fault.is_connect() {
        Why::Connect
    } else if fault.is_timeout() {
        Why::Timeout
    } else if fault.is_request() {
        // The connection broke before an answer began.
        Why::Connect
    } else {
        Why::BadBody
    }
}

/// A client over the system's certificates. Where the system has none it still reaches a plain
/// http address in the own network; https then fails as a connection does.
fn client() -> Option<Client> {
    // Fails only where one is installed already, which serves as well.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let builder = || {
        Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            // The environment is the configuration's business, proxies included.
            .no_proxy()
            .user_agent(concat!("replydesk/", env!("CARGO_PKG_VERSION")))
    };
    let client = builder().build().or_else(|fault| {
        tracing::warn!(%fault, "no certificates of the system: captcha providers on https cannot be asked");
        builder().tls_certs_only([]).build()
    });
    client.inspect_err(|fault| tracing::error!(%fault, "no HTTP client: captcha providers cannot be asked")).ok()
}
