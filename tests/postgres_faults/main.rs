//! A PostgreSQL database that is unfit is refused at the start, in a sentence that says what to do.

#![cfg(feature = "postgres")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

mod at_start;
#[path = "../support/postgres_server.rs"]
mod postgres_server;
