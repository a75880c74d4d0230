//! Likes and reports.

use actix_web::{
    HttpRequest, HttpResponse, delete,
    http::header::CACHE_CONTROL,
    post,
    web::{Data, Path, Payload, ServiceConfig},
};
use serde::{Deserialize, Serialize};

use super::{
    Services,
    comments::comment_id,
    error::{Code, Problem},
    extract::visitor,
    read, refusals, strict,
    wire::Raw,
};
use crate::intake::Entry;

/// The routes of this room.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(like).service(unlike).service(report);
}

/// How many readers like the comment now.
#[derive(Serialize, utoipa::ToSchema)]
struct Likes {
    likes: u64,
}

/// Like a comment
///
/// One a reader, known by the network's keyed hash; repeating is 200 with the count.
#[utoipa::path(tag = "Public", params(("id" = String, Path, description = "The comment's id")),
    responses((status = 200, description = "The count", body = Likes), (status = 403, description = "`origin_not_allowed`"), (status = 404, description = "`not_found`"), (status = 429, description = "`rate_limited`")))]
#[post("/api/comments/{id}/likes")]
async fn like(request: HttpRequest, id: Path<String>, services: Data<Services>) -> Result<HttpResponse, Problem> {
    set(&request, &id, &services, true).await
}

/// Take a like back
#[utoipa::path(tag = "Public", params(("id" = String, Path, description = "The comment's id")),
    responses((status = 200, description = "The count", body = Likes), (status = 403, description = "`origin_not_allowed`"), (status = 404, description = "`not_found`"), (status = 429, description = "`rate_limited`")))]
#[delete("/api/comments/{id}/likes")]
async fn unlike(request: HttpRequest, id: Path<String>, services: Data<Services>) -> Result<HttpResponse, Problem> {
    set(&request, &id, &services, false).await
}

async fn set(request: &HttpRequest, id: &str, services: &Services, liked: bool) -> Result<HttpResponse, Problem> {
    let visitor = visitor(request, services);
    let count = services.intake.like(comment_id(id)?, liked, &visitor).await;
    let likes = count.map_err(|refusal| refusals::problem(&refusal))?.ok_or_else(|| Problem::new(Code::NotFound))?;
    services.changed();
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(Likes { likes }))
}

/// Why a reader reports a comment.
#[derive(Deserialize, utoipa::ToSchema)]
struct NewReport {
    /// 1 to 500 characters.
    #[serde(default)]
    #[schema(value_type = String, max_length = 500)]
    reason: Raw,
}

/// It was taken.
#[derive(Serialize, utoipa::ToSchema)]
struct Reported {
    reported: bool,
}

/// Report a comment to the moderators
///
/// It takes nothing from the page by itself.
#[utoipa::path(tag = "Public", request_body = NewReport, params(("id" = String, Path, description = "The comment's id")),
    responses((status = 200, description = "Taken", body = Reported), (status = 403, description = "`origin_not_allowed`"), (status = 404, description = "`not_found`"), (status = 422, description = "`validation_failed`"), (status = 429, description = "`rate_limited`")))]
#[post("/api/comments/{id}/reports")]
async fn report(
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let id = comment_id(&id)?;
    read::expect_media(&request, "application/json")?;
    let bytes = read::body(&request, payload, services.live.get().server.max_body).await?;
    let new: NewReport = strict::read(&bytes).map_err(Problem::from)?;
    let reason = Entry::from(new.reason);
    let taken = services.intake.report(id, reason.text(), &visitor(&request, &services)).await;
    if !taken.map_err(|refusal| refusals::problem(&refusal))? {
        return Err(Problem::new(Code::NotFound));
    }
    services.received();
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(Reported { reported: true }))
}
