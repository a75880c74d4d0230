//! The verbs of the tests.

pub(crate) mod app;
pub(crate) mod captcha_stub;
pub(crate) mod client;
#[expect(dead_code, reason = "these tests need some of it")]
#[path = "../support/database.rs"]
pub(crate) mod database;
pub(crate) mod moderator;
pub(crate) mod process;
#[cfg(feature = "redis")]
#[path = "../limit_contract/server.rs"]
pub(crate) mod redis;
pub(crate) mod settings;
#[path = "../support/waiting.rs"]
mod waiting;

pub(crate) use app::App;
pub(crate) use client::{Answer, comment};
pub(crate) use waiting::{in_time, until, within_a_second};

/// The site's own origin in all tests.
pub(crate) const NEWS: &str = "http://news.example";
/// Where a comment goes unless a test says otherwise.
pub(crate) const PAGE: &str = "http://news.example/2026/town/bridge";
