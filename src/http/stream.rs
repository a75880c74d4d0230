//! The readers' live stream: server-sent events of one page's comments.
//!
//! It tells what `GET /api/comments` shows and nothing else; what that is, `publish` says. Events are numbered over all
//! sites, so readers get their numbers sealed: nobody reads off them how much happens elsewhere.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Query, ServiceConfig},
};
use serde::Deserialize;

use super::{
    Services,
    error::Problem,
    events::{self, Audience, Over, Told},
    extract::{allowed_page, visitor},
};
use crate::{
    keys::{self, Purpose},
    notify::{Crowd, Event},
    telemetry::chain,
};

/// The routes of this room.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(follow);
}

/// Which page.
#[derive(Deserialize, utoipa::IntoParams)]
struct StreamQuery {
    /// The article's absolute URL or path.
    #[serde(default)]
    page: String,
}

/// The readers of one page.
struct Readers {
    services: Data<Services>,
    site: String,
    key: String,
}

/// Follow a page's comments live
///
/// Server-sent events, each with an id to go on behind (`Last-Event-ID`): `comment` for a comment newly approved and
/// `update` for one that changed, both with the comment as `GET /api/comments?with=approved_at` shows it; `remove` with the `id` of one
/// that is gone; `reset` where too much was missed to be told, or the id is none of this page's, so read the page anew.
#[utoipa::path(tag = "Public", operation_id = "follow_page",
    params(StreamQuery, ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was heard")),
    responses((status = 200, description = "The events, until either side ends it", body = String, content_type = "text/event-stream"),
        (status = 400, description = "`malformed`"), (status = 403, description = "`origin_not_allowed`"), (status = 422, description = "`validation_failed`"),
        (status = 503, description = "`unavailable`: too many follow already")))]
#[get("/api/stream")]
async fn follow(
    request: HttpRequest,
    query: Query<StreamQuery>,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let config = services.live.get();
    let visitor = visitor(&request, &services);
    let (site, page) = allowed_page(&config, &query.page, &visitor)?;
    let network = visitor.client.network_key(&services.keys, services.clock.now());
    let readers = Readers { services, site: site.id.to_string(), key: page.key };
    let said = events::last_heard(&request);
    let after = said.and_then(|id| readers.number(id));
    let listener = readers.services.hub.listen(Crowd::Readers, &network, after).await?.map_err(events::full)?;
    Ok(events::open(listener, readers, said.is_some() && after.is_none()))
}

impl Readers {
    fn owner(&self) -> String {
        format!("{} {}", self.site, self.key)
    }

    /// The number in an id that was given out for this page.
    fn number(&self, id: &str) -> Option<i64> {
        let sealed = keys::decode(id)?;
        let number = self.services.keys.open(Purpose::Stream, &self.owner(), &sealed)?;
        Some(i64::from_be_bytes(number.try_into().ok()?))
    }
}

impl Audience for Readers {
    fn id(&self, event: i64) -> String {
        let sealed = self.services.keys.seal(Purpose::Stream, &self.owner(), &event.to_be_bytes());
        sealed.map_or_else(String::new, |sealed| keys::encode(&sealed))
    }

    fn counts_along(&self) -> bool {
        true
    }

    async fn check(&mut self) -> Result<(), Over> {
        Ok(())
    }

    async fn told(&mut self, events: &[Arc<Event>]) -> Result<Vec<Told>, Over> {
        let news = self.services.publish.news(&self.site, &self.key, events).await.map_err(|fault| {
            tracing::warn!(error = chain(&fault), "a page's stream ended early");
            Over::Broken
        })?;
        Ok(news
            .into_iter()
            .map(|news| Told { event: news.event, name: news.name, data: news.data.to_string() })
            .collect())
    }
}
