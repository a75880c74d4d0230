//! People who may sign in; for admins.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::{
    auth::{LastAdmin, NewPerson, PasswordFault, PeopleError, Person, PersonAndLink, PersonChange},
    domain::Timestamp,
    http::{
        Services,
        allowed::{Admin, Allowed},
        answer,
        body::{fault, read_json},
        error::{Code, Problem},
        stretch::stretch,
    },
};

/// Somebody to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonRequest {
    /// 1 to 64 letters, digits, dots, dashes, underscores or @.
    username: String,
    /// `moderator` or `admin`.
    role: String,
    /// 12 to 128 characters; without one they get an invitation to choose it.
    password: Option<String>,
    /// Where to reach them.
    email: Option<String>,
    /// The sites a moderator may see; all without, and for an admin.
    sites: Option<Vec<String>>,
}

/// What is to be another about somebody; what is not sent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonPatch {
    /// `moderator` or `admin`, who sees all sites.
    role: Option<String>,
    /// Where to reach them; null for nowhere.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    email: Option<Option<String>>,
    /// The sites they may see; null is all.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<String>>)]
    sites: Option<Option<Vec<String>>>,
    /// 12 to 128 characters; ends their sessions.
    password: Option<String>,
    /// `true` makes a link to choose another password; the one they have, an earlier link and their sessions hold no longer.
    invite: Option<bool>,
    /// `false` takes their second factor away.
    second_factor: Option<bool>,
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
    /// Whether a code is asked for when they sign in.
    second_factor: bool,
    /// Whether they have yet to choose a password, and cannot sign in before.
    invited: bool,
    /// When they last asked for something, to the minute; null is never.
    #[schema(value_type = Option<String>, format = DateTime)]
    seen_at: Option<Timestamp>,
}

/// Somebody, and the link that was made for them.
#[derive(Serialize, ToSchema)]
pub(super) struct PersonAndLinkView {
    #[serde(flatten)]
    view: PersonView,
    /// A link to choose a password with, told this once; null where none was made.
    invitation: Option<InvitationView>,
}

/// A link to choose a password with. Hand it on where only they read it.
#[derive(Serialize, ToSchema)]
struct InvitationView {
    /// What `POST /api/session/invitation` takes.
    token: String,
    /// Where to open it.
    url: String,
    /// Until when it holds.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// A stretch of the people.
#[derive(Serialize, ToSchema)]
pub(super) struct PeoplePage {
    /// By name.
    items: Vec<PersonView>,
    /// Where the next stretch starts; null at the end.
    next_cursor: Option<String>,
}

/// Who may sign in
#[utoipa::path(get, path = "/api/moderation/moderators", operation_id = "list_moderators", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("limit" = Option<u32>, Query, description = "1 to 200, default 50"), ("cursor" = Option<String>, Query, description = "Where the last answer left off")),
    responses((status = 200, description = "A stretch of the people", body = PeoplePage), (status = 401, description = "`unauthenticated`"), (status = 403, description = "`forbidden`"),
        (status = 422, description = "`validation_failed`, `invalid_cursor`")))]
pub(super) async fn list(
    _admin: Allowed<Admin>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let people = services.auth.people.list().await?;
    let place = |person: &Person| person.username.clone().into_bytes();
    let (people, next_cursor) = stretch(&request, &services, "moderators", people, place)?;
    Ok(answer::ok(PeoplePage { items: people.into_iter().map(PersonView::from).collect(), next_cursor }))
}

/// Add somebody who may sign in
#[utoipa::path(post, path = "/api/moderation/moderators", operation_id = "add_moderator", tag = "Moderation", security(("session" = []), ("token" = [])), request_body = PersonRequest,
    responses((status = 201, description = "Added", body = PersonAndLinkView), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 422, description = "`validation_failed`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn add(
    admin: Allowed<Admin>,
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let PersonRequest { username, role, password, email, sites } = read_json(&request, payload).await?;
    known_sites(&services, sites.as_deref())?;
    let new = NewPerson { username, role, email, sites, password };
    let added = services.auth.people.add(new, &admin.identity.actor).await;
    let added = added.map_err(|error| problem(error, "username"))?;
    Ok(answer::created(PersonAndLinkView::of(&services, added)))
}

