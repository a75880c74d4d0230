//! The readers' live stream: server-sent events of one page's comments.
//!
//! It tells what `GET /api/comments` shows and nothing else; what that is, `publish` says.

use std::{convert::Infallible, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::{StatusCode, header::HeaderName},
    web::{Bytes, Data, Query, ServiceConfig},
};
use futures_util::stream;
use serde::Deserialize;
use tokio::time::{Instant, sleep_until};

use super::{
    Services, answer,
    body::fault,
    error::{Code, Problem},
    extract::{allowed_page, visitor},
};
use crate::{
    notify::{Crowd, Heard, Listener},
    publish::News,
    telemetry::chain,
};

/// How often a silent stream says that it lives.
const BEAT: Duration = Duration::from_secs(15);
/// When a browser that lost the stream comes back, in milliseconds.
const RETRY: &str = "retry: 2000";
/// Asks a proxy not to hold back what was sent.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

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

/// A reader's open stream.
struct Stream {
    services: Data<Services>,
    listener: Listener,
    site: String,
    key: String,
    beat: Instant,
    opened: bool,
}

/// Follow a page's comments live
///
/// Server-sent events, each with a number to go on behind (`Last-Event-ID`): `comment` for a comment newly approved and
/// `update` for one that changed, both with the comment as `GET /api/comments` shows it; `remove` with the `id` of one
/// that is gone; `reset` where too much was missed to be told, so read the page anew.
#[utoipa::path(tag = "Public", operation_id = "follow_page",
    params(StreamQuery, ("Last-Event-ID" = Option<String>, Header, description = "The number of the last event that was heard")),
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
    let after = match request.headers().get("last-event-id").map(|id| id.to_str().unwrap_or_default()) {
        None | Some("") => None,
        Some(id) => {
            let number = id.parse::<i64>().ok().filter(|number| *number >= 0);
            Some(number.ok_or_else(|| fault("last_event_id", "invalid", "Send the id of an event of this stream."))?)
        }
    };
    let network = visitor.client.network_key(&services.keys, services.clock.now());
    let listener = services.hub.listen(Crowd::Readers, &network, after).await?;
    let listener = listener.map_err(|_too_many| Problem::new(Code::Unavailable).after(Duration::from_secs(10)))?;
    let (site, key, beat) = (site.id.to_string(), page.key, Instant::now() + BEAT);
    let open = Stream { services, listener, site, key, beat, opened: false };
    let chunks = stream::unfold(open, |mut open| async move {
        let chunk = open.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(chunk)), open))
    });
    Ok(answer::with(StatusCode::OK)
        .content_type("text/event-stream")
        .insert_header((UNBUFFERED, "no"))
        .streaming(chunks))
}

impl Stream {
    /// The next piece; none at the end.
    async fn next(&mut self) -> Option<String> {
        if !self.opened {
            self.opened = true;
            return Some(format!("{RETRY}\nid: {}\n\n", self.listener.last()));
        }
        loop {
            let heard = tokio::select! {
                heard = self.listener.next() => Some(heard),
                () = sleep_until(self.beat) => None,
            };
            let told = match heard {
                Some(Heard::Ended) => return None,
                // What happened on other pages is behind the reader too.
                None => format!(":\nid: {}\n\n", self.listener.last()),
                Some(Heard::Missed) => named("reset", self.listener.last(), "{}"),
                Some(Heard::Events(events)) => {
                    match self.services.publish.news(&self.site, &self.key, &events).await {
                        Ok(news) => news.iter().map(spelled).collect(),
                        Err(fault) => {
                            // The reader comes back with the last number it heard, and misses nothing.
                            tracing::warn!(error = chain(&fault), "a page's stream ended early");
                            return None;
                        }
                    }
                }
            };
            if !told.is_empty() {
                self.beat = Instant::now() + BEAT;
                return Some(told);
            }
        }
    }
}

fn spelled(news: &News) -> String {
    named(news.name, news.event, &news.data.to_string())
}

fn named(name: &str, id: i64, data: &str) -> String {
    format!("id: {id}\nevent: {name}\ndata: {data}\n\n")
}
