//! The moderators' routes, one line each.

mod attack;
mod bans;
mod captcha;
mod claims;
mod clusters;
mod decisions;
mod once;
mod pages;
mod people;
mod queue;
mod reasons;
mod record;
mod records;
mod sessions;
mod sites;
mod stream;
mod thresholds;
mod tokens;
mod words;

use actix_web::web::{ServiceConfig, delete, get, patch, post, put, resource};
use serde_json::{Value, json};
use utoipa::OpenApi;

use super::{
    body::fault,
    error::{Code, Problem},
    refusals::invalid,
};
use crate::moderation::ModerationError;

/// The routes of this room.
pub(super) fn routes(config: &mut ServiceConfig) {
    let at = |path: &str| resource(format!("/api/moderation{path}"));
    config
        .service(at("/comments").route(get().to(queue::list)))
        .service(at("/comments/{id}").route(get().to(queue::detail)).route(patch().to(words::revise)))
        .service(at("/comments/{id}/claim").route(post().to(claims::claim)).route(delete().to(claims::unclaim)))
        .service(at("/comments/{id}/reply").route(post().to(words::reply)))
        .service(at("/comments/{id}/decision").route(post().to(decisions::decide)))
        .service(at("/comments/{id}/captcha").route(post().to(captcha::recheck)))
        .service(at("/stream").route(get().to(stream::listen)))
        .service(at("/decisions").route(post().to(decisions::decide_all)))
        .service(at("/clusters/{id}/decision").route(post().to(clusters::decide)))
        .service(
            at("/attack").route(get().to(attack::list)).route(put().to(attack::set)).route(delete().to(attack::end)),
        )
        .service(at("/bans").route(get().to(bans::list)).route(post().to(bans::add)))
        .service(at("/bans/preview").route(post().to(bans::preview)))
        .service(at("/bans/{id}").route(delete().to(bans::remove)))
        .service(at("/pages").route(get().to(pages::list)).route(patch().to(pages::change)))
        .service(at("/sites").route(get().to(sites::list)))
        .service(at("/refusals").route(get().to(records::refusals)))
        .service(at("/summary").route(get().to(records::summary)))
        .service(at("/audit").route(get().to(record::audit)))
        .service(at("/audit/export").route(get().to(record::export)))
        .service(at("/reasons").route(get().to(reasons::list)))
        .service(at("/comments/{id}/statement").route(get().to(reasons::statement)))
        .service(at("/statistics").route(get().to(record::statistics)))
        .service(at("/settings").route(get().to(records::settings)))
        .service(at("/thresholds").route(get().to(thresholds::in_force)))
        .service(at("/thresholds/preview").route(post().to(thresholds::preview)))
        .service(at("/moderators").route(get().to(people::list)).route(post().to(people::add)))
        .service(at("/moderators/{name}").route(patch().to(people::change)).route(delete().to(people::remove)))
        .service(at("/moderators/{name}/sessions").route(get().to(sessions::list)).route(delete().to(sessions::end)))
        .service(at("/tokens").route(get().to(tokens::list)).route(post().to(tokens::add)))
        .service(at("/tokens/{name}").route(delete().to(tokens::revoke)));
}

/// These routes, for the API's description.
#[derive(OpenApi)]
#[openapi(paths(
    queue::list,
    queue::detail,
    claims::claim,
    claims::unclaim,
    words::revise,
    words::reply,
    stream::listen,
    decisions::decide,
    decisions::decide_all,
    captcha::recheck,
    clusters::decide,
    attack::list,
    attack::set,
    attack::end,
    bans::list,
    bans::add,
    bans::preview,
    bans::remove,
    pages::list,
    pages::change,
    sites::list,
    records::refusals,
    records::summary,
    records::settings,
    record::audit,
    record::export,
    record::statistics,
    reasons::list,
    reasons::statement,
    thresholds::in_force,
    thresholds::preview,
    people::list,
    people::add,
    people::change,
    people::remove,
    sessions::list,
    sessions::end,
    tokens::list,
    tokens::add,
    tokens::revoke
))]
pub(super) struct Description;

/// An id from a path. What is no id names nothing.
fn id<T: std::str::FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_no_id| Problem::new(Code::NotFound))
}

/// A reason as it is kept: trimmed, none where blank.
fn reason(field: &str, text: Option<String>) -> Result<Option<String>, Problem> {
    const MOST: usize = 500;
    let reason = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    match &reason {
        Some(text) if text.chars().count() > MOST => {
            Err(fault(field, "too_long", &format!("Give at most {MOST} characters.")))
        }
        _ => Ok(reason),
    }
}

impl From<ModerationError> for Problem {
    fn from(error: ModerationError) -> Self {
        match error {
            ModerationError::NotFound => Self::new(Code::NotFound),
            ModerationError::Conflict { by, status, at, version } => {
                let who = by.as_deref().unwrap_or("Somebody else");
                let when = at.map(|at| format!(" at {at}")).unwrap_or_default();
                Self::new(Code::VersionConflict)
                    .saying(format!("{who} was first{when}: the comment is now {}. Look at it again.", status.as_str()))
                    .with("decided_by", json!(by))
                    .with("decided_at", json!(at))
                    .with("status_now", Value::from(status.as_str()))
                    .with("version", version)
            }
            ModerationError::NeedsAdmin => {
                Self::new(Code::Forbidden).saying("Only an admin sets or ends bans on all sites. Name a site.")
            }
            ModerationError::Claimed { by, until } => Self::new(Code::Claimed)
                .saying(format!("{by} is looking at this comment. You can decide all the same."))
                .with("claimed_by", by)
                .with("claimed_until", json!(until)),
            ModerationError::ParentNotFound => Self::new(Code::ParentNotFound)
                .saying("This comment is not shown, so nobody could see a reply to it. Approve it first."),
            ModerationError::Duplicate => Self::new(Code::Duplicate),
            ModerationError::IdempotencyReused => Self::new(Code::IdempotencyKeyReused),
            ModerationError::Words(fault) => invalid(&[fault]),
            ModerationError::Guess => Self::new(Code::Forbidden)
                .saying("Only an admin tries out a ban on an address or network by its value. Draw it from a comment."),
            ModerationError::NoMember => {
                fault("up_to", "invalid", "Give the id of one of the cluster's comments, or a time.")
            }
            ModerationError::NotTurnedDown => fault(
                "id",
                "invalid",
                "There are reasons to state only for a comment that is rejected or marked as spam. Decide first.",
            ),
            ModerationError::Cursor => Self::new(Code::InvalidCursor),
            ModerationError::BanValue(wrong) => fault("value", "invalid", &wrong.to_string()),
            ModerationError::HalfDone(fault) => Self::from(fault).saying(
                "The ban is set, but not all that waits was dealt with. Send the same again under its Idempotency-Key, \
                 or decide on the rest in the queue.",
            ),
            ModerationError::Store(fault) => fault.into(),
        }
    }
}
