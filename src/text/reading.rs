//! What everybody asks of one text, worked out once: its folded views, its links, its length.

use super::{
    links::{self, Link},
    skeleton::Folded,
};

/// A text that was read. It has no `Debug`: it is what somebody typed.
pub struct Reading {
    /// What it says once disguises are taken off.
    pub folded: Folded,
    /// Where it leads.
    pub links: Vec<Link>,
    /// Its characters.
    pub length: usize,
}

impl Reading {
    /// Reads a text, in time linear in its length.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self { folded: Folded::of(text), links: links::find(text), length: text.chars().count() }
    }
}
