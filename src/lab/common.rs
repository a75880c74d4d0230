//! Whether several sites can be looked at together: only where the same settings judge them.

use crate::config::Site;

/// Two sites that are judged by different settings.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the sites {0} and {1} are judged by different settings")]
pub struct Differing(pub String, pub String);

/// The site whose settings stand for all of these; none without any.
///
/// # Errors
/// The first two that differ.
pub fn common<'a>(sites: &[&'a Site]) -> Result<Option<&'a Site>, Differing> {
    let Some((first, others)) = sites.split_first() else { return Ok(None) };
    match others.iter().find(|other| !are_alike(first, other)) {
        Some(other) => Err(Differing(first.id.to_string(), other.id.to_string())),
        None => Ok(Some(first)),
    }
}

fn are_alike(one: &Site, other: &Site) -> bool {
    let captcha = |site: &Site| {
        let captcha = &site.captcha;
        let thresholds = (captcha.reject_below, captcha.hold_below);
        (captcha.provider, captcha.score, thresholds, captcha.on_missing, captcha.on_unverified)
    };
    let scoring = |site: &Site| (site.scoring.hold_at, site.scoring.spam_at, site.scoring.weights.clone());
    let moderation = |site: &Site| (site.moderation.mode, site.moderation.trusted_after);
    captcha(one) == captcha(other) && scoring(one) == scoring(other) && moderation(one) == moderation(other)
}
