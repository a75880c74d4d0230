//! Attack mode: where it is on, setting it by hand, ending it.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    config::{Config, Site},
    http::{
        Services,
        allowed::{Allowed, Decide, Read},
        answer,
        body::{fault, read_json},
        error::{Code, Problem},
        query::Query,
    },
    intake::Attack as Known,
    moderation::{Attack, Viewer, cursor},
};

/// Pages of a site that may be held one by one.
const MOST_PAGES: usize = 200;
/// What a cursor of this list is for.
const QUESTION: &str = "attack";
/// The longest that is set by hand: a day.
const MOST_MINUTES: i64 = 24 * 60;

/// Where to hold everything, and for how long.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AttackRequest {
    /// The site's id.
    site: String,
    /// The article's URL or path; the whole site without.
    #[schema(max_length = 2048)]
    page: Option<String>,
    /// For how long from now, at most a day; as long as `moderation.attack_for` without.
    #[schema(minimum = 1, maximum = 1440)]
    minutes: Option<i64>,
}

/// A stretch of the attacks.
#[derive(Serialize, ToSchema)]
pub(super) struct AttackList {
    /// By site and page.
    items: Vec<Attack>,
    /// Where the next stretch starts; null at the end.
    next_cursor: Option<String>,
}

/// Where everything is held
///
/// The pages and sites in attack mode, whatever brought it on.
#[utoipa::path(get, path = "/api/moderation/attack", operation_id = "list_attacks", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("limit" = Option<u32>, Query, description = "1 to 200, default 50"), ("cursor" = Option<String>, Query, description = "Where the last answer left off")),
    responses((status = 200, description = "A stretch of the attacks", body = AttackList), (status = 401, description = "`unauthenticated`"), (status = 422, description = "`validation_failed`, `invalid_cursor`")))]
pub(super) async fn list(
    allowed: Allowed<Read>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let query = Query::of(&request, &["limit", "cursor"])?;
    let limit = query.limit()?;
    let mut rows = seen(&services, &allowed.viewer());
    if let Some(text) = query.text("cursor") {
        let last = cursor::open(&services.keys, QUESTION, text).ok_or_else(|| Problem::new(Code::InvalidCursor))?;
        // They stand in the order of their places, so one that has ended meanwhile breaks nothing.
        rows.retain(|row| place(row) > last);
    }
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more);
    let next_cursor = last.map(|last| cursor::seal(&services.keys, QUESTION, &place(last)));
    Ok(answer::ok(AttackList { items: rows.into_iter().map(Attack::from).collect(), next_cursor }))
}

/// Hold everything for a while
///
/// On a site, or a page, whatever its mode and whoever writes. The same again sets the end anew. It is in force
/// here when it is answered, and within a second on every other instance.
#[utoipa::path(put, path = "/api/moderation/attack", operation_id = "set_attack", tag = "Moderation", security(("session" = []), ("token" = [])), request_body = AttackRequest,
    responses((status = 200, description = "The attack as it stands", body = Attack), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`: a foreign site"),
        (status = 422, description = "`validation_failed`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn set(
    allowed: Allowed<Decide>,
    request: HttpRequest,
    payload: Payload,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let asked: AttackRequest = read_json(&request, payload).await?;
    let config = services.live.get();
    let site = super::queue::site(&config, &asked.site)?;
    let last = match asked.minutes {
        None => site.moderation.attack_for,
        Some(minutes) => length(minutes)?,
    };
    let page = page(&config, site, asked.page.as_deref())?;
    let viewer = allowed.viewer();
    see_that_it_fits(&seen(&services, &viewer), site, page.as_deref())?;
    let set = services.moderation.set_attack(&viewer, site.id.as_str(), page, last).await?;
    in_force(&services).await;
    tracing::warn!(site = %site.id, whole = set.page.is_none(), cause = "hand", minutes = last.as_secs() / 60, "attack mode was set: comments are held");
    Ok(answer::ok(set))
}

/// End an attack
///
/// What is held stays held. For as long as `moderation.attack_for` it does not begin by itself there again; by hand it does
/// at any time. Where none goes on, nothing changes.
#[utoipa::path(delete, path = "/api/moderation/attack", operation_id = "end_attack", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("site" = String, Query, description = "The site's id"), ("page" = Option<String>, Query, description = "The article's URL or path; the whole site without")),
    responses((status = 204, description = "Nothing is held there any more by this"), (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`forbidden`, `csrf_failed`"), (status = 404, description = "`not_found`: a foreign site"),
        (status = 422, description = "`validation_failed`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn end(
    allowed: Allowed<Decide>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let query = Query::of(&request, &["site", "page"])?;
    let config = services.live.get();
    let name = query.text("site").ok_or_else(|| fault("site", "required", "Give the site's id."))?;
    let site = super::queue::site(&config, name)?;
    let page = page(&config, site, query.text("page"))?;
    // What was raised here a moment ago is there to be ended.
    in_force(&services).await;
    let rest = site.moderation.attack_for;
    let whole = page.is_none();
    if services.moderation.end_attack(&allowed.viewer(), site.id.as_str(), page, rest).await? {
        in_force(&services).await;
        tracing::info!(site = %site.id, whole, "attack mode was ended: comments are judged as usual");
    }
    Ok(answer::done())
}

/// What goes on where this viewer may look.
pub(super) fn seen(services: &Services, viewer: &Viewer) -> Vec<Known> {
    let mut rows = services.intake.attacks();
    rows.retain(|row| viewer.sees(&row.site));
    rows
}

fn place(row: &Known) -> Vec<u8> {
    [row.site.as_bytes(), b"\0", row.place().as_bytes()].concat()
}

fn page(config: &Config, site: &Site, raw: Option<&str>) -> Result<Option<String>, Problem> {
    raw.map(|raw| super::pages::page_of(config, Some(site), raw).map(|page| page.key)).transpose()
}

/// Whoever would hold page after page means the site.
fn see_that_it_fits(known: &[Known], site: &Site, page: Option<&str>) -> Result<(), Problem> {
    let of_site = known.iter().filter(|row| row.site == site.id.as_str() && row.page.is_some());
    let is_new = page.is_some() && !known.iter().any(|row| row.site == site.id.as_str() && row.page.as_deref() == page);
    if is_new && of_site.count() >= MOST_PAGES {
        return Err(fault("page", "too_many", "200 pages of this site are held already. Hold the whole site instead."));
    }
    Ok(())
}

fn length(minutes: i64) -> Result<Duration, Problem> {
    let wrong = || fault("minutes", "invalid", "Give whole minutes from 1 to 1440, which is a day.");
    let within = u64::try_from(minutes).ok().filter(|_| (1..=MOST_MINUTES).contains(&minutes));
    within.map(|minutes| Duration::from_secs(minutes * 60)).ok_or_else(wrong)
}

/// Whoever reads the answer finds the change in force. It is stored already, so a failure here only leaves it to the next
/// regular reading.
async fn in_force(services: &Services) {
    if let Err(fault) = services.intake.share_attacks().await {
        tracing::warn!(error = %fault, "attacks could not be read anew; the next reading follows");
    }
}
