//! A comment as the model sees it: five groups of hashed features, each one once.
//!
//! A document holds nothing that can be read but a loan of the body, to tell its words by.

use super::{
    features::{Draft, Feature},
    form,
};
use crate::text::Reading;

/// What a document is made from; the body outlives the rest. It has no `Debug`: most of it is personal.
#[derive(Clone, Copy)]
pub struct Input<'b, 'f> {
    /// The name shown beside the comment.
    pub name: &'f str,
    /// The author's own site, if given.
    pub url: Option<&'f str>,
    /// The comment as it was typed.
    pub body: &'b str,
    /// What was read in that body.
    pub reading: &'f Reading,
    /// Hosts of the site's own pages, in lower case.
    pub own_hosts: &'f [String],
    /// Nearly the same text had come lately.
    pub near_copy: bool,
    /// What the other signals add to the risk, in log-odds. Only learning asks for it.
    pub rules: f32,
}

/// A kind of features. Each is scaled by itself, so that many n-grams do not drown few words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Group {
    /// Folded words and pairs of them, as they stand.
    Plain,
    /// The same with leet read as letters.
    Words,
    /// Runs of 3 to 5 characters inside words; of 1 to 3 in dense scripts.
    Inside,
    /// Runs of 4 and 6 letters and digits across gaps: spacing letters out changes nothing.
    Across,
    /// Links, names, and the form of the text.
    Form,
}

/// Number of groups.
pub(super) const GROUPS: usize = 5;

impl Group {
    /// All groups, in the order of [`Document`].
    pub(super) const ALL: [Self; GROUPS] = [Self::Plain, Self::Words, Self::Inside, Self::Across, Self::Form];

    /// The length of the group's vector beside the others'.
    pub(super) fn scale(self) -> f32 {
        if self == Self::Form { 0.6 } else { 1.0 }
    }
}

/// Where a word stands in the body.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Its first character.
    pub(super) first: u32,
    /// Its bytes, end exclusive.
    pub(super) bytes: (usize, usize),
}

/// The features of one comment.
pub struct Document<'a> {
    pub(super) groups: [Vec<Feature>; GROUPS],
    pub(super) body: &'a str,
    /// The words that features point at.
    pub(super) words: Vec<Place>,
    pub(super) parts: usize,
    pub(super) rules: f32,
}

impl<'a> Document<'a> {
    /// Takes the features of a comment, in time linear in its length.
    #[must_use]
    pub fn new(input: &Input<'a, '_>) -> Self {
        let view = input.reading.folded.deepest();
        let skeleton = input.reading.folded.skeleton();
        let mut draft = Draft::new(input.body, view);
        let plain = draft.words(Group::Plain, view.text());
        let words = draft.words(Group::Words, &skeleton);
        let inside = draft.inside(&skeleton);
        let across = draft.across(&skeleton);
        let form = draft.form(|emit| form::look(input, emit));
        let groups = [plain, words, inside, across, form];
        let (words, parts) = draft.finish();
        Self { groups, body: input.body, words, parts, rules: input.rules }
    }

    /// Number of features: what scoring and learning cost.
    #[must_use]
    pub fn size(&self) -> usize {
        self.groups.iter().map(Vec::len).sum()
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = (Group, &[Feature])> {
        Group::ALL.into_iter().zip(self.groups.iter().map(Vec::as_slice))
    }
}
