//! Whether a proof-of-work payload is a solution of a challenge of ours, for this page, in time.
//!
//! Pure: it knows neither who sent the payload nor whether it came before. The single use hangs on
//! the signed nonce, so the parts that a client is free to vary make no second token.

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::{
    Claim, FailKind,
    challenge::{self, Binding, Data, Payload},
};
use crate::{
    config::Provider,
    domain::{SiteId, Timestamp},
    keys::{self, Keyring, Purpose},
};

/// Most bytes of a payload's text.
pub const MAX_TOKEN: usize = 4096;
/// How far another instance's clock may run ahead of ours, in milliseconds.
const SKEW_MS: i64 = 30_000;
/// How long a claim outlives its challenge, in seconds: an instance whose clock lags may still take it.
const CLAIM_MARGIN_S: i64 = 60;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A payload that holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    /// What makes it count once.
    pub claim: Claim,
    /// When the challenge was minted, by our own clock.
    pub issued: Timestamp,
    /// The try that the client says it hit at. Nothing proves it.
    pub counter: u32,
    /// It was minted for another network.
    pub network_changed: bool,
    /// What it was minted for; percent-encoded where not ASCII.
    pub action: String,
}

/// Checks shape, key, signature, time, binding and solution, in this order: nothing that a stranger
/// wrote is believed before the signature holds.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify(keys: &Keyring, token: &str, binding: Binding<'_>, now: Timestamp) -> Result<Proof, FailKind> {
    check(keys, token, now, binding.network_mark, |data| {
        if data.site != binding.site() || data.page != binding.page(keys) {
            return Err(FailKind::PageMismatch);
        }
        if data.act == binding.action() { Ok(()) } else { Err(FailKind::ActionMismatch) }
    })
}

/// The same for a token of any page and action of a site: who asks on behalf of another form judges the
/// action by itself, as with the providers.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify_for_site(keys: &Keyring, token: &str, site: &SiteId, now: Timestamp) -> Result<Proof, FailKind> {
    let wanted = challenge::ascii(site.as_str());
    check(keys, token, now, "", |data| if data.site == wanted { Ok(()) } else { Err(FailKind::HostMismatch) })
}

fn check(
    keys: &Keyring,
    token: &str,
    now: Timestamp,
    network_mark: &str,
    meant: impl FnOnce(&Data) -> Result<(), FailKind>,
) -> Result<Proof, FailKind> {
    let Payload { challenge, solution } = parse(token)?;
    let parameters = &challenge.parameters;
    let data = &parameters.data;
    if !challenge::is_ours(parameters) {
        return Err(FailKind::Malformed);
    }
    match data.kid.saturating_sub(challenge::kid_at(now)) {
        // One period ahead: minted just after the turn by an instance whose clock is ahead of ours.
        -1..=1 => {}
        // Its key is retired, so nobody can say whether it was ours; that it is too old is certain.
        ..-1 => return Err(FailKind::Expired),
        2.. => return Err(FailKind::Forged),
    }
    let signature = challenge::signature(keys, parameters).map_err(|_defect| FailKind::Malformed)?;
    if !keys::same(&signature, &challenge.signature.0) {
        return Err(FailKind::Forged);
    }
    if now.0 > parameters.expires_at.saturating_mul(1000) {
        return Err(FailKind::Expired);
    }
    if data.iat > now.0.saturating_add(SKEW_MS) {
        return Err(FailKind::FromFuture);
    }
    meant(data)?;
    let key_signature = challenge::key_signature(keys, data.kid, &solution.derived_key);
    let prefixed = solution.derived_key.0.starts_with(&parameters.key_prefix.0);
    if !prefixed || !keys::same(&key_signature, &parameters.key_signature.0) {
        return Err(FailKind::WrongSolution);
    }
    let until = Timestamp(parameters.expires_at.saturating_add(CLAIM_MARGIN_S).saturating_mul(1000));
    let key = keys.tag(Purpose::ClaimedToken, &[Provider::Builtin.as_str().as_bytes(), &parameters.nonce.0]);
    Ok(Proof {
        claim: Claim { key, until },
        issued: Timestamp(data.iat),
        counter: solution.counter,
        network_changed: data.ip != network_mark,
        action: data.act.clone(),
    })
}

/// Whether a token has the form of a payload of ours, which no provider's token has. Says nothing of
/// its truth.
#[must_use]
pub fn is_payload(token: &str) -> bool {
    parse(token).is_ok()
}

/// The payload's JSON out of its base64; padding is optional as in the libraries.
fn parse(token: &str) -> Result<Payload, FailKind> {
    if token.len() > MAX_TOKEN {
        return Err(FailKind::Malformed);
    }
    let json = BASE64.decode(token).map_err(|_not_base64| FailKind::Malformed)?;
    serde_json::from_slice(&json).map_err(|_other_shape| FailKind::Malformed)
}

#[cfg(test)]
mod tests;
