//! The rule about a text in another language than its site's.
//!
//! Guessing a language is often wrong on few words, so this one speaks only of long texts and when it is
//! sure, and weighs little: readers quote, and live abroad. A text with enough of the common words of the
//! site's language is in it, whatever else is; that spares most comments the guess.

mod tables;

use whatlang::{Lang, Script};

use super::{facts::Seen, weighing::Finding};
use crate::config::Rule;
use tables::{CODES, COMMON, KIN};

/// Letters under which a guess says nothing; a syllable or a word of some scripts is one letter.
const ENOUGH: usize = 90;
const ENOUGH_IN_THE_EAST: usize = 25;

/// Letters after which a text does not become surer.
const PLENTY: usize = 1_000;

/// Confidence from which a guess is told; whatlang itself calls 0.9 reliable.
const SURE: f64 = 0.95;

/// Of so many words one is common, at the least, in a text of the site's language.
const COMMON_ONE_IN: usize = 8;

/// What a site's pages speak.
#[derive(Clone, Copy)]
pub(super) struct Language {
    lang: Lang,
    common: &'static [&'static str],
}

impl Language {
    /// The language of a tag such as `en` or `pt-BR`; none where it cannot be told from others.
    pub(super) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let known = CODES.iter().find(|(two, _)| *two == primary).map(|(_, three)| *three);
        let lang = Lang::from_code(known.unwrap_or(&primary))?;
        let common = COMMON.iter().find(|(of, _)| *of == lang).map_or(&[][..], |(_, words)| words);
        Some(Self { lang, common })
    }

    pub(super) fn look(self, seen: &Seen<'_>, findings: &mut Vec<Finding>) {
        findings.extend(self.another(seen));
    }

    fn another(self, seen: &Seen<'_>) -> Option<Finding> {
        if seen.body.length < ENOUGH_IN_THE_EAST || self.is_of(seen.facts.body) {
            return None;
        }
        let text = own_words(seen);
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        if letters < ENOUGH_IN_THE_EAST {
            return None;
        }
        let guess = whatlang::detect(&text)?;
        let eastern = matches!(guess.script(), Script::Mandarin | Script::Hangul | Script::Hiragana | Script::Katakana);
        let enough = if eastern { ENOUGH_IN_THE_EAST } else { ENOUGH };
        if letters < enough {
            return None;
        }
        // Kin of one script are told from each other hardly ever, the script is told from others always.
        let foreign_script = !guess.script().langs().contains(&self.lang);
        let other = guess.lang() != self.lang && !are_kin(guess.lang(), self.lang);
        let expected = self.lang.eng_name();
        let text = match guess.confidence() >= SURE {
            true if other => format!("Written in {}, on a site in {expected}", guess.lang().eng_name()),
            false if foreign_script => format!("Written in {} letters, on a site in {expected}", guess.script().name()),
            _ => return None,
        };
        Some(Finding::new(Rule::Language, text))
    }

    /// Whether the words that every text of the language needs are there.
    fn is_of(self, body: &str) -> bool {
        if self.common.is_empty() {
            return false;
        }
        let (mut words, mut common, mut low) = (0_usize, 0_usize, String::new());
        for word in body.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
            words += 1;
            // None of the common ones is longer.
            if word.len() <= 10 {
                low.clear();
                if word.is_ascii() {
                    low.push_str(word);
                    low.make_ascii_lowercase();
                } else {
                    low.extend(word.chars().flat_map(char::to_lowercase));
                }
                common += usize::from(self.common.contains(&low.as_str()));
            }
        }
        common > 0 && common * COMMON_ONE_IN >= words
    }
}

/// What the author wrote in words: without quoted lines and links, as far as it makes a guess surer.
fn own_words(seen: &Seen<'_>) -> String {
    let mut links = seen.body.links.iter().peekable();
    let (mut text, mut letters, mut quoted, mut line_starts) = (String::new(), 0, false, true);
    for (index, c) in seen.facts.body.chars().enumerate() {
        while links.next_if(|link| link.end <= index).is_some() {}
        quoted = if line_starts { c == '>' } else { quoted };
        line_starts = c == '\n';
        if quoted || links.peek().is_some_and(|link| link.start <= index) {
            continue;
        }
        text.push(c);
        letters += usize::from(c.is_alphabetic());
        if letters == PLENTY {
            break;
        }
    }
    text
}

