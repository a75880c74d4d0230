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
const CAPTCHA: [&str; 12] = [
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
    "private-captcha-solution",
    "mcaptcha__token",
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

/// The form as it came; of a repeated field the first value. A form that cannot be read one way only is
/// kept too, so that what was typed can be given back with the refusal.
#[derive(Default)]
pub(in super::super) struct Fields {
    values: HashMap<String, String>,
    fault: Option<&'static str>,
}

impl Fields {
    /// From `application/x-www-form-urlencoded`.
    pub(in super::super) fn urlencoded(body: &[u8]) -> Self {
        let mut fields = Self::default();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let cut = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let (name, value) = pair.split_at(cut);
            fields.add(decoded(name), decoded(value.strip_prefix(b"=").unwrap_or(value)));
        }
        fields
    }

    /// From `multipart/form-data`; files are passed over.
    ///
    /// # Errors
    /// `malformed` for a body that does not follow its boundary.
    pub(in super::super) async fn multipart(body: Bytes, boundary: String) -> Result<Self, Problem> {
        let mut parts = multer::Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
        let broken = |_fault| Problem::new(Code::Malformed);
        let mut fields = Self::default();
        while let Some(part) = parts.next_field().await.map_err(broken)? {
            let Some(name) = part.name().filter(|_| part.file_name().is_none()).map(str::to_owned) else { continue };
            let value = part.bytes().await.map_err(broken)?;
            fields.add(name, value.to_vec());
        }
        Ok(fields)
    }

    fn add(&mut self, name: impl Into<Vec<u8>>, value: Vec<u8>) {
        let (name, value) = (self.text(name.into()), self.text(value));
        if self.values.len() >= MOST {
            self.fault = Some("failed.many_fields");
        } else if SINGLE.contains(&name.as_str()) && self.values.contains_key(&name) {
            self.fault = Some("failed.field_twice");
        } else {
            self.values.entry(name).or_insert(value);
        }
    }

    fn text(&mut self, bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap_or_else(|odd| {
            self.fault = Some("failed.not_utf8");
            String::from_utf8_lossy(odd.as_bytes()).into_owned()
        })
    }

    /// Why the form cannot be taken, where it can be read in more ways than one.
    pub(in super::super) fn fault(&self) -> Option<Problem> {
        self.fault.map(|fault| Problem::new(Code::Malformed).telling(fault))
    }

    /// The first of these fields that is filled.
    pub(in super::super) fn first(&self, names: &[&str]) -> Option<&str> {
        names
            .iter()
            .filter_map(|name| self.values.get(*name))
            .map(String::as_str)
            .find(|value| !value.trim().is_empty())
    }

    fn entry(&self, names: &[&str]) -> Entry {
        self.first(names).map_or(Entry::Absent, Entry::from)
    }

    /// The submission, the page left open.
    pub(in super::super) fn submission(&self) -> Submission {
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
            odd_interaction: false,
        }
    }
}

fn decoded(coded: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = coded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wordpress_names_mean_the_same_as_ours() {
        let fields = Fields::urlencoded(
            b"author=Ada+L%C3%B6w&email=a%40b.example&comment=Hi%0AYou&comment_parent=0&comment_post_ID=7&g-recaptcha-response=tok&ak_hp_textarea=&x",
        );
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
            assert!(Fields::urlencoded(body).fault().is_some());
        }
        assert!(Fields::urlencoded(b"g-recaptcha-response=&g-recaptcha-response=t").fault().is_none());
        let twice = Fields::urlencoded(b"comment=typed&name=Ada&comment=b");
        assert_eq!(twice.submission().body.text(), "typed");
    }
}
