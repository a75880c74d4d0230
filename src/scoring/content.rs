//! Rules about the shape of a text: markup, repetition, capitals, length. Its meaning is not theirs.

use std::collections::HashMap;

use super::{facts::Seen, weighing::Finding};
use crate::config::Rule;

/// Same characters in a row that no enthusiasm explains.
const LONG_RUN: usize = 8;

/// Words below which repetition says nothing.
const FEW_WORDS: usize = 10;

/// Letters below which capitals say nothing.
const FEW_LETTERS: usize = 20;

/// Characters from which a comment is unusually long.
const LONG: usize = 5_000;

/// HTML and BBCode that spam is written in and people hardly ever.
const MARKUP: [&str; 6] = ["<a href", "[url", "[link=", "<img ", "<iframe", "<script"];

pub(super) fn look(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    findings.extend(markup(seen));
    findings.extend(repeated_characters(seen.facts.body));
    findings.extend(repeated_words(seen.body.folded.plain.text()));
    findings.extend(capitals(seen.facts.body));
    findings.extend(length(seen.body.length));
}

fn markup(seen: &Seen<'_>) -> Option<Finding> {
    let view = &seen.body.folded.plain;
    // Most comments hold none of the two characters.
    if !seen.facts.body.contains(['<', '[']) {
        return None;
    }
    let (at, tag) = MARKUP.iter().find_map(|tag| view.text().find(tag).map(|at| (at, tag)))?;
    let text = "Written in HTML or BBCode, as spam for other systems is";
    Some(Finding::new(Rule::Markup, text).at(Some(view.original(at, at + tag.len()))))
}

fn repeated_characters(body: &str) -> Option<Finding> {
    let (mut last, mut start, mut longest) = ('\0', 0, (0, 0));
    for (index, c) in body.chars().enumerate() {
        if c != last {
            (last, start) = (c, index);
        }
        // Lines and dots are drawn to part paragraphs.
        let drawn = c.is_whitespace() || matches!(c, '.' | '-' | '_' | '=' | '*' | '~' | '#' | '>');
        if !drawn && index + 1 - start > longest.1 - longest.0 {
            longest = (start, index + 1);
        }
    }
    let run = longest.1 - longest.0;
    let strength = if run >= 4 * LONG_RUN { 2.0 } else { 1.0 };
    let text = || format!("The same character {run} times in a row");
    (run >= LONG_RUN).then(|| Finding::new(Rule::RepeatedCharacters, text()).times(strength).at(Some(longest)))
}

/// Few different words for so many.
fn repeated_words(folded: &str) -> Option<Finding> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut total = 0_usize;
    for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        *counts.entry(word).or_default() += 1;
        total += 1;
    }
    // Long texts use their words again: the share of different ones falls with the square root.
    let expected = total.min(100) + (total.saturating_sub(100)) / 10;
    if total < FEW_WORDS || counts.len() * 5 >= expected * 2 {
        return None;
    }
    let (word, times) = counts.into_iter().max_by_key(|(word, count)| (*count, *word))?;
    let shown: String = word.chars().take(30).collect();
    Some(Finding::new(Rule::RepeatedWords, format!("Repeats itself: \"{shown}\" {times} times in {total} words")))
}

fn capitals(body: &str) -> Option<Finding> {
    let (mut upper, mut cased) = (0_usize, 0_usize);
    for c in body.chars() {
        let is_upper = c.is_uppercase();
        upper += usize::from(is_upper);
        cased += usize::from(is_upper || c.is_lowercase());
    }
    let loud = cased >= FEW_LETTERS && upper * 10 >= cased * 7;
    loud.then(|| Finding::new(Rule::Capitals, "Mostly in capitals"))
}

fn length(characters: usize) -> Option<Finding> {
    match characters {
        LONG.. => Some(Finding::new(Rule::Length, format!("Unusually long: {characters} characters"))),
        0..=3 => Some(Finding::new(Rule::Length, "Hardly any text")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::{Facts, tests::found};

    fn finds(body: &str, rule: Rule) -> bool {
        found(&Facts { body, ..Facts::default() }, rule).is_some()
    }

    #[test]
    fn html_and_bbcode_are_markup_and_comparisons_are_not() {
        assert!(finds("<A  HREF=\"http://x.example\">y</a>", Rule::Markup));
        assert!(finds("[URL=http://x.example]y[/url]", Rule::Markup));
        assert!(!finds("if a < b and [sic] a > c", Rule::Markup));
    }

    #[test]
    fn a_run_of_one_character_is_told_with_its_place() {
        let finding = found(&Facts { body: "no waaaaaaaaay", ..Facts::default() }, Rule::RepeatedCharacters).unwrap();
        assert_eq!(finding.span, Some((4, 13)));
        assert!(!finds("soooo good!!!!\n----------\n.........", Rule::RepeatedCharacters));
    }

    #[test]
    fn a_text_of_few_words_over_and_over_is_told() {
        assert!(finds(&"buy this now ".repeat(8), Rule::RepeatedWords));
        let prose = "The council met on Tuesday, and the mayor said that the bridge would be closed for the winter; \
                     the traders on the square asked who would pay for the loss of trade.";
        assert!(!finds(prose, Rule::RepeatedWords));
        assert!(!finds("no no no no", Rule::RepeatedWords), "too few words to say");
    }

    #[test]
    fn capitals_count_in_long_enough_texts() {
        assert!(finds("THIS IS THE BEST VIDEO EVER", Rule::Capitals));
        assert!(finds("ЭТО ЛУЧШЕЕ ВИДЕО НА СВЕТЕ", Rule::Capitals));
        assert!(!finds("NATO and the EU", Rule::Capitals));
        assert!(!finds("这是一个很长的中文评论这是一个很长的中文评论", Rule::Capitals));
    }

    #[test]
    fn very_long_and_hardly_any_text_are_told() {
        assert!(finds(&"word ".repeat(1_001), Rule::Length));
        assert!(finds("ok", Rule::Length));
        assert!(!finds("Thank you.", Rule::Length));
    }
}
