//! The page of the moderators' desk.
//!
//! It holds nothing of anybody: who is signed in and what waits, its scripts ask the API for. Nobody may frame
//! it, and its scripts may set markup through one named policy only.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, HeaderValue, VARY},
    web::{Data, ServiceConfig},
};

use super::{
    Services,
    encode::{Effort, Encoding},
    site::broken,
};

const CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types desk",
);

/// The routes of this room.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(desk);
}

/// The moderators' desk
#[utoipa::path(tag = "Pages", responses((status = 200, description = "HTML")))]
#[get("/desk")]
async fn desk(request: HttpRequest, services: Data<Services>) -> HttpResponse {
    let page = match services.pages.desk() {
        Ok(page) => page.into_bytes(),
        Err(fault) => return broken(&fault),
    };
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((CONTENT_SECURITY_POLICY, CSP))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((VARY, "Accept-Encoding"))
        .content_type("text/html; charset=utf-8");
    // It names every module of the first view, and is looked at before any of them is asked for.
    let encoding = Encoding::negotiate(request.headers());
    match encoding.token().and_then(|token| Some((token, encoding.encode(&page, Effort::Live).ok()?))) {
        Some((token, coded)) => answer.insert_header((CONTENT_ENCODING, token)).body(coded),
        None => answer.body(page),
    }
}
