//! Rules about characters that make a text look like another than it is.
//!
//! Writing in several languages is no disguise: scripts are compared within one word only, and only
//! where the letters can be taken for each other. Plain ASCII needs no look at all.

use unicode_script::{Script, UnicodeScript as _};

use super::{facts::Seen, weighing::Finding};
use crate::{
    config::Rule,
    text::{fold_char, is_invisible, is_stripped_mark},
};

/// Letters below which a mixed word may be a unit or an abbreviation.
const SHORT_WORD: usize = 4;

/// Accents on one letter that no orthography asks for.
const HEAVY: usize = 3;

/// Letters in mathematical or enclosed forms that make a styled word.
const STYLED: usize = 4;

pub(super) fn look(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    let body = seen.facts.body;
    if seen.body.folded.joined.is_some() {
        findings.push(Finding::new(Rule::SpacedLetters, "Letters are spaced out to hide a word"));
    }
    if !body.is_ascii() {
        findings.extend(mixed_script(body));
        findings.extend(hidden_characters(body));
        findings.extend(bidi_control(body));
        findings.extend(combining_marks(body));
        findings.extend(styled_letters(body));
    }
}

fn mixed_script(body: &str) -> Option<Finding> {
    let (mut worst, mut words): ((f64, usize, usize), usize) = ((0.0, 0, 0), 0);
    // Where the word began, in bytes and characters, and whether it has ASCII and other letters.
    let (mut begun, mut ascii, mut other) = (None, false, false);
    for (index, (byte, c)) in body.char_indices().chain([(body.len(), ' ')]).enumerate() {
        if c.is_alphabetic() {
            begun = begun.or(Some((byte, index)));
            ascii |= c.is_ascii();
            other |= !c.is_ascii();
        } else if !(c.is_ascii_digit() || is_invisible(c) || is_stripped_mark(c)) {
            // A word of one script, which nearly all are, needs no second look.
            if let Some((from, first)) = begun.filter(|_| ascii && other) {
                let posing = body.get(from..byte).map_or(0.0, posing);
                words += usize::from(posing > 0.0);
                if posing > worst.0 {
                    worst = (posing, first, index);
                }
            }
            (begun, ascii, other) = (None, false, false);
        }
    }
    let strength = if words > 2 { worst.0 + 0.5 } else { worst.0 };
    let text = "Letters of different alphabets that look alike within one word";
    (worst.0 > 0.0).then(|| Finding::new(Rule::MixedScript, text).times(strength).at(Some((worst.1, worst.2))))
}

/// How surely a word poses as a Latin one: fully where the scripts alternate, half where a foreign
/// stem or ending explains them.
fn posing(word: &str) -> f64 {
    let (mut letters, mut foreign, mut switches) = (0, 0, 0);
    let mut last = None;
    for c in word.chars().filter(|c| c.is_alphabetic()) {
        let is_latin = c.is_ascii() || c.script() == Script::Latin;
        if !is_latin {
            if !looks_latin(c) {
                return 0.0;
            }
            foreign += 1;
        }
        letters += 1;
        switches += usize::from(last.is_some_and(|last| last != is_latin));
        last = Some(is_latin);
    }
    match switches {
        _ if letters < SHORT_WORD || foreign == 0 => 0.0,
        0 | 1 => 0.5,
        _ => 1.0,
    }
}

/// A letter of another script that can be taken for a Latin one. Mathematical and enclosed letters
/// are no script; they have their own rule.
fn looks_latin(c: char) -> bool {
    let script = matches!(c.script(), Script::Cyrillic | Script::Greek | Script::Armenian | Script::Cherokee);
    let mut ascii = true;
    fold_char(c, &mut |folded| ascii &= folded.is_ascii());
    script && ascii
}

/// Invisible characters between letters that are never joined or parted by any. Soft hyphens come
/// with text copied from a page.
fn hidden_characters(body: &str) -> Option<Finding> {
    let joins_never =
        |c: char| c.is_ascii_alphanumeric() || matches!(c.script(), Script::Latin | Script::Cyrillic | Script::Greek);
    let (mut before, mut hidden) = (' ', None);
    for (index, c) in body.chars().enumerate() {
        if is_invisible(c) {
            hidden = hidden.or((c != '\u{AD}').then_some(index));
        } else {
            if let Some(start) = hidden.take().filter(|_| joins_never(before) && joins_never(c)) {
                let text = "Invisible characters within a word";
                return Some(Finding::new(Rule::HiddenCharacters, text).at(Some((start, index))));
            }
            before = c;
        }
    }
    None
}

