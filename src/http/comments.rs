//! The public JSON routes: submit, read, count, one's own, change, take back.

use actix_web::{
    HttpRequest, HttpResponse, delete, get,
    http::header::{CACHE_CONTROL, LOCATION},
    patch, post,
    web::{Data, Path, Payload, Query, ServiceConfig},
};
use serde::{Deserialize, Serialize};

use super::{
    Services,
    error::{Code, Problem},
    extract::{allowed_page, visitor},
    front, language, prepared, read, refusals, strict,
    wire::{Accepted, Changed, RawSubmission},
};
use crate::{
    domain::{CommentId, Fault, FaultCode},
    intake::{Entry, Refusal, Submission, presumed},
    publish::{CommentView, PublishError, Shown, Start, ThreadOrder, ThreadPage, Wanted},
    text::markdown,
};

/// The routes of this room.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(counts).service(submit).service(thread).service(one).service(edit).service(withdraw);
}

/// Submit a comment
///
/// 201 when it is published at once, 202 when it waits; both only after it is synced to disk.
#[utoipa::path(tag = "Public", request_body = RawSubmission,
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 128 visible ASCII characters; the same key with the same content is stored once, for 24 h")),
    responses((status = 201, description = "Published", body = Accepted), (status = 202, description = "Waiting for a moderator", body = Accepted),
        (status = 400, description = "`malformed`"), (status = 403, description = "`captcha_failed`, `captcha_score_low`, `origin_not_allowed`, `banned`, `comments_closed`"),
        (status = 404, description = "`parent_not_found`"), (status = 408, description = "`timeout`"), (status = 409, description = "`duplicate`"),
        (status = 413, description = "`too_large`"), (status = 415, description = "`unsupported_media_type`"),
        (status = 422, description = "`validation_failed`, `idempotency_key_reused`"), (status = 429, description = "`rate_limited`"),
        (status = 503, description = "`unavailable`")))]
#[post("/api/comments")]
async fn submit(request: HttpRequest, payload: Payload, services: Data<Services>) -> Result<HttpResponse, Problem> {
    let config = services.live.get();
    let visitor = visitor(&request, &services);
    if let Some(flooder) = front::flooder(&request, &services) {
        front::pass_over(payload.into_inner()).await;
        let standing = services.intake.turn_away(&config, &flooder, presumed(&config, &visitor));
        return Err(refusals::problem(&Refusal::Limited { wait: flooder.wait, standing }));
    }
    read::expect_media(&request, "application/json")?;
    let bytes = read::body(&request, payload, config.server.max_body).await?;
    drop(config);
    let raw: RawSubmission = strict::read(&bytes).map_err(Problem::from)?;
    let mut submission = Submission::from(raw);
    if let Some(key) = request.headers().get("idempotency-key") {
        submission.idempotency_key = key.to_str().map_or(Entry::NoText, Entry::from);
    }
    let tongue = language::settle(&request, &services, None, submission.page.text());
    let admitted =
        services.intake.submit(&submission, &visitor).await.map_err(|refusal| refusals::problem(&refusal))?;
    if admitted.published {
        services.changed()
    } else {
        services.received()
    }
    let mut answer = if admitted.published { HttpResponse::Created() } else { HttpResponse::Accepted() };
    answer.insert_header((LOCATION, format!("/api/comments/{}", admitted.id)));
    Ok(answer.insert_header((CACHE_CONTROL, "no-store")).json(Accepted::new(admitted, tongue)))
}

/// Which stretch of which page.
#[derive(Deserialize, utoipa::IntoParams)]
pub(super) struct ThreadQuery {
    /// The article's absolute URL or path.
    #[serde(default)]
    page: String,
    /// `oldest` (default), `newest` or `best`.
    sort: Option<String>,
    /// 1 to 200, default 50.
    limit: Option<String>,
    /// From an earlier answer.
    cursor: Option<String>,
    /// The id of a comment to begin at: those it answers come first, then itself, then what follows it. Not together with
    /// `cursor`.
    at: Option<String>,
    /// `approved_at`: each comment also tells since when readers see it.
    with: Option<String>,
}

/// A page's approved comments
///
/// Threads follow `sort`, replies stand oldest first, depth first.
#[utoipa::path(tag = "Public", params(ThreadQuery),
    responses((status = 200, description = "A stretch of the page", body = ThreadPage), (status = 304, description = "Nothing changed"),
        (status = 400, description = "`malformed`"), (status = 403, description = "`origin_not_allowed`"), (status = 404, description = "`not_found`: the comment to begin at is not approved, or on another page"),
        (status = 422, description = "`validation_failed`, `invalid_cursor`"), (status = 503, description = "`unavailable`")))]
