//! Days and moments in words, in UTC.

use super::{Slot, say};
use crate::domain::{Timestamp, Tongue};

/// `15 January 2027`
pub(in crate::http) fn date(tongue: Tongue, at: Timestamp) -> String {
    told(tongue, "date", at)
}

/// `15 January 2027, 08:00 UTC`
pub(in crate::http) fn moment(tongue: Tongue, at: Timestamp) -> String {
    told(tongue, "moment", at)
}

fn told(tongue: Tongue, key: &str, at: Timestamp) -> String {
    let Ok(moment) = jiff::Timestamp::from_second(at.seconds()) else { return at.to_string() };
    let part = |form: &str| moment.strftime(form).to_string();
    let (day, year, hour, minute) = (part("%-d"), part("%Y"), part("%H"), part("%M"));
    let month = say(tongue, &format!("month.{}", moment.strftime("%-m")), &[]);
    let values = [("day", &day), ("month", &month), ("year", &year), ("hour", &hour), ("minute", &minute)];
    say(tongue, key, &values.map(|(name, value)| (name, Slot::from(value))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_a_date_of_the_language() {
        let at = Timestamp(1_800_000_000_000);
        assert_eq!(date(Tongue::English, at), "15 January 2027");
        assert_eq!(moment(Tongue::English, at), "15 January 2027, 08:00 UTC");
        assert_eq!(moment(Tongue::German, at), "15. Januar 2027 um 08:00 UTC");
        assert_eq!(moment(Tongue::Chinese, at), "2027年1月15日 08:00（UTC）");
        assert_eq!(date(Tongue::Spanish, at), "15 de enero de 2027");
        assert_eq!(date(Tongue::Russian, at), "15 января 2027 г.");
        assert_eq!(date(Tongue::Arabic, at), "15 يناير 2027");
    }
}
