//! Signing in and out.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    http::StatusCode,
    web::{Data, Payload, ServiceConfig, delete, get, post, resource},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Services,
    allowed::{Allowed, Read, cookie_name, is_own_origin, is_tls, unauthenticated},
    answer,
    body::{fault, read_json},
    error::{Code, Problem},
    extract::client,
};
use crate::{
    auth::{Identity, OpenSession, SESSION_FOR},
    domain::Timestamp,
};

/// Most characters of a name or password that are looked at.
const MOST: usize = 256;

/// The routes of this room.
pub(super) fn routes(config: &mut ServiceConfig) {
    let session =
        resource("/api/session").route(post().to(sign_in)).route(get().to(current)).route(delete().to(sign_out));
    config.service(session);
}

/// A name and a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    username: String,
    password: String,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
struct Session {
    /// The name.
    username: String,
    /// `moderator` or `admin`.
    role: &'static str,
    /// What `X-CSRF-Token` has to say on every unsafe method.
    csrf_token: String,
    /// When the session ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl Session {
    fn of(identity: Identity, session: OpenSession) -> Self {
        let role = identity.role();
        Self { username: identity.name, role, csrf_token: session.csrf, expires_at: session.expires_at }
    }
}

/// Sign in
///
/// The answer sets the session's cookie. Failures are limited per account and network.
#[utoipa::path(post, path = "/api/session", tag = "Session", request_body = SignIn,
    responses((status = 200, description = "Signed in", body = Session), (status = 400, description = "`malformed`"),
        (status = 401, description = "`unauthenticated`: unknown name or wrong password"), (status = 403, description = "`csrf_failed`"),
        (status = 415, description = "`unsupported_media_type`"), (status = 422, description = "`validation_failed`"),
        (status = 429, description = "`rate_limited`"), (status = 503, description = "`unavailable`")))]
async fn sign_in(request: HttpRequest, payload: Payload, services: Data<Services>) -> Result<HttpResponse, Problem> {
    if !is_own_origin(&request, &services) {
        return Err(Problem::new(Code::CsrfFailed));
    }
    let SignIn { username, password } = read_json(&request, payload).await?;
    for (field, text) in [("username", &username), ("password", &password)] {
        if text.is_empty() {
            return Err(fault(field, "required", "This field is required."));
        }
        if text.chars().count() > MOST {
            return Err(fault(field, "too_long", "This is longer than any that is taken."));
        }
    }
    let network = client(&request, &services).network().to_string();
    let signed_in = services.auth.sign_in(username.trim(), password, &network).await?;
    let public_url = &services.live.get().server.public_url;
    let cookie = cookie(public_url, signed_in.cookie, Duration::try_from(SESSION_FOR).unwrap_or(Duration::HOUR));
    Ok(answer::with(StatusCode::OK).cookie(cookie).json(Session::of(signed_in.identity, signed_in.session)))
}

/// Who is signed in
#[utoipa::path(get, path = "/api/session", operation_id = "current_session", tag = "Session", security(("session" = [])),
    responses((status = 200, description = "The session", body = Session), (status = 401, description = "`unauthenticated`")))]
async fn current(allowed: Allowed<Read>) -> Result<HttpResponse, Problem> {
    let session = allowed.identity.session.clone().ok_or_else(unauthenticated)?;
    Ok(answer::ok(Session::of(allowed.identity, session)))
}

/// Sign out
///
/// Ends the session everywhere, and takes the cookie back.
#[utoipa::path(delete, path = "/api/session", tag = "Session", security(("session" = [])),
    responses((status = 204, description = "Signed out"), (status = 401, description = "`unauthenticated`"), (status = 403, description = "`csrf_failed`")))]
async fn sign_out(allowed: Allowed<Read>, services: Data<Services>) -> Result<HttpResponse, Problem> {
    let session = allowed.identity.session.as_ref().ok_or_else(unauthenticated)?;
    services.auth.sign_out(session.key, &allowed.identity.actor).await?;
    let gone = cookie(&services.live.get().server.public_url, String::new(), Duration::ZERO);
    Ok(answer::with(StatusCode::NO_CONTENT).cookie(gone).finish())
}

fn cookie(public_url: &str, value: String, holds_for: Duration) -> Cookie<'static> {
    Cookie::build(cookie_name(public_url), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(is_tls(public_url))
        .max_age(holds_for)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_tls_the_cookie_is_bound_to_the_host() {
        let tls = cookie("https://news.example", "x".into(), Duration::HOUR).to_string();
        assert_eq!(tls, "__Host-replydesk=x; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=3600");
        let plain = cookie("http://127.0.0.1:8080", "x".into(), Duration::HOUR).to_string();
        assert_eq!(plain, "replydesk_session=x; HttpOnly; SameSite=Strict; Path=/; Max-Age=3600");
    }
}
