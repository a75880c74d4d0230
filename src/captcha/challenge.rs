//! Proof-of-work challenges in the ALTCHA v2 wire format, and how they are minted and solved.
//!
//! `PBKDF2/SHA-256` in the deterministic mode: the server draws the counter, derives the key once
//! and signs it, so that checking a solution later costs two HMACs. Whether a solution holds is
//! `proof`'s to say.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use pbkdf2::{Algorithm::Pbkdf2Sha256, Params, pbkdf2_hmac_with_params};
use percent_encoding::{CONTROLS, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::pressure::Difficulty;
use crate::{
    domain::{SiteId, Timestamp},
    keys::{self, Keyring, Purpose, Tag},
};

mod hex;
pub use hex::Hex;

/// Rounds of PBKDF2 for one try.
pub const COST: u32 = 5000;
/// Seconds from minting to expiry: people write slowly.
pub const LIFETIME_S: i64 = 20 * 60;
/// Seconds that one signing key is minted with.
const ROTATION_S: i64 = 24 * 60 * 60;
/// Bytes of a derived key.
pub(super) const KEY_LENGTH: u32 = 32;
/// Version of [`Data`].
const DATA_VERSION: u8 = 1;
/// Most characters of an action.
const MAX_ACTION: usize = 64;

/// What a page receives: the work to do and our signature under it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// What is signed.
    pub parameters: Parameters,
    /// HMAC-SHA256 of the parameters' canonical JSON.
    pub signature: Hex<32>,
}

/// The signed part. The fields stand in alphabetical order, here and in [`Data`], because the
/// canonical JSON that is signed has sorted keys at every level.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Parameters {
    /// The one that we issue.
    pub algorithm: Algorithm,
    /// [`COST`]
    pub cost: u32,
    /// What the challenge is good for.
    pub data: Data,
    /// Seconds since 1970. Not optional as in the libraries: without it a token would never age.
    pub expires_at: i64,
    /// Bytes of the derived key.
    pub key_length: u32,
    /// What the derived key must start with.
    pub key_prefix: Hex<16>,
    /// HMAC-SHA256 of the whole derived key.
    pub key_signature: Hex<32>,
    /// Unique to the challenge; the single use hangs on it.
    pub nonce: Hex<16>,
    /// Of the key derivation.
    pub salt: Hex<16>,
}

/// What the challenge is good for. ASCII only: the official widget's `btoa` throws on anything
/// beyond Latin-1.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The action, percent-encoded where not ASCII.
    pub act: String,
    /// When it was minted, in milliseconds since 1970.
    pub iat: i64,
    /// The network mark that it was minted for.
    pub ip: String,
    /// Which signing key: the rotation period's number.
    pub kid: i64,
    /// A keyed hash of the page.
    pub page: Hex<8>,
    /// The site, percent-encoded where not ASCII.
    pub site: String,
    /// Version of this object.
    pub v: u8,
}

/// The algorithms that we issue; any other fails to parse.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Algorithm {
    /// PBKDF2 over HMAC-SHA256, which browsers have natively.
    #[serde(rename = "PBKDF2/SHA-256")]
    Pbkdf2Sha256,
}

/// What a token comes back with, as base64 of its JSON. Unknown fields beside the challenge are
/// passed over, since widgets add their own (`time`, for one, which is never believed).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Payload {
    /// As it was handed out.
    pub challenge: Challenge,
    /// What the client found.
    pub solution: Solution,
}

/// What the client found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Solution {
    /// The try that hit.
    pub counter: u32,
    /// The key derived at that try.
    pub derived_key: Hex<32>,
}

/// What a challenge is minted for and its solution must be sent for.
#[derive(Clone, Copy)]
pub struct Binding<'a> {
    /// The site.
    pub site: &'a SiteId,
    /// `PageIdentity::key`
    pub page_key: &'a str,
    /// 1 to 64 characters.
    pub action: &'a str,
    /// Eight hex digits of a keyed hash of the client's network; a change is a signal, no fault.
    pub network_mark: &'a str,
}

