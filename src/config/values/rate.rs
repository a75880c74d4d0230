//! "N/T": at most N at once, one back every T/N.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de::Error as _};

use super::{Misfit, millis, quoted};

/// A bucket of `burst` that fills up again in `period_us`; written `"5/10s"`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Rate {
    /// How many may come at once: 1 to 1,000,000.
    pub burst: u32,
    /// How long an empty bucket takes to fill, in microseconds: from `burst` (one a microsecond) to 366 days.
    pub period_us: i64,
}

impl Rate {
    /// Most that may come at once.
    pub const MOST: u32 = 1_000_000;
    const LONGEST_MS: u64 = 366 * 86_400_000;

    /// The emission interval of GCRA: microseconds until one comes back, rounded down, at least 1.
    #[must_use]
    pub fn emission_us(self) -> i64 {
        (self.period_us / i64::from(self.burst.max(1))).max(1)
    }
}

impl FromStr for Rate {
    type Err = Misfit;

    fn from_str(text: &str) -> Result<Self, Misfit> {
        let shape = || {
            Misfit::new(
                format!("{} is no rate", quoted(text)),
                "write COUNT/TIME, a whole number and a time with ms, s, m, h or d, e.g. \"5/10s\"",
            )
        };
        let (count, time) = text.split_once('/').ok_or_else(shape)?;
        let count: u32 = count.trim().parse().map_err(|_fault| shape())?;
        let period = millis(time.trim()).ok_or_else(shape)?;
        if count == 0 || count > Self::MOST {
            let wrong = format!("{} counts to {count}", quoted(text));
            return Err(Misfit::new(wrong, "count 1 to 1000000, or give [] for no limit"));
        }
        if period == 0 || period > Self::LONGEST_MS {
            return Err(Misfit::new(
                format!("{} spans no sensible time", quoted(text)),
                "give from \"1ms\" to \"366d\"",
            ));
        }
        let period_us = i64::try_from(period * 1000).map_err(|_fault| shape())?;
        if period_us < i64::from(count) {
            let wrong = format!("{} is faster than one a microsecond", quoted(text));
            return Err(Misfit::new(wrong, "count less or give more time"));
        }
        Ok(Self { burst: count, period_us })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(i64, &str); 4] =
            [(86_400_000_000, "d"), (3_600_000_000, "h"), (60_000_000, "m"), (1_000_000, "s")];
        let (unit, name) = UNITS.into_iter().find(|(unit, _)| self.period_us % unit == 0).unwrap_or((1000, "ms"));
        write!(f, "{}/{}{name}", self.burst, self.period_us / unit)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_rate_is_read_and_written_back() {
        let rate: Rate = "5/10s".parse().unwrap();
        assert_eq!(rate, Rate { burst: 5, period_us: 10_000_000 });
        assert_eq!(rate.emission_us(), 2_000_000);
        for same in ["5/10s", "20/5m", "300/1d", "1/1h", "10/500ms", "1000000/1s", "1/366d"] {
            assert_eq!(same.parse::<Rate>().unwrap().to_string(), same);
        }
        assert_eq!("1/60s".parse::<Rate>().unwrap().to_string(), "1/1m");
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for bad in [
            "",
            "5",
            "5/",
            "/10s",
            "0/10s",
            "-1/10s",
            "5/0s",
            "5/10",
            "5/10w",
            "1000001/1d",
            "1/367d",
            "5/1s/2",
            "1.5/1s",
            "1000000/500ms",
            "99999999999/1s",
        ] {
            assert!(bad.parse::<Rate>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_rate_survives_being_written(burst in 1_u32..=1_000_000, period_ms in 1000_i64..31_622_400_000) {
            let rate = Rate { burst, period_us: period_ms * 1000 };
            prop_assert_eq!(rate.to_string().parse::<Rate>(), Ok(rate));
            prop_assert!(rate.emission_us() >= 1);
            prop_assert!(rate.emission_us() * i64::from(burst) <= rate.period_us);
        }

        #[test]
        fn no_text_makes_the_reader_stumble(text in "[0-9/a-z. -]{0,24}") {
            if let Ok(rate) = text.parse::<Rate>() {
                prop_assert!(rate.burst >= 1 && rate.burst <= Rate::MOST && rate.period_us >= i64::from(rate.burst));
            }
        }
    }
}
