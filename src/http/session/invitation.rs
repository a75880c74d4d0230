//! What somebody who was invited sends: public, as they have nothing yet but the link.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Session, caller, given, opened, short};
use crate::{
    auth::Acceptance,
    http::{
        Services,
        allowed::is_own_origin,
        body::read_json,
        error::{Code, Problem},
    },
};

/// A link's token and the password that is chosen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Accept {
    /// What stands behind `#invitation=` in the link.
    token: String,
    /// 12 to 128 characters.
    password: String,
    /// Where a second factor is in force: the six digits of the authenticator app, or a recovery code.
    code: Option<String>,
}

/// Accept an invitation
///
/// Sets the first password of somebody who was invited, or another one, once, and signs in: the answer sets the session's
/// cookie. The link stays good where the password breaks a rule or a code is asked for, which is told as at sign-in.
#[utoipa::path(post, path = "/api/session/invitation", operation_id = "accept_invitation", tag = "Session", request_body = Accept,
    responses((status = 200, description = "Signed in", body = Session), (status = 400, description = "`malformed`"),
        (status = 401, description = "`unauthenticated`: the second factor, with `second_factor`"), (status = 403, description = "`csrf_failed`"),
        (status = 415, description = "`unsupported_media_type`"),
        (status = 422, description = "`validation_failed`; on `token` where the link is unknown, used or over"),
        (status = 429, description = "`rate_limited`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn accept(
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    if !is_own_origin(&request, &services) {
        return Err(Problem::new(Code::CsrfFailed));
    }
    let Accept { token, password, code } = read_json(&request, payload).await?;
    given("token", &token)?;
    given("password", &password)?;
    short("code", code.as_deref().unwrap_or_default())?;
    let given = Acceptance { token, password, code };
    let signed_in = services.auth.accept_invitation(given, &caller(&request, &services)).await?;
    Ok(opened(&services, signed_in))
}
