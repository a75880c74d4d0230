//! Reading a request's body: how much, how long, and in which form at all.
//!
//! actix has no deadline of its own for bodies, so every body is read here. Nothing is looked into.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
    web::{Bytes, BytesMut, Payload},
};
use futures_util::StreamExt as _;

use super::error::{Code, Problem};

/// From the head to the last byte of the body. With the answer and what `line` leaves its sender to take it in, a slow
/// body is gone within ten seconds.
const DEADLINE: Duration = Duration::from_millis(9_500);

/// Bytes that are made room for before they come.
const AHEAD: usize = 16 << 10;

/// The whole body, up to `most` bytes.
///
/// # Errors
/// `too_large`, `timeout`, `unsupported_media_type` for a coded body, `malformed` for a cut one.
pub(super) async fn body(request: &HttpRequest, payload: Payload, most: usize) -> Result<Bytes, Problem> {
    let coding = request.headers().get(CONTENT_ENCODING).map(|value| value.as_bytes().to_ascii_lowercase());
    if coding.is_some_and(|coding| coding != b"identity") {
        return Err(Problem::new(Code::UnsupportedMediaType).saying("Send the body without a Content-Encoding."));
    }
    let told = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|length| length > most) {
        return Err(Problem::new(Code::TooLarge));
    }
    tokio::time::timeout(DEADLINE, collect(payload, most, told.unwrap_or(0)))
        .await
        .unwrap_or_else(|_late| Err(Problem::new(Code::Timeout)))
}

async fn collect(mut payload: Payload, most: usize, told: usize) -> Result<Bytes, Problem> {
    // What is only announced takes no memory yet.
    let mut whole = BytesMut::with_capacity(told.min(AHEAD));
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_cut| Problem::new(Code::Malformed).saying("The request body ended too early."))?;
        if whole.len() + chunk.len() > most {
            return Err(Problem::new(Code::TooLarge));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}

/// The media type without its parameters, in lower case, and its charset where one is named.
pub(super) fn media_type(request: &HttpRequest) -> Option<(String, Option<String>)> {
    let value = request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    let mut parts = value.split(';').map(str::trim);
    let kind = parts.next()?.to_ascii_lowercase();
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    });
    Some((kind, charset))
}

/// Refuses what is not `wanted`, or not in UTF-8.
///
/// # Errors
/// `unsupported_media_type`.
pub(super) fn expect_media(request: &HttpRequest, wanted: &str) -> Result<(), Problem> {
    match media_type(request) {
        Some((kind, charset)) if kind == wanted && charset.as_deref().is_none_or(is_utf8) => Ok(()),
        _ => Err(Problem::new(Code::UnsupportedMediaType).saying(format!("Send Content-Type: {wanted}, in UTF-8."))),
    }
}

/// UTF-8 under either of its names.
pub(super) fn is_utf8(charset: &str) -> bool {
    matches!(charset, "utf-8" | "utf8")
}
