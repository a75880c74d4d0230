//! PostgreSQL in every bad way: what is unfit is refused at the start in a clear sentence, and what fails later is
//! answered within two seconds, loses nothing, and heals by itself.

#![cfg(feature = "postgres")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "this is a test")]

mod at_start;
mod later;
#[path = "../support/postgres_server.rs"]
mod postgres_server;
