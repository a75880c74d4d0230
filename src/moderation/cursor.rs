//! Cursors: where a list was left off, sealed together with what was asked.
//!
//! A cursor of another list, another filter or another server says nothing here and is refused.

use crate::keys::{self, Keyring, Purpose};

/// Bytes of the tag in front of the place.
const TAG: usize = 16;

/// The place as text that only the same question accepts.
#[must_use]
pub fn seal(keys: &Keyring, question: &str, place: &[u8]) -> String {
    let mut bytes = tag(keys, question, place).to_vec();
    bytes.extend_from_slice(place);
    keys::encode(&bytes)
}

/// The place of a cursor that was sealed for this question.
#[must_use]
pub fn open(keys: &Keyring, question: &str, cursor: &str) -> Option<Vec<u8>> {
    let bytes = keys::decode(cursor)?;
    let (given, place) = bytes.split_at_checked(TAG)?;
    keys::same(given, &tag(keys, question, place)).then(|| place.to_vec())
}

fn tag(keys: &Keyring, question: &str, place: &[u8]) -> [u8; TAG] {
    let mut short = [0; TAG];
    let whole = keys.tag(Purpose::Cursor, &[b"moderation", question.as_bytes(), place]);
    for (to, from) in short.iter_mut().zip(whole) {
        *to = from;
    }
    short
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_opens_for_its_own_question_alone(
            place in prop::collection::vec(any::<u8>(), 0..64), question in ".{0,20}", flip in any::<prop::sample::Index>()
        ) {
            let keys = Keyring::new(b"secret");
            let cursor = seal(&keys, &question, &place);
            prop_assert_eq!(open(&keys, &question, &cursor), Some(place));
            prop_assert_eq!(open(&keys, &format!("{question}x"), &cursor), None);
            prop_assert_eq!(open(&Keyring::new(b"other"), &question, &cursor), None);
            let mut bytes = keys::decode(&cursor).unwrap();
            let at = flip.index(bytes.len());
            bytes[at] ^= 1;
            prop_assert_eq!(open(&keys, &question, &keys::encode(&bytes)), None);
        }

        #[test]
        fn no_text_opens_by_chance(text in ".{0,80}") {
            prop_assert_eq!(open(&Keyring::new(b"secret"), "q", &text), None);
        }
    }
}