#[get("/api/comments")]
async fn thread(
    request: HttpRequest,
    query: Query<ThreadQuery>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let config = services.live.get();
    let (site, page) = allowed_page(&config, &query.page, &visitor(&request, &services))?;
    let wanted = Wanted {
        site: site.id.to_string(),
        key: page.key,
        order: order(query.sort.as_deref())?,
        limit: limit(query.limit.as_deref())?,
        start: start(query.cursor.as_deref(), query.at.as_deref())?,
        with_approved: with_approved(query.with.as_deref())?,
    };
    let (prepared, held) = services.publish.thread(site, wanted, &page.url).await?;
    let mut answer = prepared::answer(&request, &prepared, "application/json");
    if let Some(held) = held {
        answer.extensions_mut().insert(held);
    }
    Ok(answer)
}

/// What is told beyond the usual: `approved_at` or nothing.
fn with_approved(with: Option<&str>) -> Result<bool, Problem> {
    match with {
        None => Ok(false),
        Some("approved_at") => Ok(true),
        Some(_) => {
            Err(Problem::new(Code::ValidationFailed).field("with", "invalid", "Give approved_at, or leave it out."))
        }
    }
}

/// Where the stretch begins.
pub(super) fn start(cursor: Option<&str>, at: Option<&str>) -> Result<Start, Problem> {
    match (cursor, at) {
        (None, None) => Ok(Start::Top),
        (Some(cursor), None) => Ok(Start::Behind(cursor.to_owned())),
        (None, Some(id)) => Ok(Start::At(comment_id(id)?)),
        (Some(_), Some(_)) => {
            Err(Problem::new(Code::ValidationFailed).field("at", "invalid", "Give a comment or a cursor, not both."))
        }
    }
}

pub(super) fn order(sort: Option<&str>) -> Result<ThreadOrder, Problem> {
    match sort {
        None | Some("oldest") => Ok(ThreadOrder::Oldest),
        Some("newest") => Ok(ThreadOrder::Newest),
        Some("best") => Ok(ThreadOrder::Best),
        Some(_) => Err(Problem::new(Code::ValidationFailed).field("sort", "invalid", "Give oldest, newest or best.")),
    }
}

/// A page size from 1 to 200; 50 where none is given.
fn limit(text: Option<&str>) -> Result<usize, Problem> {
    let number = text.map_or(Some(50), |text| text.parse().ok());
    number.filter(|n| (1..=200).contains(n)).ok_or_else(|| {
        Problem::new(Code::ValidationFailed).field("limit", "invalid", "Give a whole number from 1 to 200.")
    })
}

impl From<PublishError> for Problem {
    fn from(fault: PublishError) -> Self {
        match fault {
            PublishError::InvalidCursor => Self::new(Code::InvalidCursor),
            PublishError::NotThere => Self::new(Code::NotFound),
            PublishError::Store(fault) => fault.into(),
            PublishError::Json(fault) => Self::new(Code::Internal).because(fault),
            PublishError::Feed(fault) => Self::new(Code::Internal).because(fault),
        }
    }
}

/// How many comments each page has.
#[derive(Serialize, utoipa::ToSchema)]
struct Counts {
    /// By the page as it was asked for.
    counts: std::collections::BTreeMap<String, u64>,
}

/// Comment counts of several pages
///
/// `page` is repeated, up to 100 times.
#[utoipa::path(tag = "Public", params(("page" = Vec<String>, Query, description = "The articles' URLs or paths")),
    responses((status = 200, description = "By page", body = Counts), (status = 403, description = "`origin_not_allowed`"), (status = 422, description = "`validation_failed`")))]
#[get("/api/comments/counts")]
async fn counts(request: HttpRequest, services: Data<Services>) -> Result<HttpResponse, Problem> {
    let asked: Vec<String> = form_urlencoded::parse(request.query_string().as_bytes())
        .filter(|(key, _)| key == "page")
        .map(|(_, value)| value.into_owned())
        .collect();
    if asked.is_empty() || asked.len() > 100 {
        return Err(Problem::new(Code::ValidationFailed).field("page", "invalid", "Give 1 to 100 pages."));
    }
    let config = services.live.get();
    let visitor = visitor(&request, &services);
    let mut pages = Vec::with_capacity(asked.len());
    for page in &asked {
        let (site, page) = allowed_page(&config, page, &visitor)?;
        pages.push((site.id.to_string(), page.key));
    }
    let counts = asked.into_iter().zip(services.publish.counts(pages).await?).collect();
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, no-cache")).json(Counts { counts }))
}

