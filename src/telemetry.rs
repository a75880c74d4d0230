//! Logs and metrics: what an operator sees, and what they never contain.
//!
//! Ids, counts, sites and codes only. No name, email, address, body or page path passes through here.

mod metrics;

pub use metrics::{Gauges, Metrics};

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

/// Starts logging to stderr. `filter` is in `tracing`'s form, e.g. `info` or `replydesk=debug`.
pub fn start(filter: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_odd| EnvFilter::new("info"));
    let lines = match format {
        LogFormat::Json => tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr).boxed(),
        LogFormat::Text => tracing_subscriber::fmt::layer().with_target(false).with_writer(std::io::stderr).boxed(),
    };
    // A second start in one process (a test's) keeps the first.
    let _first = tracing_subscriber::registry().with(lines.with_filter(filter)).try_init();
}
