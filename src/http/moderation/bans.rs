//! Bans.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    domain::{BanKind, BanMode},
    http::{
        Services,
        allowed::{Allowed, Decide, Read},
        answer,
        body::{fault, read_json},
        error::Problem,
        query::{Query, moment},
    },
    moderation::{Ban, BanPage, BanTarget, NewBan},
};

/// A ban to set: `value`, or `from_comment` for what that comment's author has of the kind.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BanRequest {
    /// `ip`, `network`, `email`, `email_domain`, `link_domain` or `name`.
    #[schema(value_type = String)]
    kind: BanKind,
    /// Whom it meets.
    value: Option<String>,
    /// A comment's id.
    from_comment: Option<String>,
    /// `refuse`, `hold` or `shadow`.
    #[schema(value_type = String)]
    mode: BanMode,
    /// Where; on all sites without (admin only).
    site: Option<String>,
    /// Until when; for good without.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// Why.
    reason: Option<String>,
}

/// The bans in force
///
/// Newest first. Who is no admin sees the comment that an address ban was drawn from, never the address.
#[utoipa::path(get, path = "/api/moderation/bans", operation_id = "list_bans", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("limit" = Option<u32>, Query, description = "1 to 200, default 50"), ("cursor" = Option<String>, Query, description = "Where the last answer left off")),
    responses((status = 200, description = "A stretch of the bans", body = BanPage), (status = 401, description = "`unauthenticated`"), (status = 422, description = "`validation_failed`, `invalid_cursor`")))]
pub(super) async fn list(
    allowed: Allowed<Read>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let query = Query::of(&request, &["limit", "cursor"])?;
    Ok(answer::ok(services.moderation.bans(&allowed.viewer(), query.limit()?, query.text("cursor")).await?))
}

/// Set a ban
#[utoipa::path(post, path = "/api/moderation/bans", operation_id = "add_ban", tag = "Moderation", security(("session" = []), ("token" = [])), request_body = BanRequest,
    responses((status = 201, description = "The ban", body = Ban), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`: a foreign site or comment"),
        (status = 422, description = "`validation_failed`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn add(
    allowed: Allowed<Decide>,
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let asked: BanRequest = read_json(&request, payload).await?;
    let target = match (asked.value, asked.from_comment) {
        (Some(value), None) => BanTarget::Value(value),
        (None, Some(id)) => BanTarget::FromComment(super::id(&id)?),
        (None, None) => return Err(fault("value", "required", "Give value or from_comment.")),
        (Some(_), Some(_)) => return Err(fault("value", "invalid", "Give value or from_comment, not both.")),
    };
    if let Some(site) = &asked.site {
        super::queue::site(&services.live.get(), site)?;
    }
    let expires_at = asked.expires_at.as_deref().map(|text| moment("expires_at", text)).transpose()?;
    if expires_at.is_some_and(|at| at <= services.clock.now()) {
        return Err(fault("expires_at", "invalid", "Give a time to come."));
    }
    let reason = super::reason("reason", asked.reason)?;
    let ban = NewBan { kind: asked.kind, target, mode: asked.mode, site: asked.site, expires_at, reason };
    let ban = services.moderation.ban(&allowed.viewer(), ban).await?;
    in_force(&services).await;
    Ok(answer::created(ban))
}

/// End a ban
#[utoipa::path(delete, path = "/api/moderation/bans/{id}", operation_id = "remove_ban", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The ban's id")),
    responses((status = 204, description = "Ended"), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`")))]
pub(super) async fn remove(
    allowed: Allowed<Decide>,
    id: Path<String>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    services.moderation.unban(&allowed.viewer(), super::id(&id)?).await?;
    in_force(&services).await;
    Ok(answer::done())
}

/// Whoever reads the answer finds the change in force. The change is stored already, so a failure here
/// only leaves it to the next regular refresh.
async fn in_force(services: &Services) {
    if let Err(fault) = services.intake.refresh().await {
        tracing::warn!(error = %fault, "bans could not be read anew; the next reading follows");
    }
}
