//! What goes into the store and comes out of it, as plain records.

mod attacks;
mod audit;
mod banning;
mod clusters;
mod desk;
mod instances;
mod keeping;
mod lessons;
mod moderating;
mod pages;
mod people;
mod reading;
mod recorded;
mod submitting;
mod unverified;

pub use attacks::*;
pub use audit::*;
pub use banning::*;
pub use clusters::*;
pub use desk::*;
pub use instances::*;
pub use keeping::*;
pub use lessons::*;
pub use moderating::*;
pub use pages::*;
pub use people::*;
pub use reading::*;
pub use recorded::*;
pub use submitting::*;
pub use unverified::*;