/// Change somebody's role, address, sites or password, or reset how they sign in
///
/// All that is named, or nothing. A role and sites hold at once, for open sessions too.
#[utoipa::path(patch, path = "/api/moderation/moderators/{name}", operation_id = "change_moderator", tag = "Moderation", security(("session" = []), ("token" = [])), request_body = PersonPatch,
    params(("name" = String, Path, description = "The name")),
    responses((status = 200, description = "As they are now", body = PersonAndLinkView), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`"),
        (status = 422, description = "`validation_failed`; on `role` for the last admin"), (status = 503, description = "`unavailable`")))]
pub(super) async fn change(
    admin: Allowed<Admin>,
    request: HttpRequest,
    name: Path<String>,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let PersonPatch { role, email, sites, password, invite, second_factor } = read_json(&request, payload).await?;
    known_sites(&services, sites.as_ref().and_then(Option::as_deref))?;
    if second_factor == Some(true) {
        return Err(fault(
            "second_factor",
            "invalid",
            "Only they themselves can set one up. Send false to take theirs away.",
        ));
    }
    let (invite, ends_second_factor) = (invite == Some(true), second_factor == Some(false));
    let change = PersonChange { role, email, sites, password, invite, ends_second_factor };
    let changed = services.auth.people.change(&name, change, &admin.identity.actor).await?;
    Ok(answer::ok(PersonAndLinkView::of(&services, changed)))
}

/// Remove somebody, with their sessions
#[utoipa::path(delete, path = "/api/moderation/moderators/{name}", operation_id = "remove_moderator", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("name" = String, Path, description = "The name")),
    responses((status = 204, description = "Removed"), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`"),
        (status = 422, description = "`validation_failed`; on `role` for the last admin")))]
pub(super) async fn remove(
    admin: Allowed<Admin>,
    name: Path<String>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    services.auth.people.remove(&name, LastAdmin::Stays, &admin.identity.actor).await?;
    Ok(answer::done())
}

/// A field that was sent, null or not.
fn sent<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

fn known_sites(services: &Services, named: Option<&[String]>) -> Result<(), Problem> {
    let config = services.live.get();
    let is_known = |name: &String| config.sites.iter().any(|site| site.id.as_str() == name.as_str());
    match named {
        Some(sites) if !sites.iter().all(is_known) => Err(fault("sites", "invalid", "Name configured sites.")),
        _ => Ok(()),
    }
}

impl PersonAndLinkView {
    fn of(services: &Services, made: PersonAndLink) -> Self {
        let public_url = &services.live.get().server.public_url;
        let invitation = made.invitation.map(|link| {
            let url = link.url(public_url);
            InvitationView { token: link.token, url, expires_at: link.expires_at }
        });
        Self { view: made.person.into(), invitation }
    }
}

impl From<Person> for PersonView {
    fn from(row: Person) -> Self {
        let Person { username, role, email, sites, password, created_at, second_factor, seen_at } = row;
        Self { username, role, email, sites, created_at, second_factor, invited: password.is_none(), seen_at }
    }
}

impl From<PeopleError> for Problem {
    fn from(error: PeopleError) -> Self {
        problem(error, "name")
    }
}

/// `name` is what the route calls the field of the name.
pub(super) fn problem(error: PeopleError, name: &str) -> Problem {
    let said = error.to_string();
    match error {
        PeopleError::Name | PeopleError::Taken => fault(name, "invalid", &said),
        PeopleError::Role | PeopleError::LastAdmin => fault("role", "invalid", &said),
        PeopleError::Sites | PeopleError::NoSites => fault("sites", "invalid", &said),
        PeopleError::Email => fault("email", "invalid", &said),
        PeopleError::Password(weak) => weak.into(),
        PeopleError::Both => fault("invite", "invalid", &said),
        PeopleError::Unknown => Problem::new(Code::NotFound),
        PeopleError::Hash(_) => Problem::new(Code::Unavailable).after(Duration::from_secs(2)),
        PeopleError::Random(_) => Problem::new(Code::Internal).because(error),
        PeopleError::Store(fault) => fault.into(),
    }
}

impl From<PasswordFault> for Problem {
    fn from(weak: PasswordFault) -> Self {
        let code = match weak {
            PasswordFault::TooShort => "too_short",
            PasswordFault::TooLong => "too_long",
            PasswordFault::Common | PasswordFault::HoldsName => "invalid",
        };
        fault("password", code, &weak.to_string())
    }
}
