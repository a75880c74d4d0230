//! How single values are written: rates, spans of time, sizes, networks, origins, names.
//!
//! Each reader says both what is wrong and what would be right, as `wrong; right`, because only it
//! knows. Where the value stood is for `load` to say.

mod address;
mod rate;

use std::{str::FromStr, time::Duration};

use serde::{Deserialize, Deserializer, de::Error as _};

pub(super) use address::{domain, domains, header_name, hostnames, http_url, listen, networks, origin, origins};
pub use rate::Rate;

/// Why a value does not fit, and what would. The second part holds no `"; "`, so that the two can be
/// told apart after a deserializer has made one text of them.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{wrong}; {right}")]
pub struct Misfit {
    /// What is wrong.
    pub wrong: String,
    /// What would be right.
    pub right: String,
}

impl Misfit {
    pub(super) fn new(wrong: impl Into<String>, right: impl Into<String>) -> Self {
        Self { wrong: wrong.into(), right: right.into() }
    }
}

/// A value as a message quotes it: escaped, and not longer than a line bears.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return format!("{text:?}");
    }
    let short: String = text.chars().take(LONGEST).collect();
    format!("{:?}", format!("{short}…"))
}

/// Longest span that can be written: a hundred years.
const LONGEST_MS: u64 = 36_500 * 86_400_000;

/// `500ms`, `3s`, `5m`, `1h`, `30d` in whole milliseconds; none for anything else.
fn millis(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let unit = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit).filter(|span| *span <= LONGEST_MS)
}

fn span(text: &str) -> Result<Duration, Misfit> {
    match text.trim() {
        "0" => Ok(Duration::ZERO),
        given => millis(given).map(Duration::from_millis).ok_or_else(|| {
            Misfit::new(
                format!("{} is no span of time", quoted(given)),
                "write a whole number and one of ms, s, m, h, d, e.g. \"5m\"",
            )
        }),
    }
}

/// A span of time: `"3s"`, `"5m"`, `"30d"`, `"500ms"`, `"1h"`; `"0"` and `0` are none at all.
///
/// # Errors
/// Anything else.
pub fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    match toml::Value::deserialize(deserializer)? {
        toml::Value::Integer(0) => Ok(Duration::ZERO),
        toml::Value::Integer(number) => Err(D::Error::custom(Misfit::new(
            format!("{number} has no unit"),
            format!("write e.g. \"{}s\" or \"{}m\"", number.unsigned_abs(), number.unsigned_abs()),
        ))),
        toml::Value::String(text) => span(&text).map_err(D::Error::custom),
        other => Err(D::Error::custom(format!("invalid type: {}, expected a span of time", other.type_str()))),
    }
}

/// A span of time as it would be written: in the largest unit that leaves no rest.
#[must_use]
pub fn told_duration(span: Duration) -> String {
    let millis = span.as_millis();
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)];
    match units.into_iter().find(|(_, unit)| millis > 0 && millis.is_multiple_of(*unit)) {
        Some((name, unit)) => format!("{}{name}", millis / unit),
        None => format!("{millis}ms"),
    }
}

/// As [`duration`]; `""` is none.
///
/// # Errors
/// Anything else.
pub fn optional_duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() { Ok(None) } else { span(&text).map(Some).map_err(D::Error::custom) }
}

/// A size in bytes: `"192 KiB"`, `"1 MiB"`, `"1 GiB"`, `"4096 B"`, or a whole number.
///
/// # Errors
/// Anything else.
pub fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let text = match toml::Value::deserialize(deserializer)? {
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::String(text) => text,
        other => return Err(D::Error::custom(format!("invalid type: {}, expected a size", other.type_str()))),
    };
    size(&text).ok_or_else(|| {
        let right = "write a number of bytes or a number with KiB, MiB or GiB, e.g. \"192 KiB\"";
        D::Error::custom(Misfit::new(format!("{} is no size", quoted(&text)), right))
    })
}

fn size(text: &str) -> Option<usize> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let unit: usize = match unit.trim_start() {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    usize::from_str(number).ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Deserialize, Debug, PartialEq)]
    struct Given {
        #[serde(deserialize_with = "duration")]
        span: Duration,
        #[serde(deserialize_with = "optional_duration")]
        maybe: Option<Duration>,
        #[serde(deserialize_with = "bytes")]
        size: usize,
    }

    fn read(span: &str, maybe: &str, size: &str) -> Result<Given, String> {
        toml::from_str(&format!("span = {span}\nmaybe = {maybe}\nsize = {size}"))
            .map_err(|fault| fault.message().to_owned())
    }

    #[test]
    fn spans_and_sizes_are_read_as_the_manual_says() {
        let given = read("\"3s\"", "\"30d\"", "\"192 KiB\"").unwrap();
        let days = Duration::from_secs(30 * 86_400);
        assert_eq!(given, Given { span: Duration::from_secs(3), maybe: Some(days), size: 196_608 });
        let given = read("0", "\"\"", "4096").unwrap();
        assert_eq!(given, Given { span: Duration::ZERO, maybe: None, size: 4096 });
        assert_eq!(read("\"500ms\"", "\"0\"", "\"1MiB\"").unwrap().size, 1 << 20);
    }

    #[test]
    fn what_is_neither_says_what_would_be() {
        assert!(read("5", "\"\"", "1").unwrap_err().contains("write e.g. \"5s\""));
        for bad in
            ["\"-3s\"", "\"3 s\"", "\"3w\"", "\"\"", "\"s\"", "\"1.5h\"", "\"99999999999999999999d\"", "\"36501d\""]
        {
            assert!(read(bad, "\"\"", "1").unwrap_err().contains("is no span of time"), "{bad}");
        }
        for bad in ["\"192 KB\"", "-1", "\"\"", "\"KiB\"", "\"99999999999 GiB\""] {
            assert!(read("\"1s\"", "\"\"", bad).unwrap_err().contains("is no size"), "{bad}");
        }
    }

    #[test]
    fn a_long_or_strange_value_is_quoted_short_and_escaped() {
        assert_eq!(quoted("a\nb"), "\"a\\nb\"");
        assert_eq!(quoted(&"x".repeat(500)).chars().count(), 63);
    }

    proptest! {
        #[test]
        fn every_span_is_its_number_times_its_unit(number in 0_u64..36_500, unit in 0_usize..5) {
            let (name, ms) = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)][unit];
            prop_assert_eq!(millis(&format!("{number}{name}")), Some(number * ms));
            let told = told_duration(Duration::from_millis(number * ms));
            prop_assert_eq!(millis(&told), Some(number * ms), "{}", told);
        }

        #[test]
        fn no_text_makes_the_readers_stumble(text in "\\PC*") {
            let (_, _) = (span(&text), size(&text));
        }
    }
}