/// Overrides always; embeddings and isolates in a text with nothing that runs from right to left.
fn bidi_control(body: &str) -> Option<Finding> {
    let place = |wanted: fn(char) -> bool| body.chars().position(wanted).map(|at| (at, at + 1));
    let overriding = place(|c| matches!(c, '\u{202D}' | '\u{202E}'));
    let text = "Characters that turn the reading direction";
    if overriding.is_some() {
        return Some(Finding::new(Rule::BidiControl, text).at(overriding));
    }
    let embedding = place(|c| matches!(c, '\u{202A}' | '\u{202B}' | '\u{2066}'..='\u{2068}'))?;
    let right_to_left = body.chars().any(|c| matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FEFC}'));
    (!right_to_left).then(|| Finding::new(Rule::BidiControl, text).times(0.5).at(Some(embedding)))
}

fn combining_marks(body: &str) -> Option<Finding> {
    let mut run = 0;
    for (index, c) in body.chars().enumerate() {
        // Points of Hebrew and Arabic stack by right.
        run = if is_stripped_mark(c) && !matches!(c, '\u{591}'..='\u{670}') { run + 1 } else { 0 };
        if run == HEAVY {
            let text = "Letters are buried under accents";
            return Some(Finding::new(Rule::CombiningMarks, text).at(Some((index.saturating_sub(HEAVY), index + 1))));
        }
    }
    None
}

fn styled_letters(body: &str) -> Option<Finding> {
    let is_styled = |c: char| {
        matches!(c, '\u{249C}'..='\u{24E9}' | '\u{1D400}'..='\u{1D7FF}' | '\u{1F110}'..='\u{1F129}'
            | '\u{1F130}'..='\u{1F169}' | '\u{1F170}'..='\u{1F189}')
    };
    let is_wide = |c: char| matches!(c, '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}');
    // Among Chinese, Japanese and Korean, wide letters are at home.
    let eastern = body.chars().any(|c| matches!(c, '\u{3040}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}'));
    let odd = |c: char| is_styled(c) || (!eastern && is_wide(c));
    let count = body.chars().filter(|c| odd(*c)).count();
    let first = body.chars().position(odd).map(|at| (at, at + 1));
    let text = "Letters in mathematical or enclosed forms instead of plain ones";
    (count >= STYLED).then(|| Finding::new(Rule::StyledLetters, text).at(first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::{Facts, tests::found};

    fn finds(body: &str, rule: Rule) -> bool {
        found(&Facts { body, ..Facts::default() }, rule).is_some()
    }

    #[test]
    fn look_alikes_within_a_word_are_told_and_languages_side_by_side_are_not() {
        for disguised in ["cheap v1аgrа now", "visit рaypal", "сheap sреcial οffer"] {
            assert!(finds(disguised, Rule::MixedScript), "{disguised}");
        }
        for honest in ["I said привет to Anna", "5 μm wide", "naïve café", "Москва-City", "日本語Tokyo"]
        {
            assert!(!finds(honest, Rule::MixedScript), "{honest}");
        }
        let strength = |body| found(&Facts { body, ..Facts::default() }, Rule::MixedScript).unwrap().strength;
        assert!(strength("VIPов") < strength("vіаgrа"));
    }

    #[test]
    fn invisible_characters_count_within_words_that_never_need_them() {
        assert!(finds("via\u{200B}gra", Rule::HiddenCharacters));
        assert!(finds("каз\u{2060}ино", Rule::HiddenCharacters));
        for honest in ["👩\u{200D}👩\u{200D}👧 family", "می\u{200C}خواهم", "co\u{AD}operate é", "end.\u{200B}"]
        {
            assert!(!finds(honest, Rule::HiddenCharacters), "{honest}");
        }
    }

    #[test]
    fn turned_direction_is_told_where_nothing_asks_for_it() {
        assert!(finds("see \u{202E}gpj.exe", Rule::BidiControl));
        assert!(finds("see \u{2067}x\u{2069}", Rule::BidiControl));
        assert!(!finds("he said \u{2067}שלום\u{2069} to us", Rule::BidiControl));
    }

    #[test]
    fn heaps_of_accents_are_told_and_orthographies_are_not() {
        assert!(finds("h\u{300}\u{301}\u{302}\u{303}ello", Rule::CombiningMarks));
        assert!(!finds("Vie\u{323}\u{302}t Nam, שָּׁלוֹם", Rule::CombiningMarks));
    }

    #[test]
    fn styled_words_are_told() {
        assert!(finds("𝓬𝓱𝓮𝓪𝓹 stuff", Rule::StyledLetters));
        assert!(finds("ＣＨＥＡＰ stuff", Rule::StyledLetters));
        assert!(!finds("ＮＨＫニュース", Rule::StyledLetters));
        assert!(!finds("let 𝑥 = 2π", Rule::StyledLetters));
    }

    #[test]
    fn spaced_out_words_are_told() {
        assert!(finds("buy c a s i n o chips", Rule::SpacedLetters));
        assert!(!finds("I am a B student", Rule::SpacedLetters));
    }
}
