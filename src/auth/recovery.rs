//! Recovery codes: 80 random bits each, typed from paper when the app is gone.

use super::totp;
use crate::{keys, store::Key};

/// Codes a person gets.
const CODES: usize = 10;
/// Bytes of a code; sixteen letters and digits.
const BYTES: usize = 10;
/// Letters and digits of a group.
const GROUP: usize = 4;

/// Fresh codes as they are told, this once.
pub(super) fn fresh() -> Result<Vec<String>, getrandom::Error> {
    (0..CODES).map(|_| keys::random::<BYTES>().map(|bytes| grouped(&totp::base32(&bytes)))).collect()
}

/// The digest to keep or to look for, however the code was typed.
pub(super) fn digest(code: &str) -> Key {
    let typed = code.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase);
    // The alphabet has none of these digits, so a person can only mean the letter.
    let meant = typed.map(|c| match c {
        '0' => 'O',
        '1' => 'I',
        '8' => 'B',
        other => other,
    });
    keys::digest(meant.collect::<String>().as_bytes())
}

fn grouped(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(GROUP).map(String::from_iter).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ten_different_codes_are_told_in_groups_of_four() {
        let codes = fresh().unwrap();
        assert_eq!((codes.len(), codes.iter().collect::<BTreeSet<_>>().len()), (10, 10));
        for code in &codes {
            let groups: Vec<&str> = code.split('-').collect();
            assert!(groups.len() == 4 && groups.iter().all(|group| group.len() == 4), "{code}");
            assert!(!totp::is_code(code));
        }
    }

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        let digest_of = digest("ABCD-2345-OIBZ-QQQQ");
        for typed in ["abcd2345oibzqqqq", " abcd 2345 oibz qqqq", "ABCD–2345–018Z–QQQQ"] {
            assert_eq!(digest(typed), digest_of, "{typed}");
        }
        assert_ne!(digest("ABCD-2345-OIBZ-QQQR"), digest_of);
    }
}
