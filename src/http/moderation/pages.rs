//! Pages: what waits there, closing one, and its title and mode.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::{
    config::{Config, Site},
    domain::{Mode, PageIdentity, Timestamp, page_title},
    http::{
        Services,
        allowed::{Allowed, Decide, Read},
        answer,
        body::{fault, read_json},
        error::Problem,
        query::Query,
        refusals::invalid,
    },
    moderation::{NewPage, PageFilter, PageOrder, PageView},
};

/// A page.
#[derive(Serialize, ToSchema)]
pub(super) struct PageItem {
    /// The site it is on.
    site: String,
    /// Its address.
    page: String,
    /// Its title.
    title: Option<String>,
    /// A moderator closed it.
    closed: bool,
    /// Who publishes there without a moderator: `pre`, `trusted` or `post`; null is as on the whole site.
    #[schema(value_type = Option<String>)]
    mode: Option<Mode>,
    /// When it was first commented; null before.
    #[schema(value_type = Option<String>, format = DateTime)]
    first_at: Option<Timestamp>,
    /// When it closes by its age, or did; null is never.
    #[schema(value_type = Option<String>, format = DateTime)]
    closes_at: Option<Timestamp>,
    /// Comments that are shown.
    approved: u64,
    /// Comments that wait.
    pending: u64,
}

/// A stretch of the pages.
#[derive(Serialize, ToSchema)]
pub(super) struct PageList {
    /// In the order that was asked for.
    items: Vec<PageItem>,
    /// Where the next stretch starts; null at the end.
    next_cursor: Option<String>,
}

/// What to change about a page. What is not given stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PageRequest {
    /// The article's URL or path; nobody needs to have commented there.
    #[schema(max_length = 2048)]
    page: String,
    /// Which site a path is on; not needed where there is one, or with a URL.
    site: Option<String>,
    /// True closes it. False or null does not: then it closes by its age, where `moderation.close_after` says so.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>)]
    closed: Option<Option<bool>>,
    /// At most 300 characters; null or blank is none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 300)]
    title: Option<Option<String>>,
    /// `pre`, `trusted` or `post`; null is as on the whole site.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    mode: Option<Option<Mode>>,
}

/// Tells null from nothing.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The pages
///
/// Those that were commented, and those that a moderator changed.
#[utoipa::path(get, path = "/api/moderation/pages", operation_id = "list_pages", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("site" = Option<String>, Query, description = "A site's id"), ("q" = Option<String>, Query, description = "Text in address or title"),
        ("closed" = Option<bool>, Query, description = "`true`: those that a moderator closed; `false`: the others"),
        ("order" = Option<String>, Query, description = "`newest` (default): the one first seen last; `waiting`: the one where most waits"),
        ("limit" = Option<u32>, Query, description = "1 to 200, default 50"), ("cursor" = Option<String>, Query, description = "Where the last answer left off")),
    responses((status = 200, description = "A stretch of the pages", body = PageList), (status = 401, description = "`unauthenticated`"),
        (status = 404, description = "`not_found`: a foreign site"), (status = 422, description = "`validation_failed`, `invalid_cursor`")))]
pub(super) async fn list(
    allowed: Allowed<Read>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let query = Query::of(&request, &["site", "q", "closed", "order", "limit", "cursor"])?;
    let config = services.live.get();
    let site = query.text("site").map(|name| super::queue::site(&config, name)).transpose()?;
    let filter = PageFilter {
        site: site.map(|site| site.id.to_string()),
        text: query.short("q", 200)?,
        closed: closed(query.text("closed"))?,
        order: order(query.text("order"))?,
    };
    let found = services.moderation.pages(&allowed.viewer(), filter, query.limit()?, query.text("cursor")).await?;
    let items = found.items.into_iter().map(|page| item(&config, page)).collect();
    Ok(answer::ok(PageList { items, next_cursor: found.next_cursor }))
}

/// Change a page
///
/// Close it, or give it a title or a mode of its own. It holds at once, for edits too; what is shown stays.
#[utoipa::path(patch, path = "/api/moderation/pages", operation_id = "change_page", tag = "Moderation", security(("session" = []), ("token" = [])), request_body = PageRequest,
    responses((status = 200, description = "The page as it stands", body = PageItem), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`: a foreign site"),
        (status = 422, description = "`validation_failed`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn change(
    allowed: Allowed<Decide>,
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let asked: PageRequest = read_json(&request, payload).await?;
    let config = services.live.get();
    let site = asked.site.as_deref().map(|name| super::queue::site(&config, name)).transpose()?;
    let title = match asked.title {
        Some(Some(title)) => Some(page_title(&title).map_err(|wrong| invalid(&[wrong]))?),
        unchanged => unchanged,
    };
    let new = NewPage {
        page: page_of(&config, site, &asked.page)?,
        closed: asked.closed.map(Option::unwrap_or_default),
        title,
        mode: asked.mode,
    };
    let page = services.moderation.change_page(&allowed.viewer(), new).await?;
    Ok(answer::ok(item(&config, page)))
}

/// The page that an address means, which is a site's own: what is told to readers of it must not lead elsewhere.
pub(super) fn page_of(config: &Config, site: Option<&Site>, raw: &str) -> Result<PageIdentity, Problem> {
    let page = super::queue::page_of(config, site, raw)?;
    let of_page = |site: &&Site| site.id == page.site;
    let public = config.server.public_url.trim_end_matches('/');
    let is_own = page.url.starts_with('/')
        || config.sites.iter().find(of_page).is_some_and(|site| {
            let own = site.origins.iter().map(String::as_str).chain([public]);
            own.into_iter().any(|origin| page.url.strip_prefix(origin).is_some_and(|rest| rest.starts_with('/')))
        });
    if is_own { Ok(page) } else { Err(fault("page", "invalid", "This address is not one of the site's.")) }
}

fn item(config: &Config, page: PageView) -> PageItem {
    let PageView { site, page, title, closed, mode, first_at, approved, pending } = page;
    let configured = config.sites.iter().find(|one| one.id.as_str() == site);
    let closes_at = configured.and_then(|one| one.moderation.closes_at(first_at));
    PageItem { site, page, title, closed, mode, first_at, closes_at, approved, pending }
}

fn closed(text: Option<&str>) -> Result<Option<bool>, Problem> {
    let flag = text.map(|text| text.parse().map_err(|_odd| fault("closed", "invalid", "Give true or false.")));
    flag.transpose()
}

fn order(text: Option<&str>) -> Result<PageOrder, Problem> {
    match text {
        None | Some("newest") => Ok(PageOrder::Newest),
        Some("waiting") => Ok(PageOrder::Waiting),
        Some(_) => Err(fault("order", "invalid", "Give newest or waiting.")),
    }
}
