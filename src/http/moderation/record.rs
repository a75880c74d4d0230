//! The record: the audit as a list and as a file, and figures about the work.

use actix_web::{
    Error, HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    web::{Bytes, Data},
};
use futures_util::{Stream, StreamExt as _, stream};

use crate::{
    http::{
        Services,
        allowed::{Allowed, Read},
        answer,
        body::fault,
        error::Problem,
        query::Query,
    },
    moderation::{AuditFilter, AuditPage, Export, Format, ModerationError, Statistics},
    telemetry::chain,
};

/// Longest name or id that is looked for, in characters.
const LONGEST: usize = 254;

/// What was done
///
/// Newest first, append only. Who is limited to some sites sees what was done there and by themselves.
#[utoipa::path(get, path = "/api/moderation/audit", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("actor" = Option<String>, Query, description = "Who did it, e.g. `moderator:ada`"),
        ("action" = Option<String>, Query, description = "What, e.g. `comment.approve`; with a dot at its end, `comment.`, all below it"),
        ("subject" = Option<String>, Query, description = "To what: an id or a name"),
        ("since" = Option<String>, Query, description = "An RFC 3339 time"), ("until" = Option<String>, Query, description = "An RFC 3339 time; its second counts to the end"),
        ("limit" = Option<u32>, Query, description = "1 to 200, default 50"), ("cursor" = Option<String>, Query, description = "Where the last answer left off")),
    responses((status = 200, description = "A stretch of the audit", body = AuditPage), (status = 401, description = "`unauthenticated`"), (status = 422, description = "`validation_failed`, `invalid_cursor`")))]
pub(super) async fn audit(
    allowed: Allowed<Read>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let query = Query::of(&request, &["actor", "action", "subject", "since", "until", "limit", "cursor"])?;
    let filter = AuditFilter {
        actor: query.short("actor", LONGEST)?,
        action: query.short("action", LONGEST)?,
        subject: query.short("subject", LONGEST)?,
        since: query.moment("since")?,
        until: query.moment("until")?,
    };
    let page = services.moderation.audit(&allowed.viewer(), filter, query.limit()?, query.text("cursor")).await?;
    Ok(answer::ok(page))
}

/// The audit as a file
///
/// Oldest first, with what the list shows you. In JSON Lines each row bears its `hash`, by which the chain can be
/// checked elsewhere; `at` has its milliseconds there, which are hashed. In CSV a cell that a spreadsheet would run
/// begins with an apostrophe.
#[utoipa::path(get, path = "/api/moderation/audit/export", operation_id = "export_audit", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("format" = Option<String>, Query, description = "`jsonl` (default) or `csv`"),
        ("since" = Option<String>, Query, description = "An RFC 3339 time"), ("until" = Option<String>, Query, description = "An RFC 3339 time; its second counts to the end")),
    responses((status = 200, description = "The rows, to be saved as a file", content((String = "application/jsonl"), (String = "text/csv"))),
        (status = 401, description = "`unauthenticated`"), (status = 422, description = "`validation_failed`")))]
pub(super) async fn export(
    allowed: Allowed<Read>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let query = Query::of(&request, &["format", "since", "until"])?;
    let format: Format = query
        .text("format")
        .map_or(Ok(Format::Jsonl), str::parse)
        .map_err(|_other| fault("format", "invalid", "Give jsonl or csv."))?;
    let mut export =
        services.moderation.export(&allowed.viewer(), format, query.moment("since")?, query.moment("until")?);
    // A store that gives no answer is told with a status as long as there is none yet.
    let first = export.next().await.map_err(ModerationError::from)?;
    let kind = match format {
        Format::Jsonl => "application/jsonl",
        Format::Csv => "text/csv; charset=utf-8; header=present",
    };
    let today: String = services.clock.now().to_string().chars().take_while(|c| *c != 'T').collect();
    let name = format!("attachment; filename=\"audit-{today}.{}\"", format.as_str());
    let pieces = stream::iter(first.map(|text| Ok::<_, Error>(Bytes::from(text)))).chain(rest(export));
    let mut answer = answer::with(StatusCode::OK);
    answer.insert_header((CONTENT_TYPE, kind)).insert_header((CONTENT_DISPOSITION, name));
    Ok(answer.streaming(pieces))
}

/// The pieces behind the first. One that cannot be had breaks the answer off, so that nobody takes it for whole.
fn rest(export: Export) -> impl Stream<Item = Result<Bytes, Error>> {
    stream::try_unfold(export, |mut export| async move {
        match export.next().await {
            Ok(piece) => Ok(piece.map(|text| (Bytes::from(text), export))),
            Err(fault) => {
                tracing::error!(error = chain(&fault), "an export of the audit broke off");
                Err(Problem::from(ModerationError::from(fault)).into())
            }
        }
    })
}

/// Figures about the work
///
/// Of the last so many days, today among them, in UTC: what came and what became of it, what waits, how soon
/// moderators decided, and who did how much. All of it is about your sites.
#[utoipa::path(get, path = "/api/moderation/statistics", operation_id = "statistics", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("site" = Option<String>, Query, description = "A site's id"), ("days" = Option<u16>, Query, description = "1 to 90, default 30")),
    responses((status = 200, description = "The figures", body = Statistics), (status = 401, description = "`unauthenticated`"),
        (status = 404, description = "`not_found`: a foreign site"), (status = 422, description = "`validation_failed`")))]
pub(super) async fn statistics(
    allowed: Allowed<Read>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let query = Query::of(&request, &["site", "days"])?;
    let days = query.text("days").map_or(Some(30), |text| text.parse().ok()).filter(|days| (1..=90).contains(days));
    let days = days.ok_or_else(|| fault("days", "invalid", "Give a whole number from 1 to 90."))?;
    let config = services.live.get();
    let site = query.text("site").map(|name| super::queue::site(&config, name)).transpose()?;
    let site = site.map(|site| site.id.as_str());
    Ok(answer::ok(services.moderation.statistics(&allowed.viewer(), site, days).await?))
}
