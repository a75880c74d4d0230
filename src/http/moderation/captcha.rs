//! Asking the captcha provider once more about a comment that is held because it could not say.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{
        Services,
        allowed::{Allowed, Decide},
        answer,
        error::Problem,
    },
    moderation::Item,
};

/// The comment after a second check.
#[derive(Serialize, ToSchema)]
pub(super) struct Rechecked {
    /// As it stands now.
    #[serde(flatten)]
    item: Item,
    /// `done`: the provider has spoken, see `captcha` and `signals`. `unanswered`: it still gives no answer, or is
    /// being asked at this moment. `nothing_left`: there is no token to ask about, never or not any more.
    recheck: &'static str,
}

/// Check a comment's captcha again
///
/// For a comment that waits with the outcome `unverified`. It also happens by itself once the provider answers.
/// Whatever comes of it, the comment goes on waiting. Takes no body.
#[utoipa::path(post, path = "/api/moderation/comments/{id}/captcha", operation_id = "check_captcha_again", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The comment's id")),
    responses((status = 200, description = "The comment as it stands", body = Rechecked), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn recheck(
    allowed: Allowed<Decide>,
    id: Path<String>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let (viewer, id) = (allowed.viewer(), super::id(&id)?);
    // What is not the viewer's to see is not theirs to have checked.
    services.moderation.item(&viewer, id).await?;
    let outcome = services.intake.recheck(id).await?;
    let item = services.moderation.item(&viewer, id).await?;
    Ok(answer::ok(Rechecked { item, recheck: outcome.as_str() }))
}
