//! Prepared bytes as an answer: their coding, their entity tag, and 304 for who holds them.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_ENCODING, ETAG, VARY},
    web::Bytes,
};

use super::encode::{Effort, Encoding, is_held};
use crate::publish::Prepared;

/// The prepared answer as this media type, in the coding that the client likes best, or 304.
pub(super) fn answer(request: &HttpRequest, prepared: &Prepared, media: &str) -> HttpResponse {
    let encoding = Encoding::negotiate(request.headers());
    let (encoding, bytes) = coded(prepared, encoding);
    let tag = encoding.entity_tag(&prepared.hash);
    let held = is_held(request.headers(), &tag);
    let mut response = if held { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, "public, no-cache"))
        .append_header((VARY, "Accept-Encoding"));
    if held {
        return response.finish();
    }
    if let Some(token) = encoding.token() {
        response.insert_header((CONTENT_ENCODING, token));
    }
    response.content_type(media.to_owned()).body(bytes)
}

fn coded(prepared: &Prepared, encoding: Encoding) -> (Encoding, Bytes) {
    let number = match encoding {
        Encoding::Brotli => 0,
        Encoding::Gzip => 1,
        Encoding::Identity => return (encoding, prepared.plain.clone()),
    };
    match prepared.coded(number, |plain| encoding.encode(plain, Effort::Live).ok()) {
        Some(bytes) => (encoding, bytes),
        None => (Encoding::Identity, prepared.plain.clone()),
    }
}
