//! What the limiter promises, held over the process and over a real Redis alike, and what becomes of
//! it while that Redis fails. Tests that need `redis-server` say so and pass where there is none.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "this is a test")]

#[cfg(feature = "redis")]
#[path = "../support/certificates.rs"]
mod certificates;
#[cfg(feature = "redis")]
mod cluster;
mod contract;
#[cfg(feature = "redis")]
mod failovers;
#[cfg(feature = "redis")]
mod faults;
#[cfg(feature = "redis")]
mod model;
mod properties;
#[cfg(feature = "redis")]
mod proxy;
#[cfg(feature = "redis")]
mod sentinel;
#[cfg(feature = "redis")]
mod server;
#[cfg(feature = "redis")]
mod tls;
#[cfg(feature = "redis")]
mod wakes;

use replydesk::{
    config::{Limits, Rate},
    limit::{Admission, Charge, Limiter, refusing},
};

/// `burst` at once, one back each `period_ms / burst`.
fn rate(burst: u32, period_ms: i64) -> Rate {
    Rate { burst, period_us: period_ms * 1000 }
}

/// No limit but these on the address and the network.
fn limits(per_ip: Vec<Rate>, per_network: Vec<Rate>) -> Limits {
    Limits {
        per_ip,
        per_network,
        per_email: Vec::new(),
        per_page: Vec::new(),
        per_site: Vec::new(),
        without_token: Vec::new(),
        without_token_network: Vec::new(),
        challenge: Vec::new(),
        reactions: Vec::new(),
        allow: Vec::new(),
    }
}

/// Five an address in an hour, and what its network may never reach.
fn five(address: &str, network: &str) -> Charge {
    refusing(&limits(vec![rate(5, 3_600_000)], vec![rate(1_000_000, 3_600_000)]), address, network, false)
}

async fn granted(limiter: &Limiter, charge: &Charge) -> bool {
    match limiter.admit(charge).await {
        Admission::Granted(_) => true,
        Admission::Refused { .. } => false,
        Admission::Unavailable => panic!("unavailable"),
    }
}
