//! The learned part of the content score: what a site's moderators taught, as log-odds.
//!
//! A small mixture that learns one decision at a time: an adaptive logistic regression, two naive
//! Bayes ratios and a frozen seed shipped with the program, weighed by a mixer that is stepped on risks
//! made before each label was known, so that they stay calibrated beside the rules.
//! Pure: no clock, no store; the same labels in the same order give the same bits.

mod digest;
mod document;
mod experts;
mod features;
mod form;
mod hash;
mod mixer;
mod model;
mod parts;
mod random;
mod reservoir;
mod seed;
mod snapshot;
mod table;
mod tokens;
mod train;

pub use document::{Document, Input};
pub use model::{Labels, Learned, Model, Word};
pub use seed::{Seed, SeedError};
pub use snapshot::SnapshotError;
pub use train::SeedTrainer;

#[cfg(test)]
mod tests;
