//! The second view of a text: what it says once disguises are taken off, and the way back.
//!
//! [`Folded`] keeps for every byte the character of the original that it came from, so that what is
//! found in the view can be shown in the comment. It judges nothing.

use super::normalise::fold_char;

/// Single characters in a row that count as one spaced-out word.
const SPACED: usize = 4;

/// A folded text: lower case, no accents, look-alikes resolved, white space single, runs of three or
/// more of a character (digits apart) cut to two.
#[derive(Clone, Default)]
pub struct View {
    text: String,
    /// The same with leet digits and signs read as letters, byte by byte.
    class: Vec<u8>,
    /// The original's character behind each byte of `text`, and one past the last.
    origin: Vec<u32>,
    /// The original's characters that were left out of a run, white space apart, in order.
    cut: Vec<u32>,
}

impl View {
    /// The folded text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
    /// As many bytes as the text: [`leet_class`] of each.
    pub(super) fn class(&self) -> &[u8] {
        &self.class
    }
    /// The original's characters behind the bytes `start..end`, with what was left out in between
    /// and after; end exclusive.
    #[must_use]
    pub fn original(&self, start: usize, end: usize) -> (usize, usize) {
        let at = |index: usize| self.origin.get(index).and_then(|c| usize::try_from(*c).ok()).unwrap_or(0);
        (at(start), at(end).max(at(end.saturating_sub(1)) + 1))
    }
    /// Whether a run of the original was cut within the bytes `start..end` or right behind them.
    pub(super) fn is_cut(&self, start: usize, end: usize) -> bool {
        let [from, to] = <[usize; 2]>::from(self.original(start, end)).map(|c| u32::try_from(c).unwrap_or(u32::MAX));
        let next = self.cut.partition_point(|at| *at < from);
        self.cut.get(next).is_some_and(|at| *at < to)
    }
    fn push(&mut self, c: char, from: u32) {
        self.text.push(c);
        for _ in 0..c.len_utf8() {
            self.origin.push(from);
        }
    }
    /// Completes a folded text.
    fn classed(mut self) -> Self {
        self.class = self.text.bytes().map(leet_class).collect();
        self
    }
}

/// Both views of one text.
#[derive(Clone, Default)]
pub struct Folded {
    /// Words as they stand.
    pub plain: View,
    /// With spaced-out words (`v i a g r a`) joined, where there are any.
    pub joined: Option<View>,
}

impl Folded {
    /// Folds a text, in time linear in its length.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let plain = fold(text).classed();
        let joined = join_spaced(&plain);
        Self { plain, joined }
    }
    /// A word list's entry: as it stands, with nothing to join or to find again; and whether a run in it was cut.
    pub(super) fn entry(text: &str) -> (String, bool) {
        let view = fold(text);
        (view.text, !view.cut.is_empty())
    }
    /// The view that undoes most.
    #[must_use]
    pub fn deepest(&self) -> &View {
        self.joined.as_ref().unwrap_or(&self.plain)
    }
    /// The whole text with every disguise taken off: spaced-out words joined, leet read as letters in
    /// words that have a letter. Two texts that look alike have one skeleton; it is not for showing.
    #[must_use]
    pub fn skeleton(&self) -> String {
        let deepest = &self.deepest().text;
        let mut out = String::with_capacity(deepest.len());
        for word in deepest.split(' ') {
            if !out.is_empty() {
                out.push(' ');
            }
            let inner = word.trim_end_matches(['!', '|']);
            if inner.chars().any(char::is_alphabetic) {
                out.extend(inner.chars().map(class_of_char));
                out.push_str(word.get(inner.len()..).unwrap_or_default());
            } else {
                out.push_str(word);
            }
        }
        out
    }
    /// Both views, the plain one first.
    pub fn views(&self) -> impl Iterator<Item = &View> {
        std::iter::once(&self.plain).chain(&self.joined)
    }
}

