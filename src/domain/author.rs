//! The parts of a submission that a person typed, as values that cannot be bad.
//!
//! Each is made once, at the edge, by a constructor that says every way it can fail; nobody further
//! in checks again. Over-long input is refused, never cut.

use std::{fmt, net::IpAddr};

use url::Url;
use validator::ValidateEmail as _;

use super::{Fault, FaultCode};

/// Characters a name may not hold: they forge or hide what a moderator reads.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// NUL cannot be stored alike everywhere; other C0 controls but tab and line breaks are no text.
fn is_unstorable(c: char) -> bool {
    c == '\0'
}

/// The name shown beside a comment: 1 to 80 characters, at least one letter or number.
#[derive(Clone, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Most characters of a name.
    pub const MAX: usize = 80;

    /// Trims and checks.
    ///
    /// # Errors
    /// `required` when blank, `too_long` over 80 characters, `invalid` with control, bidi-control or
    /// zero-width characters or without any letter or number.
    pub fn parse(raw: &str) -> Result<Self, Fault> {
        let name = raw.trim();
        if name.is_empty() {
            return Err(Fault::new("name", FaultCode::Required));
        }
        if name.chars().count() > Self::MAX {
            return Err(Fault::bound("name", FaultCode::TooLong, Self::MAX));
        }
        if name.chars().any(is_deceptive) || !name.chars().any(char::is_alphanumeric) {
            return Err(Fault::new("name", FaultCode::Invalid));
        }
        Ok(Self(name.to_owned()))
    }
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One email address as the HTML living standard's form field allows, at most 254 characters.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Most characters of an address.
    pub const MAX: usize = 254;

    /// Trims and checks; none for a blank field.
    ///
    /// # Errors
    /// `too_long` over 254 characters, `invalid` when it is not one address.
    pub fn parse(raw: &str) -> Result<Option<Self>, Fault> {
        let address = raw.trim();
        if address.is_empty() {
            return Ok(None);
        }
        if address.chars().count() > Self::MAX {
            return Err(Fault::bound("email", FaultCode::TooLong, Self::MAX));
        }
        if !address.validate_email() || !has_plain_domain(address) {
            return Err(Fault::new("email", FaultCode::Invalid));
        }
        Ok(Some(Self(address.to_owned())))
    }
    /// As it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// In lower case: what two spellings of one address share.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.0.to_lowercase()
    }
    /// What stands behind the `@`, in lower case.
    #[must_use]
    pub fn domain(&self) -> String {
        self.0.rsplit_once('@').map(|(_, domain)| domain.to_lowercase()).unwrap_or_default()
    }
}

/// Whether the domain is no number in brackets, or that number alone: `validate_email` looks at how it ends.
fn has_plain_domain(address: &str) -> bool {
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    let number = || domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    !domain.contains(['[', ']']) || number().is_some_and(|number| number.parse::<IpAddr>().is_ok())
}

/// The author's own site: http or https, at most 200 characters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Website(String);

impl Website {
    /// Most characters of the address.
    pub const MAX: usize = 200;

