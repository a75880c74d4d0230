//! What a form has to know of its site before anything is typed. The rules themselves are `intake`'s.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::CACHE_CONTROL,
    web::{Data, Query, ServiceConfig},
};
use serde::{Deserialize, Serialize};

use super::{
    Services,
    error::Problem,
    extract::{allowed_page, visitor},
};
use crate::config::EmailRule;

/// The routes of this room.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(rules);
}

/// Which page.
#[derive(Deserialize, utoipa::IntoParams)]
struct RulesQuery {
    /// The article's absolute URL or path; it need not be known yet.
    #[serde(default)]
    page: String,
}

/// What holds for a comment on a page.
#[derive(Serialize, utoipa::ToSchema)]
struct FormRules {
    /// The site's language.
    lang: String,
    /// Whether an email address must be given: `required` or `optional`.
    email: &'static str,
    /// Characters at least.
    body_min: usize,
    /// Characters at most.
    body_max: usize,
    /// How deep replies may go; 0: none.
    max_depth: u32,
}

/// What a form needs to know
///
/// Of the page's site; the same for every page of it.
#[utoipa::path(tag = "Public", operation_id = "form_rules", params(RulesQuery),
    responses((status = 200, description = "The rules", body = FormRules), (status = 400, description = "`malformed`"), (status = 403, description = "`origin_not_allowed`"), (status = 422, description = "`validation_failed`")))]
#[get("/api/form")]
async fn rules(
    request: HttpRequest,
    query: Query<RulesQuery>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let config = services.live.get();
    let (site, _page) = allowed_page(&config, &query.page, &visitor(&request, &services))?;
    let rules = FormRules {
        lang: site.lang.clone(),
        email: match site.email {
            EmailRule::Required => "required",
            EmailRule::Optional => "optional",
        },
        body_min: site.body_min,
        body_max: site.body_max,
        max_depth: site.max_depth,
    };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=60")).json(rules))
}
