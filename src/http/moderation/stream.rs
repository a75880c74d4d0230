//! The moderators' live stream: server-sent events of the queue.
//!
//! Before anything is told, and every while when nothing is, it is asked again whether the listener still may listen.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web::Data};

use crate::{
    http::{
        Services,
        allowed::{Allowed, Proof, Read},
        body::fault,
        error::{Code, Problem},
        events::{self, Audience, Over, Told},
        query::Query,
    },
    moderation::Viewer,
    notify::{Crowd, Event},
};

/// Somebody who listens.
struct Moderator {
    services: Data<Services>,
    proof: Proof,
    viewer: Viewer,
    site: Option<String>,
}

/// Follow the queue live
///
/// Server-sent events, each with a number to go on behind (`Last-Event-ID`): `comment` for what came in (with `attack: true` where
/// that was in attack mode: tell those as one number), `decision` for
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
    let number = |id: &str| id.parse::<i64>().ok().filter(|number| *number >= 0);
    let wrong = || fault("last_event_id", "invalid", "Send the id of an event of this stream.");
    let after = events::last_heard(&request).map(|id| number(id).ok_or_else(wrong)).transpose()?;
    let proof = Proof::of(&request, &services)?;
    let listener = services.hub.listen(Crowd::Desk, &viewer.actor, after).await?.map_err(events::full)?;
    Ok(events::open(listener, Moderator { services, proof, viewer, site }, false))
}

impl Audience for Moderator {
    fn id(&self, event: i64) -> String {
        event.to_string()
    }

    fn counts_along(&self) -> bool {
        false
    }

    async fn check(&mut self) -> Result<(), Over> {
        match self.proof.identity(&self.services).await {
            Ok(Some(identity)) => {
                self.viewer = Viewer::from(&identity);
                Ok(())
            }
            Ok(None) => Err(Over::Forbidden),
            // The store will answer again.
            Err(_no_answer) => Ok(()),
        }
    }

    async fn told(&mut self, events: &[Arc<Event>]) -> Result<Vec<Told>, Over> {
        let told = events.iter().filter(|event| self.site.as_ref().is_none_or(|site| *site == event.site));
        let told = told.filter_map(|event| Some((event, self.viewer.notice(event)?)));
        Ok(told
            .map(|(event, notice)| Told { event: event.id, name: notice.name, data: notice.data.to_string() })
            .collect())
    }
}
