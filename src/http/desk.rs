//! The page of the moderators' desk.
//!
//! It holds nothing of anybody: who is signed in and what waits, its scripts ask the API for. Nobody may frame
//! it, and its scripts may set markup through one named policy only.

use actix_web::{
    HttpResponse, get,
    http::header::{CONTENT_SECURITY_POLICY, HeaderValue},
    web::{Data, ServiceConfig},
};

use super::{
    Services,
    site::{broken, html},
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
async fn desk(services: Data<Services>) -> HttpResponse {
    match services.pages.desk() {
        Ok(page) => {
            let mut answer = HttpResponse::Ok();
            answer.insert_header((CONTENT_SECURITY_POLICY, CSP));
            html(answer, page)
        }
        Err(fault) => broken(&fault),
    }
}
