//! Facts about a comment that are not its words: links, names, and the form of the text.
//!
//! Every fact is a numbered question with an answer; counts are answered by size, not exactly.

use super::document::Input;
use crate::text::{is_invisible, is_stripped_mark, links};

/// Emits the facts of a comment.
pub(super) fn look(input: &Input<'_, '_>, emit: &mut dyn FnMut(u64, &str)) {
    link_facts(input, emit);
    Counts::of(input.body).emit(emit);
    word_facts(input.body, emit);
    let flag = |set: bool| if set { "1" } else { "0" };
    emit(20, flag(input.reading.folded.joined.is_some()));
    emit(21, flag(input.near_copy));
    if !input.name.is_empty() {
        emit(27, input.name);
        for word in input.name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            emit(28, &word.to_lowercase());
        }
    }
    if let Some(host) = input.url.and_then(links::host_of) {
        emit(29, "url");
        emit(30, links::registrable(&host));
    }
}

fn link_facts(input: &Input<'_, '_>, emit: &mut dyn FnMut(u64, &str)) {
    let mut count = 0_u32;
    for link in &input.reading.links {
        let is_own = |own: &String| *own == link.host || links::registrable(own) == link.domain;
        // Readers link to the site's own pages all the time: never to be taken for spam's links.
        if input.own_hosts.iter().any(is_own) {
            emit(1, "own");
            continue;
        }
        count += 1;
        emit(2, &link.domain);
        emit(3, &link.host);
        emit(4, link.domain.rsplit('.').next().unwrap_or_default());
        if link.bare {
            emit(5, "bare");
        }
        let path = link.url.splitn(4, '/').nth(3).unwrap_or_default();
        for piece in path.split(|c: char| !c.is_alphanumeric()).filter(|piece| !piece.is_empty()).take(4) {
            emit(6, piece);
        }
    }
    emit_size(7, count.min(3), emit);
}

fn emit_size(question: u64, size: u32, emit: &mut dyn FnMut(u64, &str)) {
    emit(question, char::from_digit(size.min(35), 36).unwrap_or('z').encode_utf8(&mut [0; 4]));
}

/// Characters by what they are.
#[derive(Default)]
struct Counts {
    all: u32,
    letters: u32,
    upper: u32,
    digits: u32,
    signs: u32,
    exclamations: u32,
    lines: u32,
    emoji: u32,
    invisible: u32,
    styled: u32,
    marks: u32,
}

impl Counts {
    fn of(body: &str) -> Self {
        let mut counts = Self::default();
        for c in body.chars() {
            counts.all += 1;
            *counts.kind(c) += 1;
            counts.upper += u32::from(if c.is_ascii() { c.is_ascii_uppercase() } else { c.is_uppercase() });
            counts.exclamations += u32::from(c == '!');
        }
        counts
    }

    fn kind(&mut self, c: char) -> &mut u32 {
        match c {
            'a'..='z' | 'A'..='Z' => &mut self.letters,
            '0'..='9' => &mut self.digits,
            '\n' => &mut self.lines,
            // Parts of emoji, and no disguise.
            '\u{FE0F}' | '\u{200D}' => &mut self.emoji,
            '\u{1F1E6}'..='\u{1F1FF}'
            | '\u{1F300}'..='\u{1FAFF}'
            | '\u{2600}'..='\u{27BF}'
            | '\u{2B00}'..='\u{2BFF}' => &mut self.emoji,
            '\u{1D400}'..='\u{1D7FF}'
            | '\u{2460}'..='\u{24FF}'
            | '\u{1F100}'..='\u{1F1E5}'
            | '\u{FF10}'..='\u{FF5A}' => &mut self.styled,
            _ if c.is_whitespace() => &mut self.signs,
            _ if is_invisible(c) => &mut self.invisible,
            _ if is_stripped_mark(c) => &mut self.marks,
            _ if c.is_alphabetic() => &mut self.letters,
            _ => &mut self.signs,
        }
    }

    fn emit(&self, emit: &mut dyn FnMut(u64, &str)) {
        let magnitude = |n: u32| 32 - n.leading_zeros();
        let mut size = |question, size| emit_size(question, size, emit);
        // In steps of about half a doubling.
        let upper_half = self.all >> magnitude(self.all).saturating_sub(2) & 1;
        size(10, 2 * magnitude(self.all) + upper_half);
        size(11, if self.letters == 0 { 20 } else { (self.upper * 8).div_ceil(self.letters) });
        size(12, magnitude(self.digits));
        size(13, (self.signs * 20 / self.all.max(1)).min(10));
        size(14, magnitude(self.lines).min(4));
        size(15, magnitude(self.emoji).min(4));
        size(16, magnitude(self.invisible).min(2));
        size(17, magnitude(self.styled).min(3));
        size(18, magnitude(self.marks).min(3));
        size(19, magnitude(self.exclamations).min(4));
    }
}

fn word_facts(body: &str, emit: &mut dyn FnMut(u64, &str)) {
    if (body.contains('<') && body.contains('>')) || body.contains("[url") {
        emit(22, "markup");
    }
    let (mut mail, mut mixed, mut leet) = (false, false, false);
    for word in body.split_ascii_whitespace() {
        let (mut ascii, mut digit, mut at, mut other) = (false, false, false, false);
        for byte in word.bytes() {
            ascii |= byte.is_ascii_alphabetic();
            digit |= byte.is_ascii_digit();
            at |= byte == b'@';
            other |= !byte.is_ascii();
        }
        leet |= ascii && digit;
        mixed |= ascii && other && word.contains(|c: char| !c.is_ascii() && c.is_alphabetic());
        mail |= at && word.split_once('@').is_some_and(|(before, behind)| !before.is_empty() && behind.contains('.'));
    }
    let phone = longest_number(body) >= PHONE;
    for (question, seen) in [(23, mail), (24, phone), (25, mixed), (26, leet)] {
        if seen {
            emit(question, "1");
        }
    }
}

/// Digits that make a number one to call.
const PHONE: u32 = 7;

/// Digits in a row, with what people part them by.
fn longest_number(body: &str) -> u32 {
    let (mut longest, mut run) = (0, 0);
    for c in body.chars() {
        if c.is_ascii_digit() {
            run += 1;
            longest = longest.max(run);
        } else if !matches!(c, ' ' | '-' | '(' | ')' | '.' | '+') {
            run = 0;
        }
    }
    longest
}
