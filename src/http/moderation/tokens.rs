//! Tokens for programs; for admins.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::people::problem;
use crate::{
    auth::{Right, Token},
    domain::Timestamp,
    http::{
        Services,
        allowed::{Admin, Allowed},
        answer,
        body::{fault, read_json},
        error::Problem,
        query::moment,
        stretch::stretch,
    },
};

/// A token to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenRequest {
    /// 1 to 64 letters, digits, dots, dashes, underscores or @.
    name: String,
    /// `read`, `decide` or `admin`.
    scope: String,
    /// Until when; for good without.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// A token, without what it says.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenView {
    /// The name.
    name: String,
    /// `read`, `decide` or `admin`.
    scope: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Until when; null is for good.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
pub(super) struct FreshToken {
    #[serde(flatten)]
    view: TokenView,
    /// What to send as `Authorization: Bearer …`; told this once.
    token: String,
}

/// A stretch of the tokens.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenPage {
    /// By name.
    items: Vec<TokenView>,
    /// Where the next stretch starts; null at the end.
    next_cursor: Option<String>,
}

/// API tokens
#[utoipa::path(get, path = "/api/moderation/tokens", operation_id = "list_tokens", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("limit" = Option<u32>, Query, description = "1 to 200, default 50"), ("cursor" = Option<String>, Query, description = "Where the last answer left off")),
    responses((status = 200, description = "A stretch of the tokens", body = TokenPage), (status = 401, description = "`unauthenticated`"), (status = 403, description = "`forbidden`"),
        (status = 422, description = "`validation_failed`, `invalid_cursor`")))]
pub(super) async fn list(
    _admin: Allowed<Admin>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let tokens = services.auth.people.tokens().await?;
    let (tokens, next_cursor) =
        stretch(&request, &services, "tokens", tokens, |token| token.name.clone().into_bytes())?;
    Ok(answer::ok(TokenPage { items: tokens.into_iter().map(TokenView::from).collect(), next_cursor }))
}

/// Make an API token
#[utoipa::path(post, path = "/api/moderation/tokens", operation_id = "add_token", tag = "Moderation", security(("session" = []), ("token" = [])), request_body = TokenRequest,
    responses((status = 201, description = "Made; the token is told this once", body = FreshToken), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 422, description = "`validation_failed`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn add(
    admin: Allowed<Admin>,
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let asked: TokenRequest = read_json(&request, payload).await?;
    let scope =
        Right::of_scope(&asked.scope).ok_or_else(|| fault("scope", "invalid", "Give read, decide or admin."))?;
    let expires_at = asked.expires_at.as_deref().map(|text| moment("expires_at", text)).transpose()?;
    let holds_for = expires_at.map(|at| at.since(services.clock.now()));
    if holds_for == Some(Duration::ZERO) {
        return Err(fault("expires_at", "invalid", "Give a time to come."));
    }
    let made = services.auth.people.add_token(&asked.name, scope, holds_for, &admin.identity.actor).await;
    let (token, row) = made.map_err(|error| problem(error, "name"))?;
    Ok(answer::created(FreshToken { view: TokenView::from(row), token }))
}

/// Revoke an API token
#[utoipa::path(delete, path = "/api/moderation/tokens/{name}", operation_id = "revoke_token", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("name" = String, Path, description = "The name")),
    responses((status = 204, description = "Revoked"), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`")))]
pub(super) async fn revoke(
    admin: Allowed<Admin>,
    name: Path<String>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    services.auth.people.revoke(&name, &admin.identity.actor).await?;
    Ok(answer::done())
}

impl From<Token> for TokenView {
    fn from(row: Token) -> Self {
        Self { name: row.name, scope: row.scope, created_at: row.created_at, expires_at: row.expires_at }
    }
}
