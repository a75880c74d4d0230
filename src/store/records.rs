//! What goes into the store and comes out of it, as plain records.

mod clusters;
mod decided;
mod moderating;
mod people;
mod reading;
mod submitting;
mod unverified;

pub use clusters::*;
pub use decided::*;
pub use moderating::*;
pub use people::*;
pub use reading::*;
pub use submitting::*;
pub use unverified::*;
