//! Lists of words and phrases, found as whole words however they are disguised.
//!
//! One automaton walks the folded text once, so time is linear whatever the list and the text are.
//! What a hit means is the caller's business.

use std::collections::HashSet;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript as _};

use super::skeleton::{Folded, View, leet_class};

/// Hits reported for one text; a body full of hits needs no more.
const MOST_HITS: usize = 32;

/// Bytes of patterns in one automaton: far below what its 32-bit states can number.
const MOST_BYTES: usize = 64 << 20;

/// A compiled list. An entry may hold spaces and punctuation (`c++`, `buy now`).
#[derive(Default)]
pub struct WordList {
    entries: Vec<Entry>,
    automata: Vec<Automaton>,
}

struct Entry {
    shown: Box<str>,
    folded: Box<str>,
    /// Holds a run of three or more: `xxx` must not be found in `XX`. Which of its runs, where there are several, is not told.
    long_run: bool,
}

struct Automaton {
    first_entry: usize,
    search: AhoCorasick,
}

/// An entry that was found, and where: characters of the original text, end exclusive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hit {
    /// For [`WordList::entry`].
    pub entry: usize,
    /// First character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
}

impl WordList {
    /// Compiles a list. Entries that fold to nothing or to an earlier one are left out.
    #[must_use]
    pub fn new<S: AsRef<str>>(list: impl IntoIterator<Item = S>) -> Self {
        let mut seen = HashSet::new();
        let mut entries = Vec::new();
        for raw in list {
            let shown = raw.as_ref().trim();
            let (folded, long_run) = Folded::entry(shown);
            let folded: Box<str> = folded.trim().into();
            if !folded.is_empty() && seen.insert((folded.clone(), long_run)) {
                entries.push(Entry { shown: shown.into(), folded, long_run });
            }
        }
        let automata = automata(&entries);
        Self { entries, automata }
    }
    /// Bytes of memory that it takes.
    #[must_use]
    pub fn memory(&self) -> usize {
        let kept = |entry: &Entry| size_of::<Entry>() + entry.shown.len() + entry.folded.len();
        let searched: usize = self.automata.iter().map(|automaton| automaton.search.memory_usage()).sum();
        self.entries.iter().map(kept).sum::<usize>() + searched
    }
    /// Whether it can find nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
    /// The entry as it was written in the list.
    #[must_use]
    pub fn entry(&self, hit: &Hit) -> &str {
        self.entries.get(hit.entry).map_or("", |entry| &entry.shown)
    }
    /// The first 32 places where entries stand as whole words, in the order in which they end.
    #[must_use]
    pub fn hits(&self, text: &Folded) -> Vec<Hit> {
        let mut hits: Vec<Hit> = Vec::new();
        for view in text.views() {
            let found = self.candidates(view).filter_map(|(entry, start, end)| self.check(view, entry, start, end));
            for hit in found {
                if hits.len() == MOST_HITS {
                    return hits;
                }
                if !hits.contains(&hit) {
                    hits.push(hit);
                }
            }
        }
        hits
    }
    /// What the automata find: entry, first and one past the last byte. Some stand inside words.
    fn candidates<'a>(&'a self, view: &'a View) -> impl Iterator<Item = (usize, usize, usize)> + 'a {
        self.automata.iter().flat_map(move |automaton| {
            let found = automaton.search.find_overlapping_iter(view.class());
            found.map(move |m| (automaton.first_entry + m.pattern().as_usize(), m.start(), m.end()))
        })
    }
    fn check(&self, view: &View, index: usize, start: usize, end: usize) -> Option<Hit> {
        let entry = self.entries.get(index)?;
        if !stands_alone(view.text(), start, end) {
            return None;
        }
        let found = view.text().get(start..end)?;
        if !reads_as(found, &entry.folded) {
            return None;
        }
        let (from, to) = view.original(start, end);
        (!entry.long_run || view.is_cut(start, end)).then_some(Hit { entry: index, start: from, end: to })
    }
}