fn fold(text: &str) -> View {
    let mut view = View::default();
    view.text.reserve(text.len());
    view.origin.reserve(text.len() + 1);
    let (mut last, mut run, mut before) = (' ', 1_u32, ' ');
    let mut regional = 0;
    let mut rest = text.chars();
    let mut index = 0;
    while let Some(c) = rest.next() {
        let mut emit = |f: char| {
            run = if f == last { run + 1 } else { 1 };
            last = f;
            if run <= if f == ' ' { 1 } else { 2 } || f.is_ascii_digit() {
                view.push(f, index);
            } else if f != ' ' {
                view.cut.push(index);
            }
        };
        if c.is_ascii() {
            fold_char(c, &mut emit);
        } else if let Some(shape) = greek_capital(c).filter(|_| beside_latin(before, rest.as_str())) {
            emit(shape);
        } else if is_regional(c) {
            if !is_regional(before) {
                regional = 1 + rest.clone().take_while(|next| is_regional(*next)).count();
            }
            // Two regional letters are a flag, more are a word.
            if regional == 2 { emit(' ') } else { fold_char(c, &mut emit) }
        } else {
            fold_char(c, &mut emit);
        }
        before = c;
        index += 1;
    }
    view.origin.push(index);
    view
}

fn is_regional(c: char) -> bool {
    matches!(c, '\u{1F1E6}'..='\u{1F1FF}')
}

fn beside_latin(before: char, rest: &str) -> bool {
    before.is_ascii_alphabetic() || rest.starts_with(|next: char| next.is_ascii_alphabetic())
}

/// What a Greek capital among Latin letters is there for: `Η` looks like H, though `η` looks like n.
fn greek_capital(c: char) -> Option<char> {
    Some(match c {
        'Β' => 'b',
        'Ζ' => 'z',
        'Η' => 'h',
        'Μ' => 'm',
        'Ν' => 'n',
        'Ρ' => 'p',
        'Υ' => 'y',
        'Χ' => 'x',
        _ => return None,
    })
}

/// Joins runs of [`SPACED`] or more single characters with one and the same separator between them.
fn join_spaced(view: &View) -> Option<View> {
    let chars: Vec<(usize, char)> = view.text.char_indices().collect();
    let at = |index: usize| chars.get(index).map_or(' ', |(_, c)| *c);
    let single = |index: usize| {
        at(index).is_alphanumeric()
            && !at(index + 1).is_alphanumeric()
            && !index.checked_sub(1).is_some_and(|before| at(before).is_alphanumeric())
    };
    let mut dropped = Vec::new();
    let mut index = 0;
    while index < chars.len() {
        if !single(index) {
            index += 1;
            continue;
        }
        let (start, separator) = (index, at(index + 1));
        let mut letters = usize::from(at(index).is_alphabetic());
        while is_separator(separator) && at(index + 1) == separator && single(index + 2) {
            index += 2;
            letters += usize::from(at(index).is_alphabetic());
        }
        if (index - start) / 2 + 1 >= SPACED && letters + 1 >= SPACED {
            dropped.extend((start + 1..index).step_by(2));
        }
        index += 1;
    }
    if dropped.is_empty() {
        return None;
    }
    let origin = |byte: usize| view.origin.get(byte).copied().unwrap_or(0);
    let mut joined = View { cut: view.cut.clone(), ..View::default() };
    let mut dropped = dropped.into_iter().peekable();
    for (index, (byte, c)) in chars.iter().enumerate() {
        if dropped.next_if_eq(&index).is_none() {
            joined.push(*c, origin(*byte));
        }
    }
    joined.origin.push(origin(view.text.len()));
    Some(joined.classed())
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '.' | '-' | '_' | '*' | '~' | '·' | '|' | '/' | ',')
}

