//! A form's fields by name, from either encoding.

use std::{collections::HashMap, convert::Infallible};

use actix_web::web::Bytes;
use futures_util::stream;
use percent_encoding::percent_decode;

use super::super::error::{Code, Problem};
use crate::intake::{Entry, Submission};

/// Fields of one form at most.
const MOST: usize = 200;

/// Names under which a captcha token may come; the first that is filled counts.
const CAPTCHA: [&str; 10] = [
    "captcha",
    "altcha",
    "g-recaptcha-response",
    "gRecaptchaResponse",
    "recaptchaV3",
    "h-captcha-response",
    "cf-turnstile-response",
    "turnstile",
    "frc-captcha-response",
    "cap-token",
];

/// Fields that may come once only: twice would mean that somebody reads another one than we do.
const SINGLE: [&str; 11] = [
    "page",
    "title",
    "name",
    "author",
    "email",
    "url",
    "body",
    "comment",
    "parent",
    "comment_parent",
    "comment_post_ID",
];

/// The form as it came; of a repeated field the first value.
#[derive(Default)]
pub(super) struct Fields(HashMap<String, String>);

impl Fields {
    /// From `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    /// `malformed` for bytes that are not UTF-8, too many fields, or a single field twice.
    pub(super) fn urlencoded(body: &[u8]) -> Result<Self, Problem> {
        let mut fields = Self::default();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let cut = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let (name, value) = pair.split_at(cut);
            fields.add(decoded(name)?, decoded(value.strip_prefix(b"=").unwrap_or(value))?)?;
        }
        Ok(fields)
    }

    /// From `multipart/form-data`; files are passed over.
    ///
    /// # Errors
    /// As for the other encoding, and for a body that does not follow its boundary.
    pub(super) async fn multipart(body: Bytes, boundary: String) -> Result<Self, Problem> {
        let mut parts = multer::Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
        let broken = |_fault| Problem::new(Code::Malformed);
        let mut fields = Self::default();
        while let Some(part) = parts.next_field().await.map_err(broken)? {
            let Some(name) = part.name().filter(|_| part.file_name().is_none()).map(str::to_owned) else { continue };
            let value = part.bytes().await.map_err(broken)?;
            let value = String::from_utf8(value.to_vec()).map_err(|_odd| not_utf8())?;
            fields.add(name, value)?;
        }
        Ok(fields)
    }

    fn add(&mut self, name: String, value: String) -> Result<(), Problem> {
        if self.0.len() >= MOST {
            return Err(Problem::new(Code::Malformed).saying("The form has too many fields."));
        }
        if SINGLE.contains(&name.as_str()) && self.0.contains_key(&name) {
            return Err(Problem::new(Code::Malformed).saying("A field of the form came twice."));
        }
        self.0.entry(name).or_insert(value);
        Ok(())
    }

    /// The first of these fields that is filled.
    pub(super) fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().filter_map(|name| self.0.get(*name)).map(String::as_str).find(|value| !value.trim().is_empty())
    }

    fn entry(&self, names: &[&str]) -> Entry {
        self.first(names).map_or(Entry::Absent, Entry::from)
    }

    /// The submission, the page left open.
    pub(super) fn submission(&self) -> Submission {
        Submission {
            page: Entry::Absent,
            title: self.entry(&["title"]),
            name: self.entry(&["name", "author"]),
            email: self.entry(&["email"]),
            url: self.entry(&["url"]),
            body: self.entry(&["body", "comment"]),
            parent: self.entry(&["parent", "comment_parent"]),
            // *Send for review* sends without a token.
            captcha: if self.first(&["review"]).is_some() { Entry::Absent } else { self.entry(&CAPTCHA) },
            author_token: self.entry(&["author_token"]),
            contact_ref: self.entry(&["contact_ref", "ak_hp_textarea"]),
            idempotency_key: self.entry(&["idempotency_key"]),
            post_id: self.entry(&["comment_post_ID"]),
            interaction: None,
        }
    }
}

fn decoded(coded: &[u8]) -> Result<String, Problem> {
    let spaced: Vec<u8> = coded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    String::from_utf8(percent_decode(&spaced).collect()).map_err(|_odd| not_utf8())
}

fn not_utf8() -> Problem {
    Problem::new(Code::Malformed).saying("Send the form in UTF-8.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wordpress_names_mean_the_same_as_ours() {
        let fields = Fields::urlencoded(
            b"author=Ada+L%C3%B6w&email=a%40b.example&comment=Hi%0AYou&comment_parent=0&comment_post_ID=7&g-recaptcha-response=tok&ak_hp_textarea=&x",
        )
        .unwrap();
        let submission = fields.submission();
        assert_eq!(submission.name.text(), "Ada Löw");
        assert_eq!(submission.body.text(), "Hi\nYou");
        assert_eq!(submission.captcha.text(), "tok");
        assert_eq!(submission.post_id.text(), "7");
        assert!(submission.contact_ref.filled().is_none());
    }

    #[test]
    fn what_cannot_be_read_one_way_only_is_refused() {
        for body in [&b"comment=a&comment=b"[..], b"comment=%ff", b"\xff=1"] {
            assert!(Fields::urlencoded(body).is_err());
        }
        assert!(Fields::urlencoded(b"g-recaptcha-response=&g-recaptcha-response=t").is_ok());
    }
}
