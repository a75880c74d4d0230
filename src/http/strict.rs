//! JSON as the contract takes it: no key twice, no deeper than 16, and no way to smuggle half a
//! character past a field's own check.

use std::{borrow::Cow, collections::HashSet, fmt};

use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Deepest nesting of objects and lists.
const DEPTH: usize = 16;

/// Why a text is not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum JsonFault {
    /// It is no JSON, repeats a key, or is too deep; `line` and `column` say where.
    #[error("{0}")]
    Malformed(serde_json::Error),
    /// It is JSON, but not of the form asked for.
    #[error("{0}")]
    Shape(serde_json::Error),
}

/// Reads an object strictly. Its fields have names: a list in its place, which serde would take by
/// position, is of another form.
///
/// A `\ud800` that stands alone is no character. It is read as NUL, which no text field takes, so that
/// its field is named as the one at fault.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonFault> {
    let value = any(bytes)?;
    let begins = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if begins == Some(&b'{') { Ok(value) } else { Err(JsonFault::Shape(de::Error::custom("no object"))) }
}

fn any<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonFault> {
    let bytes = whole_characters(bytes);
    let mut walk = serde_json::Deserializer::from_slice(&bytes);
    Walk(DEPTH).deserialize(&mut walk).and_then(|()| walk.end()).map_err(JsonFault::Malformed)?;
    serde_json::from_slice(&bytes).map_err(JsonFault::Shape)
}

/// Visits everything and keeps nothing; the number is how much deeper it may go.
struct Walk(usize);

impl<'de> DeserializeSeed<'de> for Walk {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Walk {
    fn deeper<E: de::Error>(&self) -> Result<usize, E> {
        self.0.checked_sub(1).ok_or_else(|| E::custom("nested deeper than 16"))
    }
}

impl<'de> Visitor<'de> for Walk {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        while list.next_element_seed(Walk(depth))?.is_some() {}
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        let mut seen = HashSet::new();
        while let Some(key) = object.next_key::<Cow<'de, str>>()? {
            if !seen.insert(key) {
                return Err(de::Error::custom("a key stands twice in one object"));
            }
            object.next_value_seed(Walk(depth))?;
        }
        Ok(())
    }
}

/// Lone surrogate escapes replaced by `\u0000`, which has the same length; borrowed where there are none.
fn whole_characters(bytes: &[u8]) -> Cow<'_, [u8]> {
    let escape = |at: usize| -> Option<u16> {
        let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let mut fixed = Cow::Borrowed(bytes);
    let mut at = 0;
    while let Some(step) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        at += step;
        match escape(at) {
            Some(0xD800..=0xDBFF) if matches!(escape(at + 6), Some(0xDC00..=0xDFFF)) => at += 12,
            Some(0xD800..=0xDFFF) => {
                if let Some(digits) = fixed.to_mut().get_mut(at + 2..at + 6) {
                    digits.fill(b'0');
                }
                at += 6;
            }
            _ => at += 2,
        }
    }
    fixed
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn fault(text: &str) -> String {
        match any::<Value>(text.as_bytes()) {
            Err(JsonFault::Malformed(fault)) => fault.to_string(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn keys_stand_once_and_depth_ends_at_sixteen() {
        assert!(fault(r#"{"a":1,"b":{"c":1,"c":2}}"#).contains("twice"));
        assert!(fault(r#"{"a":1,"\u0061":2}"#).contains("twice"));
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(any::<Value>(nested(16).as_bytes()).is_ok());
        assert!(fault(&nested(17)).contains("deeper"));
        assert!(fault(&nested(100_000)).contains("deeper"));
        assert!(fault("{} x").contains("trailing"));
    }

    #[test]
    fn half_a_character_reads_as_nul_and_a_whole_one_as_itself() {
        let value: Value = any(br#"["\ud83d\ude00","a\ud800b","\udc00","\\ud800"]"#).unwrap();
        assert_eq!(value, serde_json::json!(["😀", "a\0b", "\0", "\\ud800"]));
    }

    #[test]
    fn an_object_is_not_given_as_a_list_of_its_fields() {
        assert!(read::<Value>(b" {\"a\":1}").is_ok());
        for other in ["[]", "[\"a\"]", " null", "7", "\"{}\""] {
            assert!(matches!(read::<Value>(other.as_bytes()), Err(JsonFault::Shape(_))), "{other}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _any = any::<Value>(&bytes);
        }
        #[test]
        fn any_json_text_reads_as_itself(text in ".*") {
            let json = serde_json::to_vec(&[&text]).unwrap();
            proptest::prop_assert_eq!(any::<Vec<String>>(&json).unwrap(), vec![text]);
        }
    }
}
