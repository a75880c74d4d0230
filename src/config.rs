//! The settings as types: what an operator may say, and within which ranges.
//!
//! `config/default.toml` is the manual and the lowest layer, so no default is written here.
//! How the layers become one [`Config`] is `load`'s business, how it changes while the server runs
//! is `live`'s.

pub mod live;
pub mod load;
mod values;

use std::{path::PathBuf, time::Duration};

use ipnet::IpNet;
use secrecy::SecretString;
use serde::Deserialize;
use validator::Validate;

pub use live::Live;
pub use values::{Rate, bytes, duration, optional_duration};

use crate::domain::SiteId;

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
    pub listen: std::net::SocketAddr,
    /// The address readers use, scheme included, no path.
    pub public_url: String,
    /// Peers whose `forwarded_header` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Lower-case name of the one header that is read.
    #[validate(length(min = 1, message = "name one header, e.g. \"x-forwarded-for\""))]
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
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// `sqlite:PATH`
    pub url: SecretString,
}

/// `[redis]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// Empty: limits live in the process.
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
#[derive(Clone, PartialEq, Debug, Deserialize)]
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
    pub allow: Vec<IpNet>,
}

/// `[captcha]`
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains each key")]
pub struct Captcha {
    pub provider: Provider,
    pub site_key: String,
    pub secret: SecretString,
    #[validate(length(min = 1, max = 64, message = "give a name of 1 to 64 characters"))]
    pub action: String,
    pub hostnames: Vec<String>,
    #[validate(range(min = 0.0, max = 1.0, message = "a score is in [0, 1]"))]
    pub reject_below: f64,
    #[validate(range(min = 0.0, max = 1.0, message = "a score is in [0, 1]"))]
    pub hold_below: f64,
    pub on_missing: OnMissing,
    pub on_unverified: OnUnverified,
    #[serde(deserialize_with = "duration")]
    pub timeout: Duration,
    #[serde(deserialize_with = "duration")]
    pub max_age: Duration,
    pub verify_url: String,
    pub score: ScoreSource,
    #[validate(range(min = 0.0, max = 1.0, message = "a share is in [0, 1]"))]
    pub explore: f64,
    pub siteverify_secret: SecretString,
}

/// Who checks the captcha.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    /// The proof of work of our own.
    Builtin,
    /// Google reCAPTCHA v3 through its classic `siteverify`.
    RecaptchaV3,
    /// Any service that answers as reCAPTCHA's `siteverify` does.
    Siteverify,
    /// No captcha.
    None,
}

impl Provider {
    /// The name in the configuration, the API and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Builtin => "builtin",
            Self::RecaptchaV3 => "recaptcha-v3",
            Self::Siteverify => "siteverify",
            Self::None => "none",
        }
    }
}

/// What a missing captcha token leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnMissing {
    /// The comment waits for a moderator.
    Hold,
    /// The comment is refused with `captcha_failed`.
    Refuse,
}

/// What an outage of the provider leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnUnverified {
    /// The comment waits for a moderator.
    Hold,
    /// The built-in score takes the provider's place.
    Builtin,
    /// The comment is refused.
    Reject,
    /// The comment goes on as if it had passed.
    Accept,
}

/// Which score is compared with the thresholds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScoreSource {
    /// The provider's; without one it is pass or fail only.
    Provider,
    /// The built-in one.
    Builtin,
    /// The lower of the two.
    Min,
}

/// `[scoring]`
#[derive(Clone, PartialEq, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains each key")]
pub struct Scoring {
    #[validate(range(min = 0.0, max = 1.0, message = "a risk is in [0, 1]"))]
    pub hold_at: f64,
    #[validate(range(min = 0.0, max = 1.0, message = "a risk is in [0, 1]"))]
    pub spam_at: f64,
    #[validate(range(min = 0.0, max = 1.0, message = "a share is in [0, 1]"))]
    pub explore: f64,
    /// A signal's name and its log-odds; 0 switches it off.
    pub weights: std::collections::BTreeMap<String, f64>,
}

/// `[moderation]`
#[derive(Clone, PartialEq, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains each key")]
pub struct Moderation {
    #[validate(range(min = 0.0, max = 1.0, message = "a share is in [0, 1]"))]
    pub max_hold_share: f64,
    pub mode: Mode,
    pub trusted_after: u32,
    #[serde(deserialize_with = "duration")]
    pub edit_window: Duration,
    #[serde(deserialize_with = "optional_duration")]
    pub close_after: Option<Duration>,
    #[serde(deserialize_with = "duration")]
    pub attack_for: Duration,
    #[serde(deserialize_with = "duration")]
    pub retain_ip: Duration,
    pub words: Words,
}

/// Who publishes without a moderator.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// All comments wait.
    Pre,
    /// Authors with a proven good record publish.
    Trusted,
    /// Everything under `hold_at` publishes.
    Post,
}

/// `[moderation.words]`; `load` reads the files' entries into the two lists.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains each key")]
pub struct Words {
    pub hold: Vec<String>,
    pub reject: Vec<String>,
    pub hold_files: Vec<PathBuf>,
    pub reject_files: Vec<PathBuf>,
}

/// Whether an email address must be given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmailRule {
    /// It must.
    Required,
    /// It may.
    Optional,
}

/// What follows a form that was posted without JavaScript.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AfterForm {
    /// Back to the page.
    Page,
    /// A page that tells what happens next.
    Receipt,
}

/// `[[site]]`, complete with its own sections.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "config/default.toml explains each key")]
pub struct Site {
    pub id: SiteId,
    /// Normalised as browsers send them: scheme, host, port where not the default.
    pub origins: Vec<String>,
    pub lang: String,
    pub email: EmailRule,
    pub body_min: usize,
    pub body_max: usize,
    pub max_depth: u32,
    pub keep_query: Vec<String>,
    pub page_by_id: String,
    pub after_form: AfterForm,
    pub contact: String,
    pub limits: Limits,
    pub captcha: Captcha,
    pub scoring: Scoring,
    pub moderation: Moderation,
}
