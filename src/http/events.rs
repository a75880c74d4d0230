//! Server-sent events: how a stream opens, beats, is told what happened, and ends.
//!
//! Who listens, and what they are told of an event, is an [`Audience`]'s business.

use std::{convert::Infallible, sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::HeaderName},
    web::Bytes,
};
use futures_util::stream;
use tokio::time::{Instant, sleep_until};

use super::{
    answer,
    error::{Code, Problem},
};
use crate::{
    keys,
    notify::{Event, Heard, Listener, TooMany},
};

/// How often a silent stream says that it lives.
const BEAT: Duration = Duration::from_secs(15);
/// When a browser that lost the stream comes back, in milliseconds, at the earliest and at the latest: after a restart not
/// all of them at once.
const RETRY: (u16, u16) = (2000, 5000);
/// When one comes back whose place went to a newer stream of theirs: so late that many tabs do not push each other out
/// all the time.
const RETRY_DISPLACED: &str = "retry: 60000\n\n";
/// Asks a proxy not to hold back what was sent.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// One event as it is told.
pub(super) struct Told {
    /// The number of what happened.
    pub(super) event: i64,
    /// The name that listeners wait for.
    pub(super) name: &'static str,
    /// A JSON document.
    pub(super) data: String,
}

/// Why a stream goes no further.
pub(super) enum Over {
    /// With a last word: the listener may not hear more.
    Forbidden,
    /// Without: the listener comes back with the last number it heard, and misses nothing.
    Broken,
}

/// Those who listen to one stream.
pub(super) trait Audience: 'static {
    /// How they know the number of an event.
    fn id(&self, event: i64) -> String;

    /// The number is told with each beat too: what they are not told of is behind them as well.
    fn counts_along(&self) -> bool;

    /// Whether they still may listen; asked before anything is told.
    async fn check(&mut self) -> Result<(), Over>;

    /// What they are told of these events, in order.
    async fn told(&mut self, events: &[Arc<Event>]) -> Result<Vec<Told>, Over>;
}

/// The header by which a browser takes up a stream that broke off; blank is none.
pub(super) fn last_heard(request: &HttpRequest) -> Option<&str> {
    let id = request.headers().get("last-event-id")?;
    Some(id.to_str().unwrap_or("odd")).filter(|id| !id.is_empty())
}

/// The answer to one listener too many.
pub(super) fn full(_too_many: TooMany) -> Problem {
    Problem::new(Code::Unavailable).after(Duration::from_secs(10))
}

/// Answers with the stream. `is_lost`: where the listener left off is not known, so they are told to read anew.
pub(super) fn open(listener: Listener, audience: impl Audience, is_lost: bool) -> HttpResponse {
    let open = Stream { listener, audience, is_lost, beat: Instant::now() + BEAT, state: State::New };
    let chunks = stream::unfold(open, |mut open| async move {
        let chunk = open.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(chunk)), open))
    });
    answer::with(StatusCode::OK).content_type("text/event-stream").insert_header((UNBUFFERED, "no")).streaming(chunks)
}

fn retry() -> u16 {
    let (earliest, latest) = RETRY;
    let drawn = keys::random::<2>().map_or(0, u16::from_le_bytes);
    earliest + drawn % (latest - earliest)
}

enum State {
    New,
    Open,
    Over,
}

struct Stream<A> {
    listener: Listener,
    audience: A,
    is_lost: bool,
    beat: Instant,
    state: State,
}

impl<A: Audience> Stream<A> {
    /// The next piece; none at the end.
    async fn next(&mut self) -> Option<String> {
        match self.state {
            State::Over => return None,
            State::New => {
                self.state = State::Open;
                let reset = if self.is_lost { self.reset() } else { String::new() };
                return Some(format!("retry: {}\nid: {}\n\n{reset}", retry(), self.audience.id(self.listener.last())));
            }
            State::Open => {}
        }
        loop {
            let heard = tokio::select! {
                heard = self.listener.next() => Some(heard),
                () = sleep_until(self.beat) => None,
            };
            match self.said(heard).await {
                // What happens where they do not look is no sign of life to them.
                Ok(said) if said.is_empty() => {}
                Ok(said) => {
                    self.beat = Instant::now() + BEAT;
                    return Some(said);
                }
                Err(Over::Broken) => return None,
                Err(Over::Forbidden) => {
                    self.state = State::Over;
                    return Some(self.block("bye", self.listener.last(), "{}"));
                }
            }
        }
    }

    async fn said(&mut self, heard: Option<Heard>) -> Result<String, Over> {
        if matches!(heard, Some(Heard::Ended)) {
            return Err(Over::Broken);
        }
        self.audience.check().await?;
        Ok(match heard {
            None if self.audience.counts_along() => format!(":\nid: {}\n\n", self.audience.id(self.listener.last())),
            None => ":\n\n".to_owned(),
            Some(Heard::Displaced) => {
                self.state = State::Over;
                RETRY_DISPLACED.to_owned()
            }
            Some(Heard::Missed | Heard::Ended) => self.reset(),
            Some(Heard::Events(events)) => {
                let told = self.audience.told(&events).await?;
                told.iter().map(|told| self.block(told.name, told.event, &told.data)).collect()
            }
        })
    }

    fn reset(&self) -> String {
        self.block("reset", self.listener.last(), "{}")
    }

    fn block(&self, name: &str, event: i64, data: &str) -> String {
        format!("id: {}\nevent: {name}\ndata: {data}\n\n", self.audience.id(event))
    }
}
