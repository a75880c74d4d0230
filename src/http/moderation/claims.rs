//! Claims: who looks at a comment.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

use crate::{
    http::{
        Services,
        allowed::{Allowed, Decide},
        answer,
        error::Problem,
    },
    moderation::Item,
};

/// Claim a comment
///
/// For five minutes; the same again renews it. It tells the others and keeps nobody from deciding; a decision
/// ends it. Takes no body.
#[utoipa::path(post, path = "/api/moderation/comments/{id}/claim", operation_id = "claim_comment", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The comment's id")),
    responses((status = 200, description = "The comment as it stands", body = Item), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`"),
        (status = 409, description = "`claimed` with `claimed_by` and `claimed_until`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn claim(
    allowed: Allowed<Decide>,
    id: Path<String>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    Ok(answer::ok(services.moderation.claim(&allowed.viewer(), super::id(&id)?).await?))
}

/// Give a claim back
///
/// One's own; where there is none, nothing changes.
#[utoipa::path(delete, path = "/api/moderation/comments/{id}/claim", operation_id = "release_claim", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The comment's id")),
    responses((status = 204, description = "Nobody's, or somebody else's as before"), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn unclaim(
    allowed: Allowed<Decide>,
    id: Path<String>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    services.moderation.unclaim(&allowed.viewer(), super::id(&id)?).await?;
    Ok(answer::done())
}
