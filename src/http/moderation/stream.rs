//! The moderators' live stream: server-sent events of the queue.
//!
//! Before anything is told, and every while when nothing is, it is asked again whether the listener still may listen.

use std::{convert::Infallible, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::HeaderName},
    web::{Bytes, Data},
};
use futures_util::stream;
use tokio::time::{Instant, sleep_until};

use crate::{
    http::{
        Services,
        allowed::{Allowed, Proof, Read},
        answer,
        body::fault,
        error::{Code, Problem},
        query::Query,
    },
    moderation::Viewer,
    notify::{Crowd, Event, Heard, Listener},
};

/// How often a silent stream says that it lives.
const BEAT: Duration = Duration::from_secs(15);
/// When a browser that lost the stream comes back, in milliseconds.
const RETRY: &str = "retry: 2000";

/// Asks a proxy not to hold back what was sent.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Somebody's open stream.
struct Stream {
    services: Data<Services>,
    listener: Listener,
    proof: Proof,
    viewer: Viewer,
    site: Option<String>,
    beat: Instant,
    opened: bool,
    over: bool,
}

/// Follow the queue live
///
/// Server-sent events, each with a number to go on behind (`Last-Event-ID`): `comment` for what came in, `decision` for
/// what somebody decided, `edit` for a comment that was changed, reported or checked again, `claim` for who looks at what
/// (`by` null: nobody any more), `reset` where too much was missed to be told, `bye` when the session is over. They bear
/// ids and states, nobody's words.
#[utoipa::path(get, path = "/api/moderation/stream", operation_id = "follow_queue", tag = "Moderation", security(("session" = []), ("token" = [])),
    params(("site" = Option<String>, Query, description = "One site's only"), ("Last-Event-ID" = Option<String>, Header, description = "The number of the last event that was heard")),
    responses((status = 200, description = "The events, until either side ends it", body = String, content_type = "text/event-stream"), (status = 401, description = "`unauthenticated`"),
        (status = 404, description = "`not_found`: a foreign site"), (status = 422, description = "`validation_failed`"), (status = 503, description = "`unavailable`")))]
pub(super) async fn listen(
    allowed: Allowed<Read>,
    request: HttpRequest,
    services: Data<Services>,
) -> Result<HttpResponse, Problem> {
    let query = Query::of(&request, &["site"])?;
    let viewer = allowed.viewer();
    let site =
        query.text("site").map(|name| super::queue::site(&services.live.get(), name).map(|site| site.id.to_string()));
    let site = site.transpose()?;
    if site.as_deref().is_some_and(|site| !viewer.sees(site)) {
        return Err(Problem::new(Code::NotFound));
    }
    let after = match request.headers().get("last-event-id").map(|id| id.to_str().unwrap_or_default()) {
        None | Some("") => None,
        Some(id) => {
            let number = id.parse::<i64>().ok().filter(|number| *number >= 0);
            Some(number.ok_or_else(|| fault("last_event_id", "invalid", "Send the id of an event of this stream."))?)
        }
    };
    let listener = services.hub.listen(Crowd::Desk, &viewer.actor, after).await?;
    let listener = listener.map_err(|_too_many| Problem::new(Code::Unavailable).after(Duration::from_secs(10)))?;
    let proof = Proof::of(&request, &services)?;
    let beat = Instant::now() + BEAT;
    let open = Stream { services, listener, proof, viewer, site, beat, opened: false, over: false };
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
        if self.over {
            return None;
        }
        if !self.opened {
            self.opened = true;
            return Some(format!("{RETRY}\nid: {}\n\n", self.listener.last()));
        }
        loop {
            let heard = tokio::select! {
                heard = self.listener.next() => Some(heard),
                () = sleep_until(self.beat) => None,
            };
            if matches!(heard, Some(Heard::Ended)) {
                return None;
            }
            if !self.may_go_on().await {
                self.over = true;
                return Some(named("bye", self.listener.last(), "{}"));
            }
            let told = match heard {
                None => ":\n\n".to_owned(),
                Some(Heard::Ended | Heard::Missed) => named("reset", self.listener.last(), "{}"),
                Some(Heard::Events(events)) => events.iter().filter_map(|event| self.told(event)).collect(),
            };
            // What happens on sites that are not theirs is no sign of life to them.
            if !told.is_empty() {
                self.beat = Instant::now() + BEAT;
                return Some(told);
            }
        }
    }

    /// Whether the listener still may listen, and to which sites.
    async fn may_go_on(&mut self) -> bool {
        match self.proof.identity(&self.services).await {
            Ok(Some(identity)) => {
                self.viewer = Viewer::from(&identity);
                true
            }
            Ok(None) => false,
            // The store will answer again.
            Err(_no_answer) => true,
        }
    }

    fn told(&self, event: &Event) -> Option<String> {
        if self.site.as_ref().is_some_and(|site| *site != event.site) {
            return None;
        }
        let notice = self.viewer.notice(event)?;
        Some(named(notice.name, event.id, &notice.data.to_string()))
    }
}

fn named(name: &str, id: i64, data: &str) -> String {
    format!("id: {id}\nevent: {name}\ndata: {data}\n\n")
}
