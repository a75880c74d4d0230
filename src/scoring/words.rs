//! Rules about words: the operator's two lists, which decide by policy, and the shipped lists of what
//! advertising says and staff calls itself, which only add up.

use std::sync::{Arc, LazyLock};

use unicode_script::{Script, UnicodeScript as _};

use super::{
    facts::{Facts, Seen},
    shelf::Shelf,
    weighing::{Finding, growing},
};
use crate::{
    config::{self, Rule},
    text::{Folded, Hit, WordList, is_invisible},
};

static PHRASES: LazyLock<WordList> = LazyLock::new(|| shipped(include_str!("../../config/words/spam-phrases.txt")));
static TITLES: LazyLock<WordList> = LazyLock::new(|| shipped(include_str!("../../config/words/staff-titles.txt")));

fn shipped(list: &str) -> WordList {
    WordList::new(list.lines().filter(|line| !line.starts_with('#')))
}

/// Hits of a list that are looked at for a disguise.
const LOOKED_AT: usize = 4;

/// The operator's lists, compiled.
pub(super) struct Lists {
    hold: Arc<WordList>,
    reject: Arc<WordList>,
}

impl Lists {
    pub(super) fn new(words: &config::Words, shelf: &mut Shelf) -> Self {
        Self { hold: shelf.list(&words.hold), reject: shelf.list(&words.reject) }
    }

    pub(super) fn look(&self, seen: &Seen<'_>, findings: &mut Vec<Finding>) {
        let around = Folded::of(&format!("{} {}", seen.facts.name, seen.facts.url.unwrap_or_default()));
        findings.extend(listed(&self.hold, "hold", Rule::WordHold, seen, &around));
        findings.extend(listed(&self.reject, "reject", Rule::WordReject, seen, &around));
        findings.extend(spam_phrase(seen, &around));
        findings.extend([&*self.hold, &*self.reject, &*PHRASES].into_iter().find_map(|list| disguised(list, seen)));
        findings.extend(staff_title(seen.facts));
    }
}

/// What one list has on the body, else on the name and the author's link.
fn listed(list: &WordList, name: &str, rule: Rule, seen: &Seen<'_>, around: &Folded) -> Option<Finding> {
    if list.is_empty() {
        return None;
    }
    let hits = list.hits(&seen.body.folded);
    if let Some(first) = hits.first() {
        let further = match distinct(&hits) {
            0 | 1 => String::new(),
            count => format!(", with {} more", count - 1),
        };
        let text = format!("\"{}\" is on the {name} list{further}", list.entry(first));
        return Some(Finding::new(rule, text).at(Some((first.start, first.end))));
    }
    let hits = list.hits(around);
    let text = format!("\"{}\", in the name or website, is on the {name} list", list.entry(hits.first()?));
    Some(Finding::new(rule, text))
}

fn spam_phrase(seen: &Seen<'_>, around: &Folded) -> Option<Finding> {
    let (body, beside) = (PHRASES.hits(&seen.body.folded), PHRASES.hits(around));
    let first = body.first().or(beside.first())?;
    let count = distinct(&body) + distinct(&beside);
    let text = match count {
        1 => format!("\"{}\" is common in advertising", PHRASES.entry(first)),
        _ => format!("\"{}\" and {} more that are common in advertising", PHRASES.entry(first), count - 1),
    };
    let span = body.first().map(|hit| (hit.start, hit.end));
    Some(Finding::new(Rule::SpamPhrase, text).times(growing(count, 0.5, 3.0)).at(span))
}

/// An entry that is there to be read and was not written so: `v1agra`.
fn disguised(list: &WordList, seen: &Seen<'_>) -> Option<Finding> {
    let hits = list.hits(&seen.body.folded);
    let poses = |hit: &&Hit| {
        let entry = list.entry(hit);
        let written = seen.facts.body.chars().skip(hit.start).take(hit.end - hit.start);
        written.filter(|c| poses(*c, entry)).count() > 0
    };
    let hit = hits.iter().take(LOOKED_AT).find(poses)?;
    let text = format!("\"{}\" is written so that people read it and filters do not", list.entry(hit));
    Some(Finding::new(Rule::WordDisguised, text).at(Some((hit.start, hit.end))))
}

/// Whether a character stands for one of the entry's: invisible, of another script, a digit or sign for a letter.
fn poses(c: char, entry: &str) -> bool {
    let foreign = |c: char| entry.is_ascii() && !c.is_ascii() && c.is_alphabetic() && c.script() != Script::Latin;
    let leet = |c: char| (c.is_ascii_digit() || matches!(c, '@' | '$' | '|')) && !entry.contains(c);
    (is_invisible(c) && c != '\u{AD}') || foreign(c) || leet(c)
}

