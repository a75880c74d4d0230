//! Codes of authenticator apps: RFC 6238 with SHA-1, six digits and steps of 30 seconds, which is what all
//! of them can do.
//!
//! Pure: which secret, which moment and which code are handed in. That a step counts once is the store's to hold.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{domain::Timestamp, keys};

/// Bytes of a secret, as RFC 4226 recommends.
pub(super) const SECRET: usize = 20;
/// Seconds of a step.
const STEP: i64 = 30;
/// Digits of a code.
const DIGITS: usize = 6;
/// Codes there are.
const CODES: u32 = 1_000_000;
/// Steps before and after the present one that pass, for clocks that are a little off.
const SKEW: i64 = 1;
/// What stands for itself in a URI.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step that a code belongs to, of those that pass at this moment; none for a wrong code.
pub(super) fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Option<i64> {
    let present = now.seconds().div_euclid(STEP);
    let mut found = None;
    // All are looked at, so that the time tells nothing of which.
    for step in present - SKEW..=present + SKEW {
        if keys::same(code_at(secret, step).as_bytes(), code.as_bytes()) {
            found = Some(step);
        }
    }
    found
}

/// Whether this is what an app shows, rather than anything else.
pub(super) fn is_code(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The code of a step: RFC 4226's dynamic truncation.
fn code_at(secret: &[u8], step: i64) -> String {
    let mac = keys::legacy_mac(secret, &step.to_be_bytes());
    let at = mac.last().map_or(0, |last| usize::from(last & 15));
    let four = mac.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
    let number = u32::from_be_bytes(four) & 0x7fff_ffff;
    format!("{:0DIGITS$}", number % CODES)
}

/// RFC 4648's base32 without padding, as apps take a secret that is typed.
pub(super) fn base32(bytes: &[u8]) -> String {
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |n| (byte >> n) & 1)).collect::<Vec<u8>>();
    let of_five = |five: &[u8]| five.iter().fold(0, |sum, bit| sum << 1 | bit) << (5 - five.len());
    let letter = |number: u8| char::from(*BASE32.get(usize::from(number)).unwrap_or(&b'A'));
    bits.chunks(5).map(|five| letter(of_five(five))).collect()
}

/// What the QR code says: the app shows the issuer and the name beside the code.
pub(super) fn uri(secret: &[u8], issuer: &str, username: &str) -> String {
    let (issuer, username) = (utf8_percent_encode(issuer, PLAIN), utf8_percent_encode(username, PLAIN));
    let secret = base32(secret);
    format!(
        "otpauth://totp/{issuer}:{username}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP}"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 6238, appendix B, SHA-1: seconds and the last six of the eight digits.
    const VECTORS: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];
    const SEED: &[u8] = b"12345678901234567890";

    #[test]
    fn the_vectors_of_the_rfc_hold() {
        for (seconds, code) in VECTORS {
            assert_eq!(code_at(SEED, seconds / STEP), code, "{seconds}");
            assert_eq!(step_of(SEED, code, Timestamp(seconds * 1000)), Some(seconds / STEP), "{seconds}");
        }
    }

    #[test]
    fn one_step_before_and_after_passes_and_no_other() {
        let step = 1_234_567_890 / STEP;
        for (away, passes) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let now = Timestamp((step + away) * STEP * 1000);
            assert_eq!(step_of(SEED, "005924", now), passes.then_some(step), "{away}");
            let at_its_end = Timestamp(((step + away) * STEP + STEP) * 1000 - 1);
            assert_eq!(step_of(SEED, "005924", at_its_end), passes.then_some(step), "{away}");
        }
        for wrong in ["", "5924", "005925", "0059240", "00592é"] {
            assert_eq!(step_of(SEED, wrong, Timestamp(1_234_567_890_000)), None, "{wrong}");
        }
    }

    #[test]
    fn base32_is_that_of_rfc_4648() {
        for (plain, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), text);
        }
    }

    #[test]
    fn the_uri_cannot_be_broken_by_a_name() {
        assert_eq!(
            uri(b"foobar", "Replydesk desk.example", "ada@x&secret=é"),
            "otpauth://totp/Replydesk%20desk.example:ada%40x%26secret%3D%C3%A9\
             ?secret=MZXW6YTBOI&issuer=Replydesk%20desk.example&algorithm=SHA1&digits=6&period=30"
        );
    }

    proptest! {
        #[test]
        fn every_code_has_six_digits(secret in prop::collection::vec(any::<u8>(), 0..40), step in any::<i64>()) {
            prop_assert!(is_code(&code_at(&secret, step)));
        }
    }
}
