//! Other people's open sessions; for admins.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};

use crate::http::{
    Services,
    allowed::{Admin, Allowed},
    answer,
    error::{Code, Problem},
    session::list::{SessionPage, page},
};

/// Somebody's open sessions
#[utoipa::path(get, path = "/api/moderation/moderators/{name}/sessions", operation_id = "list_sessions", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("name" = String, Path, description = "The name"), ("limit" = Option<u32>, Query, description = "1 to 200, default 50"),
        ("cursor" = Option<String>, Query, description = "Where the last answer left off")),
    responses((status = 200, description = "A stretch of the sessions", body = SessionPage), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`"), (status = 404, description = "`not_found`"), (status = 422, description = "`validation_failed`, `invalid_cursor`")))]
pub(super) async fn list(
    admin: Allowed<Admin>,
    request: HttpRequest,
    name: Path<String>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let sessions = services.auth.sessions(&name, &admin.identity).await?;
    let sessions = sessions.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(answer::ok(page(&request, &services, &name, sessions)?))
}

/// End all of somebody's sessions
#[utoipa::path(delete, path = "/api/moderation/moderators/{name}/sessions", operation_id = "end_sessions", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("name" = String, Path, description = "The name")),
    responses((status = 204, description = "Ended"), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`")))]
pub(super) async fn end(
    admin: Allowed<Admin>,
    name: Path<String>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    match services.auth.end_sessions_of(&name, &admin.identity.actor).await? {
        true => Ok(answer::done()),
        false => Err(Problem::new(Code::NotFound)),
    }
}