/// Languages that a guess takes for each other.
fn are_kin(one: Lang, other: Lang) -> bool {
    KIN.iter().any(|family| family.contains(&one) && family.contains(&other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        scoring::{Facts, tests::plain},
        text::Reading,
    };

    fn told(lang: &str, body: &str) -> Option<String> {
        let facts = Facts { body, ..Facts::default() };
        let findings = plain().speaking(lang).findings(&facts, &Reading::of(body));
        findings.into_iter().find(|finding| finding.rule == Rule::Language).map(|finding| finding.text.into_owned())
    }

    const ENGLISH: &str = "I read the whole report last night and it is worse than the article says. The council knew about \
                           the bridge in March, and nobody asked them why.";
    const GERMAN: &str = "Ich habe gestern Abend den ganzen Bericht gelesen, und er ist schlimmer, als der Artikel sagt. Der \
                          Stadtrat wusste seit März von der Brücke, und niemand hat gefragt, warum.";
    const FRENCH: &str = "J'ai lu tout le rapport hier soir et il est pire que ce que dit l'article. Le conseil savait pour \
                          le pont depuis le mois de mars et personne ne leur a demandé pourquoi.";
    const RUSSIAN: &str = "Я прочитал весь доклад вчера вечером, и он хуже, чем сказано в статье. Совет знал про мост ещё в \
                           марте, и никто не спросил их на встрече, почему.";
    const CHINESE: &str =
        "我昨晚读了整份报告，情况比文章里说的还要糟糕。市议会三月份就知道这座桥的问题，却没有人问为什么。";

    #[test]
    fn a_long_text_in_another_language_is_told_by_its_name() {
        assert_eq!(told("en", GERMAN).as_deref(), Some("Written in German, on a site in English"));
        for (site, body) in
            [("en-GB", FRENCH), ("en", RUSSIAN), ("en", CHINESE), ("de", ENGLISH), ("ru", ENGLISH), ("zh", GERMAN)]
        {
            assert!(told(site, body).is_some(), "{site}: {body}");
        }
    }

    #[test]
    fn the_sites_own_language_and_what_cannot_be_told_for_sure_are_not() {
        for (site, body) in
            [("en", ENGLISH), ("de-AT", GERMAN), ("fr", FRENCH), ("ru", RUSSIAN), ("zh-TW", CHINESE), ("uk", RUSSIAN)]
        {
            assert_eq!(told(site, body), None, "{site}: {body}");
        }
        for short in ["Merci beaucoup pour cet article!", "Sehr guter Text.", "Спасибо!", "非常好的文章，谢谢。"]
        {
            assert_eq!(told("en", short), None, "{short}");
        }
        assert_eq!(told("is", GERMAN), None, "nobody here can tell Icelandic");
        assert_eq!(told("", GERMAN), None);
    }

    #[test]
    fn quotes_links_and_a_foreign_sentence_within_a_text_do_not_count() {
        assert_eq!(told("en", &format!("{ENGLISH}\n\nOr, as they say: {}", FRENCH.split('.').next().unwrap())), None);
        assert_eq!(told("en", &format!("> {GERMAN}\n\nWhat he said!")), None);
        let links = "https://www.beispiel.example/der-stadtrat-wusste-seit-maerz-von-der-bruecke ".repeat(4);
        assert_eq!(told("en", &links), None);
    }

    #[test]
    fn every_language_that_has_common_words_knows_its_own_tag() {
        for (lang, words) in COMMON {
            assert!(CODES.iter().any(|(_, three)| *three == lang.code()), "{lang:?}");
            assert!(words.iter().all(|word| word.len() <= 10 && word.to_lowercase() == **word), "{lang:?}");
        }
        for (two, three) in CODES {
            assert!(Lang::from_code(three).is_some(), "{two}");
        }
    }
}
