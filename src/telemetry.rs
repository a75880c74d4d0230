//! Logs and metrics: what an operator sees, and what they never contain.
//!
//! Ids, counts, sites and codes only. No name, email, address, body or page path passes through here.

mod labels;
mod metrics;
mod tally;

use std::error::Error;

pub use metrics::{AttackState, Gauges, Metrics, ProviderState};
pub use tally::Tally;
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// How log lines look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For a person at a terminal.
    #[default]
    Text,
}

/// An error and what caused it, as a line of the log tells them.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        said = format!("{said}: {cause}");
        next = cause.source();
    }
    said
}

/// Starts logging to stderr. `filter` is in `tracing`'s form, e.g. `info` or `replydesk=debug`.
pub fn start(filter: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_odd| EnvFilter::new("info"));
    // The framework logs each unreadable request as its own error; any stranger could fill the log with them. The driver
    // of PostgreSQL logs the values of each statement.
    let quiet = ["actix_http=off", "tokio_postgres=warn", "tokio_postgres::query=warn"];
    let filter = quiet.iter().filter_map(|quiet| quiet.parse().ok()).fold(filter, EnvFilter::add_directive);
    let lines = match format {
        LogFormat::Json => tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr).boxed(),
        LogFormat::Text => tracing_subscriber::fmt::layer().with_target(false).with_writer(std::io::stderr).boxed(),
    };
    // A second start in one process (a test's) keeps the first.
    let _first = tracing_subscriber::registry().with(lines.with_filter(filter)).try_init();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    #[test]
    fn an_error_is_told_with_its_causes() {
        let full = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
        let fault = StoreError::from(rusqlite::Error::SqliteFailure(full, Some("database or disk is full".into())));
        assert_eq!(
            chain(&fault),
            "the database failed: database or disk is full: Error code 13: database or disk is full"
        );
    }
}
