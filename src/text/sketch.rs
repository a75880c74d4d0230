//! A text in 64 bits that near-copies of it nearly share.
//!
//! MinHash (Broder 1997; of each minimum only the lowest bits are kept, Li and König 2010): sixteen times
//! four bits, each the same in two texts with the probability that their word pairs are. It sees the
//! skeleton of the writer's own words; links, numbers and quoted lines are left out. Who is near to whom
//! among many is not its business.

use super::skeleton::{Folded, skeleton};

/// Minima, of four bits each.
const MINIMA: usize = 16;
/// So many equal minima make two texts near: measured, see `docs/moderation.md`.
const NEAR: u32 = 11;
/// Letters from which a text may be like another; below, it has to be the same.
const LETTERS: usize = 20;
/// Letters under which a text is anybody's.
const FEWEST: usize = 8;

/// What a text is like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sketch {
    bits: u64,
    short: bool,
}

impl Sketch {
    /// Sketches a text, in time linear in its length; none where it has fewer than eight letters. One
    /// of fewer than twenty is near to the very same words alone.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let quotes = |line: &str| line.trim_start().starts_with('>');
        if text.lines().any(quotes) {
            let own: Vec<&str> = text.lines().filter(|line| !quotes(line)).collect();
            if let Some(sketch) = Self::of_words(&skeleton(&own.join("\n"))).filter(|sketch| !sketch.short) {
                return Some(sketch);
            }
        }
        Self::of_words(&skeleton(text))
    }

    /// The same of a text that is folded already.
    #[must_use]
    pub fn of_read(text: &str, folded: &Folded) -> Option<Self> {
        let quotes = |line: &str| line.trim_start().starts_with('>');
        if text.lines().any(quotes) { Self::of(text) } else { Self::of_words(&folded.skeleton()) }
    }

    /// As it was stored.
    #[must_use]
    pub fn from_bits(bits: i64) -> Self {
        Self { bits: bits.cast_unsigned(), short: false }
    }

    /// To be stored.
    #[must_use]
    pub fn bits(self) -> i64 {
        self.bits.cast_signed()
    }

    /// The text is too short for being like another: it is the same or it is not.
    #[must_use]
    pub fn is_short(self) -> bool {
        self.short
    }

    /// How many of the sixteen minima two texts share.
    #[must_use]
    pub fn shared(self, other: Self) -> u32 {
        let differ = self.bits ^ other.bits;
        let pairs = differ | (differ >> 1);
        let nibbles = (pairs | (pairs >> 2)) & 0x1111_1111_1111_1111;
        16 - nibbles.count_ones()
    }

    /// Whether two texts are near-copies of each other.
    #[must_use]
    pub fn is_near(self, other: Self) -> bool {
        self.shared(other) >= NEAR
    }

    /// Four parts; of two near texts one part at least is hardly ever not the same.
    #[must_use]
    pub fn bands(self) -> [u16; 4] {
        let [a, b, c, d, e, f, g, h] = self.bits.to_be_bytes();
        [[a, b], [c, d], [e, f], [g, h]].map(u16::from_be_bytes)
    }

    fn of_words(skeleton: &str) -> Option<Self> {
        let mut minima = Minima::default();
        for word in skeleton.split(' ').filter(|word| !is_link(word)) {
            minima.add(word);
        }
        if minima.letters >= LETTERS {
            return Some(Self { bits: minima.bits(), short: false });
        }
        let letters: usize = skeleton.chars().map(weight).sum();
        let whole = skeleton.trim().bytes().fold(START, step);
        (letters >= FEWEST).then(|| Self { bits: mix(whole), short: true })
    }
}

fn is_link(word: &str) -> bool {
    word.contains("://") || word.contains("www.")
}

/// The smallest of sixteen hashes over all features so far.
struct Minima {
    least: [u64; MINIMA],
    letters: usize,
    /// The word before, as a hash.
    before: u64,
    /// The word being read, as a hash; none between words.
    word: Option<u64>,
    /// The last characters of a script without spaces.
    run: [u32; 5],
    length: usize,
}

impl Default for Minima {
    fn default() -> Self {
        Self { least: [u64::MAX; MINIMA], letters: 0, before: 0, word: None, run: [0; 5], length: 0 }
    }
}

impl Minima {
    /// What stands between two spaces: several words, where signs part them.
    fn add(&mut self, text: &str) {
        for c in text.chars() {
            self.letters += weight(c);
            if let Some(window) = unspaced(c) {
                self.end_word();
                self.slide(c, window);
            } else if c.is_alphabetic() {
                self.length = 0;
                let [a, b, c, d] = u32::from(c).to_be_bytes();
                self.word = Some([a, b, c, d].into_iter().fold(self.word.unwrap_or(START), step));
            } else if !matches!(c, '\'' | '’') && !c.is_ascii_digit() {
                self.end_word();
                self.length = 0;
            }
        }
        self.end_word();
    }

    /// Words count alone and in pairs.
    fn end_word(&mut self) {
        if let Some(word) = self.word.take().map(mix) {
            self.feature(word);
            self.feature(mix(self.before.rotate_left(23) ^ word));
            self.before = word;
        }
    }

    /// Where no spaces part the words, stretches of so many characters and of one more count.
    fn slide(&mut self, c: char, window: usize) {
        self.run.rotate_left(1);
        if let Some(last) = self.run.last_mut() {
            *last = u32::from(c);
        }
        self.length += 1;
        for size in [window, window + 1] {
            if self.length >= size {
                let stretch = self.run.iter().rev().take(size).flat_map(|c| c.to_be_bytes());
                self.feature(mix(stretch.fold(START, step)));
            }
        }
    }

    fn feature(&mut self, feature: u64) {
        for (least, factor) in self.least.iter_mut().zip(FACTORS) {
            *least = (*least).min((feature ^ factor).wrapping_mul(factor));
        }
    }

    fn bits(&self) -> u64 {
        self.least.iter().fold(0, |bits, least| (bits << 4) | (mix(*least) >> 60))
    }
}

/// How much a character counts as letters: an ideograph is a syllable or a word.
fn weight(c: char) -> usize {
    match (unspaced(c), c) {
        (Some(2), _) => 3,
        (_, '\u{AC00}'..='\u{D7AF}') => 2,
        _ => usize::from(c.is_alphabetic()),
    }
}

/// In a script that does not part its words by spaces, how many characters are about a word.
fn unspaced(c: char) -> Option<usize> {
    match c {
        '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' => {
            Some(2)
        }
        // Thai, Lao, Myanmar, Khmer.
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' => Some(4),
        _ => None,
    }
}

/// FNV-1a, one byte further.
fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
}
const START: u64 = 0xCBF2_9CE4_8422_2325;

/// SplitMix64's finisher (Steele, Lea and Flood 2014): every bit of the input moves every bit.
const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// Sixteen odd factors, the hash functions of the minima. Stored sketches depend on them.
const FACTORS: [u64; MINIMA] = [
    factor(1),
    factor(2),
    factor(3),
    factor(4),
    factor(5),
    factor(6),
    factor(7),
    factor(8),
    factor(9),
    factor(10),
    factor(11),
    factor(12),
    factor(13),
    factor(14),
    factor(15),
    factor(16),
];

const fn factor(n: u64) -> u64 {
    mix(n.wrapping_mul(0x9E37_79B9_7F4A_7C15)) | 1
}

#[cfg(test)]
mod tests;
