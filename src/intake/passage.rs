//! A draft on its way through the gates, with what was learned about it so far.
//!
//! It only carries: each gate adds what it found, and what follows from it is decided elsewhere.

use super::{
    Provenance, Visitor,
    near::{self, Member},
};
use crate::{
    config::Site,
    domain::{BanMode, CommentId, Draft, Timestamp},
    scoring::Copies,
    store::Surroundings,
    text::{Reading, Sketch},
};

/// One submission, or one change of a comment.
pub(super) struct Passage<'a> {
    /// What it will be called, or is where it is being changed.
    pub(super) id: CommentId,
    pub(super) site: &'a Site,
    pub(super) visitor: &'a Visitor,
    pub(super) draft: Draft,
    pub(super) now: Timestamp,
    pub(super) email_key: Option<i64>,
    pub(super) network_key: String,
    /// What a copy of it would share; of a change nobody asks.
    pub(super) duplicate: [u8; 32],
    pub(super) sketch: Option<Sketch>,
    pub(super) copies: Copies,
    pub(super) provenance: Provenance,
    pub(super) around: Surroundings,
    /// What the text says and where it leads.
    pub(super) reading: Reading,
    /// The hardest ban that met it, short of refusal.
    pub(super) ban: Option<BanMode>,
    pub(super) honeypot: bool,
    /// Links in the text and the author's website.
    pub(super) links: usize,
    /// What the network sends at the moment; 0 where it is never limited.
    pub(super) network_rate: f64,
}

impl Passage<'_> {
    /// What near-copies are found by; none where the text is anybody's.
    pub(super) fn member(&self) -> Option<Member> {
        let sketch = self.sketch?;
        let site = near::number(self.site.id.as_str());
        let sender = near::sender(self.email_key, &self.network_key);
        Some(Member { id: self.id, site, sketch, sender, at: self.now, spam: false })
    }
}
