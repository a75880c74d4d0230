//! What one worker remembers of the routes' answers, and whether an answer still holds.
//!
//! The key is everything of a request that the routes look at when they answer one of these: its address with the query,
//! and a few headers, all of their lines. Nothing in it names a client. An answer holds while the settings stay and, of a
//! page, while `publish` would give the same without asking the store.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
    time::Instant,
};

use actix_http::Request;
use actix_web::{
    HttpMessage as _,
    body::{BodySize, BoxBody, MessageBody as _, None as NoBody},
    dev::{Response, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{
            ACCEPT_ENCODING, HOST, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, ORIGIN, REFERER, RETRY_AFTER,
        },
    },
    web::Bytes,
};

use super::COMMENTS;
use crate::{
    domain::SiteId,
    http::{Services, error::whole_seconds, extract, guard::REQUEST_ID, ids},
    intake::{Flooder, presumed},
    publish::Held,
    telemetry::Tally,
};

/// Bytes that one worker keeps of answers and their keys; a full memory is emptied.
const MOST: usize = 4 << 20;
/// Bytes of the longest key; what asks for more goes the whole way.
const LONGEST_KEY: usize = 2_048;
/// What an entry takes beside its key and body.
const OF_AN_ENTRY: usize = 3_072;
/// The headers that the routes look at.
const LOOKED_AT: [HeaderName; 5] = [HOST, ORIGIN, REFERER, ACCEPT_ENCODING, IF_NONE_MATCH];
/// How a client stands with its limit.
const STANDING: HeaderName = HeaderName::from_static("ratelimit");

pub(super) type Key = Box<[u8]>;

/// The answers.
#[derive(Default)]
pub(super) struct Memo {
    answers: RefCell<HashMap<Key, Rc<Known>>>,
    taken: Cell<usize>,
    key: RefCell<Vec<u8>>,
}

/// What an answer holds by.
enum Holds {
    /// A page as it was.
    Page(Held),
    /// The limits, and the site that the refusal counts for.
    Limits(Option<SiteId>),
}

/// An answer of the routes.
pub(super) struct Known {
    status: StatusCode,
    headers: HeaderMap,
    body: Option<Bytes>,
    holds: Holds,
    version: u64,
    tally: Tally,
}

impl Memo {
    /// What was answered to a request like this one; else the key to remember it under, where it is worth that.
    pub(super) fn recall(&self, request: &Request, services: &Services) -> Result<Rc<Known>, Option<Key>> {
        let mut key = self.key.borrow_mut();
        write_key(&mut key, request);
        if key.len() > LONGEST_KEY {
            return Err(None);
        }
        match self.answers.borrow().get(key.as_slice()) {
            Some(known) if known.still_holds(services) => Ok(Rc::clone(known)),
            _ => Err(Some(key.as_slice().into())),
        }
    }

    /// The answer as it is; remembered where it may be given again. It was made by the settings of this version, if
    /// that is still the version.
    pub(super) fn remember(
        &self,
        key: Key,
        version: u64,
        answer: ServiceResponse<BoxBody>,
        services: &Services,
    ) -> Response<BoxBody> {
        let holds = match (answer.status(), answer.response().extensions().get::<Held>()) {
            (StatusCode::OK | StatusCode::NOT_MODIFIED, Some(held)) => Some(Holds::Page(held.clone())),
            (StatusCode::TOO_MANY_REQUESTS, None) => {
                let visitor = extract::visitor(answer.request(), services);
                Some(Holds::Limits(presumed(&services.live.get(), &visitor).map(|site| site.id.clone())))
            }
            _ => None,
        };
        let may_hold = !services.is_draining() && services.live.version() == version;
        let Some(holds) = holds.filter(|_| may_hold) else { return answer.into() };
        let response: Response<BoxBody> = answer.into();
        let reads = matches!(holds, Holds::Page(_));
        let (head, body) = response.into_parts();
        let body = match body.size() {
            BodySize::None => None,
            _ => match body.try_into_bytes() {
                Ok(bytes) => Some(bytes),
                Err(stream) => return head.set_body(stream),
            },
        };
        let status = head.status();
        let tally = services.metrics.tally(COMMENTS, status.as_u16(), reads);
        let known = Known { status, headers: head.headers().clone(), body: body.clone(), holds, version, tally };
        self.keep(key, known);
        head.set_body(boxed(body))
    }

    fn keep(&self, key: Key, known: Known) {
        let weight = |key: &Key, known: &Known| key.len() + known.body.as_ref().map_or(0, Bytes::len) + OF_AN_ENTRY;
        let mut answers = self.answers.borrow_mut();
        let more = weight(&key, &known);
        if self.taken.get() + more > MOST {
            answers.clear();
            self.taken.set(0);
        }
        let before = answers.get(&key).map_or(0, |old| weight(&key, old));
        answers.insert(key, Rc::new(known));
        self.taken.set(self.taken.get() + more - before);
    }
}

impl Known {
    fn still_holds(&self, services: &Services) -> bool {
        self.version == services.live.version()
            && match &self.holds {
                Holds::Page(held) => services.publish.holds(held),
                Holds::Limits(_) => true,
            }
    }

    /// The answer again, under a name of its own.
    pub(super) fn answer(&self, started: Instant) -> Response<BoxBody> {
        let mut answer = Response::with_body(self.status, boxed(self.body.clone()));
        let id = ids::next();
        let took = started.elapsed();
        let (method, status) =
            (if matches!(self.holds, Holds::Page(_)) { Method::GET } else { Method::POST }, self.status.as_u16());
        tracing::debug!(id = %id, method = %method, route = COMMENTS, status, took_us = took.as_micros(), "answered");
        *answer.headers_mut() = self.headers.clone();
        if let Ok(id) = HeaderValue::try_from(id) {
            answer.headers_mut().insert(REQUEST_ID, id);
        }
        self.tally.answered(took);
        answer
    }

    /// The refusal again, with this flooder's wait.
    pub(super) fn refusal(&self, services: &Services, flooder: &Flooder, started: Instant) -> Response<BoxBody> {
        let config = services.live.get();
        let site = match &self.holds {
            Holds::Limits(Some(id)) => config.sites.iter().find(|site| site.id == *id),
            Holds::Limits(None) | Holds::Page(_) => None,
        };
        let standing = services.intake.turn_away(&config, flooder, site).limit();
        let mut answer = self.answer(started);
        answer.headers_mut().insert(RETRY_AFTER, whole_seconds(flooder.wait).into());
        if let Some(standing) = standing.and_then(|standing| HeaderValue::try_from(standing).ok()) {
            answer.headers_mut().insert(STANDING, standing);
        }
        answer
    }
}

fn boxed(body: Option<Bytes>) -> BoxBody {
    body.map_or_else(|| BoxBody::new(NoBody::new()), BoxBody::new)
}

/// Neither an address nor a header's line holds a line break or NUL.
fn write_key(key: &mut Vec<u8>, request: &Request) {
    key.clear();
    key.extend_from_slice(request.method().as_str().as_bytes());
    key.extend_from_slice(request.uri().path_and_query().map_or("", |all| all.as_str()).as_bytes());
    for name in LOOKED_AT {
        key.push(0);
        for line in request.headers().get_all(name) {
            key.push(b'\n');
            key.extend_from_slice(line.as_bytes());
        }
    }
}
