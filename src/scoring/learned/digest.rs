//! A document as the numbers that a model learns from, to be kept where its words are not.
//!
//! What was written cannot be read off them; whoever guesses a text can see whether it fits. A document read back
//! teaches what the one it was made of teaches, to the last bit, once that one is in order ([`Document::in_order`]).

use super::{
    document::{Document, GROUPS},
    features::Feature,
    parts::PARTS,
    reservoir::{read, write},
};

/// The first byte: another one is of a program that asks other questions.
const FORM: u8 = 1;

impl Document<'_> {
    /// With its features by part and number: sums over them come to the same bits in whatever order they were found.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        for features in &mut self.groups {
            features.sort_unstable_by_key(|feature| (feature.part, feature.slot));
        }
        self
    }

    /// The numbers.
    #[must_use]
    pub fn digest(self) -> Vec<u8> {
        let document = self.in_order();
        let mut out = vec![FORM];
        write(u64::try_from(document.parts).unwrap_or(0), &mut out);
        out.extend(document.rules.to_le_bytes());
        for (_, features) in document.groups() {
            let runs = || features.chunk_by(|a, b| a.part == b.part);
            write(u64::try_from(runs().count()).unwrap_or(0), &mut out);
            for run in runs() {
                write(run.first().map_or(0, |feature| u64::from(feature.part)), &mut out);
                write(u64::try_from(run.len()).unwrap_or(0), &mut out);
                let mut last = 0;
                for feature in run {
                    write(u64::from(feature.slot - last), &mut out);
                    last = feature.slot;
                }
            }
        }
        out
    }
}

impl Document<'static> {
    /// The document of these numbers, in order and without words; none where they are of another form, or damaged.
    #[must_use]
    pub fn of_digest(digest: &[u8]) -> Option<Self> {
        let mut rest = digest.strip_prefix(&[FORM])?;
        let parts = usize::try_from(read(&mut rest)?).ok().filter(|parts| *parts <= PARTS)?;
        let (rules, behind) = rest.split_first_chunk::<4>()?;
        rest = behind;
        let rules = f32::from_le_bytes(*rules);
        let mut groups: [Vec<Feature>; GROUPS] = Default::default();
        for group in &mut groups {
            for _ in 0..read(&mut rest)? {
                let (part, count) = (u8::try_from(read(&mut rest)?).ok()?, read(&mut rest)?);
                let mut slot = 0_u32;
                for _ in 0..count {
                    slot = slot.checked_add(u32::try_from(read(&mut rest)?).ok()?)?;
                    group.push(Feature { slot, word: u16::MAX, part });
                }
            }
        }
        let whole = rest.is_empty() && rules.is_finite();
        whole.then(|| Self { groups, body: "", words: Vec::new(), parts, rules })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        scoring::learned::{Input, Model, Seed},
        text::Reading,
    };

    fn with<T>(body: &str, then: impl FnOnce(Document<'_>) -> T) -> T {
        let reading = Reading::of(body);
        let (url, rules) = (Some("http://pills.example/x"), 0.7);
        let own_hosts: &[String] = &[];
        then(Document::new(&Input { name: "Ada B.", url, body, reading: &reading, own_hosts, near_copy: true, rules }))
    }

    const TEXTS: [&str; 4] = [
        "Buy p1lls now at http://pills.example/cheap! They are the best that anybody ever sold. Hurry, hurry, before they are gone.",
        "I do not agree with the last paragraph.\nThe council has met twice since, and nobody asked the neighbours what they think.",
        "你好，这是一个测试。这里有便宜的东西卖，快来买吧，今天最后一天，不要错过机会。",
        "ok",
    ];

    #[test]
    fn a_model_learns_the_same_from_the_numbers_as_from_the_words() {
        let seed = Arc::new(Seed::shipped().unwrap());
        let (mut by_words, mut by_numbers) = (Model::new(Arc::clone(&seed)), Model::new(seed));
        for (label, text) in (1_u64..).zip(TEXTS.iter().cycle().take(40)) {
            let spam = label % 2 == 1;
            with(text, |document| by_words.learn(&document.in_order(), spam, label));
            let digest = with(text, |document| document.digest());
            // The name and the address come to much the same beside every text.
            assert!(digest.len() < 256 + 12 * text.chars().count(), "{} for {text}", digest.len());
            by_numbers.learn(&Document::of_digest(&digest).unwrap(), spam, label);
        }
        assert!(by_words.to_bytes() == by_numbers.to_bytes());
    }

    #[test]
    fn what_is_damaged_or_of_another_form_is_no_document() {
        let digest = with(TEXTS[0], |document| document.digest());
        for end in 0..digest.len() {
            assert!(Document::of_digest(&digest[..end]).is_none(), "{end}");
        }
        let mut other = digest;
        other[0] = 2;
        assert!(Document::of_digest(&other).is_none());
    }

    #[test]
    fn no_word_is_among_the_numbers() {
        let digest = with(TEXTS[0], |document| document.digest());
        for word in ["pills", "Ada", "Hurry", "example"] {
            assert!(!digest.windows(word.len()).any(|bytes| bytes == word.as_bytes()), "{word}");
        }
    }
}
