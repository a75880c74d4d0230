//! Answers to signed-in people: JSON that no cache keeps.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header::CACHE_CONTROL},
};
use serde::Serialize;

/// 200 with this.
pub(super) fn ok(body: impl Serialize) -> HttpResponse {
    with(StatusCode::OK).json(body)
}

/// 201 with this.
pub(super) fn created(body: impl Serialize) -> HttpResponse {
    with(StatusCode::CREATED).json(body)
}

/// 204.
pub(super) fn done() -> HttpResponse {
    with(StatusCode::NO_CONTENT).finish()
}

/// Any status, for a body of its own.
pub(super) fn with(status: StatusCode) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((CACHE_CONTROL, "no-store"));
    answer
}
