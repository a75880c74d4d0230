//! The rim: routes, one line each, and the server that answers them.
//!
//! Handlers take a request apart, ask one room, and wrap what it says. What may be done is decided
//! further in; which status a refusal has is decided in `error`.

mod allowed;
mod answer;
pub mod assets;
mod body;
mod callers;
mod captcha;
mod comments;
mod descriptors;
mod desk;
mod device;
mod embed;
mod encode;
pub mod error;
mod events;
mod extract;
mod feeds;
mod form_rules;
mod forms;
mod front;
mod guard;
mod ids;
mod language;
mod line;
mod listen;
mod methods;
mod moderation;
pub mod openapi;
mod ops;
pub mod outside;
pub mod pages;
mod prepared;
mod qr;
mod query;
mod reactions;
mod read;
mod refusals;
mod session;
mod site;
mod stream;
mod stretch;
mod strict;
mod texts;
mod threads;
mod wire;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use actix_cors::Cors;
use actix_web::{
    http::{Method, header},
    web::{self, Data},
};

pub use listen::serve;

use crate::{
    auth::Auth,
    config::Live,
    domain::Clock,
    instances::Instances,
    intake::Intake,
    keys::Keyring,
    lab::Lab,
    moderation::Moderation,
    notify::{Bell, Hub},
    publish::Publish,
    telemetry::Metrics,
};

/// The rooms that handlers ask.
pub struct Services {
    /// Settings in force.
    pub live: Arc<Live>,
    /// The one clock.
    pub clock: Clock,
    /// The one secret.
    pub keys: Keyring,
    /// The way in.
    pub intake: Intake,
    /// Who else serves the store.
    pub instances: Arc<Instances>,
    /// The way out.
    pub publish: Arc<Publish>,
    /// The queue.
    pub moderation: Moderation,
    /// Telling moderators what happens.
    pub hub: Arc<Hub>,
    /// Telling other instances that something happened.
    pub bell: Arc<Bell>,
    /// What thresholds would have made of the past.
    pub lab: Lab,
    /// Who is asking.
    pub auth: Auth,
    /// Pages for people.
    pub pages: pages::Pages,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Set once, when the process is told to end.
    pub draining: AtomicBool,
}

impl Services {
    /// A request changed what readers see: here that holds at once, on other instances in a moment.
    pub fn changed(&self) {
        self.publish.stir();
        self.received();
    }

    /// A request brought something that only moderators see.
    pub fn received(&self) {
        self.hub.stir();
        self.bell.ring();
    }

    /// The process was told to end.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}

/// Every route.
fn routes(config: &mut web::ServiceConfig) {
    captcha::routes(config);
    comments::routes(config);
    embed::routes(config);
    feeds::routes(config);
    stream::routes(config);
    reactions::routes(config);
    form_rules::routes(config);
    forms::routes(config);
    session::routes(config);
    moderation::routes(config);
    site::routes(config);
    threads::routes(config);
    desk::routes(config);
    ops::routes(config);
    assets::routes(config);
}

/// Public routes answer the sites' origins, without credentials; moderation answers none.
fn cors(services: &Data<Services>) -> Cors {
    let services = services.clone();
    Cors::default()
        .allowed_origin_fn(move |origin, head| {
            let public =
                !head.uri.path().starts_with("/api/moderation") && !head.uri.path().starts_with("/api/session");
            let config = services.live.get();
            public && config.sites.iter().any(|site| site.origins.iter().any(|own| own.as_bytes() == origin.as_bytes()))
        })
        .allowed_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allowed_headers([
            header::CONTENT_TYPE,
            header::HeaderName::from_static("idempotency-key"),
            header::HeaderName::from_static("x-edit-token"),
        ])
        .expose_headers(["ETag", "Retry-After", "RateLimit", "X-Request-Id"])
        .block_on_origin_mismatch(false)
        .max_age(3600)
}