    /// Trims and checks; none for a blank field.
    ///
    /// # Errors
    /// `too_long` over 200 characters, `invalid` when it is no absolute http(s) URL.
    pub fn parse(raw: &str) -> Result<Option<Self>, Fault> {
        let address = raw.trim();
        if address.is_empty() {
            return Ok(None);
        }
        if address.chars().count() > Self::MAX {
            return Err(Fault::bound("url", FaultCode::TooLong, Self::MAX));
        }
        let plain = !address.chars().any(|c| c.is_whitespace() || is_deceptive(c));
        match Url::parse(address) {
            Ok(url)
                if plain
                    && matches!(url.scheme(), "http" | "https")
                    && url.host_str().is_some_and(|host| !host.is_empty())
                    && url.username().is_empty()
                    && url.password().is_none() =>
            {
                Ok(Some(Self(url.to_string())))
            }
            _ => Err(Fault::new("url", FaultCode::Invalid)),
        }
    }
    /// The normalised URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The comment itself: plain text with a small Markdown subset.
#[derive(Clone, PartialEq, Eq)]
pub struct BodyText(String);

impl BodyText {
    /// Trims, folds line breaks to `\n` and checks against the site's bounds, in characters.
    ///
    /// # Errors
    /// `required` when blank, `too_short`, `too_long`, `invalid` with a NUL character.
    pub fn parse(raw: &str, least: usize, most: usize) -> Result<Self, Fault> {
        let body = raw.trim();
        if body.is_empty() {
            return Err(Fault::new("body", FaultCode::Required));
        }
        if body.chars().any(is_unstorable) {
            return Err(Fault::new("body", FaultCode::Invalid));
        }
        let body = if body.contains('\r') { body.replace("\r\n", "\n").replace('\r', "\n") } else { body.to_owned() };
        match body.chars().count() {
            n if n < least => Err(Fault::bound("body", FaultCode::TooShort, least)),
            n if n > most => Err(Fault::bound("body", FaultCode::TooLong, most)),
            _ => Ok(Self(body)),
        }
    }
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Case and white space folded: what a double-clicked *Send* repeats.
    #[must_use]
    pub fn normalised(&self) -> String {
        let mut out = String::with_capacity(self.0.len());
        for word in self.0.split_whitespace() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(word);
        }
        out.to_lowercase()
    }
}

/// How earlier comments of the same author fared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AuthorRecord {
    /// A valid author token came with the submission: the positive part counts.
    pub proven: bool,
    /// Comments that moderators approved.
    pub approved: u32,
    /// Comments that moderators rejected.
    pub rejected: u32,
    /// Comments marked as spam.
    pub spam: u32,
}

// What a person typed never reaches a log through `{:?}`.
macro_rules! redacted {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}(…)", stringify!($name))
            }
        }
    )*};
}
redacted!(DisplayName, EmailAddress, BodyText);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_needs_a_letter_and_no_hidden_characters() {
        assert!(DisplayName::parse("  Ada ").is_ok_and(|n| n.as_str() == "Ada"));
        for (raw, code) in [
            ("", FaultCode::Required),
            ("   ", FaultCode::Required),
            ("…!", FaultCode::Invalid),
            ("Ada\u{202E}", FaultCode::Invalid),
            ("A\u{200B}da", FaultCode::Invalid),
            ("A\0da", FaultCode::Invalid),
        ] {
            assert_eq!(DisplayName::parse(raw).unwrap_err().code, code, "{raw:?}");
        }
        assert_eq!(DisplayName::parse(&"é".repeat(81)).unwrap_err().code, FaultCode::TooLong);
        assert!(DisplayName::parse(&"é".repeat(80)).is_ok());
    }

    #[test]
    fn a_body_folds_for_comparison_only() {
        let body = BodyText::parse(" Hello\r\n  WORLD ", 2, 100).unwrap();
        assert_eq!(body.as_str(), "Hello\n  WORLD");
        assert_eq!(body.normalised(), "hello world");
        assert_eq!(BodyText::parse("a", 2, 9).unwrap_err().code, FaultCode::TooShort);
        assert_eq!(BodyText::parse("a\0b", 2, 9).unwrap_err().code, FaultCode::Invalid);
    }

    #[test]
    fn an_email_goes_to_one_host_whatever_it_ends_with() {
        for good in ["ada@example.org", "ada@localhost", "ada@[192.0.2.7]", "ada@[2001:db8::7]"] {
            assert!(EmailAddress::parse(good).is_ok_and(|email| email.is_some()), "{good}");
        }
        for bad in [
            "ada@[\r\nBcc: all\r\n[192.0.2.7]",
            "ada@x\0[192.0.2.7]",
            "ada@<b>[::1]",
            "ada@[::1",
            "ada@[]",
            "ada@[a.b]",
        ] {
            assert_eq!(EmailAddress::parse(bad).unwrap_err().code, FaultCode::Invalid, "{bad:?}");
        }
    }

    #[test]
    fn a_website_is_http_and_carries_no_password() {
        assert!(Website::parse("https://example.org").unwrap().is_some());
        assert!(Website::parse(" ").unwrap().is_none());
        for bad in ["javascript:alert(1)", "//example.org", "https://a:b@example.org", "http://", "data:x"] {
            assert!(Website::parse(bad).is_err(), "{bad}");
        }
    }
}
