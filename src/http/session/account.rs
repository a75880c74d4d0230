//! One's own password and second factor.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use super::{given, network, of_cookie};
use crate::{
    auth::AuthError,
    http::{
        Services,
        allowed::{Allowed, Read},
        answer,
        body::{fault, read_json},
        error::{Code, Problem},
        qr,
    },
};

/// The password there is, and another.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OtherPassword {
    /// The one in force.
    current: String,
    /// 12 to 128 characters.
    password: String,
}

/// One's own password, once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmation {
    password: String,
}

/// A code of the new secret.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstCode {
    /// Six digits.
    code: String,
}

/// A secret for an authenticator app; told this once.
#[derive(Serialize, ToSchema)]
pub(super) struct SecretView {
    /// To type, in base32.
    secret: String,
    /// The same as an `otpauth://` URI.
    uri: String,
    /// The same as a QR code: an SVG document.
    qr_svg: String,
}

/// What gets its owner in when the app is gone; told this once.
#[derive(Serialize, ToSchema)]
pub(super) struct RecoveryCodes {
    /// Ten texts, each good for one sign-in.
    recovery_codes: Vec<String>,
}

/// Change one's password
///
/// The other sessions end, this one stays. A wrong `current` counts as a failed sign-in.
#[utoipa::path(post, path = "/api/session/password", operation_id = "change_password", tag = "Session", security(("session" = [])), request_body = OtherPassword,
    responses((status = 204, description = "Changed"), (status = 401, description = "`unauthenticated`"), (status = 403, description = "`csrf_failed`"),
        (status = 422, description = "`validation_failed`; on `current` where it is wrong"), (status = 429, description = "`rate_limited`")))]
pub(super) async fn password(
    allowed: Allowed<Read>,
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    of_cookie(&allowed)?;
    let OtherPassword { current, password } = read_json(&request, payload).await?;
    given("current", &current)?;
    given("password", &password)?;
    let network = network(&request, &services);
    let changed = services.auth.change_password(&allowed.identity, current, password, &network).await;
    changed.map_err(|error| wrong_password("current", error))?;
    Ok(answer::done())
}

/// Begin a second factor
///
/// Makes a fresh secret, which is not in force before it is confirmed within 15 minutes; one that is in force stays until then.
#[utoipa::path(post, path = "/api/session/second-factor", operation_id = "begin_second_factor", tag = "Session", security(("session" = [])), request_body = Confirmation,
    responses((status = 200, description = "The secret", body = SecretView), (status = 401, description = "`unauthenticated`"), (status = 403, description = "`csrf_failed`"),
        (status = 422, description = "`validation_failed`; on `password` where it is wrong"), (status = 429, description = "`rate_limited`")))]
pub(super) async fn begin(
    allowed: Allowed<Read>,
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    of_cookie(&allowed)?;
    let Confirmation { password } = read_json(&request, payload).await?;
    given("password", &password)?;
    let (issuer, network) = (issuer(&services.live.get().server.public_url), network(&request, &services));
    let made = services.auth.begin_second_factor(&allowed.identity, password, &issuer, &network).await;
    let made = made.map_err(|error| wrong_password("password", error))?;
    let qr_svg = qr::svg(&made.uri, "The QR code to scan with an authenticator app")
        .map_err(|fault| Problem::new(Code::Internal).because(fault))?;
    Ok(answer::ok(SecretView { secret: made.secret, uri: made.uri, qr_svg }))
}

/// Confirm a second factor
///
/// From now on a code is asked for at sign-in. The code sent here is used up; earlier recovery codes hold no longer.
#[utoipa::path(post, path = "/api/session/second-factor/confirm", operation_id = "confirm_second_factor", tag = "Session", security(("session" = [])), request_body = FirstCode,
    responses((status = 200, description = "In force", body = RecoveryCodes), (status = 401, description = "`unauthenticated`"), (status = 403, description = "`csrf_failed`"),
        (status = 422, description = "`validation_failed`; on `code` where it is wrong or there is nothing to confirm"), (status = 429, description = "`rate_limited`")))]
pub(super) async fn confirm(
    allowed: Allowed<Read>,
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    of_cookie(&allowed)?;
    let FirstCode { code } = read_json(&request, payload).await?;
    given("code", &code)?;
    let network = network(&request, &services);
    let confirmed = services.auth.confirm_second_factor(&allowed.identity, &code, &network).await;
    let recovery_codes = confirmed.map_err(|error| match error {
        AuthError::WrongCode => {
            fault("code", "invalid", "This is not the code of the moment. Look at the app and at the device's clock.")
        }
        other => other.into(),
    })?;
    Ok(answer::ok(RecoveryCodes { recovery_codes }))
}

/// End the second factor
///
/// A password is enough at sign-in again. It is no fault where none is in force.
#[utoipa::path(post, path = "/api/session/second-factor/end", operation_id = "end_second_factor", tag = "Session", security(("session" = [])), request_body = Confirmation,
    responses((status = 204, description = "Ended"), (status = 401, description = "`unauthenticated`"), (status = 403, description = "`csrf_failed`"),
        (status = 422, description = "`validation_failed`; on `password` where it is wrong"), (status = 429, description = "`rate_limited`")))]
pub(super) async fn end(
    allowed: Allowed<Read>,
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    of_cookie(&allowed)?;
    let Confirmation { password } = read_json(&request, payload).await?;
    given("password", &password)?;
    let network = network(&request, &services);
    let ended = services.auth.end_second_factor(&allowed.identity, password, &network).await;
    ended.map_err(|error| wrong_password("password", error))?;
    Ok(answer::done())
}

/// Who is signed in and mistypes their password is told at its field.
fn wrong_password(field: &str, error: AuthError) -> Problem {
    match error {
        AuthError::Wrong => fault(field, "invalid", "This is not your password."),
        other => other.into(),
    }
}

/// What an app shows above the code. Apps take a colon for the end of it, so an IPv6 address is left out.
fn issuer(public_url: &str) -> String {
    let host = Url::parse(public_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    match host.filter(|host| !host.contains(':')) {
        Some(host) => format!("Replydesk {host}"),
        None => "Replydesk".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_shows_which_server_it_is() {
        assert_eq!(issuer("https://desk.example:8443/"), "Replydesk desk.example");
        assert_eq!(issuer("http://[::1]:8080"), "Replydesk");
    }
}