/// Whether a list can find this entry: not where it is all accents or invisible characters, or holds one that no text may.
#[must_use]
pub fn is_findable(entry: &str) -> bool {
    let is_of_no_text = |c: char| c.is_control() && !c.is_whitespace();
    !entry.contains(is_of_no_text) && !Folded::entry(entry).0.trim().is_empty()
}

fn automata(entries: &[Entry]) -> Vec<Automaton> {
    let mut automata = Vec::new();
    let mut first_entry = 0;
    while let Some(rest) = entries.get(first_entry..).filter(|rest| !rest.is_empty()) {
        let mut bytes = 0;
        let fitting = rest.iter().take_while(|entry| {
            bytes += entry.folded.len();
            bytes <= MOST_BYTES
        });
        let count = fitting.count().max(1);
        let patterns = rest.iter().take(count).map(|entry| entry.folded.bytes().map(leet_class).collect::<Vec<u8>>());
        if let Ok(search) = AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(patterns) {
            automata.push(Automaton { first_entry, search });
        }
        first_entry += count;
    }
    automata
}

/// Whether no word goes on over an edge at `start` or `end`. An edge that is punctuation needs no
/// gap, nor do scripts that are written without gaps.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let gap = |outer: Option<char>, inner: Option<char>| match (outer, inner) {
        (Some(outer), Some(inner)) => !(is_word(outer) && is_word(inner)) || is_unspaced(outer) || is_unspaced(inner),
        _ => true,
    };
    let (Some(before), Some(inside), Some(after)) = (text.get(..start), text.get(start..end), text.get(end..)) else {
        return false;
    };
    gap(before.chars().next_back(), inside.chars().next()) && gap(after.chars().next(), inside.chars().next_back())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || (!c.is_ascii() && is_combining_mark(c))
}

fn is_unspaced(c: char) -> bool {
    use Script::{Bopomofo, Han, Hiragana, Katakana, Khmer, Lao, Myanmar, Thai, Tibetan};
    !c.is_ascii() && matches!(c.script(), Bopomofo | Han | Hiragana | Katakana | Khmer | Lao | Myanmar | Thai | Tibetan)
}

