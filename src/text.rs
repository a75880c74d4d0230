//! Reading what strangers write: look-alike folding, likeness, word lists, links, and Markdown to safe HTML.
//!
//! Pure functions over text. Nothing here knows of comments, settings, weights or storage, and
//! everything takes time linear in the text, whatever the text is.

pub mod escape;
pub mod links;
pub mod markdown;
mod normalise;
mod reading;
mod skeleton;
mod sketch;
mod words;

pub use normalise::{fold_char, is_invisible, is_stripped_mark};
pub use reading::Reading;
pub use skeleton::{Folded, View, look, skeleton};
pub use sketch::Sketch;
pub use words::{Hit, WordList, is_findable};
