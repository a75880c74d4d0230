//! What takes an outside provider's place while it is out and `captcha.on_unverified` is `builtin`: our
//! own proof of work, which is good only then, so that nobody chooses the cheaper check.

use secrecy::ExposeSecret as _;

use super::{
    Captcha, FailKind, Finding, Request, Standing, builtin::ProofSeen, dialect::Dialect, proof, siteverify::Mood,
};
use crate::config::{OnUnverified, Provider, Site};

impl Captcha {
    /// Which check a page is to take now. While the provider is out, one page a minute is still sent to
    /// it, where nobody else's token told how it does.
    pub fn offered(&self, site: &Site) -> Provider {
        let settings = &site.captcha;
        match Dialect::of(settings) {
            Some(dialect) if settings.on_unverified == OnUnverified::Builtin => {
                if self.providers.offer(dialect, site) {
                    settings.provider
                } else {
                    Provider::Builtin
                }
            }
            _ => settings.provider,
        }
    }

    /// Whether a proof of work is ever of use on this site: as its check, in its provider's place, or for its
    /// other forms.
    #[must_use]
    pub fn takes_proofs(&self, site: &Site) -> bool {
        let settings = &site.captcha;
        let stands_in = || Dialect::of(settings).is_some() && settings.on_unverified == OnUnverified::Builtin;
        settings.provider == Provider::Builtin || stands_in() || !settings.siteverify_secret.expose_secret().is_empty()
    }

    /// What a proof of work comes to where an outside provider is configured; none where the token is the
    /// provider's. A token of ours never goes to the provider.
    pub(super) fn stand_in(&self, dialect: &Dialect, token: &str, request: &Request<'_>) -> Option<Finding> {
        if !proof::is_payload(token) {
            return None;
        }
        let finding = self.prove(Some(token), request);
        let is_asked_for = request.site.captcha.on_unverified == OnUnverified::Builtin
            && self.providers.mood(dialect, request.site) != Mood::Well;
        Some(if is_asked_for || finding.standing != Standing::Pass {
            finding
        } else {
            Finding { proof: ProofSeen::NotAsked, ..Finding::bare(Standing::Fail(FailKind::OutOfTurn)) }
        })
    }
}
