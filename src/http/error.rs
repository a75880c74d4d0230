//! The one table of error codes, and how an error becomes an answer.
//!
//! A refusal is `application/problem+json` (RFC 9457) with a stable `code` and a sentence that says
//! what to do. What went wrong inside never leaves the house: a 5xx body is constant, and its cause is
//! logged here, once.

use std::{borrow::Cow, fmt, time::Duration};

use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    http::{StatusCode, header},
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::intake::StoreError;

macro_rules! codes {
    ($($name:ident = $code:literal, $status:literal, $title:literal, $detail:literal;)*) => {
        /// Every code an answer can bear.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[expect(missing_docs, reason = "the table is the documentation")]
        pub enum Code { $($name),* }

        impl Code {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// The stable machine name.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => $code),* } }
            /// The HTTP status.
            #[must_use]
            pub fn status(self) -> u16 { match self { $(Self::$name => $status),* } }
            /// A few words that name the kind.
            #[must_use]
            pub fn title(self) -> &'static str { match self { $(Self::$name => $title),* } }
            /// The sentence for the person, where nothing more precise is known.
            #[must_use]
            pub fn detail(self) -> &'static str { match self { $(Self::$name => $detail),* } }
        }
    };
}

codes! {
    Malformed = "malformed", 400, "Malformed request", "The request could not be read. Send it again in the documented form.";
    Unauthenticated = "unauthenticated", 401, "Not signed in", "Sign in, or send a valid API token.";
    Forbidden = "forbidden", 403, "Not allowed", "Your role or token does not allow this.";
    CsrfFailed = "csrf_failed", 403, "CSRF check failed", "Send the X-CSRF-Token of your session, from the page that you signed in on.";
    EditTokenInvalid = "edit_token_invalid", 403, "Not your comment", "The edit token does not belong to this comment.";
    EditWindowClosed = "edit_window_closed", 403, "Too late to change", "The time for changing this comment is over.";
    CaptchaFailed = "captcha_failed", 403, "Captcha failed", "Captcha verification failed!";
    CaptchaScoreLow = "captcha_score_low", 403, "Captcha score too low", "CAPTCHA user score failed. Please contact us!";
    OriginNotAllowed = "origin_not_allowed", 403, "Origin not allowed", "Comments are not taken from this site. Open the article on its own site and post there.";
    Banned = "banned", 403, "Not accepted", "Comments from here are not accepted. Please contact the editors if you think this is a mistake.";
    CommentsClosed = "comments_closed", 403, "Comments closed", "Comments on this page are closed.";
    NotFound = "not_found", 404, "Not found", "There is nothing here. Check the address.";
    ParentNotFound = "parent_not_found", 404, "Comment to reply to not found", "The comment you reply to is no longer there. Send yours without it, or reply to another.";
    MethodNotAllowed = "method_not_allowed", 405, "Method not allowed", "This address does not take that method; the Allow header names those it takes.";
    Timeout = "timeout", 408, "Too slow", "The request took too long to arrive. Please send it again.";
    Duplicate = "duplicate", 409, "Duplicate comment", "It looks as though you have already said that!";
    Claimed = "claimed", 409, "Claimed by somebody else", "Somebody else is looking at this comment. You can decide all the same.";
    VersionConflict = "version_conflict", 409, "Already decided", "Somebody else was first. Look at the comment again and decide anew.";
    TooLarge = "too_large", 413, "Too large", "The request is larger than allowed. Shorten it and send it again.";
    UnsupportedMediaType = "unsupported_media_type", 415, "Unsupported media type", "Send the documented Content-Type, in UTF-8 and without a Content-Encoding.";
    ValidationFailed = "validation_failed", 422, "Some fields need attention", "Please correct the fields below.";
    InvalidCursor = "invalid_cursor", 422, "Invalid cursor", "This cursor is not valid here. Start again from the first page.";
    IdempotencyKeyReused = "idempotency_key_reused", 422, "Idempotency key reused", "This Idempotency-Key was used for other content. Use a fresh one.";
    RateLimited = "rate_limited", 429, "Too many requests", "You are sending too quickly. Please wait a moment and try again.";
    Internal = "internal", 500, "Something went wrong", "Something went wrong on our side. Please try again later.";
    Unavailable = "unavailable", 503, "Temporarily unavailable", "Your request could not be stored just now; nothing was kept. Please try again in a moment.";
}

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

/// An error on its way out.
#[derive(Debug)]
pub struct Problem {
    /// Which kind.
    pub code: Code,
    /// The sentence for the person.
    pub detail: Cow<'static, str>,
    /// The fields at fault.
    pub errors: Vec<FieldError>,
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
        let detail = Cow::Borrowed(code.detail());
        let (errors, extra, headers) = (Vec::new(), Map::new(), Vec::new());
        Self { code, detail, errors, retry_after: None, extra, headers, cause: None }
    }
    /// With a more precise sentence.
    #[must_use]
    pub fn saying(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = detail.into();
        self
    }
    /// With a field at fault.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        self.errors.push(FieldError { field: field.into(), code: code.to_owned(), message: message.into() });
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

    /// The body of the answer.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut body = Map::new();
        body.insert("type".into(), format!("/docs#{}", self.code.as_str()).into());
        body.insert("title".into(), self.code.title().into());
        body.insert("status".into(), self.code.status().into());
        body.insert("detail".into(), self.detail.as_ref().into());
        body.insert("code".into(), self.code.as_str().into());
        if !self.errors.is_empty() {
            body.insert("errors".into(), serde_json::to_value(&self.errors).unwrap_or_default());
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
        let mut answer = self.builder().content_type("application/problem+json").body(self.body().to_string());
        answer.extensions_mut().insert(self.code);
        answer
    }
}

impl From<StoreError> for Problem {
    fn from(fault: StoreError) -> Self {
        Self::new(Code::Unavailable).after(Duration::from_secs(2)).because(fault)
    }
}
