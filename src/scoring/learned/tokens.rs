//! Cuts a text into words and signs, and into characters where a script has no gaps.

/// What a character is to the cutter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Space,
    Word,
    /// Of a script that is written without gaps, or whose characters are syllables: a token of its own.
    Dense,
    Sign,
}

/// ASCII, which most texts are made of.
const ASCII: [Kind; 128] = {
    let mut kinds = [Kind::Sign; 128];
    let mut code = 0_u8;
    while code < 128 {
        if let Some((kind, _)) = kinds.split_at_mut(code as usize).1.split_first_mut() {
            if code.is_ascii_alphanumeric() {
                *kind = Kind::Word;
            } else if code.is_ascii_whitespace() {
                *kind = Kind::Space;
            }
        }
        code += 1;
    }
    kinds
};

pub(super) fn kind(c: char) -> Kind {
    if let Some(known) = ASCII.get(c as usize) {
        return *known;
    }
    match c {
        // The letters of Europe, without a look into tables.
        '\u{400}'..='\u{481}' | '\u{48A}'..='\u{52F}' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' => Kind::Word,
        _ if is_dense(c) => Kind::Dense,
        _ if c.is_alphanumeric() || ('\u{300}'..='\u{36F}').contains(&c) => Kind::Word,
        _ if c.is_whitespace() => Kind::Space,
        _ => Kind::Sign,
    }
}

/// Thai, Lao, Tibetan, Myanmar, Khmer; Han, kana, Bopomofo, Yi, Hangul syllables.
fn is_dense(c: char) -> bool {
    matches!(c,
        '\u{E00}'..='\u{FFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{2E80}'..='\u{2FFF}'
        | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{312F}' | '\u{31A0}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// One token and the byte where it begins.
#[derive(Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) start: usize,
    pub(super) text: &'a str,
    pub(super) kind: Kind,
}

/// Equal signs in a row that make one token at most.
const SIGNS: usize = 3;

/// The tokens of a text in order.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let kind_of = kind(first);
        let length = match kind_of {
            Kind::Word => rest.find(|c| kind(c) != Kind::Word).unwrap_or(rest.len()),
            Kind::Sign => rest.chars().take_while(|c| *c == first).take(SIGNS).map(char::len_utf8).sum(),
            Kind::Space | Kind::Dense => first.len_utf8(),
        };
        let (token, behind) = rest.split_at_checked(length)?;
        let start = text.len() - rest.len();
        rest = behind;
        Some(Token { start, text: token, kind: kind_of })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_signs_and_dense_characters_are_cut() {
        let cut = |text| tokens(text).map(|token| token.text).collect::<Vec<_>>();
        assert_eq!(cut(" Привет, world!!!!! 42 "), ["Привет", ",", "world", "!!!", "!!", "42"]);
        assert_eq!(cut("加微信vx123"), ["加", "微", "信", "vx123"]);
        assert_eq!(cut("한국 🎰🎰"), ["한", "국", "🎰🎰"]);
        assert!(cut(" \u{A0}\n").is_empty());
    }

    #[test]
    fn tokens_stand_where_they_say() {
        let text = "a é 信 !!";
        assert!(tokens(text).all(|token| text.get(token.start..).is_some_and(|rest| rest.starts_with(token.text))));
    }
}
