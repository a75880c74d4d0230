//! What machines and operators ask: alive, ready, metrics, the API's description.

use std::time::Duration;

use actix_web::{
    HttpResponse, get,
    http::header::{CACHE_CONTROL, RETRY_AFTER},
    web::{Data, ServiceConfig},
};
use serde::Serialize;

use super::{Services, openapi};
use crate::{intake::Check, telemetry::Gauges};

/// The routes of this room.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(livez).service(readyz).service(metrics).service(description);
}

/// The process runs
#[utoipa::path(tag = "Operations", responses((status = 200, description = "It does", body = String)))]
#[get("/livez")]
async fn livez() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).content_type("text/plain; charset=utf-8").body("ok\n")
}

/// How it stands with everything that comments need.
#[derive(Serialize, utoipa::ToSchema)]
struct Readiness {
    /// `ok`, `degraded` or `down`.
    status: &'static str,
    /// One by one.
    checks: Checks,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ReadinessChecks)]
struct Checks {
    store: Check,
    redis: Check,
    captcha: Check,
    config: Check,
}

/// Comments can be taken
///
/// 503 only when they cannot be.
#[utoipa::path(tag = "Operations", responses((status = 200, description = "They can", body = Readiness), (status = 503, description = "They cannot", body = Readiness)))]
#[get("/readyz")]
async fn readyz(services: Data<Services>) -> HttpResponse {
    let health = services.intake.health(Duration::from_secs(1)).await;
    let config = services.live.status();
    let fleet = services.instances.fleet();
    let detail = match fleet.difference() {
        Some(difference) => format!("{}; {difference}", config.detail),
        None => format!("{}, version {}", config.detail, fleet.settings),
    };
    let well = config.ok && fleet.difference().is_none();
    let config = if well { Check::ok(detail) } else { Check::degraded(detail) };
    let checks = Checks { store: health.store, redis: health.redis, captcha: health.captcha, config };
    let draining = services.is_draining();
    let down = draining || health.refuses;
    let worst = [&checks.store, &checks.redis, &checks.captcha, &checks.config].iter().any(|check| !check.is_fine());
    let status = match (down, worst) {
        (true, _) => "down",
        (false, true) => "degraded",
        (false, false) => "ok",
    };
    let mut answer = if down { HttpResponse::ServiceUnavailable() } else { HttpResponse::Ok() };
    if down {
        answer.insert_header((RETRY_AFTER, "2"));
    }
    answer.insert_header((CACHE_CONTROL, "no-store")).json(Readiness { status, checks })
}

/// Metrics in the Prometheus form
#[utoipa::path(tag = "Operations", responses((status = 200, description = "OpenMetrics text", body = String, content_type = "application/openmetrics-text")))]
#[get("/metrics")]
async fn metrics(services: Data<Services>) -> HttpResponse {
    let load = services.intake.load();
    let status = services.live.status();
    let fleet = services.instances.fleet();
    let gauges = Gauges {
        instances: i64::try_from(fleet.count).unwrap_or(i64::MAX),
        instances_differ: i64::try_from(fleet.other_settings.max(fleet.other_program)).unwrap_or(i64::MAX),
        store_backlog: load.backlog,
        limit_fallbacks: load.fallbacks,
        config_ok: i64::from(status.ok),
        config_version: i64::try_from(services.live.version()).unwrap_or(i64::MAX),
    };
    let text = services.metrics.text(gauges, &services.intake.provider_states(), &services.intake.attack_states());
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(text)
}

/// The API's description
#[utoipa::path(tag = "Operations", responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value)))]
#[get("/openapi.json")]
async fn description() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-cache")).json(openapi::document())
}
