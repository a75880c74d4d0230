//! Draws hashed features from the views of a text, each one once, and notes where it was met.

use super::{
    document::{Group, Place},
    hash, parts,
    tokens::{Kind, Token, kind, tokens},
};
use crate::text::View;

/// One feature, and where it was met first.
#[derive(Clone, Copy)]
pub(super) struct Feature {
    pub(super) slot: u32,
    /// Index into the document's words.
    pub(super) word: u16,
    /// The part of the comment; the form of the whole has part 0.
    pub(super) part: u8,
}

/// A document in the making.
pub(super) struct Draft<'v> {
    view: &'v View,
    /// One bit for each slot that is taken.
    taken: Vec<u64>,
    out: Vec<Feature>,
    /// Every word of the body.
    words: Vec<Place>,
    /// First characters of the parts.
    starts: Vec<u32>,
    word: u16,
    part: u8,
}

impl<'v> Draft<'v> {
    pub(super) fn new(body: &str, view: &'v View) -> Self {
        let (mut chars, mut bytes) = (0, 0);
        let words = tokens(body).take(usize::from(u16::MAX)).map(|token| {
            chars += body.get(bytes..token.start).map_or(0, |skipped| skipped.chars().count());
            bytes = token.start;
            Place { first: u32::try_from(chars).unwrap_or(u32::MAX), bytes: (bytes, bytes + token.text.len()) }
        });
        let words = words.collect();
        let taken = vec![0; hash::SLOTS / 64];
        Self { view, taken, out: Vec::new(), words, starts: parts::starts(body), word: 0, part: 0 }
    }

    /// Words and pairs of them. `text` has the bytes of the view where the view has them.
    pub(super) fn words(&mut self, group: Group, text: &str) -> Vec<Feature> {
        self.begin(text.len() / 2);
        let mut before = 0;
        for Token { start, text, .. } in tokens(text) {
            self.place(start);
            let hash = hash::text(if group == Group::Plain { 1 } else { 2 }, text);
            self.push(hash);
            self.push(hash::step(before, hash));
            before = hash;
        }
        std::mem::take(&mut self.out)
    }

    /// Runs of characters inside words.
    pub(super) fn inside(&mut self, skeleton: &str) -> Vec<Feature> {
        self.begin(3 * skeleton.len());
        let mut dense = [0; 2];
        for token in tokens(skeleton) {
            self.place(token.start);
            if token.kind == Kind::Dense {
                dense = self.dense(dense, &token);
            } else {
                dense = [0; 2];
                if token.kind == Kind::Word {
                    self.word_runs(token.text);
                }
            }
        }
        std::mem::take(&mut self.out)
    }

    /// The character, with the one and the two before it.
    fn dense(&mut self, [first, second]: [u64; 2], token: &Token<'_>) -> [u64; 2] {
        let third = hash::text(3, token.text);
        self.push(third);
        if second != 0 {
            self.push(hash::step(second, third));
        }
        if first != 0 {
            self.push(hash::step(hash::step(first, second), third));
        }
        [second, third]
    }

    /// Runs of 3, 4 and 5 in a word with its ends marked.
    fn word_runs(&mut self, word: &str) {
        let [mut a, mut b, mut c, mut d] = [0; 4];
        for (index, next) in std::iter::once('^').chain(word.chars()).chain(['$']).enumerate() {
            let e = u64::from(u32::from(next));
            // A code point has 21 bits, three have 63.
            let three = e | d << 21 | c << 42;
            if index >= 2 {
                self.push(hash::step(3, three));
            }
            if index >= 3 {
                self.push(hash::step(hash::step(4, three), b));
            }
            if index >= 4 {
                self.push(hash::step(hash::step(5, three), b | a << 21));
            }
            (a, b, c, d) = (b, c, d, e);
        }
    }

    /// Runs of 4 and 6 letters and digits, whatever stands between them.
    pub(super) fn across(&mut self, skeleton: &str) -> Vec<Feature> {
        self.begin(2 * skeleton.len());
        let [mut a, mut b, mut c, mut d, mut e] = [0; 5];
        let (mut count, mut inside) = (0, false);
        for (at, next) in skeleton.char_indices() {
            let kind = kind(next);
            if !matches!(kind, Kind::Word | Kind::Dense) {
                inside = false;
                continue;
            }
            if !inside {
                self.place(at);
                inside = kind == Kind::Word;
            }
            let f = u64::from(u32::from(next));
            count += 1;
            let three = f | e << 21 | d << 42;
            if count >= 4 {
                self.push(hash::step(hash::step(6, three), c));
            }
            if count >= 6 {
                self.push(hash::step(hash::step(7, three), c | b << 21 | a << 42));
            }
            (a, b, c, d, e) = (b, c, d, e, f);
        }
        std::mem::take(&mut self.out)
    }

    /// Whatever `look` emits: numbered questions with their answers.
    pub(super) fn form(&mut self, look: impl FnOnce(&mut dyn FnMut(u64, &str))) -> Vec<Feature> {
        self.begin(32);
        self.word = u16::MAX;
        look(&mut |question, answer| self.push(hash::text(question + 100, answer)));
        std::mem::take(&mut self.out)
    }

    /// The words and the number of parts.
    pub(super) fn finish(self) -> (Vec<Place>, usize) {
        (self.words, self.starts.len())
    }

    fn begin(&mut self, expected: usize) {
        (self.word, self.part) = (0, 0);
        self.out.reserve(expected);
    }

    /// Goes on to the word and the part that a byte of the view comes from.
    fn place(&mut self, at: usize) {
        let origin = u32::try_from(self.view.original(at, at).0).unwrap_or(u32::MAX);
        while self.words.get(usize::from(self.word) + 1).is_some_and(|next| next.first <= origin) {
            self.word += 1;
        }
        while self.starts.get(usize::from(self.part) + 1).is_some_and(|first| *first <= origin) {
            self.part += 1;
        }
    }

    fn push(&mut self, hash: u64) {
        let slot = hash::slot(hash);
        let Some(bits) = self.taken.get_mut(slot as usize / 64) else { return };
        let bit = 1 << (slot % 64);
        if *bits & bit == 0 {
            *bits |= bit;
            self.out.push(Feature { slot, word: self.word, part: self.part });
        }
    }
}
