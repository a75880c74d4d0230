//! The catalogues: read once, looked up by key, filled with values.
//!
//! A text that depends on a number has a form for each plural category of its language; the value called `n` picks it.
//! What is missing in a language is said in English, and a key that is nowhere stands for itself; tests hold that
//! neither happens.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::numbers;
use crate::domain::Tongue;

/// A text, or its forms by plural category.
#[derive(Deserialize, Debug)]
#[serde(untagged)]
pub(super) enum Text {
    One(String),
    Forms(BTreeMap<String, String>),
}

/// What stands in a placeholder.
#[derive(Clone, Copy)]
pub(in crate::http) enum Slot<'a> {
    /// As it is.
    Words(&'a str),
    /// Written as the language does.
    Number(u64),
}

impl<'a> From<&'a str> for Slot<'a> {
    fn from(words: &'a str) -> Self {
        Self::Words(words)
    }
}

impl<'a> From<&'a String> for Slot<'a> {
    fn from(words: &'a String) -> Self {
        Self::Words(words)
    }
}

impl From<u64> for Slot<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for Slot<'_> {
    fn from(number: usize) -> Self {
        Self::Number(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

macro_rules! sources {
    ($($tongue:ident $tag:literal),*) => {
        /// The files of a language.
        pub(super) fn sources(tongue: Tongue) -> [&'static str; 2] {
            match tongue {
                $(Tongue::$tongue => [
                    include_str!(concat!("../../../web/texts/server/", $tag, ".json")),
                    include_str!(concat!("../../../web/texts/widget/", $tag, ".json")),
                ],)*
            }
        }
    };
}

sources!(
    English "en",
    German "de",
    French "fr",
    Spanish "es",
    Portuguese "pt",
    Russian "ru",
    Chinese "zh",
    Arabic "ar"
);

/// Every text of a language.
pub(super) type Catalogue = BTreeMap<String, Text>;

static CATALOGUES: LazyLock<BTreeMap<Tongue, Catalogue>> = LazyLock::new(|| {
    let read = |source: &str| serde_json::from_str::<Catalogue>(source).unwrap_or_default();
    Tongue::ALL.into_iter().map(|tongue| (tongue, sources(tongue).into_iter().flat_map(read).collect())).collect()
});

fn text(tongue: Tongue, key: &str) -> Option<&'static Text> {
    CATALOGUES.get(&tongue)?.get(key)
}

/// Whether anything is said under this key.
pub(in crate::http) fn has(key: &str) -> bool {
    text(Tongue::English, key).is_some()
}

/// The text of a key with the values in their places.
pub(in crate::http) fn say(tongue: Tongue, key: &str, values: &[(&str, Slot<'_>)]) -> String {
    let written = |slot: Slot<'_>| match slot {
        Slot::Words(words) => words.to_owned(),
        Slot::Number(number) => numbers::number(tongue, number),
    };
    let value = |name: &str| values.iter().find(|(known, _)| *known == name).map(|(_, slot)| written(*slot));
    fill(form(tongue, key, values).unwrap_or(key), value)
}

/// The text before and after one placeholder, for what a page sets apart there, such as a link.
pub(in crate::http) fn around(tongue: Tongue, key: &str, name: &str) -> (&'static str, &'static str) {
    let whole = form(tongue, key, &[]).unwrap_or_default();
    whole.split_once(&format!("{{{name}}}")).unwrap_or((whole, ""))
}

fn form(tongue: Tongue, key: &str, values: &[(&str, Slot<'_>)]) -> Option<&'static str> {
    let n = values.iter().find_map(|(name, slot)| match slot {
        Slot::Number(number) if *name == "n" => Some(*number),
        _ => None,
    });
    let of = |tongue| match text(tongue, key)? {
        Text::One(text) => Some(text),
        Text::Forms(forms) => {
            forms.get(numbers::category(tongue, n.unwrap_or_default())).or_else(|| forms.get("other"))
        }
    };
    of(tongue).or_else(|| of(Tongue::English)).map(String::as_str)
}

/// What a value says is never looked into again. A placeholder without a value stays.
fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.split_once('}').and_then(|(name, behind)| Some((value(name)?, behind))) {
            Some((value, behind)) => {
                filled.push_str(&value);
                rest = behind;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests;
