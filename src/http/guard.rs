//! What every answer has: an id, security headers, a line in the log, its place in the metrics, an end.

use std::{rc::Rc, time::Instant};

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use tracing::Instrument as _;

use super::{
    Services,
    error::{Code, Problem},
    ids, language,
    line::Pace,
    pages::{Pages, ProblemPage},
};
use crate::domain::Tongue;

/// Nothing from elsewhere, no inline script or style, framed by nobody else, and forms that lead to us.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     worker-src 'self'; base-uri 'none'; frame-ancestors 'self'; form-action 'self'";

/// The same for a page whose form leads on to these origins: browsers hold the redirect after a form to
/// the list as well.
pub(super) fn policy_with_forms_to(origins: &[String]) -> String {
    format!("{CSP} {};", origins.join(" "))
}

/// The same for a page that these origins may show in a frame.
pub(super) fn policy_framed_by(origins: &[String]) -> String {
    let framed = format!("frame-ancestors 'self' {}", origins.join(" "));
    policy_with_forms_to(origins).replace("frame-ancestors 'self'", &framed)
}

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps every request.
pub(super) async fn around(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = ids::next();
    let services = request.app_data::<Data<Services>>().cloned();
    let method = request.method().clone();
    if method == Method::HEAD {
        // Answered as GET; the connection leaves out the body by itself.
        request.head_mut().method = Method::GET;
    }
    let chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    let answering = request.conn_data::<Rc<Pace>>().map(|pace| pace.begin(chunked));
    let wants_html = wants_html(&request);
    let span = tracing::info_span!("request", id = %id);
    let mut response = next.call(request).instrument(span).await?.map_into_boxed_body();
    if let Some(problem) = refusal(&mut response) {
        let services = services.as_ref().map(|services| &***services);
        let tongue = services.map_or_else(Tongue::default, |services| language::of(response.request(), services));
        let pages = services.map(|services| &services.pages).filter(|_| wants_html);
        response = worded(response, &problem, tongue, pages, &id);
    }
    let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let (status, took) = (response.status().as_u16(), started.elapsed());
    let reads = matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
    if let Some(services) = &services {
        services.metrics.answered(&route, status, reads, took);
        if services.is_draining() {
            // The client's next request belongs to another instance.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
    tracing::debug!(id = %id, method = %method, route = %route, status, took_us = took.as_micros(), "answered");
    dress(response.headers_mut(), &id);
    Ok(match answering {
        Some(mut answering) => {
            if status == StatusCode::REQUEST_TIMEOUT {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                answering.late();
            }
            response.map_body(|_, body| answering.until_sent(body))
        }
        None => response,
    })
}

/// The headers that no answer goes without.
fn dress(headers: &mut header::HeaderMap, id: &str) {
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    if !headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        // The CORS layer names them to everybody, on routes without CORS too.
        headers.remove(header::ACCESS_CONTROL_EXPOSE_HEADERS);
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    }
}

/// A browser's navigation, which shows a page rather than a problem document.
fn wants_html(request: &ServiceRequest) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepts.is_some_and(|accepts| accepts.contains("text/html"))
        && matches!(*request.method(), Method::GET | Method::HEAD)
        && !request.path().starts_with("/api/")
}

/// The refusal that an answer is, taken out of it to be put into words.
fn refusal(response: &mut ServiceResponse<BoxBody>) -> Option<Problem> {
    let ours = response.response_mut().extensions_mut().remove::<Problem>();
    ours.or_else(|| made_by_the_framework(response))
}

/// Answers that the framework gave by itself, before any handler.
fn made_by_the_framework(response: &ServiceResponse<BoxBody>) -> Option<Problem> {
    let typed = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if typed.is_some_and(|kind| kind.starts_with("text/html")) {
        return None;
    }
    let code = match response.status().as_u16() {
        400 => Code::Malformed,
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        408 => Code::Timeout,
        413 => Code::TooLarge,
        _ => return None,
    };
    Some(Problem::new(code))
}

/// The refusal in the reader's language: as a page where there are pages to make it of, else as a document.
fn worded(
    response: ServiceResponse<BoxBody>,
    problem: &Problem,
    tongue: Tongue,
    pages: Option<&Pages>,
    id: &str,
) -> ServiceResponse<BoxBody> {
    let page = pages.and_then(|pages| {
        let page = ProblemPage {
            status: problem.code.status(),
            title: problem.code.title(tongue),
            detail: problem.code.detail(tongue),
            faults: problem.errors(tongue).into_iter().map(|fault| fault.message).collect(),
            request_id: Some(id.to_owned()),
        };
        pages.problem(tongue, &page).ok()
    });
    let (kind, body) = match page {
        Some(html) => ("text/html; charset=utf-8", html),
        None => ("application/problem+json", problem.body(tongue).to_string()),
    };
    response.map_body(|head, _| {
        head.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        head.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        BoxBody::new(body)
    })
}
