//! The reasons that a decision can have, and the statement of reasons for a comment's author.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::queue::site;
use crate::{
    config::{Config, Ground, Reason, Site},
    domain::{Timestamp, Tongue},
    http::{
        Services,
        allowed::{Allowed, Decide, Read},
        answer,
        body::fault,
        error::{Code, Problem},
        query::Query,
        texts::statement::{Statement, Why},
    },
    moderation::Viewer,
};

/// The reasons to choose from.
#[derive(Serialize, ToSchema)]
pub(super) struct ReasonList {
    /// In the order of the list.
    items: Vec<ReasonView>,
}

/// One reason.
#[derive(Serialize, ToSchema)]
struct ReasonView {
    /// What a decision's `reason` is set to.
    id: String,
    /// What to show to a moderator.
    label: String,
    /// `law` or `terms`: what the decision rests on; null where it is neither.
    ground: Option<&'static str>,
    /// What the author is told.
    text: String,
}

/// A statement of reasons, ready to be sent.
#[derive(Serialize, ToSchema)]
pub(super) struct StatementView {
    /// For the message's subject.
    subject: String,
    /// Plain text.
    text: String,
    /// The language of both: `en`, `de`, `fr`, `es`, `pt`, `ru`, `zh` or `ar`.
    lang: &'static str,
    /// `law` or `terms`; null where the reason names neither.
    ground: Option<&'static str>,
    /// The reason's id, or the words that were noted; null where nobody said.
    reason: Option<String>,
    /// A program took the decision: ours when the comment came, or another by an API token.
    automated: bool,
    /// A program found something against the comment.
    detected: bool,
    /// Since when the decision stands.
    #[schema(value_type = String, format = DateTime)]
    decided_at: Timestamp,
    /// Where the author can be reached; null where they did not say.
    email: Option<String>,
    /// The site's contact; null where none is set.
    contact: Option<String>,
}

/// The reasons to choose from
///
/// A decision whose `reason` is the id of one of these is stated in its words. Without a site it is the list that
/// all your sites share.
#[utoipa::path(get, path = "/api/moderation/reasons", operation_id = "reasons", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("site" = Option<String>, Query, description = "A site's id; needed where your sites have different lists")),
    responses((status = 200, description = "The list", body = ReasonList), (status = 401, description = "`unauthenticated`"),
        (status = 404, description = "`not_found`: a foreign site"), (status = 422, description = "`validation_failed`")))]
pub(super) async fn list(
    allowed: Allowed<Read>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let query = Query::of(&request, &["site"])?;
    let config = services.live.get();
    let reasons = shared(&config, &allowed.viewer(), query.text("site"))?;
    Ok(answer::ok(ReasonList { items: reasons.iter().map(ReasonView::from).collect() }))
}

/// The statement of reasons
///
/// For the author of a comment that is rejected or marked as spam: what was decided, on which ground, what programs
/// had to do with it, and how to contest it. It is sent nowhere.
#[utoipa::path(get, path = "/api/moderation/comments/{id}/statement", operation_id = "statement", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("id" = String, Path, description = "The comment's id"),
        ("reason" = Option<String>, Query, description = "Another reason than the one noted: the id of one of the site's reasons, or up to 500 characters"),
        ("lang" = Option<String>, Query, description = "The language to write it in, as a tag such as `de-AT`; the site's where none is given")),
    responses((status = 200, description = "The statement", body = StatementView), (status = 401, description = "`unauthenticated`"), (status = 403, description = "`forbidden`"),
        (status = 404, description = "`not_found`"), (status = 422, description = "`validation_failed`: on field `id`, where nothing was decided against the comment")))]
pub(super) async fn statement(
    allowed: Allowed<Decide>,
    id: Path<String>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let query = Query::of(&request, &["reason", "lang"])?;
    let wished = query.text("lang").map(tongue).transpose()?;
    let given = super::reason("reason", query.text("reason").map(str::to_owned))?;
    let facts = services.moderation.facts(&allowed.viewer(), super::id(&id)?).await?;
    let config = services.live.get();
    // A site that is no longer configured has no list and no contact, and its comments are stated all the same.
    let site = config.sites.iter().find(|site| site.id.as_str() == facts.site);
    let reason = given.or_else(|| facts.reason.clone());
    let reasons = site.map_or(&[][..], |site| &site.moderation.reasons);
    let why = match &reason {
        Some(text) => reasons.iter().find(|reason| reason.id == *text).map_or(Why::Told(text), Why::Listed),
        None => Why::Untold,
    };
    let contact = site.map(|site| site.contact.clone()).filter(|contact| !contact.is_empty());
    let spoken = wished.or_else(|| Some(site?.tongue())).unwrap_or_default();
    let Statement { subject, text } = Statement::of(spoken, &facts, why, contact.as_deref().unwrap_or_default());
    Ok(answer::ok(StatementView {
        subject,
        text,
        lang: spoken.tag(),
        ground: why.ground(facts.status).map(Ground::as_str),
        automated: facts.automated,
        detected: facts.detected,
        decided_at: facts.decided_at,
        email: facts.email,
        reason,
        contact,
    }))
}

fn tongue(tag: &str) -> Result<Tongue, Problem> {
    let known = Tongue::ALL.map(Tongue::tag).join(", ");
    Tongue::asked_by(tag).ok_or_else(|| fault("lang", "invalid", &format!("Give one of {known}.")))
}

/// The list of the site named, else the one that all the viewer's sites share.
fn shared<'c>(config: &'c Config, viewer: &Viewer, named: Option<&str>) -> Result<&'c [Reason], Problem> {
    let foreign = || Problem::new(Code::NotFound);
    let theirs = |site: &&Site| viewer.sees(site.id.as_str());
    if let Some(name) = named {
        return Ok(&Some(site(config, name)?).filter(theirs).ok_or_else(foreign)?.moderation.reasons);
    }
    let mut sites = config.sites.iter().filter(theirs);
    let first = sites.next().ok_or_else(foreign)?;
    if sites.any(|other| other.moderation.reasons != first.moderation.reasons) {
        return Err(fault("site", "required", "Name a site: your sites have different lists of reasons."));
    }
    Ok(&first.moderation.reasons)
}

impl From<&Reason> for ReasonView {
    fn from(reason: &Reason) -> Self {
        let Reason { id, label, ground, text } = reason.clone();
        Self { id, label, ground: ground.map(Ground::as_str), text }
    }
}
