//! One secret, many keys: everything that is signed, hashed under a key or compared in secret.
//!
//! Each purpose has its own key, derived from the server's secret, and every HMAC covers
//! length-framed parts, so that no two meanings ever share a tag. This room knows no format of
//! tokens or cookies; it hands out tags and compares them in constant time.

mod sealed;

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What a key is for. The text goes into the derivation and must never change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each names its one use")]
pub enum Purpose {
    Address,
    Author,
    Challenge,
    ChallengeKey,
    ClaimedToken,
    Csrf,
    Cursor,
    Duplicate,
    Edit,
    Email,
    Idempotency,
    Reader,
    SecondFactor,
    SessionId,
    Settings,
    Stream,
}

impl Purpose {
    /// Every purpose, in the order of declaration.
    const ALL: [Self; 16] = [
        Self::Address,
        Self::Author,
        Self::Challenge,
        Self::ChallengeKey,
        Self::ClaimedToken,
        Self::Csrf,
        Self::Cursor,
        Self::Duplicate,
        Self::Edit,
        Self::Email,
        Self::Idempotency,
        Self::Reader,
        Self::SecondFactor,
        Self::SessionId,
        Self::Settings,
        Self::Stream,
    ];

    fn label(self) -> &'static [u8] {
        match self {
            Self::Address => b"address",
            Self::Author => b"author",
            Self::Challenge => b"challenge",
            Self::ChallengeKey => b"challenge-key",
            Self::ClaimedToken => b"claimed-token",
            Self::Csrf => b"csrf",
            Self::Cursor => b"cursor",
            Self::Duplicate => b"duplicate",
            Self::Edit => b"edit",
            Self::Email => b"email",
            Self::Idempotency => b"idempotency",
            Self::Reader => b"reader",
            Self::SecondFactor => b"second-factor",
            Self::SessionId => b"session-id",
            Self::Settings => b"settings",
            Self::Stream => b"stream",
        }
    }
}

/// A 256-bit tag.
pub type Tag = [u8; 32];

/// The server's secret, ready to derive from.
#[derive(Clone)]
pub struct Keyring {
    /// In the order of [`Purpose::ALL`].
    purposes: Arc<[(Tag, Hmac<Sha256>); 16]>,
}

impl Keyring {
    /// From the configured or stored secret, whatever its length.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        let root = keyed(&Sha256::digest(secret));
        let derive = |purpose: Purpose| {
            let mut mac = root.clone();
            mac.update(purpose.label());
            let key: Tag = mac.finalize().into_bytes().into();
            (key, keyed(&key))
        };
        Self { purposes: Arc::new(Purpose::ALL.map(derive)) }
    }

    fn of(&self, purpose: Purpose) -> &(Tag, Hmac<Sha256>) {
        let [
            address,
            author,
            challenge,
            challenge_key,
            claimed,
            csrf,
            cursor,
            duplicate,
            edit,
            email,
            idempotency,
            reader,
            second_factor,
            session_id,
            settings,
            stream,
        ] = &*self.purposes;
        match purpose {
            Purpose::Address => address,
            Purpose::Author => author,
            Purpose::Challenge => challenge,
            Purpose::ChallengeKey => challenge_key,
            Purpose::ClaimedToken => claimed,
            Purpose::Csrf => csrf,
            Purpose::Cursor => cursor,
            Purpose::Duplicate => duplicate,
            Purpose::Edit => edit,
            Purpose::Email => email,
            Purpose::Idempotency => idempotency,
            Purpose::Reader => reader,
            Purpose::SecondFactor => second_factor,
            Purpose::SessionId => session_id,
            Purpose::Settings => settings,
            Purpose::Stream => stream,
        }
    }

    /// HMAC-SHA256 of the length-framed parts under the purpose's key.
    #[must_use]
    pub fn tag(&self, purpose: Purpose, parts: &[&[u8]]) -> Tag {
        let mut mac = self.of(purpose).1.clone();
        for part in parts {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// The purpose's own key, for a wire format that frames its message itself.
    #[must_use]
    pub fn key(&self, purpose: Purpose) -> Tag {
        self.of(purpose).0
    }

    /// The first 128 bits of a tag as text for a URL, a header or a form field.
    #[must_use]
    pub fn token(&self, purpose: Purpose, parts: &[&[u8]]) -> String {
        encode(self.tag(purpose, parts).first_chunk::<16>().map_or(&[][..], |half| half))
    }

    /// The first 64 bits of a tag, for an indexed column.
    #[must_use]
    pub fn number(&self, purpose: Purpose, parts: &[&[u8]]) -> i64 {
        self.tag(purpose, parts).first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes))
    }

    /// The number by which an email address, in its canonical spelling, is known beside its comments.
    #[must_use]
    pub fn email(&self, canonical: &str) -> i64 {
        self.number(Purpose::Email, &[canonical.as_bytes()])
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring(…)")
    }
}

