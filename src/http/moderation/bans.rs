//! Bans.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Payload},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::once::once;
use crate::{
    domain::{BanKind, BanMode, Timestamp},
    http::{
        Services,
        allowed::{Allowed, Decide, Read},
        answer,
        body::{fault, read_json},
        error::Problem,
        query::{Query, moment},
    },
    moderation::{Ban, BanFilter, BanPage, BanPreview, BanSet, BanTarget, NewBan},
};

/// A ban to set: `value`, or `from_comment` for what that comment's author has of the kind.
#[derive(Deserialize, Serialize, ToSchema)]
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
    /// It deals with what waits, too; true without.
    apply: Option<bool>,
}

/// A ban to try: as one to set; of its fields only those are needed that say whom it meets.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BanPreviewRequest {
    /// `ip`, `network`, `email`, `email_domain`, `link_domain` or `name`.
    #[schema(value_type = String)]
    kind: BanKind,
    /// Whom it meets.
    value: Option<String>,
    /// A comment's id.
    from_comment: Option<String>,
    /// `refuse`, `hold` or `shadow`: it meets the same.
    #[schema(value_type = Option<String>)]
    mode: Option<BanMode>,
    /// Where; on all sites without (admin only).
    site: Option<String>,
    /// Until when.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// Why.
    reason: Option<String>,
    /// Whether it would deal with what waits.
    apply: Option<bool>,
}

impl From<BanPreviewRequest> for BanRequest {
    fn from(asked: BanPreviewRequest) -> Self {
        let BanPreviewRequest { kind, value, from_comment, mode, site, expires_at, reason, apply } = asked;
        Self { kind, value, from_comment, mode: mode.unwrap_or(BanMode::Hold), site, expires_at, reason, apply }
    }
}

/// The bans in force
///
/// Newest first. Who is no admin sees the comment that an address ban was drawn from, never the address.
#[utoipa::path(get, path = "/api/moderation/bans", operation_id = "list_bans", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("kind" = Option<String>, Query, description = "`ip`, `network`, `email`, `email_domain`, `link_domain` or `name`"),
        ("site" = Option<String>, Query, description = "A site's id: those set for it, without those on all sites"),
        ("q" = Option<String>, Query, description = "Text in what they go by, as far as you see it, in the reason, or in the name of who set them"),
        ("limit" = Option<u32>, Query, description = "1 to 200, default 50"), ("cursor" = Option<String>, Query, description = "Where the last answer left off")),
    responses((status = 200, description = "A stretch of the bans", body = BanPage), (status = 401, description = "`unauthenticated`"),
        (status = 404, description = "`not_found`: a foreign site"), (status = 422, description = "`validation_failed`, `invalid_cursor`")))]
pub(super) async fn list(
    allowed: Allowed<Read>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let query = Query::of(&request, &["kind", "site", "q", "limit", "cursor"])?;
    let site =
        query.text("site").map(|name| super::queue::site(&services.live.get(), name).map(|site| site.id.to_string()));
    let filter = BanFilter {
        kind: query.text("kind").map(kind).transpose()?,
        site: site.transpose()?,
        text: query.short("q", 200)?,
    };
    Ok(answer::ok(services.moderation.bans(&allowed.viewer(), filter, query.limit()?, query.text("cursor")).await?))
}

/// Set a ban
///
/// It is in force when it is answered. What waits and is met is dealt with at once, unless `apply` is false: `hold`
/// leaves the signal `ban_hold`, `shadow` marks as spam, `refuse` rejects.
#[utoipa::path(post, path = "/api/moderation/bans", operation_id = "add_ban", tag = "Moderation", security(("session" = []), ("token" = [])), request_body = BanRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 128 visible ASCII characters: the same key with the same content sets one ban and gives one answer, for 24 h")),
    responses((status = 201, description = "The ban", body = Ban), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`: a foreign site or comment"),
        (status = 422, description = "`validation_failed`, `idempotency_key_reused`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn add(
    allowed: Allowed<Decide>,
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let mut asked: BanRequest = read_json(&request, payload).await?;
    asked.apply.get_or_insert(true);
    let viewer = allowed.viewer();
    let once = once(&request, &services, &viewer, "bans", &asked)?;
    if let Some(answer) = services.moderation.answered(once.as_ref()).await? {
        return Ok(told(answer));
    }
    let set = match services.moderation.ban(&viewer, new(&services, asked)?, once).await? {
        BanSet::Now(set) => set,
        BanSet::Before(answer) => return Ok(told(answer)),
    };
    // Before it is laid on what waits: nothing slips in behind.
    in_force(&services).await;
    let mark = Arc::new(services.intake.ban_mark());
    Ok(told(services.moderation.enforce(&viewer, &set, mark).await?))
}

/// Try a ban
///
/// What it would have met of the last 30 days, and what waits. Nothing is changed. Addresses are kept for
/// `moderation.retain_ip` at most, so a ban on them counts from `addresses_since` on.
#[utoipa::path(post, path = "/api/moderation/bans/preview", operation_id = "preview_ban", tag = "Moderation", security(("session" = []), ("token" = [])), request_body = BanPreviewRequest,
    responses((status = 200, description = "What it would have met", body = BanPreview), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`: a foreign site or comment"),
        (status = 422, description = "`validation_failed`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn preview(
    allowed: Allowed<Decide>,
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let asked: BanPreviewRequest = read_json(&request, payload).await?;
    let new = new(&services, asked.into())?;
    let kept_for = address_kept_for(&services, new.site.as_deref());
    Ok(answer::ok(services.moderation.preview(&allowed.viewer(), &new, kept_for).await?))
}

/// End a ban
///
/// What it did stays.
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

/// 201 with an answer that is JSON already.
fn told(answer: String) -> HttpResponse {
    answer::with(StatusCode::CREATED).content_type("application/json").body(answer)
}

/// The ban that is asked for, as far as it can be checked without the store.
fn new(services: &Services, asked: BanRequest) -> Result<NewBan, Problem> {
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
    if expires_at.is_some_and(|at: Timestamp| at <= services.clock.now()) {
        return Err(fault("expires_at", "invalid", "Give a time to come."));
    }
    let (kind, mode, site) = (asked.kind, asked.mode, asked.site);
    let reason = super::reason("reason", asked.reason)?;
    Ok(NewBan { kind, target, mode, site, expires_at, reason, apply: asked.apply.unwrap_or(true) })
}

/// How long addresses are surely kept on this site, or on all.
fn address_kept_for(services: &Services, site: Option<&str>) -> Duration {
    let config = services.live.get();
    let concerned = config.sites.iter().filter(|one| site.is_none_or(|site| one.id.as_str() == site));
    concerned.map(|one| one.moderation.retain_ip).min().unwrap_or_default()
}

fn kind(text: &str) -> Result<BanKind, Problem> {
    text.parse().map_err(|()| fault("kind", "invalid", "Give ip, network, email, email_domain, link_domain or name."))
}
