//! Open sessions: one's own, and how a list of them looks.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{closed, of_cookie};
use crate::{
    auth::SessionView,
    domain::Timestamp,
    http::{
        Services,
        allowed::{Allowed, Read, unauthenticated},
        answer,
        error::{Code, Problem},
        stretch::stretch,
    },
};

/// A session that is open.
#[derive(Serialize, ToSchema)]
struct SessionEntry {
    /// What it is called; nothing follows from it about the cookie.
    id: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was used last, to the minute.
    #[schema(value_type = String, format = DateTime)]
    seen_at: Timestamp,
    /// On what, e.g. `Firefox on Linux`; null where that is not known.
    device: Option<String>,
    /// Whether it is the one that asks.
    current: bool,
}

/// A stretch of somebody's sessions.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct SessionPage {
    /// The newest first.
    items: Vec<SessionEntry>,
    /// Where the next stretch starts; null at the end.
    next_cursor: Option<String>,
}

/// The stretch that was asked for of this person's sessions.
///
/// # Errors
/// `validation_failed` or `invalid_cursor`.
pub(in crate::http) fn page(
    request: &HttpRequest,
    services: &Services,
    username: &str,
    mut sessions: Vec<SessionView>,
) -> Result<SessionPage, Problem> {
    let place = |session: &SessionView| {
        let newest_first = (i64::MAX - session.created_at.0.max(0)).to_be_bytes();
        [&newest_first[..], session.id.as_bytes()].concat()
    };
    sessions.sort_by_key(place);
    let question = format!("sessions of {username}");
    let (sessions, next_cursor) = stretch(request, services, &question, sessions, place)?;
    let items = sessions.into_iter().map(|session| {
        let SessionView { id, created_at, seen_at, device, current } = session;
        SessionEntry { id, created_at, seen_at, device, current }
    });
    Ok(SessionPage { items: items.collect(), next_cursor })
}

/// One's own open sessions
#[utoipa::path(get, path = "/api/sessions", operation_id = "own_sessions", tag = "Session", security(("session" = [])),
    params(("limit" = Option<u32>, Query, description = "1 to 200, default 50"), ("cursor" = Option<String>, Query, description = "Where the last answer left off")),
    responses((status = 200, description = "A stretch of the sessions", body = SessionPage), (status = 401, description = "`unauthenticated`"),
        (status = 422, description = "`validation_failed`, `invalid_cursor`")))]
pub(super) async fn own(
    allowed: Allowed<Read>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    of_cookie(&allowed)?;
    let sessions = services.auth.sessions(&allowed.identity.name, &allowed.identity).await?;
    // Who was removed since the question came is nobody any more.
    let sessions = sessions.ok_or_else(unauthenticated)?;
    Ok(answer::ok(page(&request, &services, &allowed.identity.name, sessions)?))
}

/// End one of one's own sessions
///
/// Where it is the one that asks, the cookie is taken back.
#[utoipa::path(delete, path = "/api/sessions/{id}", operation_id = "end_session", tag = "Session", security(("session" = [])),
    params(("id" = String, Path, description = "The session's id")),
    responses((status = 204, description = "Ended"), (status = 401, description = "`unauthenticated`"), (status = 403, description = "`csrf_failed`"),
        (status = 404, description = "`not_found`")))]
pub(super) async fn end(
    allowed: Allowed<Read>,
    id: Path<String>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let this = of_cookie(&allowed)?;
    if !services.auth.end_session(&allowed.identity, &id).await? {
        return Err(Problem::new(Code::NotFound));
    }
    Ok(if this.id == *id { closed(&services) } else { answer::done() })
}

/// End all of one's own sessions but this one
#[utoipa::path(delete, path = "/api/sessions", operation_id = "end_other_sessions", tag = "Session", security(("session" = [])),
    responses((status = 204, description = "Ended"), (status = 401, description = "`unauthenticated`"), (status = 403, description = "`csrf_failed`")))]
pub(super) async fn end_others(allowed: Allowed<Read>, services: Data<Services>) -> Result<HttpResponse, Problem> {
    let this = of_cookie(&allowed)?;
    services.auth.end_other_sessions(&allowed.identity, this.key).await?;
    Ok(answer::done())
}