/// HMAC-SHA256 under a 32-byte key.
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    // HMAC takes a key of any length, so there is no error to hand on.
    Hmac::new_from_slice(key).unwrap_or_else(|_length| Hmac::new(&Default::default()))
}

/// HMAC-SHA256 of one message under a key handed out by [`Keyring::key`].
#[must_use]
pub fn mac(key: &[u8], message: &[u8]) -> Tag {
    let mut mac = keyed(key);
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// HMAC-SHA1 of one message, which codes from authenticator apps are made of; for nothing else.
#[must_use]
pub fn legacy_mac(key: &[u8], message: &[u8]) -> [u8; 20] {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    ring::hmac::sign(&key, message).as_ref().first_chunk().copied().unwrap_or_default()
}

/// SHA-256 of a token, the only form in which a session or API token is stored.
#[must_use]
pub fn digest(message: &[u8]) -> Tag {
    Sha256::digest(message).into()
}

/// SHA-256 of several messages, each behind its length as eight bytes, most significant first: no two lists of
/// messages share one.
#[must_use]
pub fn digest_of(parts: &[&[u8]]) -> Tag {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Whether two secrets are equal, in time that does not depend on where they differ.
#[must_use]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// URL-safe base64 without padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The reverse of [`encode`]; none for anything else.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Lower-case hexadecimal, as checksums are told.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// The reverse of [`hex`] for 32 bytes, in either case; none for anything else.
#[must_use]
pub fn unhex(text: &str) -> Option<Tag> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes: Option<Vec<u8>> = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
    bytes?.try_into().ok().filter(|_| rest.is_empty())
}

/// Fresh random bytes from the system.
///
/// # Errors
/// Where the system has no source of randomness.
pub fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_framed_and_purposes_kept_apart() {
        let ring = Keyring::new(b"secret");
        assert_ne!(ring.tag(Purpose::Edit, &[b"ab", b"c"]), ring.tag(Purpose::Edit, &[b"a", b"bc"]));
        assert_ne!(ring.tag(Purpose::Edit, &[b"a"]), ring.tag(Purpose::Author, &[b"a"]));
        assert_ne!(ring.tag(Purpose::Edit, &[b"a"]), Keyring::new(b"other").tag(Purpose::Edit, &[b"a"]));
        assert_eq!(decode(&encode(b"\xff\x00x")).as_deref(), Some(&b"\xff\x00x"[..]));
        assert_ne!(digest_of(&[b"ab", b"c"]), digest_of(&[b"a", b"bc"]));
        assert_ne!(digest_of(&[b"a", b""]), digest_of(&[b"a"]));
    }

    #[test]
    fn hexadecimal_reads_back_and_nothing_else_does() {
        let tag = digest(b"x");
        assert_eq!(hex(&tag), "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881");
        assert_eq!((unhex(&hex(&tag)), unhex(&hex(&tag).to_uppercase())), (Some(tag), Some(tag)));
        for wrong in [
            "",
            "2d",
            hex(&tag).trim_start_matches('2'),
            &format!("{}0", hex(&tag)),
            &hex(&tag).replace('d', "g"),
            &"é".repeat(32),
        ] {
            assert_eq!(unhex(wrong), None, "{wrong}");
        }
    }
}
