//! People who may sign in and tokens for programs; for admins.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    auth::{NewPerson, PasswordFault, PeopleError, Person, Right, Token},
    domain::Timestamp,
    http::{
        Services,
        allowed::{Admin, Allowed},
        answer,
        body::{fault, read_json},
        error::{Code, Problem},
        query::{Query, moment},
    },
    moderation::cursor,
};

/// Somebody to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonRequest {
    /// 1 to 64 letters, digits, dots, dashes, underscores or @.
    username: String,
    /// `moderator` or `admin`.
    role: String,
    /// 12 to 128 characters.
    password: String,
    /// Where to reach them.
    email: Option<String>,
    /// The sites a moderator may see; all without, and for an admin.
    sites: Option<Vec<String>>,
}

/// Somebody who may sign in.
#[derive(Serialize, ToSchema)]
pub(super) struct PersonView {
    /// The name.
    username: String,
    /// `moderator` or `admin`.
    role: String,
    /// Where to reach them.
    email: Option<String>,
    /// The sites they may see; null is all.
    sites: Option<Vec<String>>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

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

/// A stretch of the people.
#[derive(Serialize, ToSchema)]
pub(super) struct PeoplePage {
    /// By name.
    items: Vec<PersonView>,
    /// Where the next stretch starts; null at the end.
    next_cursor: Option<String>,
}

/// A stretch of the tokens.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenPage {
    /// By name.
    items: Vec<TokenView>,
    /// Where the next stretch starts; null at the end.
    next_cursor: Option<String>,
}

/// Who may sign in
#[utoipa::path(get, path = "/api/moderation/moderators", operation_id = "list_moderators", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("limit" = Option<u32>, Query, description = "1 to 200, default 50"), ("cursor" = Option<String>, Query, description = "Where the last answer left off")),
    responses((status = 200, description = "A stretch of the people", body = PeoplePage), (status = 401, description = "`unauthenticated`"), (status = 403, description = "`forbidden`")))]
pub(super) async fn list(
    _admin: Allowed<Admin>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let people = services.auth.people.list().await?;
    let (people, next_cursor) = stretch(&request, &services, "moderators", people, |person| &person.username)?;
    Ok(answer::ok(PeoplePage { items: people.into_iter().map(PersonView::from).collect(), next_cursor }))
}

/// Add somebody who may sign in
#[utoipa::path(post, path = "/api/moderation/moderators", operation_id = "add_moderator", tag = "Moderation", security(("session" = []), ("token" = [])), request_body = PersonRequest,
    responses((status = 201, description = "Added", body = PersonView), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 422, description = "`validation_failed`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn add(
    admin: Allowed<Admin>,
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let PersonRequest { username, role, password, email, sites } = read_json(&request, payload).await?;
    let config = services.live.get();
    let is_known = |name: &String| config.sites.iter().any(|site| site.id.as_str() == name.as_str());
    if sites.as_ref().is_some_and(|sites| !sites.iter().all(is_known)) {
        return Err(fault("sites", "invalid", "Name configured sites."));
    }
    let new = NewPerson { username, role, email, sites, password };
    let person =
        services.auth.people.add(new, &admin.identity.actor).await.map_err(|error| problem(error, "username"))?;
    Ok(answer::created(PersonView::from(person)))
}

/// Remove somebody, with their sessions
#[utoipa::path(delete, path = "/api/moderation/moderators/{name}", operation_id = "remove_moderator", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("name" = String, Path, description = "The name")),
    responses((status = 204, description = "Removed"), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`")))]
pub(super) async fn remove(
    admin: Allowed<Admin>,
    name: Path<String>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    services.auth.people.remove(&name, &admin.identity.actor).await?;
    Ok(answer::done())
}

/// API tokens
#[utoipa::path(get, path = "/api/moderation/tokens", operation_id = "list_tokens", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("limit" = Option<u32>, Query, description = "1 to 200, default 50"), ("cursor" = Option<String>, Query, description = "Where the last answer left off")),
    responses((status = 200, description = "A stretch of the tokens", body = TokenPage), (status = 401, description = "`unauthenticated`"), (status = 403, description = "`forbidden`")))]
pub(super) async fn tokens(
    _admin: Allowed<Admin>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let tokens = services.auth.people.tokens().await?;
    let (tokens, next_cursor) = stretch(&request, &services, "tokens", tokens, |token| &token.name)?;
    Ok(answer::ok(TokenPage { items: tokens.into_iter().map(TokenView::from).collect(), next_cursor }))
}

/// Make an API token
#[utoipa::path(post, path = "/api/moderation/tokens", tag = "Moderation", security(("session" = []), ("token" = [])), request_body = TokenRequest,
    responses((status = 201, description = "Made; the token is told this once", body = FreshToken), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 422, description = "`validation_failed`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn add_token(
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

/// The part of a list by name that was asked for, and where the next starts.
fn stretch<T>(
    request: &HttpRequest,
    services: &Services,
    question: &str,
    mut all: Vec<T>,
    name: impl Fn(&T) -> &String,
) -> Result<(Vec<T>, Option<String>), Problem> {
    let query = Query::of(request, &["limit", "cursor"])?;
    let limit = query.limit()?;
    if let Some(text) = query.text("cursor") {
        let last = cursor::open(&services.keys, question, text).ok_or_else(|| Problem::new(Code::InvalidCursor))?;
        all.retain(|entry| name(entry).as_bytes() > last.as_slice());
    }
    let more = all.len() > limit;
    all.truncate(limit);
    let next = all.last().filter(|_| more).map(|last| cursor::seal(&services.keys, question, name(last).as_bytes()));
    Ok((all, next))
}

impl From<Person> for PersonView {
    fn from(row: Person) -> Self {
        Self { username: row.username, role: row.role, email: row.email, sites: row.sites, created_at: row.created_at }
    }
}

impl From<Token> for TokenView {
    fn from(row: Token) -> Self {
        Self { name: row.name, scope: row.scope, created_at: row.created_at, expires_at: row.expires_at }
    }
}

impl From<PeopleError> for Problem {
    fn from(error: PeopleError) -> Self {
        problem(error, "name")
    }
}

/// `name` is what the route calls the field of the name.
fn problem(error: PeopleError, name: &str) -> Problem {
    let said = error.to_string();
    match error {
        PeopleError::Name | PeopleError::Taken => fault(name, "invalid", &said),
        PeopleError::Role => fault("role", "invalid", &said),
        PeopleError::Sites => fault("sites", "invalid", &said),
        PeopleError::Email => fault("email", "invalid", &said),
        PeopleError::Password(PasswordFault::TooShort) => fault("password", "too_short", &said),
        PeopleError::Password(PasswordFault::TooLong) => fault("password", "too_long", &said),
        PeopleError::Password(_) => fault("password", "invalid", &said),
        PeopleError::Unknown => Problem::new(Code::NotFound),
        PeopleError::Hash(_) => Problem::new(Code::Unavailable).after(Duration::from_secs(2)),
        PeopleError::Random(_) => Problem::new(Code::Internal).because(error),
        PeopleError::Store(fault) => fault.into(),
    }
}
