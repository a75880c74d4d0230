//! Where a Redis or Valkey is, of whatever shape, and how it is reached: one server, a cluster, or one behind Sentinels.
//!
//! Commands go by their key to the server that keeps it, within a time, and none goes to a server that just failed. A
//! server that died, moved or became a replica is replaced by whoever serves in its place. What is asked, and what is
//! done meanwhile, is not known here.

pub mod address;
#[cfg(feature = "redis")]
mod anyone;
#[cfg(feature = "redis")]
mod ask;
#[cfg(feature = "redis")]
mod breaker;
#[cfg(feature = "redis")]
mod cluster;
#[cfg(feature = "redis")]
mod ears;
#[cfg(feature = "redis")]
mod fitness;
#[cfg(feature = "redis")]
mod health;
#[cfg(feature = "redis")]
mod line;
#[cfg(feature = "redis")]
mod outage;
#[cfg(feature = "redis")]
mod sentinels;
#[cfg(feature = "redis")]
mod slots;

#[cfg(feature = "redis")]
pub use self::{
    anyone::{Reach, Unusable, command, hash_of},
    ask::{Answer, Ask, Patience},
    ears::Ears,
    line::BadFile,
    outage::Outage,
};
pub use address::{Address, BadAddress};