/// Why no challenge could be minted.
#[derive(Debug, thiserror::Error)]
pub enum MintFault {
    /// The caller's; answer 422.
    #[error("an action has 1 to 64 characters")]
    Action,
    /// The system's.
    #[error("the system gives no random bytes")]
    Random(#[from] getrandom::Error),
    /// Ours: a key length that the algorithm does not take.
    #[error("the key cannot be derived")]
    Derivation,
    /// Ours: a text that is no JSON string.
    #[error("the challenge cannot be written as JSON")]
    Encoding(#[from] serde_json::Error),
}

/// A fresh challenge: one key derivation, about 1.6 ms, whatever its difficulty. How far its counter
/// may lie is told to nobody: a client searches until it hits, and the signature under the derived key
/// makes a hit of any difficulty hold.
///
/// # Errors
/// See [`MintFault`].
pub fn mint(
    keys: &Keyring,
    binding: Binding<'_>,
    difficulty: Difficulty,
    now: Timestamp,
) -> Result<Challenge, MintFault> {
    drawn(keys, binding, difficulty, now).map(|payload| payload.challenge)
}

/// A challenge with its solution, ready for the form's field, for seeding and load scripts: whoever
/// holds the server's secret need not search. It is genuine in every other way and good once. For a
/// form time that looks human let `now` lie some seconds back.
///
/// # Errors
/// See [`MintFault`].
pub fn mint_solved(keys: &Keyring, binding: Binding<'_>, now: Timestamp) -> Result<String, MintFault> {
    Ok(drawn(keys, binding, Difficulty::CALM, now)?.encode()?)
}

/// The reference solver: does what a browser does, try after try. None where no counter within
/// [`Difficulty::MOST`] hits. Takes seconds.
#[must_use]
pub fn solve(challenge: &Challenge) -> Option<String> {
    let parameters = &challenge.parameters;
    (0..=Difficulty::MOST.max_counter()).find_map(|counter| {
        let derived_key = derive(parameters, counter)?;
        derived_key.0.starts_with(&parameters.key_prefix.0).then_some(())?;
        Payload { challenge: challenge.clone(), solution: Solution { counter, derived_key } }.encode().ok()
    })
}

impl Payload {
    /// As the form's field carries it.
    ///
    /// # Errors
    /// None that a parsed payload can have.
    pub fn encode(&self) -> serde_json::Result<String> {
        Ok(STANDARD.encode(serde_json::to_vec(self)?))
    }
}

impl Binding<'_> {
    pub(super) fn site(&self) -> String {
        ascii(self.site.as_str())
    }
    pub(super) fn action(&self) -> String {
        ascii(self.action)
    }
    pub(super) fn page(&self, keys: &Keyring) -> Hex<8> {
        let tag = keys.tag(Purpose::Challenge, &[b"page", self.site.as_str().as_bytes(), self.page_key.as_bytes()]);
        Hex(tag.first_chunk().copied().unwrap_or_default())
    }
}

/// The signature that these parameters must carry, under the key they name.
pub(super) fn signature(keys: &Keyring, parameters: &Parameters) -> serde_json::Result<Tag> {
    let key = keys.tag(Purpose::Challenge, &[b"kid", &parameters.data.kid.to_be_bytes()]);
    Ok(keys::mac(&key, &serde_json::to_vec(parameters)?))
}

/// The signature that this derived key must have, under the key of that period.
pub(super) fn key_signature(keys: &Keyring, kid: i64, derived_key: &Hex<32>) -> Tag {
    keys::mac(&keys.tag(Purpose::ChallengeKey, &[b"kid", &kid.to_be_bytes()]), &derived_key.0)
}

/// The signing key's number at that time.
pub(super) fn kid_at(now: Timestamp) -> i64 {
    now.seconds().div_euclid(ROTATION_S)
}

/// Whether the version of the signed data is the one we write.
pub(super) fn is_ours(parameters: &Parameters) -> bool {
    parameters.cost == COST && parameters.key_length == KEY_LENGTH && parameters.data.v == DATA_VERSION
}

fn drawn(keys: &Keyring, binding: Binding<'_>, difficulty: Difficulty, now: Timestamp) -> Result<Payload, MintFault> {
    if binding.action.is_empty() || binding.action.chars().count() > MAX_ACTION {
        return Err(MintFault::Action);
    }
    // Uniform from 1: no start above 0 is safe to skip to, and giving up to ask for another challenge gains
    // nothing. 2^32 is so much more than the range that the modulo's bias is below three in a million.
    let counter = 1 + u32::from_be_bytes(keys::random()?) % difficulty.max_counter();
    let kid = kid_at(now);
    let mut parameters = Parameters {
        algorithm: Algorithm::Pbkdf2Sha256,
        cost: COST,
        data: Data {
            act: binding.action(),
            iat: now.0,
            ip: ascii(binding.network_mark),
            kid,
            page: binding.page(keys),
            site: binding.site(),
            v: DATA_VERSION,
        },
        expires_at: now.seconds() + LIFETIME_S,
        key_length: KEY_LENGTH,
        key_prefix: Hex([0; 16]),
        key_signature: Hex([0; 32]),
        nonce: Hex(keys::random()?),
        salt: Hex(keys::random()?),
    };
    let derived_key = derive(&parameters, counter).ok_or(MintFault::Derivation)?;
    parameters.key_prefix = Hex(derived_key.0.first_chunk().copied().unwrap_or_default());
    parameters.key_signature = Hex(key_signature(keys, kid, &derived_key));
    let signature = Hex(signature(keys, &parameters)?);
    Ok(Payload { challenge: Challenge { parameters, signature }, solution: Solution { counter, derived_key } })
}

/// The key at one try: the password is the nonce and the counter as four big-endian bytes.
/// (The crate's generic functions would be compiled here, forty times slower in a test build.)
fn derive(parameters: &Parameters, counter: u32) -> Option<Hex<32>> {
    let password = [&parameters.nonce.0[..], &counter.to_be_bytes()[..]].concat();
    let rounds = Params::new(parameters.cost).ok()?;
    let mut derived = [0; 32];
    pbkdf2_hmac_with_params(&password, &parameters.salt.0, Pbkdf2Sha256, rounds, &mut derived);
    Some(Hex(derived))
}

/// The same text where it is printable ASCII, as site names and actions are; percent-encoded elsewhere.
pub(super) fn ascii(text: &str) -> String {
    utf8_percent_encode(text, CONTROLS).to_string()
}

/// What [`ascii`] was made of.
pub(super) fn plain(encoded: &str) -> String {
    let decoded = percent_decode_str(encoded).decode_utf8_lossy();
    // A percent sign that somebody typed was not encoded, and is not decoded either.
    if ascii(&decoded) == encoded { decoded.into_owned() } else { encoded.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected key comes from Node's `crypto.pbkdf2Sync`.
    #[test]
    fn keys_are_derived_as_browsers_derive_them() {
        let binding = Binding { site: &SiteId::new("s"), page_key: "/", action: "a", network_mark: "" };
        let mut parameters = mint(&Keyring::new(b"k"), binding, Difficulty::CALM, Timestamp(0)).unwrap().parameters;
        parameters.nonce = Hex::parse("647e028a00112233445566778899aabb").unwrap();
        parameters.salt = Hex::parse("000102030405060708090a0b0c0d0e0f").unwrap();
        let expected = "b1c1cc3cabef26955e947d9cdb7c0d67a37077d6780c296db92140c0d28611ce";
        assert_eq!(derive(&parameters, 1042).unwrap().to_string(), expected);
    }

    #[test]
    fn counters_stay_in_their_range_and_nothing_is_drawn_twice() {
        let binding = Binding { site: &SiteId::new("s"), page_key: "/", action: "a", network_mark: "" };
        let of = |difficulty: Difficulty| {
            let draw = |_| drawn(&Keyring::new(b"k"), binding, difficulty, Timestamp(0)).unwrap();
            let drawn: Vec<_> = (0..50).map(draw).collect();
            assert!(drawn.iter().all(|payload| (1..=difficulty.max_counter()).contains(&payload.solution.counter)));
            drawn
        };
        let hard = of(Difficulty::MOST);
        assert!(hard.iter().any(|payload| payload.solution.counter > Difficulty::CALM.max_counter()));
        let drawn = of(Difficulty::CALM);
        let mut nonces: Vec<_> = drawn.iter().map(|payload| payload.challenge.parameters.nonce.0).collect();
        nonces.sort_unstable();
        nonces.dedup();
        assert_eq!(nonces.len(), drawn.len());
    }
}
