//! The `Idempotency-Key` of moderators' requests that create something.

use actix_web::HttpRequest;
use serde::Serialize;

use crate::{
    http::{Services, body::fault, error::Problem},
    moderation::{Once, Viewer},
};

/// The key under which the request may be repeated, where it has one.
///
/// # Errors
/// `validation_failed` for one that is not 1 to 128 visible ASCII characters.
pub(super) fn key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let Some(value) = request.headers().get("idempotency-key") else { return Ok(None) };
    let is_key = |key: &&str| (1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    let key = value.to_str().ok().filter(is_key).map(str::to_owned);
    key.map(Some).ok_or_else(|| fault("idempotency_key", "invalid", "Send 1 to 128 visible ASCII characters."))
}

/// The request under its key, for an answer that is kept. `asked` is what it asks for, whatever way it was spelled.
///
/// # Errors
/// As [`key`].
pub(super) fn once(
    request: &HttpRequest,
    services: &Services,
    viewer: &Viewer,
    route: &str,
    asked: &impl Serialize,
) -> Result<Option<Once>, Problem> {
    let content = serde_json::to_vec(asked).unwrap_or_default();
    Ok(key(request)?.map(|key| services.moderation.once(viewer, route, &key, &content)))
}
