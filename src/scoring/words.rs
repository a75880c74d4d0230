//! Rules about words: the operator's two lists, which decide by policy, and the shipped list of what
//! advertising says, which only adds up.

use std::sync::LazyLock;

use super::{
    facts::Seen,
    rules::{Finding, Rule, growing},
};
use crate::{
    config,
    text::{Folded, Hit, WordList},
};

static PHRASES: LazyLock<WordList> = LazyLock::new(|| {
    let list = include_str!("../../config/words/spam-phrases.txt");
    WordList::new(list.lines().filter(|line| !line.starts_with('#')))
});

/// The operator's lists, compiled.
pub(super) struct Lists {
    hold: WordList,
    reject: WordList,
}

impl Lists {
    pub(super) fn new(words: &config::Words) -> Self {
        Self { hold: WordList::new(&words.hold), reject: WordList::new(&words.reject) }
    }

    pub(super) fn look(&self, seen: &Seen<'_>, findings: &mut Vec<Finding>) {
        let around = Folded::of(&format!("{} {}", seen.facts.name, seen.facts.url.unwrap_or_default()));
        findings.extend(listed(&self.hold, "hold", Rule::WordHold, seen, &around));
        findings.extend(listed(&self.reject, "reject", Rule::WordReject, seen, &around));
        findings.extend(spam_phrase(seen, &around));
    }
}

/// What one list has on the body, else on the name and the author's link.
fn listed(list: &WordList, name: &str, rule: Rule, seen: &Seen<'_>, around: &Folded) -> Option<Finding> {
    if list.is_empty() {
        return None;
    }
    let hits = list.hits(&seen.folded);
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
    let (body, beside) = (PHRASES.hits(&seen.folded), PHRASES.hits(around));
    let first = body.first().or(beside.first())?;
    let count = distinct(&body) + distinct(&beside);
    let text = match count {
        1 => format!("\"{}\" is common in advertising", PHRASES.entry(first)),
        _ => format!("\"{}\" and {} more that are common in advertising", PHRASES.entry(first), count - 1),
    };
    let span = body.first().map(|hit| (hit.start, hit.end));
    Some(Finding::new(Rule::SpamPhrase, text).times(growing(count, 0.5, 3.0)).at(span))
}

fn distinct(hits: &[Hit]) -> usize {
    let mut entries: Vec<usize> = hits.iter().map(|hit| hit.entry).collect();
    entries.sort_unstable();
    entries.dedup();
    entries.len()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::scoring::{Facts, Scorer, tests::found};

    fn scorer(hold: &[&str], reject: &[&str]) -> Scorer {
        let own = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
        let words =
            config::Words { hold: own(hold), reject: own(reject), hold_files: Vec::new(), reject_files: Vec::new() };
        let off = [("word_hold".to_owned(), 0.0), ("word_reject".to_owned(), 0.0)];
        Scorer::new(&BTreeMap::from(off), &words)
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
    fn phrases_of_advertising_add_up() {
        let strength = |body| found(&Facts { body, ..Facts::default() }, Rule::SpamPhrase).map(|f| f.strength);
        assert_eq!(strength("The casino on the pier burnt down."), Some(1.0));
        assert!(strength("online casino, cheap loans, viagra") > Some(1.5));
        assert_eq!(strength("The council met on Tuesday."), None);
    }

    #[test]
    fn trial_12_a_list_of_100000_and_hostile_bodies_end_in_a_verdict() {
        let list: Vec<String> = (0..100_000).map(|n| format!("entry{n}")).collect();
        let words = config::Words { hold: list, reject: Vec::new(), hold_files: Vec::new(), reject_files: Vec::new() };
        let scorer = Scorer::new(&BTreeMap::new(), &words);
        for unit in ["a", "entry", "e\u{301}", "😀", "> ", "[a](", "v i a ", "аa", "\u{FDFA}", "http://", "A!"] {
            let body: String = unit.chars().cycle().take(10_000).collect();
            assert!(!scorer.score(&Facts { body: &body, ..Facts::default() }).word_hold, "{unit}");
            let with_entry = format!("entry99999 {body}");
            assert!(scorer.score(&Facts { body: &with_entry, ..Facts::default() }).word_hold, "{unit}");
        }
    }
}
