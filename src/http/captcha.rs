//! What a page needs to solve a captcha: which provider, and the built-in challenge.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::CACHE_CONTROL,
    post,
    web::{Data, Payload, Query, ServiceConfig},
};
use serde::{Deserialize, Serialize};

use super::{
    Services,
    error::{Code, Problem},
    extract::{allowed_page, visitor},
    read, refusals, strict,
};
use crate::{
    config::Provider,
    intake::{MintFault, NoChallenge, Reason, Siteverify},
};

/// The routes of this room.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(needed).service(challenge).service(siteverify);
}

#[derive(Deserialize, utoipa::IntoParams)]
struct PageQuery {
    /// The article's absolute URL or path.
    #[serde(default)]
    page: String,
    /// What the token is for; the site's configured action where absent.
    action: Option<String>,
}

/// All that a page needs to get a token.
#[derive(Serialize, utoipa::ToSchema)]
struct CaptchaNeeded {
    /// `builtin`, `recaptcha-v3`, `recaptcha-enterprise`, `hcaptcha`, `turnstile`, `friendly`, `siteverify` or `none`.
    provider: &'static str,
    /// The provider's public key.
    site_key: Option<String>,
    /// What the token must be for.
    action: String,
    /// Where the built-in challenge is; null with another provider.
    challenge_url: Option<String>,
}

/// Which captcha a page uses
#[utoipa::path(tag = "Captcha", params(PageQuery), responses((status = 200, description = "The provider", body = CaptchaNeeded), (status = 403, description = "`origin_not_allowed`"), (status = 422, description = "`validation_failed`")))]
#[get("/api/captcha")]
async fn needed(
    request: HttpRequest,
    query: Query<PageQuery>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let config = services.live.get();
    let (site, _) = allowed_page(&config, &query.page, &visitor(&request, &services))?;
    let captcha = &site.captcha;
    let challenge_url = (captcha.provider == Provider::Builtin).then(|| {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("page", &query.page)
            .append_pair("action", &captcha.action)
            .finish();
        format!("/api/captcha/challenge?{query}")
    });
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-cache")).json(CaptchaNeeded {
        provider: captcha.provider.as_str(),
        site_key: Some(captcha.site_key.clone()).filter(|key| !key.is_empty()),
        action: captcha.action.clone(),
        challenge_url,
    }))
}

/// A proof-of-work challenge
///
/// In the ALTCHA v2 wire format; site, page and action are signed into it. 404 where the site uses another provider.
#[utoipa::path(tag = "Captcha", params(PageQuery), responses((status = 200, description = "The challenge", body = serde_json::Value), (status = 403, description = "`origin_not_allowed`"), (status = 404, description = "`not_found`"), (status = 422, description = "`validation_failed`"), (status = 429, description = "`rate_limited`")))]
#[get("/api/captcha/challenge")]
async fn challenge(
    request: HttpRequest,
    query: Query<PageQuery>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let config = services.live.get();
    let visitor = visitor(&request, &services);
    let (site, page) = allowed_page(&config, &query.page, &visitor)?;
    if site.captcha.provider != Provider::Builtin {
        return Err(Problem::new(Code::NotFound).saying("This site does not use the built-in challenge."));
    }
    let action = query.action.as_deref().unwrap_or(&site.captcha.action);
    let challenge = services.intake.challenge(site, &page.key, action, &visitor).map_err(|fault| match fault {
        NoChallenge::Limited(wait) => Problem::new(Code::RateLimited).after(wait),
        NoChallenge::Mint(MintFault::Action) => {
            Problem::new(Code::ValidationFailed).field("action", "invalid", "Give a name of 1 to 64 characters.")
        }
        NoChallenge::Mint(fault) => Problem::new(Code::Internal).because(fault),
    })?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(challenge))
}

/// A form's server asks about a token.
#[derive(Default, Deserialize, utoipa::ToSchema)]
struct SiteverifyRequest {
    /// `captcha.siteverify_secret`.
    #[serde(default)]
    secret: String,
    /// The token.
    #[serde(default)]
    response: String,
}

/// What reCAPTCHA v3's `siteverify` answers.
#[derive(Default, Serialize, utoipa::ToSchema)]
struct SiteverifyAnswer {
    /// The token is good, and was spent by this call.
    success: bool,
    /// From 0 to 1 = human.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    /// What the challenge was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    /// When the challenge was handed out.
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge_ts: Option<String>,
    /// The site's host.
    #[serde(skip_serializing_if = "Option::is_none")]
    hostname: Option<String>,
    /// `missing-input-secret`, `invalid-input-secret`, `missing-input-response`, `invalid-input-response`, `timeout-or-duplicate`, `bad-request`.
    #[serde(rename = "error-codes", skip_serializing_if = "Vec::is_empty")]
    error_codes: Vec<&'static str>,
}

/// Check a token of the built-in captcha for another form
///
/// Form or JSON, answering as reCAPTCHA v3's `siteverify` does. 404 unless `captcha.siteverify_secret` is set.
#[utoipa::path(tag = "Captcha", request_body(content_type = "application/x-www-form-urlencoded", content = SiteverifyRequest),
    responses((status = 200, description = "What is known of the token", body = SiteverifyAnswer), (status = 404, description = "`not_found`"), (status = 429, description = "`rate_limited`"), (status = 503, description = "`unavailable`")))]
#[post("/api/captcha/siteverify")]
async fn siteverify(request: HttpRequest, payload: Payload, services: Data<Services>) -> Result<HttpResponse, Problem> {
    let bytes = read::body(&request, payload, services.live.get().server.max_body).await?;
    let asked = match read::media_type(&request) {
        Some((kind, _)) if kind == "application/json" => strict::read(&bytes)?,
        _ => from_form(&bytes),
    };
    let visitor = visitor(&request, &services);
    let answer = services.intake.siteverify(&asked.secret, asked.response.trim(), &visitor).await;
    let no = |code| SiteverifyAnswer { error_codes: vec![code], ..SiteverifyAnswer::default() };
    let answer = match answer.map_err(|refusal| refusals::problem(&refusal))? {
        Siteverify::Off => return Err(Problem::new(Code::NotFound)),
        Siteverify::WrongSecret if asked.secret.is_empty() => no("missing-input-secret"),
        Siteverify::WrongSecret => no("invalid-input-secret"),
        Siteverify::Spent => no("timeout-or-duplicate"),
        Siteverify::Bad(_) if asked.response.trim().is_empty() => no("missing-input-response"),
        Siteverify::Bad(kind) if kind.reason() == Reason::Expired => no("timeout-or-duplicate"),
        Siteverify::Bad(_) => no("invalid-input-response"),
        Siteverify::Good(vouched, hostname) => SiteverifyAnswer {
            success: true,
            score: Some((vouched.score * 100.0).round() / 100.0),
            action: Some(vouched.action),
            challenge_ts: Some(vouched.challenge_ts.to_string()),
            hostname: Some(hostname),
            error_codes: Vec::new(),
        },
    };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(answer))
}

fn from_form(bytes: &[u8]) -> SiteverifyRequest {
    let mut asked = SiteverifyRequest::default();
    for (name, value) in form_urlencoded::parse(bytes) {
        match &*name {
            "secret" => asked.secret = value.into_owned(),
            "response" => asked.response = value.into_owned(),
            _ => {}
        }
    }
    asked
}