/// A stranger who calls himself what only staff is.
fn staff_title(facts: &Facts<'_>) -> Option<Finding> {
    if facts.by_staff {
        return None;
    }
    let hit = TITLES.hits(&Folded::of(facts.name)).into_iter().next()?;
    let text = format!("The name says \"{}\", which readers take for the staff", TITLES.entry(&hit));
    Some(Finding::new(Rule::StaffTitle, text))
}

fn distinct(hits: &[Hit]) -> usize {
    let mut entries: Vec<usize> = hits.iter().map(|hit| hit.entry).collect();
    entries.sort_unstable();
    entries.dedup();
    entries.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::{
        Facts, Scorer,
        tests::{found, found_by, scorer as with},
    };

    fn scorer(hold: &[&str], reject: &[&str]) -> Scorer {
        with(&[(Rule::WordHold, 0.0), (Rule::WordReject, 0.0)], config::Lists::default(), hold, reject)
    }

    #[test]
    fn trial_20_lists_hit_whole_words_in_any_disguise() {
        let scorer = scorer(&["cialis", "c++"], &["viagra"]);
        let card = |body| scorer.score(&Facts { body, ..Facts::default() });
        let specialist = card("Ask a specialist, not me.");
        assert!(!specialist.word_hold && !specialist.word_reject);
        let plus = card("It is written in C++, I hear.");
        assert!(plus.word_hold && !plus.word_reject);
        assert_eq!(plus.signals[0].span.map(|span| (span.start, span.end)), Some((17, 20)));
        let disguised = card("cheap v1\u{200B}аgrа here");
        assert!(disguised.word_reject && !disguised.word_hold);
    }

    #[test]
    fn a_weight_of_zero_takes_neither_the_flag_nor_the_reason() {
        let card = scorer(&["sale"], &["junk"]).score(&Facts { body: "junk for sale", ..Facts::default() });
        assert!(card.word_hold && card.word_reject);
        let texts: Vec<_> = card.signals.iter().map(|signal| signal.text.as_str()).collect();
        assert_eq!(texts, ["\"sale\" is on the hold list", "\"junk\" is on the reject list"]);
    }

    #[test]
    fn names_and_websites_are_read_too() {
        let facts =
            Facts { name: "Cheap Pills", url: Some("https://buy-junk.example"), body: "Nice!", ..Facts::default() };
        let card = scorer(&["cheap pills"], &["junk"]).score(&facts);
        assert!(card.word_hold && card.word_reject);
    }

    #[test]
    fn a_listed_word_that_is_written_in_disguise_is_told_and_one_that_is_not_is_not() {
        let scorer = scorer(&["café", "sale"], &["b2b"]);
        let finds = |body| found_by(&scorer, &Facts { body, ..Facts::default() }, Rule::WordDisguised).is_some();
        for disguised in ["cheap v1agra", "cheap vi\u{200B}agra", "cheap viаgrа", "a $ale today", "s@le"] {
            assert!(finds(disguised), "{disguised}");
        }
        for open in ["cheap viagra", "cheap Viágra", "a cafe, a CAFÉ", "b2b and B2B", "1984 was v1.0", "привет"]
        {
            assert!(!finds(open), "{open}");
        }
    }

    #[test]
    fn a_name_that_says_it_is_staff_is_told_unless_it_is() {
        let told = |name, by_staff| found(&Facts { name, by_staff, ..Facts::default() }, Rule::StaffTitle).is_some();
        for posing in ["Admin", "Site Аdmin", "The Editorial Team", "M0derator"] {
            assert!(told(posing, false), "{posing}");
        }
        for honest in ["Edith Stafford", "Adminah", "Ada", "Mod Fan"] {
            assert!(!told(honest, false), "{honest}");
        }
        assert!(!told("Editor", true));
    }

    #[test]
    fn phrases_of_advertising_add_up() {
        let strength = |body| found(&Facts { body, ..Facts::default() }, Rule::SpamPhrase).map(|f| f.strength);
        assert_eq!(strength("The casino on the pier burnt down."), Some(1.0));
        assert!(strength("online casino, cheap loans, viagra") > Some(1.5));
        assert_eq!(strength("The council met on Tuesday."), None);
    }

    #[test]
    fn trial_12_a_list_of_100000_and_hostile_bodies_end_in_a_verdict() {
        let list: Vec<String> = (0..100_000).map(|n| format!("entry{n}")).collect();
        let list: Vec<&str> = list.iter().map(String::as_str).collect();
        let scorer = scorer(&list, &[]);
        for unit in ["a", "entry", "e\u{301}", "😀", "> ", "[a](", "v i a ", "аa", "\u{FDFA}", "http://", "A!"] {
            let body: String = unit.chars().cycle().take(10_000).collect();
            assert!(!scorer.score(&Facts { body: &body, ..Facts::default() }).word_hold, "{unit}");
            let with_entry = format!("entry99999 {body}");
            assert!(scorer.score(&Facts { body: &with_entry, ..Facts::default() }).word_hold, "{unit}");
        }
    }
}