/// One comment
///
/// An approved one for everybody; with its edit token one's own, whatever became of it.
#[utoipa::path(tag = "Public", params(("id" = String, Path, description = "The comment's id"), ("X-Edit-Token" = Option<String>, Header, description = "From the answer to the submission")),
    responses((status = 200, description = "The comment", body = Shown), (status = 403, description = "`edit_token_invalid`"), (status = 404, description = "`not_found`")))]
#[get("/api/comments/{id}")]
async fn one(request: HttpRequest, id: Path<String>, services: Data<Services>) -> Result<HttpResponse, Problem> {
    let id = comment_id(&id)?;
    if let Some((_, view)) = services.publish.one(id).await? {
        let tokened = request.headers().contains_key("x-edit-token");
        let cache = if tokened { "no-store" } else { "public, no-cache" };
        return Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, cache)).json(Changed::approved(view)));
    }
    let Some(token) = edit_token(&request) else { return Err(Problem::new(Code::NotFound)) };
    let own = services.intake.own(id, token).await.map_err(|refused| match refused {
        // Afterwards what is not approved is not there.
        crate::intake::ChangeRefused::TooLate => Problem::new(Code::NotFound),
        other => refusals::change(&other),
    })?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(Changed::own(&own)))
}

/// A new text.
#[derive(Deserialize, utoipa::ToSchema)]
struct NewText {
    /// Plain text with the small Markdown subset.
    #[serde(default)]
    #[schema(value_type = String)]
    body: super::wire::Raw,
}

/// Change one's own comment
///
/// Until `edit_until`. The new text is judged as a new comment's would be.
#[utoipa::path(tag = "Public", request_body = NewText, params(("id" = String, Path, description = "The comment's id"), ("X-Edit-Token" = String, Header, description = "From the answer to the submission")),
    responses((status = 200, description = "Changed", body = Changed), (status = 403, description = "`edit_token_invalid`, `edit_window_closed`"), (status = 404, description = "`not_found`"),
        (status = 409, description = "`version_conflict`"), (status = 422, description = "`validation_failed`"), (status = 429, description = "`rate_limited`")))]
#[patch("/api/comments/{id}")]
async fn edit(
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let id = comment_id(&id)?;
    let token = edit_token(&request).ok_or_else(|| Problem::new(Code::EditTokenInvalid))?;
    read::expect_media(&request, "application/json")?;
    let bytes = read::body(&request, payload, services.live.get().server.max_body).await?;
    let new: NewText = strict::read(&bytes).map_err(Problem::from)?;
    let body = match Entry::from(new.body) {
        Entry::Text(body) => body,
        Entry::Absent => return Err(refusals::invalid(&[Fault::new("body", FaultCode::Required)])),
        Entry::NoText => return Err(refusals::invalid(&[Fault::new("body", FaultCode::Invalid)])),
    };
    let visitor = visitor(&request, &services);
    let own = services.intake.edit(id, token, &body, &visitor).await.map_err(|refused| refusals::change(&refused))?;
    services.changed();
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(Changed::edited(&own)))
}

/// Take one's own comment back
#[utoipa::path(tag = "Public", params(("id" = String, Path, description = "The comment's id"), ("X-Edit-Token" = String, Header, description = "From the answer to the submission")),
    responses((status = 204, description = "Gone"), (status = 403, description = "`edit_token_invalid`, `edit_window_closed`"), (status = 404, description = "`not_found`")))]
#[delete("/api/comments/{id}")]
async fn withdraw(request: HttpRequest, id: Path<String>, services: Data<Services>) -> Result<HttpResponse, Problem> {
    let id = comment_id(&id)?;
    let token = edit_token(&request).ok_or_else(|| Problem::new(Code::EditTokenInvalid))?;
    let visitor = visitor(&request, &services);
    services.intake.withdraw(id, token, &visitor).await.map_err(|refused| refusals::change(&refused))?;
    services.changed();
    Ok(HttpResponse::NoContent().insert_header((CACHE_CONTROL, "no-store")).finish())
}

pub(super) fn comment_id(text: &str) -> Result<CommentId, Problem> {
    text.parse().map_err(|_odd| Problem::new(Code::NotFound))
}

fn edit_token(request: &HttpRequest) -> Option<&str> {
    request.headers().get("x-edit-token")?.to_str().ok()
}

/// The text as its author sees it, rendered as readers would.
pub(super) fn rendered(body: &str) -> String {
    markdown::render(body)
}

/// The view of a comment that is approved.
pub(super) fn shown(view: CommentView) -> Option<Shown> {
    match view {
        CommentView::Shown(shown) => Some(shown),
        CommentView::Removed(_) => None,
    }
}
