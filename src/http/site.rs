//! The pages for people: the front door, the news page, the API's reference.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, get,
    http::header::{CACHE_CONTROL, LINK},
    web::{Data, Query, ServiceConfig},
};
use serde::Deserialize;

use super::{
    Services,
    error::{Code, Problem},
    extract::{allowed_page, visitor},
    openapi,
    pages::{DEMO_TITLE, DemoPage, DocsPage, FormState, LandingPage, Notice, PageComment, PagesError, ReplyingTo},
};
use crate::{
    config::{EmailRule, Site},
    keys,
    publish::{CommentView, Shown, Start, ThreadOrder, Wanted},
    telemetry::chain,
};

/// Comments on one view of the news page.
const ON_A_PAGE: usize = 100;

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
    /// The comment to reply to.
    reply: Option<String>,
    /// `pending` after a comment was sent that waits.
    replydesk: Option<String>,
    /// Of the next comments.
    cursor: Option<String>,
}

/// A news page with the form
#[utoipa::path(tag = "Pages", params(DemoQuery), responses((status = 200, description = "HTML"), (status = 422, description = "`invalid_cursor`")))]
#[get("/demo")]
async fn demo(
    request: HttpRequest,
    query: Query<DemoQuery>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let config = services.live.get();
    let visitor = visitor(&request, &services);
    let (site, page) = match allowed_page(&config, "/demo", &visitor) {
        Ok(found) => found,
        // With several sites the page is the first one's.
        Err(_several) => {
            let first = config.sites.first().ok_or_else(|| Problem::new(Code::NotFound))?;
            let address = crate::domain::PageAddress::parse("/demo").map_err(|_never| Problem::new(Code::Internal))?;
            (first, address.identity(&first.id, &first.keep_query))
        }
    };
    let wanted = Wanted {
        site: site.id.to_string(),
        key: page.key.clone(),
        order: ThreadOrder::Oldest,
        limit: ON_A_PAGE,
        start: query.cursor.clone().map_or(Start::Top, Start::Behind),
    };
    let thread = services.publish.page(site, &wanted, &page.url).await?;
    let reply = query.reply.as_deref().filter(|id| !id.is_empty());
    let parent = match reply.and_then(|id| id.parse().ok()) {
        Some(id) => {
            services.publish.one(id).await?.filter(|(row, _)| row.key == page.key && row.site == site.id.as_str())
        }
        None => None,
    };
    let parent = parent.and_then(|(_, view)| super::comments::shown(view)).filter(|c| can_reply(c, site));
    let notice = match (query.replydesk.as_deref(), reply, &parent) {
        (Some("pending"), _, _) => Some(Notice::Pending),
        (_, Some(_), None) => Some(Notice::ReplyGone),
        _ => None,
    };
    let demo = DemoPage {
        path: "/demo".to_owned(),
        // Whole, so that a feed reader, which comes from nowhere, means the same site.
        feed_url: format!("/feed.atom?page={}{}", site.origins.first().map_or("", String::as_str), page.key),
        more_url: thread.next_cursor.as_ref().map(|cursor| format!("/demo?cursor={cursor}#comments")),
        total: thread.total,
        closed: thread.page.closed,
        comments: thread.comments.into_iter().map(|view| page_comment(view, site, thread.page.closed)).collect(),
        form: form(site, parent),
        notice,
    };
    let mut answer = HttpResponse::Ok();
    answer.insert_header((LINK, "</api/comments?page=/demo>; rel=\"alternate\"; type=\"application/json\""));
    Ok(services.pages.demo(&demo).map_or_else(|fault| broken(&fault), |page| html(answer, page)))
}

fn can_reply(comment: &Shown, site: &Site) -> bool {
    comment.depth < site.max_depth
}

fn form(site: &Site, parent: Option<Shown>) -> FormState {
    let key = keys::random::<16>().map_or_else(|_none| String::new(), |bytes| keys::encode(&bytes));
    FormState {
        title: DEMO_TITLE.to_owned(),
        email_required: site.email == EmailRule::Required,
        replying_to: parent.map(|comment| ReplyingTo {
            id: comment.id.to_string(),
            name: comment.name,
            cancel_url: "/demo#reply-form".to_owned(),
        }),
        ..FormState::empty("/demo", &key)
    }
}

fn page_comment(view: CommentView, site: &Site, closed: bool) -> PageComment {
    match view {
        CommentView::Shown(comment) => PageComment {
            can_reply: !closed && can_reply(&comment, site),
            id: comment.id,
            parent: comment.parent,
            name: comment.name,
            url: comment.url,
            html: comment.html,
            created_at: comment.created_at,
            by_staff: comment.by_staff,
            removed: false,
        },
        CommentView::Removed(gone) => PageComment {
            id: gone.id,
            parent: gone.parent,
            name: String::new(),
            url: None,
            html: String::new(),
            created_at: crate::domain::Timestamp::default(),
            by_staff: false,
            can_reply: false,
            removed: true,
        },
    }
}
