//! Query strings of the routes for signed-in people: only what is documented, and each once.

use std::str::FromStr;

use actix_web::HttpRequest;

use super::{body::fault, error::Problem};
use crate::domain::Timestamp;

/// The parameters that were sent and are not blank.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Takes the parameters named and refuses all others.
    ///
    /// # Errors
    /// `validation_failed` for one that is unknown, repeated or holds NUL.
    pub(super) fn of(request: &HttpRequest, known: &[&str]) -> Result<Self, Problem> {
        let mut found: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(request.query_string().as_bytes()) {
            if !known.contains(&name.as_ref()) {
                return Err(fault(&name, "invalid", "There is no such parameter here."));
            }
            if found.iter().any(|(earlier, _)| *earlier == name) {
                return Err(fault(&name, "invalid", "Give this parameter once."));
            }
            if value.contains('\0') {
                return Err(fault(&name, "invalid", "This text holds a character that cannot be stored."));
            }
            found.push((name.into_owned(), value.into_owned()));
        }
        found.retain(|(_, value)| !value.is_empty());
        Ok(Self(found))
    }

    /// One parameter as text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// One parameter as text of at most so many characters.
    ///
    /// # Errors
    /// `validation_failed` for a longer one.
    pub(super) fn short(&self, name: &str, most: usize) -> Result<Option<String>, Problem> {
        match self.text(name) {
            Some(text) if text.chars().count() > most => {
                Err(fault(name, "too_long", &format!("Give at most {most} characters.")))
            }
            text => Ok(text.map(str::to_owned)),
        }
    }

    /// A list's length: 1 to 200, 50 where none is given.
    ///
    /// # Errors
    /// `validation_failed` for anything else.
    pub(super) fn limit(&self) -> Result<usize, Problem> {
        let number = self.text("limit").map_or(Some(50), |text| text.parse().ok());
        let wrong = || fault("limit", "invalid", "Give a whole number from 1 to 200.");
        number.filter(|n| (1..=200).contains(n)).ok_or_else(wrong)
    }

    /// `true` or `false`; false where it is not given.
    ///
    /// # Errors
    /// `validation_failed` for anything else.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Problem> {
        match self.text(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(fault(name, "invalid", "Give true or false.")),
        }
    }

    /// A number from 0 to 1.
    ///
    /// # Errors
    /// `validation_failed` for anything else.
    pub(super) fn share(&self, name: &str) -> Result<Option<f64>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = text.parse::<f64>().ok().filter(|number| (0.0..=1.0).contains(number));
        number.map(Some).ok_or_else(|| fault(name, "invalid", "Give a number from 0 to 1."))
    }

    /// A moment.
    ///
    /// # Errors
    /// `validation_failed` for what is no RFC 3339 time.
    pub(super) fn moment(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        self.text(name).map(|text| moment(name, text)).transpose()
    }
}

/// An RFC 3339 time such as `2026-11-23T17:48:00Z`.
///
/// # Errors
/// `validation_failed` for anything else.
pub(super) fn moment(field: &str, text: &str) -> Result<Timestamp, Problem> {
    jiff::Timestamp::from_str(text)
        .map(|moment| Timestamp(moment.as_millisecond()))
        .map_err(|_fault| fault(field, "invalid", "Give a time such as 2026-11-23T17:48:00Z."))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn query(text: &str) -> Result<Query, Problem> {
        Query::of(&TestRequest::with_uri(&format!("/x?{text}")).to_http_request(), &["limit", "q", "since"])
    }

    #[test]
    fn only_the_documented_passes() {
        assert_eq!(query("q=a%20b&limit=7").unwrap().text("q"), Some("a b"));
        assert_eq!(query("q=").unwrap().text("q"), None);
        for wrong in ["x=1", "q=1&q=2", "q=%00"] {
            assert!(query(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_limit_is_one_to_two_hundred() {
        assert_eq!(query("").unwrap().limit().unwrap(), 50);
        assert_eq!(query("limit=200").unwrap().limit().unwrap(), 200);
        for wrong in ["0", "201", "-1", "x", "1.5", "99999999999999999999"] {
            assert!(query(&format!("limit={wrong}")).unwrap().limit().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_moment_is_rfc_3339() {
        assert_eq!(query("since=1970-01-01T00:00:01Z").unwrap().moment("since").unwrap(), Some(Timestamp(1000)));
        assert!(query("since=yesterday").unwrap().moment("since").is_err());
    }
}
