//! Decisions, one or up to 500.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    domain::{CommentId, Decision},
    http::{
        Services,
        allowed::{Allowed, Decide},
        answer,
        body::{fault, read_json},
        error::Problem,
    },
    moderation::{Item, Order, Outcome},
};

/// Most decisions in one request.
const MOST: usize = 500;

/// One decision.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionRequest {
    /// `approve`, `reject`, `spam` or `pending`.
    #[schema(value_type = String)]
    action: Decision,
    /// The version that was looked at; a stale one is a conflict.
    version: Option<i64>,
    /// Why; kept in the history.
    reason: Option<String>,
}

/// Many decisions.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionsRequest {
    /// At most 500.
    decisions: Vec<DecisionEntry>,
}

/// One of many decisions.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DecisionEntry {
    /// On which comment.
    id: String,
    /// `approve`, `reject`, `spam` or `pending`.
    #[schema(value_type = String)]
    action: Decision,
    /// The version that was looked at; a stale one is a conflict.
    version: Option<i64>,
    /// Why; kept in the history.
    reason: Option<String>,
}

/// What became of many decisions.
#[derive(Serialize, ToSchema)]
pub(super) struct DecisionResults {
    /// In the order of the request.
    results: Vec<DecisionResult>,
}

/// What became of one of many.
#[derive(Serialize, ToSchema)]
struct DecisionResult {
    /// On which comment.
    id: String,
    /// `applied`, `unchanged`, `conflict` or `not_found`.
    outcome: &'static str,
    /// The version that stands now; null where there is no such comment.
    version: Option<i64>,
}

/// Decide on one comment
///
/// A stale `version` is a conflict that tells who decided what and when. The standing decision
/// repeated is 200 and changes nothing.
#[utoipa::path(post, path = "/api/moderation/comments/{id}/decision", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The comment's id")), request_body = DecisionRequest,
    responses((status = 200, description = "The comment as it stands", body = Item), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`"),
        (status = 409, description = "`version_conflict` with `decided_by`, `decided_at`, `status_now`, `version`"),
        (status = 422, description = "`validation_failed`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn decide(
    allowed: Allowed<Decide>,
    id: Path<String>,
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let asked: DecisionRequest = read_json(&request, payload).await?;
    let reason = super::reason("reason", asked.reason)?;
    let order = Order { id: super::id(&id)?, action: asked.action, version: asked.version, reason };
    let item = services.moderation.decide(&allowed.viewer(), order).await?;
    services.metrics.decided(asked.action.leads_to().as_str());
    Ok(answer::ok(item))
}

/// Decide on many comments
///
/// All in one transaction; each has an outcome of its own.
#[utoipa::path(post, path = "/api/moderation/decisions", tag = "Moderation", security(("session" = []), ("token" = [])),
    request_body = DecisionsRequest,
    responses((status = 200, description = "One outcome each", body = DecisionResults), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 422, description = "`validation_failed`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn decide_all(
    allowed: Allowed<Decide>,
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let DecisionsRequest { decisions } = read_json(&request, payload).await?;
    if decisions.len() > MOST {
        return Err(fault("decisions", "too_long", "Send at most 500 decisions at once."));
    }
    let (mut orders, mut results) = (Vec::new(), Vec::new());
    for (n, entry) in decisions.into_iter().enumerate() {
        // What is no id names no comment; it keeps its place among the results.
        let known: Option<CommentId> = entry.id.parse().ok();
        if let Some(id) = known {
            let reason = super::reason(&format!("decisions[{n}].reason"), entry.reason)?;
            orders.push(Order { id, action: entry.action, version: entry.version, reason });
        }
        results.push((entry.id, known.map(|_id| entry.action)));
    }
    let mut taken = services.moderation.decide_all(&allowed.viewer(), orders).await?.into_iter();
    let results = results.into_iter().map(|(id, action)| {
        let (outcome, version) = match action.and_then(|_known| taken.next()) {
            Some((_, outcome, version)) => (outcome, version),
            None => (Outcome::NotFound, None),
        };
        if let (Some(action), Outcome::Applied | Outcome::Unchanged) = (action, outcome) {
            services.metrics.decided(action.leads_to().as_str());
        }
        DecisionResult { id, outcome: outcome.as_str(), version }
    });
    Ok(answer::ok(DecisionResults { results: results.collect() }))
}
