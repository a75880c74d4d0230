//! Telling who listens what happened: on this instance and on all others of the same store.
//!
//! What happened is read from the store's events, which are written with what they tell of, so nobody is told of
//! what was not stored. Instances ring for each other when it is time to look. Who may hear of which site is the
//! listener's business.

mod bell;
mod hub;
mod places;

pub use bell::{Bell, By};
pub use hub::{Heard, Hub, Listener, TooMany};
pub use places::Crowd;

// The rim tells these, and never touches the store.
pub use crate::store::EventRow as Event;
