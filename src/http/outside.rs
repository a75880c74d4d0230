//! What the rim makes of bytes from outside, as functions of their own: for the package in `fuzz/`, which feeds them.
//!
//! They run the very code that requests run, on bytes instead of a connection, and decide nothing themselves.

use actix_web::{
    http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue, IF_NONE_MATCH},
    web::Bytes,
};
use futures_util::FutureExt as _;
use serde_json::Value;

use super::{
    encode::{Encoding, is_held},
    forms::{self, Fields},
    strict,
    wire::RawSubmission,
};
use crate::{
    config::Site,
    domain::{CommentId, Timestamp},
    intake::{Admitted, Submission, Visitor},
};

/// A JSON object, as every route with a JSON body reads it; none where it is refused.
#[must_use]
pub fn json(bytes: &[u8]) -> Option<Value> {
    strict::read(bytes).ok()
}

/// A comment sent as JSON; none where the body is no object of the contract's.
#[must_use]
pub fn comment(bytes: &[u8]) -> Option<Submission> {
    strict::read::<RawSubmission>(bytes).ok().map(Submission::from)
}

/// A form, from either encoding.
pub struct Form(Fields);

impl Form {
    /// From `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn urlencoded(body: &[u8]) -> Self {
        Self(Fields::urlencoded(body))
    }

    /// From `multipart/form-data`, whose whole header line is given for its boundary; none where the body does not
    /// follow it.
    #[must_use]
    pub fn multipart(content_type: &str, body: &[u8]) -> Option<Self> {
        let boundary = multer::parse_boundary(content_type).ok()?;
        // The body is there as a whole, so nothing is waited for.
        let fields = Fields::multipart(Bytes::copy_from_slice(body), boundary).now_or_never()?;
        fields.ok().map(Self)
    }

    /// Whether it can be read one way only, without which it is refused.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.0.fault().is_none()
    }

    /// The first of these fields that is filled.
    #[must_use]
    pub fn first(&self, names: &[&str]) -> Option<&str> {
        self.0.first(names)
    }

    /// What it submits; the page is left open.
    #[must_use]
    pub fn submission(&self) -> Submission {
        self.0.submission()
    }
}

/// Where the sender of a form that was taken is sent, as an absolute URL, or `/`.
#[must_use]
pub fn way_back(site: Option<&Site>, redirect_to: Option<&str>, page: &str, visitor: &Visitor) -> String {
    let admitted = Admitted {
        id: CommentId::from_bytes([0; 16]),
        published: false,
        edit_token: String::new(),
        edit_until: Timestamp::default(),
        author_token: String::new(),
        page_url: String::new(),
        again: false,
    };
    forms::back_to(site, redirect_to, page, &admitted, visitor)
}

/// The `Content-Encoding` that a client gets who sent this `Accept-Encoding`; none for none. A value that no header
/// can have counts as not sent.
#[must_use]
pub fn coding(accepts: &[u8]) -> Option<&'static str> {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(accepts) {
        headers.insert(ACCEPT_ENCODING, value);
    }
    Encoding::negotiate(&headers).token()
}

/// Whether a client who sent this `If-None-Match` holds what has this entity tag.
#[must_use]
pub fn holds(if_none_match: &[u8], entity_tag: &str) -> bool {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(if_none_match) {
        headers.insert(IF_NONE_MATCH, value);
    }
    is_held(&headers, entity_tag)
}
