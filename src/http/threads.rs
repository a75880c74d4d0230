//! `/thread`: a page's comments and the form as a page of their own, for a link or a frame, and without a script.
//!
//! What it shows is what `publish` tells; where a link leads is decided here, what it looks like in `pages`.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{CONTENT_SECURITY_POLICY, LINK},
    web::{Data, Query, ServiceConfig},
};
use serde::Deserialize;

use super::{
    Services,
    comments::{comment_id, order, shown, start},
    error::{Code, Problem},
    extract::{allowed_page, visitor},
    guard::policy_framed_by,
    language,
    pages::{FormState, Notice, Order, PageComment, ReplyingTo, ThreadView},
    site::{broken, html},
};
use crate::{
    config::{EmailRule, Site},
    domain::{CommentId, PageIdentity, Timestamp, Tongue},
    keys,
    publish::{CommentView, PublishError, Shown, Start, ThreadOrder, ThreadPage, Wanted},
};

/// Comments on one view.
const ON_A_PAGE: usize = 100;
/// The orders that one can choose from, each with what it is called.
const ORDERS: [(&str, &str); 3] = [("oldest", "thread.oldest"), ("newest", "thread.newest"), ("best", "thread.best")];
/// The one article of our own.
pub(super) const DEMO: &str = "/demo";

/// The routes of this room.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(read);
}

/// What the page's address may ask for.
#[derive(Deserialize, utoipa::IntoParams)]
struct ThreadParams {
    /// The article's absolute URL or path.
    #[serde(default)]
    page: String,
    /// `oldest` (default), `newest` or `best`.
    sort: Option<String>,
    /// Of the next comments.
    cursor: Option<String>,
    /// The comment to begin at. Not together with `cursor`.
    at: Option<String>,
    /// The comment that the form is to answer.
    reply: Option<String>,
    /// `pending` after a comment was sent that waits.
    replydesk: Option<String>,
    /// The language of the page, where it is not the site's.
    lang: Option<String>,
}

/// A page's comments and the form as a page of their own
///
/// Complete without a script; pages of the site may frame it.
#[utoipa::path(tag = "Pages", operation_id = "thread_page", params(ThreadParams),
    responses((status = 200, description = "HTML", body = String, content_type = "text/html"), (status = 400, description = "`malformed`"), (status = 403, description = "`origin_not_allowed`"),
        (status = 422, description = "`validation_failed`, `invalid_cursor`")))]
#[get("/thread")]
async fn read(
    request: HttpRequest,
    query: Query<ThreadParams>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let config = services.live.get();
    let (site, page) = allowed_page(&config, &query.page, &visitor(&request, &services))?;
    let tongue = language::of(&request, &services);
    let policy = policy_framed_by(&site.origins);
    let asked = Asked { services: &services, site, page: &page, query: &query, tongue };
    // In a frame too it must be read why there is no thread.
    let view = asked.view().await.map_err(|problem| problem.header(CONTENT_SECURITY_POLICY, policy.clone()))?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CONTENT_SECURITY_POLICY, policy));
    if view.article_url.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"".contains(&byte)) {
        answer.insert_header((LINK, format!("<{}>; rel=\"canonical\"", view.article_url)));
    }
    Ok(services.pages.thread(tongue, &view).map_or_else(|fault| broken(&fault), |page| html(answer, page)))
}

/// An address of this page; what is not asked for is left out.
pub(super) fn address(page: &str, more: &[(&str, Option<&str>)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("page", page);
    query.extend_pairs(more.iter().filter_map(|(name, value)| Some((name, (*value)?))));
    format!("/thread?{}", query.finish())
}

/// A request for a thread, its page known.
struct Asked<'a> {
    services: &'a Services,
    site: &'a Site,
    page: &'a PageIdentity,
    query: &'a ThreadParams,
    tongue: Tongue,
}

