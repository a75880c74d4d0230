//! The pages for people: the front door, the news page, the API's reference.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, get,
    http::header::CACHE_CONTROL,
    web::{Data, Query, ServiceConfig},
};
use serde::Deserialize;

use super::{
    Services,
    error::{Code, Problem},
    extract::{allowed_page, visitor},
    openapi,
    pages::{DemoPage, DocsPage, LandingPage, PagesError},
    threads::{self, DEMO},
};
use crate::{config::EmailRule, domain::PageAddress, telemetry::chain};

/// The routes of this room.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(landing).service(demo).service(docs);
}

/// A finished page on its way out.
pub(super) fn html(mut answer: HttpResponseBuilder, html: String) -> HttpResponse {
    answer.insert_header((CACHE_CONTROL, "no-store")).content_type("text/html; charset=utf-8").body(html)
}

/// A page that cannot be rendered is a fault of the program.
pub(super) fn broken(fault: &PagesError) -> HttpResponse {
    tracing::error!(error = chain(fault), "a page could not be rendered");
    let answer = HttpResponse::InternalServerError();
    html(
        answer,
        "<!doctype html><title>Something went wrong</title><p>Something went wrong on our side.</p>".to_owned(),
    )
}

/// A small landing page
#[utoipa::path(tag = "Pages", responses((status = 200, description = "HTML")))]
#[get("/")]
async fn landing(services: Data<Services>) -> HttpResponse {
    let public_url = services.live.get().server.public_url.trim_end_matches('/').to_owned();
    let page = LandingPage { public_url, version: env!("CARGO_PKG_VERSION").to_owned() };
    services.pages.landing(&page).map_or_else(|fault| broken(&fault), |page| html(HttpResponse::Ok(), page))
}

/// The API, readable
#[utoipa::path(tag = "Operations", responses((status = 200, description = "HTML")))]
#[get("/docs")]
async fn docs(services: Data<Services>) -> HttpResponse {
    let page = DocsPage::from_openapi(openapi::document());
    services.pages.docs(&page).map_or_else(|fault| broken(&fault), |page| html(HttpResponse::Ok(), page))
}

/// What the news page's address may ask for.
#[derive(Deserialize, utoipa::IntoParams)]
struct DemoQuery {
    /// `pending` after a comment was sent that waits.
    replydesk: Option<String>,
}

/// A news page with the widget under its article
#[utoipa::path(tag = "Pages", params(DemoQuery), responses((status = 200, description = "HTML", body = String, content_type = "text/html"), (status = 400, description = "`malformed`")))]
#[get("/demo")]
async fn demo(
    request: HttpRequest,
    query: Query<DemoQuery>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let config = services.live.get();
    let found = allowed_page(&config, DEMO, &visitor(&request, &services));
    let (site, page, named) = match found {
        Ok((site, page)) => (site, page, DEMO.to_owned()),
        // With several sites the page is the first one's, and has to say so.
        Err(_several) => {
            let first = config.sites.first().ok_or_else(|| Problem::new(Code::NotFound))?;
            let address = PageAddress::parse(DEMO).map_err(|_never| Problem::new(Code::Internal))?;
            let named = format!("{}{DEMO}", first.origins.first().map_or("", String::as_str));
            (first, address.identity(&first.id, &first.keep_query), named)
        }
    };
    let demo = DemoPage {
        thread_url: threads::address(&named, &[]),
        feed_url: threads::feed_address(site, &page),
        page: named,
        email_required: site.email == EmailRule::Required,
        waits: query.replydesk.as_deref() == Some("pending"),
    };
    Ok(services.pages.demo(&demo).map_or_else(|fault| broken(&fault), |page| html(HttpResponse::Ok(), page)))
}
