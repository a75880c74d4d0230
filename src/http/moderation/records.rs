//! Refusals, counts and the settings in force.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{
        Services,
        allowed::{Admin, Allowed, Read},
        answer,
        error::Problem,
        query::Query,
    },
    moderation::{Attack, RefusalPage},
};

/// Attacks that the summary tells: it is asked for often.
const ATTACKS: usize = 50;

/// How much there is to do.
#[derive(Serialize, ToSchema)]
pub(super) struct Summary {
    /// Comments a status.
    #[schema(value_type = BTreeMap<String, u64>)]
    counts: BTreeMap<&'static str, u64>,
    /// Where everything is held for a while; the first 50, by site and page.
    attack: Vec<Attack>,
}

/// Captcha refusals
///
/// Newest first; `reference` is what a reader quotes.
#[utoipa::path(get, path = "/api/moderation/refusals", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("reference" = Option<String>, Query, description = "One reference"), ("since" = Option<String>, Query, description = "An RFC 3339 time"),
        ("limit" = Option<u32>, Query, description = "1 to 200, default 50"), ("cursor" = Option<String>, Query, description = "Where the last answer left off")),
    responses((status = 200, description = "A stretch of the refusals", body = RefusalPage), (status = 401, description = "`unauthenticated`"), (status = 422, description = "`validation_failed`, `invalid_cursor`")))]
pub(super) async fn refusals(
    allowed: Allowed<Read>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let query = Query::of(&request, &["reference", "since", "limit", "cursor"])?;
    let (reference, since) = (query.short("reference", 64)?, query.moment("since")?);
    let cursor = query.text("cursor");
    Ok(answer::ok(services.moderation.refusals(&allowed.viewer(), reference, since, query.limit()?, cursor).await?))
}

/// Counts a status, and attacks that go on
#[utoipa::path(get, path = "/api/moderation/summary", tag = "Moderation", security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The counts", body = Summary), (status = 401, description = "`unauthenticated`")))]
pub(super) async fn summary(
    allowed: Allowed<Read>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    Query::of(&request, &[])?;
    let viewer = allowed.viewer();
    let counts = services.moderation.counts(&viewer).await?;
    let attack = super::attack::seen(&services, &viewer).into_iter().take(ATTACKS).map(Attack::from).collect();
    Ok(answer::ok(Summary { counts, attack }))
}

/// The settings in force
///
/// Secrets are masked.
#[utoipa::path(get, path = "/api/moderation/settings", tag = "Moderation", security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The settings", body = serde_json::Value), (status = 401, description = "`unauthenticated`"), (status = 403, description = "`forbidden`")))]
pub(super) async fn settings(_admin: Allowed<Admin>, services: Data<Services>) -> Result<HttpResponse, Problem> {
    Ok(answer::ok(services.live.settings()))
}
