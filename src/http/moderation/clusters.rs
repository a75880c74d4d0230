//! Decisions on a whole cluster of near-copies.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    domain::{Decision, Status, Timestamp},
    http::{
        Services,
        allowed::{Allowed, Decide},
        answer,
        body::{fault, read_json},
        error::Problem,
        query::moment,
    },
    moderation::{UpTo, WholeOrder},
};

/// A decision on a whole cluster.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClusterRequest {
    /// `approve`, `reject`, `spam` or `pending`.
    #[schema(value_type = String)]
    action: Decision,
    /// The last member that was looked at: its id, or a time. What came later stays out.
    up_to: String,
    /// Only members that stand so, e.g. `pending`; all where it is not given.
    status: Option<String>,
    /// Why; kept in each one's history.
    reason: Option<String>,
}

/// What became of a whole cluster.
#[derive(Serialize, ToSchema)]
pub(super) struct ClusterResult {
    /// Members that were decided now.
    applied: u64,
    /// Members on whom the decision stood already.
    unchanged: u64,
}

/// Decide on a cluster
///
/// On every member up to the one that was looked at last, each with a new version and an entry of its
/// own in the history. A large cluster is decided in batches; broken off, the same again does the rest.
#[utoipa::path(post, path = "/api/moderation/clusters/{id}/decision", operation_id = "decide_cluster", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The cluster's id")), request_body = ClusterRequest,
    responses((status = 200, description = "How many were decided", body = ClusterResult), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`"),
        (status = 422, description = "`validation_failed`: also for an `up_to` that is none of the cluster"), (status = 503, description = "`unavailable`")))]
pub(super) async fn decide(
    allowed: Allowed<Decide>,
    id: Path<String>,
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let asked: ClusterRequest = read_json(&request, payload).await?;
    let order = WholeOrder {
        cluster: super::id(&id)?,
        action: asked.action,
        up_to: up_to(&asked.up_to)?,
        status: asked.status.as_deref().map(status).transpose()?,
        reason: super::reason("reason", asked.reason)?,
    };
    let tally = services.moderation.decide_cluster(&allowed.viewer(), order).await?;
    services.metrics.decided_many(asked.action.leads_to().as_str(), tally.applied + tally.unchanged);
    Ok(answer::ok(ClusterResult { applied: tally.applied, unchanged: tally.unchanged }))
}

fn up_to(text: &str) -> Result<UpTo, Problem> {
    if let Ok(id) = text.parse() {
        return Ok(UpTo::Comment(id));
    }
    let Timestamp(millis) = moment("up_to", text)?;
    // Times are told in whole seconds: what was seen came by the end of it.
    Ok(UpTo::Moment(Timestamp(if millis.rem_euclid(1000) == 0 { millis.saturating_add(999) } else { millis })))
}

fn status(text: &str) -> Result<Status, Problem> {
    match text.parse() {
        Ok(Status::Deleted) | Err(()) => Err(fault("status", "invalid", "Give pending, approved, rejected or spam.")),
        Ok(status) => Ok(status),
    }
}