impl Asked<'_> {
    async fn view(&self) -> Result<ThreadView, Problem> {
        let order = order(self.query.sort.as_deref())?;
        let (thread, at, mut notice) = self.stretch(order).await?;
        let parent = self.parent().await?;
        if self.query.reply.is_some() && parent.is_none() && !thread.page.closed {
            notice = Some(Notice::ReplyGone);
        }
        if self.query.replydesk.as_deref() == Some("pending") {
            notice = Some(Notice::Pending);
        }
        let closed = thread.page.closed;
        Ok(ThreadView {
            form: self.form(&thread, parent),
            title: thread.page.title,
            article_url: self.article(),
            feed_url: feed_address(self.site, self.page),
            orders: ORDERS.map(|(name, label)| Order { name, label, url: self.link(Some(name), &[], "") }).into(),
            sort: name(order),
            comments: thread.comments.into_iter().map(|view| self.comment(view, at, closed)).collect(),
            total: thread.total,
            more_url: thread.next_cursor.map(|cursor| self.here(&[("cursor", Some(&cursor))], "#comments")),
            all_url: self.here(&[], ""),
            closed,
            notice,
        })
    }

    /// The comments, the one they begin at, and what is to be said of that.
    async fn stretch(&self, order: ThreadOrder) -> Result<(ThreadPage, Option<CommentId>, Option<Notice>), Problem> {
        let at = self.query.at.as_deref().filter(|at| !at.is_empty());
        let start = match start(self.query.cursor.as_deref(), at) {
            // What is no id is a comment that is not there, as far as a reader is concerned.
            Err(problem) if problem.code == Code::NotFound => None,
            start => Some(start?),
        };
        let wanted = |start| Wanted {
            site: self.site.id.to_string(),
            key: self.page.key.clone(),
            order,
            limit: ON_A_PAGE,
            start,
            with_approved: false,
        };
        let found = match &start {
            Some(start) => self.services.publish.page(self.site, &wanted(start.clone()), &self.page.url).await,
            None => Err(PublishError::NotThere),
        };
        match (found, start) {
            (Ok(thread), Some(Start::At(id))) => Ok((thread, Some(id), Some(Notice::Around))),
            (Ok(thread), _) => Ok((thread, None, None)),
            (Err(PublishError::NotThere), _) => {
                let thread = self.services.publish.page(self.site, &wanted(Start::Top), &self.page.url).await?;
                Ok((thread, None, Some(Notice::Gone)))
            }
            (Err(fault), _) => Err(fault.into()),
        }
    }

    /// The comment that the form is to answer, where it may be answered.
    async fn parent(&self) -> Result<Option<Shown>, Problem> {
        let Some(id) = self.query.reply.as_deref().and_then(|id| comment_id(id).ok()) else { return Ok(None) };
        let found = self.services.publish.one(id).await?;
        let found = found.filter(|(row, _)| row.key == self.page.key && row.site == self.site.id.as_str());
        Ok(found.and_then(|(_, view)| shown(view)).filter(|comment| comment.depth < self.site.max_depth))
    }

    fn form(&self, thread: &ThreadPage, parent: Option<Shown>) -> FormState {
        let key = keys::random::<16>().map_or_else(|_none| String::new(), |bytes| keys::encode(&bytes));
        FormState {
            title: thread.page.title.clone().unwrap_or_default(),
            lang: self.tongue.tag().to_owned(),
            view: "thread".to_owned(),
            email_required: self.site.email == EmailRule::Required,
            replying_to: parent.map(|comment| ReplyingTo {
                id: comment.id.to_string(),
                name: comment.name,
                cancel_url: self.here(&[("at", self.query.at.as_deref())], "#reply-form"),
            }),
            ..FormState::empty(&self.query.page, &key)
        }
    }

    fn comment(&self, view: CommentView, at: Option<CommentId>, closed: bool) -> PageComment {
        let (id, comment, parent) = match view {
            CommentView::Shown(comment) => (comment.id, Some(comment), None),
            CommentView::Removed(gone) => (gone.id, None, gone.parent),
        };
        let text = id.to_string();
        let deepest = |comment: &Shown| comment.depth >= self.site.max_depth;
        let reply_url = comment.as_ref().filter(|comment| !closed && !deepest(comment)).map(|_| {
            // Who came by a link to one comment stays with it.
            self.here(&[("at", self.query.at.as_deref()), ("reply", Some(&text))], "#reply-form")
        });
        let removed = comment.is_none();
        PageComment {
            id,
            parent: comment.as_ref().map_or(parent, |comment| comment.parent),
            created_at: comment.as_ref().map_or_else(Timestamp::default, |comment| comment.created_at),
            edited_at: comment.as_ref().and_then(|comment| comment.edited_at),
            by_staff: comment.as_ref().is_some_and(|comment| comment.by_staff),
            likes: comment.as_ref().map_or(0, |comment| comment.likes),
            url: comment.as_ref().and_then(|comment| comment.url.clone()),
            place_url: self.here(&[("at", Some(&text))], &format!("#comment-{text}")),
            reply_url,
            asked_for: at == Some(id),
            // What is written with a link leads on in a tab of its own: in a frame most sites show nothing.
            html: comment
                .as_ref()
                .map_or_else(String::new, |comment| comment.html.replace("<a href=", "<a target=\"_blank\" href=")),
            name: comment.map_or_else(String::new, |comment| comment.name),
            removed,
        }
    }

    /// This page in the order that it has.
    fn here(&self, more: &[(&str, Option<&str>)], fragment: &str) -> String {
        self.link(self.query.sort.as_deref(), more, fragment)
    }

    fn link(&self, sort: Option<&str>, more: &[(&str, Option<&str>)], fragment: &str) -> String {
        let lang = self.query.lang.as_deref().and_then(Tongue::asked_by).map(Tongue::tag);
        let asked = [&[("sort", sort.filter(|sort| *sort != "oldest")), ("lang", lang)][..], more].concat();
        address(&self.query.page, &asked) + fragment
    }

    /// Where the article is.
    fn article(&self) -> String {
        match self.site.origins.first() {
            Some(origin) if self.page.url.starts_with('/') && self.page.key != DEMO => {
                format!("{origin}{}", self.page.url)
            }
            _ => self.page.url.clone(),
        }
    }
}

/// Whole, so that a feed reader, which comes from nowhere, means the same site.
pub(super) fn feed_address(site: &Site, page: &PageIdentity) -> String {
    let page = format!("{}{}", site.origins.first().map_or("", String::as_str), page.key);
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("page", &page).finish();
    format!("/feed.atom?{query}")
}

fn name(order: ThreadOrder) -> &'static str {
    match order {
        ThreadOrder::Oldest => "oldest",
        ThreadOrder::Newest => "newest",
        ThreadOrder::Best => "best",
    }
}
