//! The sites as they are configured, as far as it helps to moderate them.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    config::{Site, told_duration},
    domain::Mode,
    http::{
        Services,
        allowed::{Allowed, Read},
        answer,
        error::{Code, Problem},
        query::Query,
    },
    moderation::cursor,
};

/// What a cursor of this list is for.
const QUESTION: &str = "sites";

/// A site.
#[derive(Serialize, ToSchema)]
pub(super) struct SiteView {
    /// Its id.
    id: String,
    /// Where its pages live.
    origins: Vec<String>,
    /// Its language, a tag such as `en`.
    lang: String,
    /// Who publishes without a moderator: `pre`, `trusted` or `post`. A page may have a mode of its own.
    #[schema(value_type = String)]
    mode: Mode,
    /// In mode `trusted`: approvals that make an author trusted.
    trusted_after: u32,
    /// How long after its first comment a page closes, e.g. `30d`; null is never.
    close_after: Option<String>,
    /// The captcha.
    captcha: SiteCaptcha,
    /// The content score.
    scoring: SiteScoring,
    /// What a refused reader is told to turn to; null where there is nothing.
    contact: Option<String>,
}

/// A site's captcha.
#[derive(Serialize, ToSchema)]
pub(super) struct SiteCaptcha {
    /// Who is asked.
    provider: String,
    /// A score under it is refused.
    reject_below: f64,
    /// A score under it waits.
    hold_below: f64,
}

/// A site's content score.
#[derive(Serialize, ToSchema)]
pub(super) struct SiteScoring {
    /// From this risk on it waits.
    hold_at: f64,
    /// From this risk on it is spam.
    spam_at: f64,
}

/// A stretch of the sites.
#[derive(Serialize, ToSchema)]
pub(super) struct SiteList {
    /// In the order of the settings.
    items: Vec<SiteView>,
    /// Where the next stretch starts; null at the end.
    next_cursor: Option<String>,
}

/// The sites
///
/// Those that you may see, with the settings in force.
#[utoipa::path(get, path = "/api/moderation/sites", operation_id = "list_sites", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("limit" = Option<u32>, Query, description = "1 to 200, default 50"), ("cursor" = Option<String>, Query, description = "Where the last answer left off")),
    responses((status = 200, description = "A stretch of the sites", body = SiteList), (status = 401, description = "`unauthenticated`"), (status = 422, description = "`validation_failed`, `invalid_cursor`")))]
pub(super) async fn list(
    allowed: Allowed<Read>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let query = Query::of(&request, &["limit", "cursor"])?;
    let limit = query.limit()?;
    let config = services.live.get();
    let viewer = allowed.viewer();
    let mut sites: Vec<&Site> = config.sites.iter().filter(|site| viewer.sees(site.id.as_str())).collect();
    if let Some(text) = query.text("cursor") {
        let last = cursor::open(&services.keys, QUESTION, text).ok_or_else(|| Problem::new(Code::InvalidCursor))?;
        // A site that a reload took away meanwhile leaves nothing to go on from.
        let behind = sites.iter().position(|site| site.id.as_str().as_bytes() == last);
        sites = behind.map_or_else(Vec::new, |at| sites.split_off(at + 1));
    }
    let more = sites.len() > limit;
    sites.truncate(limit);
    let last = sites.last().filter(|_| more);
    let next_cursor = last.map(|last| cursor::seal(&services.keys, QUESTION, last.id.as_str().as_bytes()));
    Ok(answer::ok(SiteList { items: sites.into_iter().map(SiteView::from).collect(), next_cursor }))
}

impl From<&Site> for SiteView {
    fn from(site: &Site) -> Self {
        let (captcha, scoring, moderation) = (&site.captcha, &site.scoring, &site.moderation);
        Self {
            id: site.id.to_string(),
            origins: site.origins.clone(),
            lang: site.lang.clone(),
            mode: moderation.mode,
            trusted_after: moderation.trusted_after,
            close_after: moderation.close_after.map(told_duration),
            captcha: SiteCaptcha {
                provider: captcha.provider.as_str().to_owned(),
                reject_below: captcha.reject_below,
                hold_below: captcha.hold_below,
            },
            scoring: SiteScoring { hold_at: scoring.hold_at, spam_at: scoring.spam_at },
            contact: Some(site.contact.clone()).filter(|contact| !contact.is_empty()),
        }
    }
}
