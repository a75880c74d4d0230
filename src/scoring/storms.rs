//! Rules about signs in heaps: exclamation and currency, emoji. A few of either are how people write.

use super::{facts::Seen, weighing::Finding};
use crate::config::Rule;

/// Signs, or emoji, under which nothing is a heap.
const FEW_SIGNS: usize = 10;
const FEW_EMOJI: usize = 8;

/// Of so many characters that are no white space, one is a sign or an emoji at the least.
const SIGNS_ONE_IN: usize = 8;
const EMOJI_ONE_IN: usize = 5;

pub(super) fn look(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    let body = seen.facts.body;
    let dark = body.chars().filter(|c| !c.is_whitespace()).count();
    findings.extend(punctuation(body, dark));
    if !body.is_ascii() {
        findings.extend(emoji(body, dark));
    }
}

/// What shouting and prices are made of. What Markdown and addresses are made of is not here.
fn is_sign(c: char) -> bool {
    matches!(c, '!' | '?' | '$' | '%' | '+' | '^' | '|' | '€' | '£' | '¥' | '₽' | '‼' | '⁇' | '⁈' | '⁉' | '！' | '？')
}

fn punctuation(body: &str, dark: usize) -> Option<Finding> {
    let (mut count, mut run, mut longest) = (0, 0, (0, 0));
    for (index, c) in body.chars().enumerate() {
        run = if is_sign(c) { run + 1 } else { 0 };
        count += usize::from(run > 0);
        if run > longest.1 - longest.0 {
            longest = (index + 1 - run, index + 1);
        }
    }
    let text = || format!("Heaped with signs: {count} among {dark} characters");
    let heaped = count >= FEW_SIGNS && count * SIGNS_ONE_IN >= dark;
    heaped.then(|| Finding::new(Rule::Punctuation, text()).at(Some(longest)))
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27BF}' | '\u{1F300}'..='\u{1FAFF}') && !matches!(c, '\u{1F3FB}'..='\u{1F3FF}')
}

fn emoji(body: &str, dark: usize) -> Option<Finding> {
    let count = body.chars().filter(|c| is_emoji(*c)).count();
    if count < FEW_EMOJI || count * EMOJI_ONE_IN < dark {
        return None;
    }
    let first = body.chars().position(is_emoji).map(|at| (at, at + 1));
    Some(Finding::new(Rule::Emoji, format!("Heaped with emoji: {count} of them")).at(first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::{Facts, tests::found};

    fn finds(body: &str, rule: Rule) -> bool {
        found(&Facts { body, ..Facts::default() }, rule).is_some()
    }

    #[test]
    fn shouting_in_signs_is_told_with_its_longest_run_and_asking_is_not() {
        let finding =
            found(&Facts { body: "WOW!! earn $$$$$$ now!!!", ..Facts::default() }, Rule::Punctuation).unwrap();
        assert_eq!(finding.span, Some((11, 17)));
        for asking in
            ["Really?! Why!?", "It cost $5, then $6, +20 % in all. Why?", "see http://a.example/?a=1&b=2|c", "> a\n> b"]
        {
            assert!(!finds(asking, Rule::Punctuation), "{asking}");
        }
    }

    #[test]
    fn a_comment_of_emoji_is_told_and_one_with_some_is_not() {
        assert!(finds("🔥🔥🔥 win 💰💰💰 now 🚀🚀🚀", Rule::Emoji));
        assert!(!finds("Well done 👏👏👏 to the whole team ❤️", Rule::Emoji));
        let thanks = "I have followed this paper for years and this is its best report. Thank you all so much! ";
        assert!(!finds(&format!("{thanks}👏🏽👏🏽👏🏽👏🏽👏🏽👏🏽👏🏽👏🏽"), Rule::Emoji), "a few beside a text");
    }
}
