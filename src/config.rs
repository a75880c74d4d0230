//! The settings as types: what an operator may say, and within which ranges.
//!
//! `config/default.toml` is the manual and the lowest layer, so no default is written here.
//! How the layers become one [`Config`] is `load`'s business, how it changes while the server runs
//! is `live`'s.

mod captcha;
mod checks;
pub mod live;
pub mod load;
mod reasons;
mod scoring;
mod site;
mod values;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use ipnet::IpNet;
use secrecy::SecretString;
use serde::Deserialize;
use validator::Validate;

pub use captcha::{
    AutonomousSystem, Captcha, CaptchaSignal, Lists as CaptchaLists, Networks, OnMissing, OnUnverified, Provider,
    ScoreSource, Style,
};
pub use live::Live;
pub use reasons::{Ground, Reason};
pub use scoring::{HEAVIEST, Lists, Rule, Scoring};
pub use site::{AfterForm, EmailRule, Site};
pub use values::{Misfit, Rate, bytes, duration, optional_duration, told_duration};

// A page may have a mode of its own, so it is everybody's word.
pub use crate::domain::Mode;
use crate::domain::Timestamp;
use values::{header_name, listen, networks, origin};

/// Everything in force. Sites carry their own complete sections: the global ones with the site's
/// overrides laid over them.
#[derive(Clone, Debug)]
pub struct Config {
    /// Listening, proxies, sizes. Restart to change `listen`, `workers`.
    pub server: Server,
    /// Where comments are kept. Restart to change.
    pub store: Store,
    /// Shared limits. Restart to change `url`.
    pub redis: Redis,
    /// At least one.
    pub sites: Vec<Site>,
}

/// `[server]`
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// `address:port`
    #[serde(deserialize_with = "listen")]
    pub listen: SocketAddr,
    /// The address readers use: scheme, host, port where not the default; no slash at the end.
    #[serde(deserialize_with = "origin")]
    pub public_url: String,
    /// Peers whose `forwarded_header` is believed.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// Lower-case name of the one header that is read.
    #[serde(deserialize_with = "header_name")]
    pub forwarded_header: String,
    /// Most bytes of a public request body.
    #[serde(deserialize_with = "bytes")]
    #[validate(range(min = 1024, max = 16_777_216, message = "give a size from \"1 KiB\" to \"16 MiB\""))]
    pub max_body: usize,
    /// Signs tokens, cursors, challenges and keys of hashes; empty: made once and kept in the store.
    pub secret: SecretString,
    /// Threads that serve requests; 0 is one a core.
    #[validate(range(max = 1024, message = "give 0 to 1024"))]
    pub workers: usize,
}

/// `[store]`
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "checks::store"))]
pub struct Store {
    /// `sqlite:PATH`
    pub url: SecretString,
}

/// `[redis]`
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "checks::redis"))]
pub struct Redis {
    /// `redis://…` or `rediss://…`; empty: limits live in the process.
    pub url: SecretString,
    /// What happens to comments while it is out.
    pub on_outage: OnOutage,
}

/// What happens while Redis is out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnOutage {
    /// The in-process limiter takes over.
    Local,
    /// Comments are refused with 503.
    Refuse,
}

/// `[limits]`: each list may hold several windows; an empty one is no limit.
#[derive(Clone, PartialEq, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains each key")]
pub struct Limits {
    pub per_ip: Vec<Rate>,
    pub per_network: Vec<Rate>,
    pub per_email: Vec<Rate>,
    pub per_page: Vec<Rate>,
    pub per_site: Vec<Rate>,
    pub without_token: Vec<Rate>,
    pub without_token_network: Vec<Rate>,
    pub challenge: Vec<Rate>,
    pub reactions: Vec<Rate>,
    #[serde(deserialize_with = "networks")]
    pub allow: Vec<IpNet>,
}

/// `[moderation]`
#[derive(Clone, PartialEq, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains each key")]
pub struct Moderation {
    #[validate(range(min = 0.0, max = 1.0, message = "a share is in [0, 1]"))]
    pub max_hold_share: f64,
    pub mode: Mode,
    #[validate(range(min = 1, max = 1000, message = "give 1 to 1000, or mode = \"post\" to trust everybody"))]
    pub trusted_after: u32,
    #[serde(deserialize_with = "duration")]
    #[validate(custom(function = "checks::edit_window"))]
    pub edit_window: Duration,
    #[serde(deserialize_with = "optional_duration")]
    #[validate(custom(function = "checks::close_after"))]
    pub close_after: Option<Duration>,
    #[serde(deserialize_with = "duration")]
    #[validate(custom(function = "checks::attack_for"))]
    pub attack_for: Duration,
    #[serde(deserialize_with = "duration")]
    #[validate(custom(function = "checks::retain_ip"))]
    pub retain_ip: Duration,
    #[serde(deserialize_with = "optional_duration")]
    #[validate(custom(function = "checks::retain_words"))]
    pub retain_spam: Option<Duration>,
    #[serde(deserialize_with = "optional_duration")]
    #[validate(custom(function = "checks::retain_words"))]
    pub retain_rejected: Option<Duration>,
    /// Empty: the list that is built in.
    pub reasons_file: PathBuf,
    /// What stands in it; `load` reads it.
    #[serde(skip)]
    pub reasons: Arc<[Reason]>,
    #[validate(nested)]
    pub words: Words,
}

impl Moderation {
    /// When a page that was first commented then closes by its age; never where nobody has commented, or pages do
    /// not close.
    #[must_use]
    pub fn closes_at(&self, first_at: Option<Timestamp>) -> Option<Timestamp> {
        first_at.zip(self.close_after).map(|(first, after)| first.plus(after))
    }

    /// Whether such a page is closed by its age now.
    #[must_use]
    pub fn is_over(&self, first_at: Option<Timestamp>, now: Timestamp) -> bool {
        self.closes_at(first_at).is_some_and(|end| now >= end)
    }
}

/// `[moderation.words]`; `load` reads the files' entries into the two lists.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains each key")]
pub struct Words {
    #[validate(custom(function = "checks::words"))]
    pub hold: Arc<[String]>,
    #[validate(custom(function = "checks::words"))]
    pub reject: Arc<[String]>,
    pub hold_files: Vec<PathBuf>,
    pub reject_files: Vec<PathBuf>,
}
