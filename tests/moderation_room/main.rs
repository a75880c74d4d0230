//! The moderators' routes over a running server with a real store.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy knows no helper of an integration test for a test"
)]

#[expect(dead_code, reason = "these tests need some of it")]
#[path = "../support/database.rs"]
mod database;

mod attacks;
mod audit;
mod ban_preview;
mod bans;
mod bans_applied;
mod claims;
mod clusters;
mod decisions;
mod filters;
mod inputs;
mod invitations;
mod no_room;
mod pages;
mod people;
mod queue;
mod reasons;
mod rights;
mod second_factor;
mod sessions;
mod sign_in;
mod statistics;
mod stream;
mod support;
mod thresholds;
mod words;
