//! The built-in check, asked by the servers of a site's other forms.

use secrecy::ExposeSecret as _;

use super::{Intake, Refusal, Visitor, meters::Metered};
use crate::{
    captcha::{FailKind, Vouched},
    config::Site,
    keys::same,
};

/// What the asking server is told.
pub enum Siteverify {
    /// The token is good, and spent now. With the host of the site's first origin.
    Good(Vouched, String),
    /// It is not.
    Bad(FailKind),
    /// It was good once.
    Spent,
    /// The secret is no site's; the token stays unspent.
    WrongSecret,
    /// No site has a secret.
    Off,
}

impl Intake {
    /// Whether any site lets its other forms ask.
    #[must_use]
    pub fn has_siteverify(&self) -> bool {
        self.live.get().sites.iter().any(|site| !site.captcha.siteverify_secret.expose_secret().is_empty())
    }

    /// Checks a token on behalf of another form, and spends it.
    ///
    /// # Errors
    /// `Limited` after too many wrong secrets, `Store` where the token could not be claimed.
    pub async fn siteverify(&self, secret: &str, token: &str, visitor: &Visitor) -> Result<Siteverify, Refusal> {
        let config = self.live.get();
        let expected = |site: &&Site| {
            let own = site.captcha.siteverify_secret.expose_secret();
            !own.is_empty() && same(own.as_bytes(), secret.as_bytes())
        };
        if !self.has_siteverify() {
            return Ok(Siteverify::Off);
        }
        let now = self.clock.now();
        let Some(site) = config.sites.iter().find(expected) else {
            let first = config.sites.first().ok_or(Refusal::Busy)?;
            let key = format!("siteverify:{}", visitor.client.address_key(&self.keys, now));
            return match self.meters.charge(&first.id, Metered::Challenge, &key) {
                Ok(()) => Ok(Siteverify::WrongSecret),
                Err(wait) => Err(Refusal::Waiting(wait)),
            };
        };
        let vouched = match self.captcha.vouch(site, token, now) {
            Ok(vouched) => vouched,
            Err(kind) => return Ok(Siteverify::Bad(kind)),
        };
        if self.spent.knows(&vouched.claim, now) {
            return Ok(Siteverify::Spent);
        }
        let fresh = self.store.claim(vouched.claim.key, vouched.claim.until).await?;
        self.spent.note(&vouched.claim, now, &self.limiter);
        if !fresh {
            return Ok(Siteverify::Spent);
        }
        let host = site.origins.first().and_then(|origin| url::Url::parse(origin).ok());
        let host = host.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        Ok(Siteverify::Good(vouched, host))
    }
}