/// Whether `found`, of the same leet class as `entry`, may be read as it: every letter is the very
/// letter (`mall` is not `mail`), and digits or signs stand for letters only beside letters.
fn reads_as(found: &str, entry: &str) -> bool {
    if found == entry {
        return true;
    }
    let (mut letters, mut last) = (0, 0);
    for (have, want) in found.bytes().zip(entry.bytes()) {
        last = have;
        if have == want {
            letters += usize::from(have.is_ascii_alphabetic());
        } else if have.is_ascii_alphabetic() || !want.is_ascii_alphabetic() {
            return false;
        }
    }
    letters > 0 && !matches!(last, b'!' | b'|')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(entries: &[&str], body: &str) -> Vec<String> {
        let list = WordList::new(entries);
        let hits = list.hits(&Folded::of(body));
        hits.iter().map(|hit| body.chars().skip(hit.start).take(hit.end - hit.start).collect()).collect()
    }

    #[test]
    fn what_no_text_can_hold_is_no_entry() {
        assert!(is_findable("aC;") && is_findable("two words") && is_findable("c++"));
        for none in ["\0\u{1}aC;", "a\u{7}", "\u{301}", "\u{200B}", " "] {
            assert!(!is_findable(none), "{none:?}");
        }
    }

    #[test]
    fn an_entry_is_found_in_itself_whatever_its_letters_fold_to() {
        for entry in
            ["awww.luß", "æææ", "３３３", "Ⅲ", "ⅢⅢⅢ", "\u{200B}\u{200B}\u{200B}ab", "e\u{301}\u{301}\u{301}", "xxx "]
        {
            assert_eq!(found(&[entry], &format!("see {entry}.")).len(), 1, "{entry:?}");
        }
    }

    #[test]
    fn trial_20_an_entry_inside_another_word_is_no_hit() {
        assert!(found(&["cialis"], "Ask a specialist; specialists, Socialist.").is_empty());
        assert_eq!(found(&["cialis"], "Buy Cialis, now"), ["Cialis"]);
    }

    #[test]
    fn trial_20_an_entry_with_punctuation_works() {
        for body in ["I write C++ daily", "c++", "(C++)", "c++, and rust", "C++!", "I ♥ c++."] {
            assert_eq!(found(&["c++"], body).len(), 1, "{body}");
        }
        for body in ["c+", "abc++", "a c + + b"] {
            assert!(found(&["c++"], body).is_empty(), "{body}");
        }
        assert_eq!(found(&[".ru/", "$$$"], "see spam.ru/x for $$$$"), [".ru/", "$$$$"]);
    }

    #[test]
    fn trial_20_homoglyphs_and_zero_width_characters_hide_nothing() {
        for body in
            ["v1аgrа", "v\u{200B}1а\u{200D}gr\u{FEFF}а", "V\u{301}íágŕa", "ＶＩＡＧＲＡ", "v i a g r a", "𝓿𝓲𝓪𝓰𝓻𝓪"]
        {
            let whole = format!("now {body} cheap");
            assert_eq!(found(&["viagra"], &whole), [body], "{body}");
        }
    }

    #[test]
    fn case_accents_and_spaces_do_not_matter() {
        assert_eq!(found(&["CAFÉ au lait"], "un  cafe\u{301}\n AU   lait svp"), ["cafe\u{301}\n AU   lait"]);
        assert_eq!(found(&["казино"], "Лучшее КАЗИНО тут"), ["КАЗИНО"]);
        assert_eq!(found(&["赌博"], "在线赌博网站"), ["赌博"], "Chinese has no gaps between words");
    }

    #[test]
    fn other_words_of_the_same_class_are_no_hits() {
        let list = ["mail", "fail", "xxx", "as", "loss", "a"];
        assert_eq!(found(&list, "the mall will fall in XX, 45 a! 1055 @"), ["a"]);
        assert!(found(&["5g"], "in SG today").is_empty());
        assert_eq!(found(&["xxx", "b2b"], "xxxx and B2B"), ["xxxx", "B2B"]);
        assert!(found(&["xxx"], "x\u{200B}x").is_empty(), "what shows nothing makes no run");
        assert!(found(&["viagra"], "viagrafied aviagra").is_empty());
        assert_eq!(found(&["viagra"], "viagra!!!"), ["viagra"]);
        assert!(found(&["", "  ", "\u{200B}"], "anything at all").is_empty());
    }

    #[test]
    fn trial_12_a_list_of_100000_finds_what_stands_and_nothing_else() {
        let list = WordList::new((0..100_000_usize).map(|n| format!("{}{n}", ["a", "aa", "zero", "spam "][n % 4])));
        let hits = list.hits(&Folded::of("a0 aa1x zero2, spam 3 and spam 99999; a100000"));
        assert_eq!(hits.iter().map(|hit| list.entry(hit)).collect::<Vec<_>>(), ["a0", "zero2", "spam 3", "spam 99999"]);
    }

    #[test]
    fn trial_12_hostile_bodies_take_work_linear_in_their_length() {
        let list = WordList::new((1..200).map(|n| "ab".repeat(n)).chain((0..100_000).map(|n| format!("word{n}"))));
        for unit in ["a", "ab", "ab ", "a\u{301}", "😀", "1", "v i a g r a ", "> ", "word1 "] {
            let work = |n: usize| {
                let folded = Folded::of(&unit.repeat(n));
                folded.views().map(|view| view.text().len() + list.candidates(view).count()).sum::<usize>()
            };
            let (small, large) = (work(500), work(5_000));
            assert!(large <= small * 14 + 1_000, "{unit}: {small} -> {large}");
        }
        assert!(list.hits(&Folded::of(&"ab".repeat(5_000))).is_empty(), "one long word is none of the entries");
        assert_eq!(list.hits(&Folded::of(&"word1 ".repeat(1_600))).len(), MOST_HITS);
    }
}
