//! The languages that readers are spoken to in, and which one a tag asks for.
//!
//! What is said in them is in the catalogues; nothing here knows a word.

use serde::Serialize;

/// A language with a complete catalogue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize)]
pub enum Tongue {
    /// The one that all others fall back to.
    #[default]
    #[serde(rename = "en")]
    English,
    /// `de`
    #[serde(rename = "de")]
    German,
    /// `fr`
    #[serde(rename = "fr")]
    French,
    /// `es`
    #[serde(rename = "es")]
    Spanish,
    /// `pt`
    #[serde(rename = "pt")]
    Portuguese,
    /// `ru`
    #[serde(rename = "ru")]
    Russian,
    /// `zh`, simplified
    #[serde(rename = "zh")]
    Chinese,
    /// `ar`, written from right to left
    #[serde(rename = "ar")]
    Arabic,
}

impl Tongue {
    /// All of them, in the order of the enum.
    pub const ALL: [Self; 8] = [
        Self::English,
        Self::German,
        Self::French,
        Self::Spanish,
        Self::Portuguese,
        Self::Russian,
        Self::Chinese,
        Self::Arabic,
    ];

    /// The language's tag, as in `<html lang>`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Portuguese => "pt",
            Self::Russian => "ru",
            Self::Chinese => "zh",
            Self::Arabic => "ar",
        }
    }

    /// Which way it is written, as in `<html dir>`.
    #[must_use]
    pub fn direction(self) -> &'static str {
        match self {
            Self::Arabic => "rtl",
            _ => "ltr",
        }
    }

    /// The language that a tag of BCP 47 asks for, whatever region or script it names beside: `de-AT` is German.
    /// WordPress's `de_AT` is understood too. None for a language that is not among ours, and for what is no tag.
    #[must_use]
    pub fn asked_by(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|tongue| primary.eq_ignore_ascii_case(tongue.tag()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_asks_for_its_language_and_an_unknown_one_for_none() {
        for (tag, tongue) in [
            ("de", Tongue::German),
            ("de-AT", Tongue::German),
            ("de_DE", Tongue::German),
            ("DE-de-1996", Tongue::German),
            ("zh-Hant-TW", Tongue::Chinese),
            ("pt-BR", Tongue::Portuguese),
            (" ar ", Tongue::Arabic),
            ("en-US-u-nu-arab", Tongue::English),
        ] {
            assert_eq!(Tongue::asked_by(tag), Some(tongue), "{tag}");
        }
        for tag in ["", "-", "it", "deu", "d", "german", "x-de", "de\0", "<script>", "*"] {
            assert_eq!(Tongue::asked_by(tag), None, "{tag}");
        }
        for tongue in Tongue::ALL {
            assert_eq!(Tongue::asked_by(tongue.tag()), Some(tongue));
            assert_eq!(serde_json::to_value(tongue).ok(), Some(tongue.tag().into()));
        }
    }
}
