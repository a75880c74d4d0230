//! Replydesk: the backend behind the comment form of a news page.
//!
//! Read in this order: [`domain`] says what a comment is and what can become of it; [`intake`] is
//! the one way in (limit, captcha, scoring, decide, store); [`moderation`] and [`publish`] are the
//! two ways out; [`http`] is the rim. `docs/architecture.md` draws the map and
//! `tests/architecture.rs` holds it.

pub mod domain;
pub mod keys;

pub mod reach;

pub mod config;
pub mod telemetry;

pub mod net;
pub mod text;

pub mod bans;

pub mod measure;

pub mod captcha;
pub mod limit;
pub mod scoring;
pub mod store;

pub mod auth;
pub mod learning;

pub mod instances;
pub mod intake;
pub mod moderation;
pub mod notify;
pub mod publish;
pub mod retention;

pub mod lab;

pub mod http;

pub mod app;
pub mod cli;