/// The letter that a leet digit or sign stands for; `i` and `l` become one, as `1` is either.
pub(super) fn leet_class(byte: u8) -> u8 {
    match byte {
        b'0' => b'o',
        b'1' | b'i' | b'|' | b'!' => b'l',
        b'3' => b'e',
        b'4' | b'@' => b'a',
        b'5' | b'$' => b's',
        b'7' => b't',
        b'8' => b'b',
        b'9' => b'g',
        same => same,
    }
}

fn class_of_char(c: char) -> char {
    match u8::try_from(c) {
        Ok(byte) if byte.is_ascii() => char::from(leet_class(byte)),
        _ => c,
    }
}

/// [`Folded::skeleton`] of a text that is read for nothing else.
#[must_use]
pub fn skeleton(text: &str) -> String {
    Folded::of(text).skeleton()
}

/// What a name looks like at a glance: letters and digits only, leet read as letters, `rn` as `m`
/// and `vv` as `w`. Names with one look may be taken for each other.
#[must_use]
pub fn look(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        fold_char(c, &mut |folded| {
            let letter = class_of_char(folded);
            let double = match (out.chars().next_back(), letter) {
                (Some('r'), 'n') => Some('m'),
                (Some('v'), 'v') => Some('w'),
                _ => None,
            };
            if let Some(one) = double {
                out.pop();
                out.push(one);
            } else if letter.is_alphanumeric() {
                out.push(letter);
            }
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguised_words_have_the_skeleton_of_plain_ones() {
        for disguised in [
            "V1AGRA",
            "v i a g r a",
            "v.i.a.g.r.a",
            "v\u{200B}iаg\u{301}ra",
            "𝐯𝐢𝐚𝐠𝐫𝐚",
            "🇻🇮🇦🇬🇷🇦",
            "vi@gra",
            "ＶＩＡＧＲＡ",
        ] {
            assert_eq!(skeleton(disguised), skeleton("viagra"), "{disguised}");
        }
        assert_eq!(skeleton("soooooo  gooood!!!!"), "soo good!!");
        assert_eq!(skeleton("In 1984, 100000 read it"), "ln 1984, 100000 read lt");
        assert_eq!(skeleton("I am a b"), "l am a b", "fewer than four single letters are words");
        assert_eq!(skeleton("ΗELLO my ΗΛΙΟΣ"), skeleton("hello my ηλιος"), "a Greek word stays Greek");
    }

    #[test]
    fn every_byte_leads_back_to_its_character() {
        let text = "Äx\u{200B}y  æ 🇩🇪 v i a g r a";
        let folded = Folded::of(text);
        let view = &folded.plain;
        assert_eq!(view.text(), "axy ae v i a g r a");
        assert_eq!(view.original(0, 1), (0, 1));
        assert_eq!(view.original(1, 3), (1, 4), "the invisible character lies within");
        assert_eq!(view.original(4, 6), (6, 7));
        let joined = folded.joined.as_ref().unwrap();
        let start = joined.text().find("viagra").unwrap();
        let (from, to) = joined.original(start, start + 6);
        assert_eq!(text.chars().skip(from).take(to - from).collect::<String>(), "v i a g r a");
    }

    #[test]
    fn folding_grows_no_faster_than_the_text() {
        for unit in ["a", "ab", "\u{FDFA}", "e\u{301}\u{302}\u{303}", "👩‍👩‍👧", "a ", "𝐯", "🇩🇪"] {
            let sizes = [100, 10_000].map(|n| Folded::of(&unit.repeat(n)).plain.text().len());
            assert!(sizes[1] <= sizes[0] * 100 + 100, "{unit}: {sizes:?}");
        }
    }

    #[test]
    fn names_that_look_alike_share_a_look() {
        for other in ["ADMIN", "Аdmin", "adm1n", "ad min", "a.d.m.i.n", "adrnin", "Ádmîn", "adm\u{131}n"] {
            assert_eq!(look(other), look("Admin"), "{other}");
        }
        assert_ne!(look("Admiral"), look("Admin"));
    }
}
