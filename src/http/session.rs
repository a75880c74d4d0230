//! Signing in and out, and what belongs to one's own account.

mod account;
mod invitation;
pub(super) mod list;

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    http::StatusCode,
    web::{Data, Payload, ServiceConfig, delete, get, post, resource},
};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::{
    Services,
    allowed::{Allowed, Read, cookie_name, is_own_origin, is_tls, unauthenticated},
    answer,
    body::{fault, read_json},
    device,
    error::{Code, Problem},
    extract::client,
};
use crate::{
    auth::{Caller, Credentials, Identity, OpenSession, SESSION_FOR, SignedIn},
    domain::Timestamp,
};

/// Most characters of a name, password, code or token that are looked at.
const MOST: usize = 256;

/// The routes of this room.
pub(super) fn routes(config: &mut ServiceConfig) {
    let session =
        resource("/api/session").route(post().to(sign_in)).route(get().to(current)).route(delete().to(sign_out));
    let at = |path: &str| resource(format!("/api/session/{path}"));
    config
        .service(session)
        .service(at("invitation").route(post().to(invitation::accept)))
        .service(at("password").route(post().to(account::password)))
        .service(at("second-factor").route(post().to(account::begin)))
        .service(at("second-factor/confirm").route(post().to(account::confirm)))
        .service(at("second-factor/end").route(post().to(account::end)))
        .service(resource("/api/sessions").route(get().to(list::own)).route(delete().to(list::end_others)))
        .service(resource("/api/sessions/{id}").route(delete().to(list::end)));
}

/// These routes, for the API's description.
#[derive(OpenApi)]
#[openapi(paths(
    sign_in,
    current,
    sign_out,
    invitation::accept,
    account::password,
    account::begin,
    account::confirm,
    account::end,
    list::own,
    list::end,
    list::end_others
))]
pub(super) struct Description;

/// A name, a password, and a code where a second factor is in force.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    username: String,
    password: String,
    /// The six digits of the authenticator app, or a recovery code.
    code: Option<String>,
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
    /// The sites they may see; null is all.
    sites: Option<Vec<String>>,
    /// Whether a code is asked for at sign-in.
    second_factor: bool,
}

impl Session {
    fn of(identity: Identity, session: OpenSession) -> Self {
        let (csrf_token, expires_at) = (session.csrf, session.expires_at);
        let role = identity.role();
        let Identity { name: username, sites, second_factor, .. } = identity;
        Self { username, role, csrf_token, expires_at, sites, second_factor }
    }
}

/// Sign in
///
/// The answer sets the session's cookie. Where the password is right and a second factor is in force, a 401 has the
/// member `second_factor`: `required` where no code was sent, `wrong` where it is wrong or was used before. Failures are
/// limited per account and network.
#[utoipa::path(post, path = "/api/session", tag = "Session", request_body = SignIn,
    responses((status = 200, description = "Signed in", body = Session), (status = 400, description = "`malformed`"),
        (status = 401, description = "`unauthenticated`: unknown name or wrong password; or the second factor, with `second_factor`"),
        (status = 403, description = "`csrf_failed`"),
        (status = 415, description = "`unsupported_media_type`"), (status = 422, description = "`validation_failed`"),
        (status = 429, description = "`rate_limited`"), (status = 503, description = "`unavailable`")))]
async fn sign_in(request: HttpRequest, payload: Payload, services: Data<Services>) -> Result<HttpResponse, Problem> {
    if !is_own_origin(&request, &services) {
        return Err(Problem::new(Code::CsrfFailed));
    }
    let SignIn { username, password, code } = read_json(&request, payload).await?;
    given("username", &username)?;
    given("password", &password)?;
    short("code", code.as_deref().unwrap_or_default())?;
    let credentials = Credentials { username: username.trim().to_owned(), password, code };
    let signed_in = services.auth.sign_in(credentials, &caller(&request, &services)).await?;
    Ok(opened(&services, signed_in))
}

/// Who is signed in
#[utoipa::path(get, path = "/api/session", operation_id = "current_session", tag = "Session", security(("session" = [])),
    responses((status = 200, description = "The session", body = Session), (status = 401, description = "`unauthenticated`")))]
async fn current(allowed: Allowed<Read>) -> Result<HttpResponse, Problem> {
    let session = of_cookie(&allowed)?.clone();
    Ok(answer::ok(Session::of(allowed.identity, session)))
}

/// Sign out
///
/// Ends the session everywhere, and takes the cookie back.
#[utoipa::path(delete, path = "/api/session", tag = "Session", security(("session" = [])),
    responses((status = 204, description = "Signed out"), (status = 401, description = "`unauthenticated`"), (status = 403, description = "`csrf_failed`")))]
async fn sign_out(allowed: Allowed<Read>, services: Data<Services>) -> Result<HttpResponse, Problem> {
    let session = of_cookie(&allowed)?;
    services.auth.sign_out(session.key, &allowed.identity.actor).await?;
    Ok(closed(&services))
}

/// The session of somebody who signed in; a token has none.
fn of_cookie(allowed: &Allowed<Read>) -> Result<&OpenSession, Problem> {
    allowed.identity.session.as_ref().ok_or_else(unauthenticated)
}

/// The network that a request came from, as failures are counted by it.
fn network(request: &HttpRequest, services: &Services) -> String {
    client(request, services).network().to_string()
}

fn caller(request: &HttpRequest, services: &Services) -> Caller {
    Caller { network: network(request, services), device: device::of(request) }
}

/// Refuses a secret that is missing or longer than any.
fn given(field: &str, text: &str) -> Result<(), Problem> {
    if text.is_empty() {
        return Err(fault(field, "required", "This field is required."));
    }
    short(field, text)
}

fn short(field: &str, text: &str) -> Result<(), Problem> {
    if text.chars().count() > MOST {
        return Err(fault(field, "too_long", "This is longer than any that is taken."));
    }
    Ok(())
}

/// The answer to who has a session now.
fn opened(services: &Services, signed_in: SignedIn) -> HttpResponse {
    let public_url = &services.live.get().server.public_url;
    let cookie = cookie(public_url, signed_in.cookie, Duration::try_from(SESSION_FOR).unwrap_or(Duration::HOUR));
    answer::with(StatusCode::OK).cookie(cookie).json(Session::of(signed_in.identity, signed_in.session))
}

/// The answer to who has none any more.
fn closed(services: &Services) -> HttpResponse {
    let gone = cookie(&services.live.get().server.public_url, String::new(), Duration::ZERO);
    answer::with(StatusCode::NO_CONTENT).cookie(gone).finish()
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
