//! The feed of a page or a site, for feed readers.

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Query, ServiceConfig},
};
use serde::Deserialize;

use super::{
    Services,
    body::fault,
    error::{Code, Problem},
    extract::{allowed_page, visitor},
    language, prepared, texts,
};
use crate::{
    config::{Config, Site},
    domain::Tongue,
    publish::{FeedTitle, WantedFeed},
};

/// The routes of this room.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(feed);
}

/// Whose feed: one of the two.
#[derive(Deserialize, utoipa::IntoParams)]
struct FeedQuery {
    /// The article's absolute URL or path.
    page: Option<String>,
    /// A site's id.
    site: Option<String>,
}

/// The newest comments as Atom
///
/// The newest 50 approved comments of a page or of a whole site, newest first. Give `page` or `site`.
#[utoipa::path(tag = "Public", params(FeedQuery),
    responses((status = 200, description = "The feed", body = String, content_type = "application/atom+xml"), (status = 304, description = "Nothing changed"),
        (status = 400, description = "`malformed`"), (status = 403, description = "`origin_not_allowed`"), (status = 404, description = "`not_found`: no such site"),
        (status = 422, description = "`validation_failed`")))]
#[get("/feed.atom")]
async fn feed(
    request: HttpRequest,
    query: Query<FeedQuery>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let config = services.live.get();
    let tongue = language::of(&request, &services);
    let wanted = match (&query.page, &query.site) {
        (Some(page), None) => {
            let (site, page) = allowed_page(&config, page, &visitor(&request, &services))?;
            wanted(&config, site, tongue, Some(page.key))
        }
        (None, Some(id)) => {
            let site = config.sites.iter().find(|site| site.id.as_str() == id);
            wanted(&config, site.ok_or_else(|| Problem::new(Code::NotFound))?, tongue, None)
        }
        (None, None) => return Err(fault("page", "required", "Give a page or a site.")),
        (Some(_), Some(_)) => return Err(fault("site", "invalid", "Give a page or a site, not both.")),
    };
    let words = move |title: FeedTitle<'_>| match title {
        FeedTitle::Whole(title) => texts::say(tongue, "feed.title", &[("title", title.into())]),
        FeedTitle::Entry(name, title) => {
            texts::say(tongue, "feed.entry", &[("name", name.into()), ("title", title.into())])
        }
    };
    let prepared = services.publish.feed(wanted, &words).await?;
    Ok(prepared::answer(&request, &prepared, "application/atom+xml"))
}

fn wanted(config: &Config, site: &Site, tongue: Tongue, key: Option<String>) -> WantedFeed {
    let public_url = config.server.public_url.trim_end_matches('/').to_owned();
    WantedFeed {
        site: site.id.to_string(),
        key,
        origin: site.origins.first().unwrap_or(&public_url).clone(),
        lang: site.lang.clone(),
        tongue,
        public_url,
    }
}
