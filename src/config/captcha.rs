//! The captcha's settings as types.
//!
//! Which provider checks, what its score leads to, what happens without a token and during an
//! outage. How each is asked is the `captcha` room's business.

mod lists;
mod signal;

use std::{collections::BTreeMap, time::Duration};

use secrecy::SecretString;
use serde::Deserialize;
use validator::Validate;

use super::{
    checks,
    values::{duration, hostnames},
};

pub use lists::{AutonomousSystem, Lists, Networks};
pub use signal::CaptchaSignal;

pub(super) use lists::{AsDatabase, AsRecord, as_number};

/// `[captcha]`
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains each key")]
pub struct Captcha {
    pub provider: Provider,
    pub site_key: String,
    pub secret: SecretString,
    #[validate(custom(function = "checks::project"))]
    pub project: String,
    #[validate(length(min = 1, max = 64, message = "give a name of 1 to 64 characters"))]
    pub action: String,
    #[serde(deserialize_with = "hostnames")]
    pub hostnames: Vec<String>,
    #[validate(range(min = 0.0, max = 1.0, message = "a score is in [0, 1]"))]
    pub reject_below: f64,
    #[validate(range(min = 0.0, max = 1.0, message = "a score is in [0, 1]"))]
    pub hold_below: f64,
    pub on_missing: OnMissing,
    pub on_unverified: OnUnverified,
    #[serde(deserialize_with = "duration")]
    #[validate(custom(function = "checks::timeout"))]
    pub timeout: Duration,
    #[serde(deserialize_with = "duration")]
    #[validate(custom(function = "checks::max_age"))]
    pub max_age: Duration,
    #[validate(custom(function = "checks::verify_url"))]
    pub verify_url: String,
    pub style: Style,
    pub send_address: bool,
    pub score: ScoreSource,
    #[validate(range(min = 0.0, max = 1.0, message = "a share is in [0, 1]"))]
    pub explore: f64,
    pub siteverify_secret: SecretString,
    pub lists: Lists,
    /// A signal of the built-in score and its log-odds of a machine; 0 switches it off.
    pub weights: BTreeMap<CaptchaSignal, f64>,
}

/// Who checks the captcha.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    /// The proof of work of our own.
    Builtin,
    /// Google reCAPTCHA v3 through its classic `siteverify`.
    RecaptchaV3,
    /// Google reCAPTCHA through assessments of a Cloud project.
    RecaptchaEnterprise,
    /// hCaptcha, free or Enterprise.
    Hcaptcha,
    /// Cloudflare Turnstile.
    Turnstile,
    /// Friendly Captcha v2.
    Friendly,
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
            Self::RecaptchaEnterprise => "recaptcha-enterprise",
            Self::Hcaptcha => "hcaptcha",
            Self::Turnstile => "turnstile",
            Self::Friendly => "friendly",
            Self::Siteverify => "siteverify",
            Self::None => "none",
        }
    }
}

/// How provider `siteverify` is asked; the others have their own way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// A form with `secret` and `response`, as reCAPTCHA takes it.
    Form,
    /// The same two in JSON, as Cap takes it.
    Json,
    /// The token as the body and the secret as `X-API-Key`, as Private Captcha takes it.
    Header,
    /// `{token, key, secret}` to `{valid}`, as mCaptcha does.
    Mcaptcha,
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
