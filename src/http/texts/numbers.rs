//! Numbers as a language writes and counts them, by the rules of Unicode CLDR.

use icu_decimal::{DecimalFormatter, input::Decimal};
use icu_locale_core::{Locale, locale};
use icu_plurals::{PluralCategory, PluralRules};

use crate::domain::Tongue;

fn rules_of(tongue: Tongue) -> Locale {
    match tongue {
        Tongue::English => locale!("en"),
        Tongue::German => locale!("de"),
        Tongue::French => locale!("fr"),
        Tongue::Spanish => locale!("es"),
        Tongue::Portuguese => locale!("pt"),
        Tongue::Russian => locale!("ru"),
        Tongue::Chinese => locale!("zh"),
        Tongue::Arabic => locale!("ar"),
    }
}

/// The number in the language's digits and groups.
pub(in crate::http) fn number(tongue: Tongue, number: u64) -> String {
    match DecimalFormatter::try_new(rules_of(tongue).into(), Default::default()) {
        Ok(format) => format.format(&Decimal::from(number)).to_string(),
        Err(_no_data) => number.to_string(),
    }
}

/// The plural category that a count falls into.
pub(super) fn category(tongue: Tongue, count: u64) -> &'static str {
    let Ok(rules) = PluralRules::try_new_cardinal(rules_of(tongue).into()) else { return "other" };
    name(rules.category_for(count))
}

fn name(category: PluralCategory) -> &'static str {
    match category {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}

/// Every category that a language has, in the order of the alphabet.
#[cfg(test)]
pub(super) fn categories(tongue: Tongue) -> Vec<&'static str> {
    let rules = PluralRules::try_new_cardinal(rules_of(tongue).into()).unwrap();
    let mut all: Vec<_> = rules.categories().map(name).collect();
    all.sort_unstable();
    all
}

/// Whether at most one whole number falls into a category.
#[cfg(test)]
pub(super) fn is_of_one_number(tongue: Tongue, of: &str) -> bool {
    (0..=200).chain([1_000_000, 2_000_000]).filter(|count| category(tongue, *count) == of).count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_language_does() {
        for (tongue, written) in [
            (Tongue::English, "12,345"),
            (Tongue::German, "12.345"),
            (Tongue::French, "12\u{202f}345"),
            (Tongue::Spanish, "12.345"),
            (Tongue::Portuguese, "12.345"),
            (Tongue::Russian, "12\u{a0}345"),
            (Tongue::Chinese, "12,345"),
            (Tongue::Arabic, "12,345"),
        ] {
            assert_eq!(number(tongue, 12_345), written, "{tongue:?}");
        }
        assert_eq!(number(Tongue::Spanish, 1234), "1234");
    }

    #[test]
    fn russian_counts_by_the_last_digits() {
        for (category_of, counts) in [
            ("one", [1, 21, 31, 101, 1001]),
            ("few", [2, 3, 24, 102, 1004]),
            ("many", [0, 5, 11, 12, 14]),
            ("many", [20, 111, 112, 1000, 1_000_000]),
        ] {
            for count in counts {
                assert_eq!(category(Tongue::Russian, count), category_of, "{count}");
            }
        }
    }

    #[test]
    fn arabic_has_all_six() {
        for (category_of, counts) in [
            ("zero", [0, 0, 0, 0, 0]),
            ("one", [1, 1, 1, 1, 1]),
            ("two", [2, 2, 2, 2, 2]),
            ("few", [3, 4, 10, 103, 1110]),
            ("many", [11, 12, 99, 111, 1026]),
            ("other", [100, 101, 102, 200, 1000]),
        ] {
            for count in counts {
                assert_eq!(category(Tongue::Arabic, count), category_of, "{count}");
            }
        }
    }

    #[test]
    fn the_categories_are_those_of_cldr() {
        for (tongue, all) in [
            (Tongue::English, &["one", "other"][..]),
            (Tongue::German, &["one", "other"]),
            (Tongue::French, &["many", "one", "other"]),
            (Tongue::Spanish, &["many", "one", "other"]),
            (Tongue::Portuguese, &["many", "one", "other"]),
            (Tongue::Russian, &["few", "many", "one", "other"]),
            (Tongue::Chinese, &["other"]),
            (Tongue::Arabic, &["few", "many", "one", "other", "two", "zero"]),
        ] {
            assert_eq!(categories(tongue), all, "{tongue:?}");
        }
    }
}
