//! The built-in check as reCAPTCHA v3's `siteverify` answers, for the servers of a site's other forms.
//!
//! Their clients look at the body and take any other status than 200 for an outage, so what is wrong with a
//! question is said as Google says it, in `error-codes`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::CACHE_CONTROL,
    post,
    web::{Data, Payload},
};
use serde::{Deserialize, Serialize};

use crate::{
    http::{
        Services,
        error::{Code, Problem},
        extract::visitor,
        read, refusals, strict,
    },
    intake::{Reason, Siteverify},
};

/// Most bytes of a question: a secret, a token, an address.
const MOST: usize = 64 * 1024;

/// A form's server asks about a token.
#[derive(Default, Deserialize, utoipa::ToSchema)]
pub(in crate::http) struct SiteverifyRequest {
    /// `captcha.siteverify_secret`.
    #[serde(default)]
    secret: String,
    /// The token.
    #[serde(default)]
    response: String,
}

/// What reCAPTCHA v3's `siteverify` answers.
#[derive(Default, Serialize, utoipa::ToSchema)]
pub(in crate::http) struct SiteverifyAnswer {
    /// The token is good, and was spent by this call.
    success: bool,
    /// From 0 to 1 = human.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    /// What the challenge was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    /// When the challenge was handed out, as `2027-01-15T08:00:00Z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge_ts: Option<String>,
    /// The host of the site's first origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    hostname: Option<String>,
    /// `missing-input-secret`, `invalid-input-secret`, `missing-input-response`, `invalid-input-response`, `timeout-or-duplicate`, `bad-request`.
    #[serde(rename = "error-codes", skip_serializing_if = "Vec::is_empty")]
    error_codes: Vec<&'static str>,
}

impl SiteverifyAnswer {
    fn no(codes: &[&'static str]) -> Self {
        Self { error_codes: codes.to_vec(), ..Self::default() }
    }
}

/// Check a token of the built-in captcha for another form
///
/// Form or JSON, answering as reCAPTCHA v3's `siteverify` does; `remoteip` is taken and not looked at. 404 unless
/// `captcha.siteverify_secret` is set.
#[utoipa::path(tag = "Captcha", request_body(content_type = "application/x-www-form-urlencoded", content = SiteverifyRequest),
    responses((status = 200, description = "What is known of the token", body = SiteverifyAnswer), (status = 404, description = "`not_found`"), (status = 429, description = "`rate_limited`"), (status = 503, description = "`unavailable`")))]
#[post("/api/captcha/siteverify")]
pub(in crate::http) async fn siteverify(
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    if !services.intake.has_siteverify() {
        return Err(Problem::new(Code::NotFound));
    }
    let answer = match asked(&request, payload).await? {
        Some(asked) => look(&request, &services, &asked).await?,
        None => SiteverifyAnswer::no(&["bad-request"]),
    };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(answer))
}

async fn look(
    request: &HttpRequest,
    services: &Services,
    asked: &SiteverifyRequest,
) -> Result<SiteverifyAnswer, Problem> {
    let no = SiteverifyAnswer::no;
    let token = asked.response.trim();
    let answer = services.intake.siteverify(&asked.secret, token, &visitor(request, services)).await;
    Ok(match answer.map_err(|refusal| refusals::problem(&refusal))? {
        Siteverify::Off => return Err(Problem::new(Code::NotFound)),
        Siteverify::WrongSecret if asked.secret.is_empty() && token.is_empty() => {
            no(&["missing-input-secret", "missing-input-response"])
        }
        Siteverify::WrongSecret if asked.secret.is_empty() => no(&["missing-input-secret"]),
        Siteverify::WrongSecret => no(&["invalid-input-secret"]),
        Siteverify::Spent => no(&["timeout-or-duplicate"]),
        Siteverify::Bad(_) if token.is_empty() => no(&["missing-input-response"]),
        Siteverify::Bad(kind) if kind.reason() == Reason::Expired => no(&["timeout-or-duplicate"]),
        Siteverify::Bad(_) => no(&["invalid-input-response"]),
        Siteverify::Good(vouched, hostname) => SiteverifyAnswer {
            success: true,
            score: Some((vouched.score * 100.0).round() / 100.0),
            action: Some(vouched.action),
            challenge_ts: Some(vouched.challenge_ts.to_string()),
            hostname: Some(hostname),
            error_codes: Vec::new(),
        },
    })
}

/// The question; none where it is none.
async fn asked(request: &HttpRequest, payload: Payload) -> Result<Option<SiteverifyRequest>, Problem> {
    let bytes = match read::body(request, payload, MOST).await {
        Ok(bytes) => bytes,
        Err(problem) if problem.code == Code::Timeout => return Err(problem),
        Err(_unreadable) => return Ok(None),
    };
    Ok(match read::media_type(request).as_ref().map(|(kind, _)| kind.as_str()) {
        Some("application/json") => strict::read(&bytes).ok(),
        Some("application/x-www-form-urlencoded") | None => Some(from_form(&bytes)),
        Some(_) => None,
    })
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
