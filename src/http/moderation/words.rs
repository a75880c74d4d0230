//! Changing a comment's words, and replying as the newsroom.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    domain::CommentId,
    http::{
        Services,
        allowed::{Allowed, Decide},
        answer,
        body::read_json,
        error::Problem,
    },
    moderation::{Item, NewReply, NewWords, Viewer},
};

/// Words for a comment. What is not given stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WordsRequest {
    /// The text.
    body: Option<String>,
    /// The name.
    name: Option<String>,
    /// The author's site; empty takes it away.
    url: Option<String>,
    /// The version that was looked at; a stale one is a conflict.
    version: Option<i64>,
}

/// A reply by the newsroom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplyRequest {
    /// Plain text with the small Markdown subset.
    body: String,
}

/// Change a comment's words
///
/// Readers see the changed words, and that it was edited; the author's own stay beside them as `original`. Status,
/// score and signals stay as they are, and nothing is learned from the change. An edit by the author ends it.
#[utoipa::path(patch, path = "/api/moderation/comments/{id}", operation_id = "revise_comment", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The comment's id")), request_body = WordsRequest,
    responses((status = 200, description = "The comment as it stands", body = Item), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`"),
        (status = 409, description = "`version_conflict` with `decided_by`, `decided_at`, `status_now`, `version`"),
        (status = 422, description = "`validation_failed`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn revise(
    allowed: Allowed<Decide>,
    id: Path<String>,
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let asked: WordsRequest = read_json(&request, payload).await?;
    let (viewer, id) = (allowed.viewer(), super::id(&id)?);
    let bounds = bounds(&services, &viewer, id).await?;
    let WordsRequest { body, name, url, version } = asked;
    let new = NewWords { name, url, body, version };
    Ok(answer::ok(services.moderation.revise(&viewer, id, new, bounds).await?))
}

/// Reply as the newsroom
///
/// Shown at once and marked `by_staff`, under the name of the account or token.
#[utoipa::path(post, path = "/api/moderation/comments/{id}/reply", operation_id = "reply_to_comment", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The id of a shown comment"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 128 visible ASCII characters; the same key with the same content is stored once, for 24 h")),
    request_body = ReplyRequest,
    responses((status = 201, description = "The reply", body = Item), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`; `parent_not_found` where the comment is not shown"),
        (status = 409, description = "`duplicate`"), (status = 422, description = "`validation_failed`, `idempotency_key_reused`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn reply(
    allowed: Allowed<Decide>,
    id: Path<String>,
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let idempotency_key = super::once::key(&request)?;
    let asked: ReplyRequest = read_json(&request, payload).await?;
    let (viewer, parent) = (allowed.viewer(), super::id(&id)?);
    let bounds = bounds(&services, &viewer, parent).await?;
    let new = NewReply { parent, body: asked.body, idempotency_key };
    Ok(answer::created(services.moderation.reply(&viewer, new, bounds).await?))
}

/// Least and most characters of a text on the comment's site; the widest there are where the site is no longer
/// configured.
async fn bounds(services: &Services, viewer: &Viewer, id: CommentId) -> Result<(usize, usize), Problem> {
    let item = services.moderation.item(viewer, id).await?;
    let config = services.live.get();
    let site = config.sites.iter().find(|site| site.id.as_str() == item.site);
    Ok(site.map_or((1, 100_000), |site| (site.body_min, site.body_max)))
}
