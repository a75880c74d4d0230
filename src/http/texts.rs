//! What a person reads, by key and language.
//!
//! The words are in `web/texts/server/` (what only the server says) and `web/texts/widget/` (what the widget says
//! too), one file a language. Which language a request is answered in is decided in `language`.

mod catalogue;
mod moments;
mod numbers;
pub(super) mod statement;

pub(super) use catalogue::{Slot, around, has, say};
pub(super) use moments::{date, moment};
pub(super) use numbers::number;

use crate::domain::Tongue;

/// The sentence for a field's fault. `bound` is what was broken, in characters.
#[must_use]
pub(super) fn field(tongue: Tongue, field: &str, code: &str, bound: Option<usize>) -> String {
    let own = format!("field.{field}.{code}");
    let general = format!("field.{code}");
    let key = [own.as_str(), general.as_str()].into_iter().find(|key| has(key)).unwrap_or("field.invalid");
    say(tongue, key, &[("n", bound.unwrap_or_default().into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_has_its_own_words_or_those_of_its_kind() {
        for (name, code, bound, words) in [
            ("body", "required", None, "Please enter your comment!"),
            ("name", "required", None, "Please enter your name here"),
            ("email", "required", None, "Please enter your email address here"),
            ("email", "invalid", None, "You have entered an incorrect email address!"),
            ("title", "required", None, "Please fill in this field."),
            ("body", "too_short", Some(2), "Please write at least 2 characters."),
            ("body", "too_long", Some(10_000), "Please shorten this to at most 10,000 characters."),
            ("signals", "odd", None, "This is not in the form asked for."),
        ] {
            assert_eq!(field(Tongue::English, name, code, bound), words);
        }
        assert_eq!(
            field(Tongue::German, "body", "too_long", Some(10_000)),
            "Bitte kürzen Sie dies auf höchstens 10.000 Zeichen."
        );
    }
}
