//! What a news page, a moderator and an operator meet, tried through HTTP: each test starts a server
//! of its own on a free port over a store of its own, and speaks in verbs.
//!
//! Tests that need `redis-server` say so and pass where there is none.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "this is a test")]

mod support;

#[path = "../support/watching.rs"]
mod asking;
mod attack;
mod backup;
mod bans;
mod beside;
mod captcha_builtin;
mod captcha_needed;
mod captcha_outages;
mod captcha_policy;
mod captcha_provider;
mod captcha_recheck;
mod captcha_signals;
mod captcha_siteverify;
mod captcha_spent;
#[cfg(feature = "postgres")]
#[path = "../support/certificates.rs"]
mod certificates;
mod duplicates;
mod editing;
mod embed;
mod feeds;
mod fields;
mod forms;
mod forms_failed;
mod gates;
mod hostile;
mod idempotency;
mod instances;
mod languages;
mod learning;
mod limits;
mod near_copies;
mod outages;
mod page_changes;
mod pages;
mod parents;
#[cfg(feature = "postgres")]
mod postgres_at_start;
#[cfg(feature = "postgres")]
mod postgres_outages;
#[cfg(feature = "postgres")]
#[path = "../support/postgres_server.rs"]
mod postgres_server;
mod privacy;
mod public_stream;
mod reading;
mod reading_at;
mod reading_bytes;
mod reload;
mod retention;
mod routes;
mod rules;
mod shutdown;
mod submit;
mod syntax;
mod thread_page;
mod told_again;
mod trials;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod wakes;
mod watching;
