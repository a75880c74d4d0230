//! What goes into the store and comes out of it, as plain records.

mod banning;
mod clusters;
mod desk;
mod lessons;
mod moderating;
mod pages;
mod people;
mod reading;
mod recorded;
mod submitting;
mod unverified;

pub use banning::*;
pub use clusters::*;
pub use desk::*;
pub use lessons::*;
pub use moderating::*;
pub use pages::*;
pub use people::*;
pub use reading::*;
pub use recorded::*;
pub use submitting::*;
pub use unverified::*;
