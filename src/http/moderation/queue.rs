//! The queue and one comment of it.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};

use crate::{
    config::{Config, Site},
    domain::{CommentId, PageAddress, PageIdentity, Status},
    http::{
        Services,
        allowed::{Allowed, Read},
        answer,
        body::fault,
        error::{Code, Problem},
        query::Query,
    },
    moderation::{Detail, Filter, ItemPage, QueueOrder},
};

/// What the queue can be asked for.
const KNOWN: [&str; 17] = [
    "status",
    "site",
    "page",
    "q",
    "author",
    "cluster",
    "reported",
    "since",
    "until",
    "score_min",
    "score_max",
    "risk_min",
    "risk_max",
    "collapse",
    "order",
    "limit",
    "cursor",
];

/// The queue
///
/// Without a status it is what waits. `author` is an author's id, an email or a name. With
/// `collapse=cluster` near-copies of one status are one row: the newest of them, at the place that the
/// order gives the cluster, by age that of its oldest.
#[utoipa::path(get, path = "/api/moderation/comments", operation_id = "queue", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("status" = Option<String>, Query, description = "`pending` (default), `approved`, `rejected`, `spam` or `all`"),
        ("site" = Option<String>, Query, description = "A site's id"), ("page" = Option<String>, Query, description = "The article's URL or path"),
        ("q" = Option<String>, Query, description = "Words in body, name or email, each of which must be found; 200 characters at most"), ("author" = Option<String>, Query, description = "An author's id, an email or a name"),
        ("cluster" = Option<String>, Query, description = "The members of one cluster of near-copies, by its id"),
        ("reported" = Option<bool>, Query, description = "`true`: only what readers reported"),
        ("since" = Option<String>, Query, description = "An RFC 3339 time; none that came before"), ("until" = Option<String>, Query, description = "An RFC 3339 time; none that came after"),
        ("score_min" = Option<f64>, Query, description = "Least captcha score, 0 to 1"), ("score_max" = Option<f64>, Query, description = "Most captcha score, 0 to 1"),
        ("risk_min" = Option<f64>, Query, description = "Least risk, 0 to 1"), ("risk_max" = Option<f64>, Query, description = "Most risk, 0 to 1"),
        ("collapse" = Option<String>, Query, description = "`cluster`: one row a cluster, its newest member, with the count beside it"),
        ("order" = Option<String>, Query, description = "`oldest` (default), `newest` or `risk`"),
        ("limit" = Option<u32>, Query, description = "1 to 200, default 50"), ("cursor" = Option<String>, Query, description = "Where the last answer left off")),
    responses((status = 200, description = "A stretch of the queue", body = ItemPage), (status = 401, description = "`unauthenticated`"),
        (status = 404, description = "`not_found`: a foreign site"), (status = 422, description = "`validation_failed`, `invalid_cursor`")))]
pub(super) async fn list(
    allowed: Allowed<Read>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let query = Query::of(&request, &KNOWN)?;
    let config = services.live.get();
    let site = query.text("site").map(|name| site(&config, name)).transpose()?;
    let filter = Filter {
        status: status(query.text("status"))?,
        site: site.map(|site| site.id.to_string()),
        page: query.text("page").map(|page| page_of(&config, site, page)).transpose()?,
        text: query.short("q", 200)?,
        author: query.short("author", 254)?,
        cluster: query.text("cluster").map(cluster).transpose()?,
        reported: query.flag("reported")?,
        since: query.moment("since")?,
        until: query.moment("until")?,
        score: (query.share("score_min")?, query.share("score_max")?),
        risk: (query.share("risk_min")?, query.share("risk_max")?),
        collapse: collapse(query.text("collapse"))?,
        order: order(query.text("order"))?,
    };
    let page = services.moderation.list(&allowed.viewer(), filter, query.limit()?, query.text("cursor")).await?;
    Ok(answer::ok(page))
}

/// One comment
///
/// With everything that was done to it and the shown comments of its thread.
#[utoipa::path(get, path = "/api/moderation/comments/{id}", operation_id = "queued_comment", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The comment's id")),
    responses((status = 200, description = "The comment", body = Detail), (status = 401, description = "`unauthenticated`"), (status = 404, description = "`not_found`")))]
pub(super) async fn detail(
    allowed: Allowed<Read>,
    id: Path<String>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    Ok(answer::ok(services.moderation.detail(&allowed.viewer(), super::id(&id)?).await?))
}

/// A configured site. One that is not there is as foreign as one that is not the viewer's.
pub(super) fn site<'a>(config: &'a Config, name: &str) -> Result<&'a Site, Problem> {
    config.sites.iter().find(|site| site.id.as_str() == name).ok_or_else(|| Problem::new(Code::NotFound))
}

/// The page that an address means: on the site named, else the one of its origin, else the only one.
pub(super) fn page_of(config: &Config, site: Option<&Site>, raw: &str) -> Result<PageIdentity, Problem> {
    let address =
        PageAddress::parse(raw).map_err(|_fault| fault("page", "invalid", "Give an article's URL or path."))?;
    let by_origin = || {
        let origin = address.origin.as_deref()?;
        config.sites.iter().find(|site| site.origins.iter().any(|own| own == origin))
    };
    let only = || match (config.sites.as_slice(), &address.origin) {
        ([only], None) => Some(only),
        _ => None,
    };
    let site = site.or_else(by_origin).or_else(only);
    let site = site.ok_or_else(|| fault("page", "invalid", "Name the site, or give a URL of one of the sites."))?;
    Ok(address.identity(&site.id, &site.keep_query))
}

fn status(text: Option<&str>) -> Result<Option<Status>, Problem> {
    let wrong = || fault("status", "invalid", "Give pending, approved, rejected, spam or all.");
    match text {
        None => Ok(Some(Status::Pending)),
        Some("all") => Ok(None),
        Some(text) => match text.parse() {
            Ok(Status::Deleted) | Err(()) => Err(wrong()),
            Ok(status) => Ok(Some(status)),
        },
    }
}

fn cluster(text: &str) -> Result<CommentId, Problem> {
    text.parse().map_err(|_no_id| fault("cluster", "invalid", "Give the id of a cluster."))
}

fn collapse(text: Option<&str>) -> Result<bool, Problem> {
    match text {
        None => Ok(false),
        Some("cluster") => Ok(true),
        Some(_) => Err(fault("collapse", "invalid", "Give cluster, or leave it away.")),
    }
}

fn order(text: Option<&str>) -> Result<QueueOrder, Problem> {
    match text {
        None | Some("oldest") => Ok(QueueOrder::Oldest),
        Some("newest") => Ok(QueueOrder::Newest),
        Some("risk") => Ok(QueueOrder::Risk),
        Some(_) => Err(fault("order", "invalid", "Give oldest, newest or risk.")),
    }
}
