//! How an error becomes an answer.
//!
//! A refusal is `application/problem+json` (RFC 9457) with a stable `code` and a sentence that says
//! what to do. What went wrong inside never leaves the house: a 5xx body is constant, and its cause is
//! logged here, once.

mod codes;

use std::{borrow::Cow, fmt, time::Duration};

use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    http::{StatusCode, header},
};
use serde::Serialize;
use serde_json::{Map, Value};

pub use codes::Code;

use super::texts;
use crate::{
    domain::{Fault, Tongue},
    intake::StoreError,
};

/// One field's fault as the wire tells it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The field's JSON name.
    pub field: String,
    /// `required`, `invalid`, `too_short` or `too_long`.
    pub code: String,
    /// The sentence for the person.
    pub message: String,
}

/// A refusal as RFC 9457 has it. Some codes bring members beside these, e.g. `reference`.
#[derive(utoipa::ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "it only describes what Problem::body writes")]
pub struct ProblemDocument {
    /// Where the code is explained.
    r#type: String,
    /// A few words that name the kind.
    title: String,
    /// The HTTP status.
    status: u16,
    /// A sentence for the person.
    detail: String,
    /// The stable machine name.
    code: String,
    /// The fields at fault, where there are any.
    #[schema(required = false)]
    errors: Vec<FieldError>,
}

/// What an answer says beside its code.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Detail {
    /// The code's own sentence.
    OfTheCode,
    /// A text of the catalogue.
    Of(&'static str),
    /// These words, for whoever writes programs against us: English.
    Words(Cow<'static, str>),
}

/// One field's fault, before it is put into words.
#[derive(Clone, Debug)]
pub struct Flaw {
    /// The field's JSON name.
    pub field: String,
    /// `required`, `invalid`, `too_short` or `too_long`.
    pub code: &'static str,
    /// The bound that was broken, in characters.
    bound: Option<usize>,
    /// English words of its own; else the catalogue's.
    words: Option<String>,
}

/// An error on its way out, as facts. It is put into words where the reader's language is known: in `guard`, and by
/// the form routes.
#[derive(Debug)]
pub struct Problem {
    /// Which kind.
    pub code: Code,
    detail: Detail,
    /// The fields at fault.
    pub flaws: Vec<Flaw>,
    /// When to try again.
    pub retry_after: Option<Duration>,
    /// Members beside the standard ones, e.g. `reference`.
    pub extra: Map<String, Value>,
    /// Headers beside the standard ones.
    pub headers: Vec<(header::HeaderName, String)>,
    cause: Option<anyhow::Error>,
}

impl Problem {
    /// The code with its own sentence.
    #[must_use]
    pub fn new(code: Code) -> Self {
        let (flaws, extra, headers) = (Vec::new(), Map::new(), Vec::new());
        Self { code, detail: Detail::OfTheCode, flaws, retry_after: None, extra, headers, cause: None }
    }
    /// With a more precise sentence, in English: for whoever writes programs against us.
    #[must_use]
    pub fn saying(mut self, words: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Detail::Words(words.into());
        self
    }
    /// With a more precise sentence of the catalogue.
    #[must_use]
    pub fn telling(mut self, key: &'static str) -> Self {
        self.detail = Detail::Of(key);
        self
    }
    /// With a field at fault, in English words.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>, code: &'static str, words: impl Into<String>) -> Self {
        self.flaws.push(Flaw { field: field.into(), code, bound: None, words: Some(words.into()) });
        self
    }
    /// With a field at fault, in the catalogue's words.
    #[must_use]
    pub fn fault(mut self, fault: &Fault) -> Self {
        let (field, code) = (fault.field.to_owned(), fault.code.as_str());
        self.flaws.push(Flaw { field, code, bound: fault.bound, words: None });
        self
    }
    /// With a wait, told as whole seconds of at least one.
    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
    /// With a member of its own.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }
    /// With a header of its own.
    #[must_use]
    pub fn header(mut self, name: header::HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
    /// What went wrong inside; logged when the answer is made, never told.
    #[must_use]
    pub fn because(mut self, cause: impl Into<anyhow::Error>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The sentence for the person.
    #[must_use]
    pub fn detail(&self, tongue: Tongue) -> String {
        match &self.detail {
            Detail::OfTheCode => self.code.detail(tongue),
            Detail::Of(key) => texts::say(tongue, key, &[]),
            Detail::Words(words) => words.clone().into_owned(),
        }
    }

    /// The fields at fault, worded.
    #[must_use]
    pub fn errors(&self, tongue: Tongue) -> Vec<FieldError> {
        let worded = |flaw: &Flaw| FieldError {
            field: flaw.field.clone(),
            code: flaw.code.to_owned(),
            message: match &flaw.words {
                Some(words) => words.clone(),
                None => texts::field(tongue, &flaw.field, flaw.code, flaw.bound),
            },
        };
        self.flaws.iter().map(worded).collect()
    }

    /// The body of the answer.
    #[must_use]
    pub fn body(&self, tongue: Tongue) -> Value {
        let mut body = Map::new();
        body.insert("type".into(), format!("/docs#{}", self.code.as_str()).into());
        body.insert("title".into(), self.code.title(tongue).into());
        body.insert("status".into(), self.code.status().into());
        body.insert("detail".into(), self.detail(tongue).into());
        body.insert("code".into(), self.code.as_str().into());
        if !self.flaws.is_empty() {
            body.insert("errors".into(), serde_json::to_value(self.errors(tongue)).unwrap_or_default());
        }
        body.extend(self.extra.clone());
        Value::Object(body)
    }

    /// An answer with this problem's status and headers, and no body yet.
    pub fn builder(&self) -> HttpResponseBuilder {
        if let Some(cause) = &self.cause {
            tracing::error!(code = self.code.as_str(), error = format!("{cause:#}"), "a request failed");
        }
        let mut answer = HttpResponse::build(self.status_code());
        if let Some(wait) = self.retry_after {
            answer.insert_header((header::RETRY_AFTER, whole_seconds(wait).to_string()));
        }
        for (name, value) in &self.headers {
            answer.append_header((name.clone(), value.as_str()));
        }
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        answer
    }
}

/// Whole seconds that are surely enough: rounded up, at least one.
#[must_use]
pub fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
    fn error_response(&self) -> HttpResponse {
        let mut answer = self.builder().content_type("application/problem+json").finish();
        // The guard, which knows the reader's language, makes the body of it.
        let (flaws, extra) = (self.flaws.clone(), self.extra.clone());
        let facts = Self { detail: self.detail.clone(), flaws, extra, ..Self::new(self.code) };
        answer.extensions_mut().insert(facts);
        answer
    }
}

impl From<StoreError> for Problem {
    fn from(fault: StoreError) -> Self {
        Self::new(Code::Unavailable).after(Duration::from_secs(2)).because(fault)
    }
}
