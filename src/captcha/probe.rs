//! Asking a provider about a token that cannot be good, to learn whether keys, clock and network are right.
//!
//! It leaves the breaker and the health alone and says what it saw; what that means in words is the
//! command line's business.

use std::time::Duration;

use super::{
    Captcha, Standing,
    dialect::{Dialect, Put},
    question::Asked,
};
use crate::{
    config::{self, Site},
    domain::Timestamp,
};

/// What one such question showed.
#[derive(Clone, PartialEq, Debug)]
pub struct Probe {
    /// Where it went: scheme, host and port.
    pub asked: String,
    /// What the answer came to. A provider that is well fails the token.
    pub standing: Standing,
    /// The HTTP status, where an answer came.
    pub status: Option<u16>,
    /// The codes in the answer.
    pub codes: Vec<String>,
    /// The provider's `Date`.
    pub date: Option<Timestamp>,
    /// How long it took.
    pub took: Duration,
}

impl Captcha {
    /// Asks the site's provider once; none where the site has no outside provider.
    pub async fn probe(&self, site: &Site, now: Timestamp) -> Option<Probe> {
        let dialect = Dialect::of(&site.captcha)?;
        let token = made_up(dialect, &site.captcha);
        let again = self.again(dialect, &token);
        let asked = Asked { action: &site.captcha.action, token: &token, address: None, again: &again };
        Some(self.providers.probe(dialect, site, &asked, now).await)
    }
}

/// A token in the provider's shape that nobody minted. Cap looks at the first of a token's three parts, the
/// site key, before it looks at the secret.
fn made_up(dialect: &Dialect, settings: &config::Captcha) -> String {
    if dialect.put != Put::Json {
        return "replydesk-made-this-token-up".to_owned();
    }
    let address = url::Url::parse(&settings.verify_url).ok();
    let parts: Vec<&str> = address.as_ref().and_then(url::Url::path_segments).into_iter().flatten().collect();
    let before_last = parts.iter().rev().nth(1).copied().unwrap_or_default();
    let key = if settings.site_key.is_empty() { before_last } else { &settings.site_key };
    format!("{key}:0000000000000000:000000000000000000000000000000")
}
