//! The threshold lab: what thresholds make of the past.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    config::{Config, Mode, Site},
    domain::Timestamp,
    http::{
        Services,
        allowed::{Allowed, Read},
        answer,
        body::{fault, read_json},
        error::{Code, Problem},
        query::{Query, moment},
    },
    lab::{CaptchaProposal, Compared, InForce, Misfit, Proposal, ScoringProposal, Wanted, common},
    moderation::Viewer,
};

/// How far back the past goes where nobody says.
const PAST: Duration = Duration::from_secs(30 * 24 * 3600);

/// Thresholds to try. What is not named stays as it is in force.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewRequest {
    /// Of the captcha's score.
    #[serde(default)]
    captcha: CaptchaProposal,
    /// Of the risk.
    #[serde(default)]
    scoring: ScoringProposal,
    /// A site's id; needed where your sites are judged by different settings.
    site: Option<String>,
    /// An RFC 3339 time; 30 days ago without.
    since: Option<String>,
    /// `false` leaves out what programs decided by an API token.
    programs: Option<bool>,
}

/// The thresholds in force
///
/// What they make of the last 30 days, and histograms of captcha score and risk by the moderators' outcome.
#[utoipa::path(get, path = "/api/moderation/thresholds", operation_id = "thresholds", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("site" = Option<String>, Query, description = "A site's id; needed where your sites are judged by different settings"),
        ("since" = Option<String>, Query, description = "An RFC 3339 time; 30 days ago without"),
        ("programs" = Option<bool>, Query, description = "`false` leaves out what programs decided by an API token")),
    responses((status = 200, description = "Thresholds, figures, histograms", body = InForce), (status = 401, description = "`unauthenticated`"),
        (status = 404, description = "`not_found`: a foreign site"), (status = 422, description = "`validation_failed`")))]
pub(super) async fn in_force(
    allowed: Allowed<Read>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let query = Query::of(&request, &["site", "since", "programs"])?;
    let programs = match query.text("programs") {
        None | Some("true") => true,
        Some("false") => false,
        Some(_) => return Err(fault("programs", "invalid", "Give true or false.")),
    };
    let config = services.live.get();
    let since = query.moment("since")?;
    let (site, wanted) = scope(&services, &config, &allowed.viewer(), query.text("site"), since, programs)?;
    Ok(answer::ok(services.lab.in_force(site, &wanted).await?))
}

/// Try other thresholds
///
/// For the recorded past: how many would have been published, held, marked as spam and refused, how many of the
/// approved lost and how much of the spam let through, each with a 95 % interval, beside the thresholds in force.
/// Changes nothing.
#[utoipa::path(post, path = "/api/moderation/thresholds/preview", operation_id = "preview_thresholds", tag = "Moderation", security(("session" = []), ("token" = [])),
    request_body = PreviewRequest,
    responses((status = 200, description = "Both, side by side", body = Compared), (status = 401, description = "`unauthenticated`"), (status = 403, description = "`csrf_failed`"),
        (status = 404, description = "`not_found`: a foreign site"), (status = 422, description = "`validation_failed`: a number out of its range, or thresholds in the wrong order")))]
pub(super) async fn preview(
    allowed: Allowed<Read>,
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let PreviewRequest { captcha, scoring, site, since, programs } = read_json(&request, payload).await?;
    let since = since.map(|text| moment("since", &text)).transpose()?;
    let config = services.live.get();
    let programs = programs.unwrap_or(true);
    let (site, wanted) = scope(&services, &config, &allowed.viewer(), site.as_deref(), since, programs)?;
    let proposed = Proposal { captcha, scoring }.over(site).map_err(told)?;
    Ok(answer::ok(services.lab.compared(site, &proposed, &wanted).await?))
}

/// The settings to judge by, and the submissions to judge: of the site named, else of all that are the viewer's.
fn scope<'a>(
    services: &Services,
    config: &'a Config,
    viewer: &Viewer,
    named: Option<&str>,
    since: Option<Timestamp>,
    programs: bool,
) -> Result<(&'a Site, Wanted), Problem> {
    let theirs = config.sites.iter().filter(|site| viewer.sees(site.id.as_str()));
    let sites: Vec<&Site> = theirs.filter(|site| named.is_none_or(|named| site.id.as_str() == named)).collect();
    let differing = |differing| fault("site", "required", &format!("Name a site: {differing}."));
    let site = common(&sites).map_err(differing)?.ok_or_else(|| Problem::new(Code::NotFound))?;
    let wanted = Wanted {
        sites: Some(sites.iter().map(|site| site.id.to_string()).collect()),
        since: since.unwrap_or_else(|| services.clock.now().minus(PAST)),
        programs,
        records: site.moderation.mode == Mode::Trusted,
    };
    Ok((site, wanted))
}

fn told(misfits: Vec<Misfit>) -> Problem {
    misfits.into_iter().fold(Problem::new(Code::ValidationFailed), |problem, misfit| {
        problem.field(misfit.field, "invalid", misfit.says)
    })
}
