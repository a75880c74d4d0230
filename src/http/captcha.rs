//! What a page needs to solve a captcha: which provider, and the built-in challenge.

pub(super) mod siteverify;

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::CACHE_CONTROL,
    web::{Data, Query, ServiceConfig},
};
use serde::{Deserialize, Serialize};

use super::{
    Services,
    error::{Code, Problem},
    extract::{allowed_page, visitor},
};
use crate::{
    config::Provider,
    intake::{MintFault, NoChallenge},
};

/// The routes of this room.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(needed).service(challenge).service(siteverify::siteverify);
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
    /// `builtin`, `recaptcha-v3`, `recaptcha-enterprise`, `hcaptcha`, `turnstile`, `friendly`, `siteverify` or `none`;
    /// `builtin` also while the site's provider is out and `captcha.on_unverified` lets the built-in check take its
    /// place.
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
    let provider = services.intake.captcha().offered(site);
    let own_key = Some(&captcha.site_key).filter(|key| provider == captcha.provider && !key.is_empty());
    let challenge_url = (provider == Provider::Builtin).then(|| {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("page", &query.page)
            .append_pair("action", &captcha.action)
            .finish();
        format!("/api/captcha/challenge?{query}")
    });
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-cache")).json(CaptchaNeeded {
        provider: provider.as_str(),
        site_key: own_key.cloned(),
        action: captcha.action.clone(),
        challenge_url,
    }))
}

/// A proof-of-work challenge
///
/// In the ALTCHA v2 wire format; site, page and action are signed into it. 404 where the site has no use for it: another provider, no
/// `captcha.siteverify_secret`, and `captcha.on_unverified` is not `builtin`.
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
    if !services.intake.captcha().takes_proofs(site) {
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
