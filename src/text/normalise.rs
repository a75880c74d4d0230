//! One character at a time: what a reader takes it for.
//!
//! Compatibility forms, case, accents, invisible characters and look-alikes (Unicode TR 36, UTS 39)
//! fold to plain letters, to ASCII where one looks like it. ASCII letters stay themselves, unlike in
//! UTS 39, where `m` becomes `rn`. It knows nothing of words; that is `skeleton`'s business.

use std::sync::LazyLock;

use unicode_normalization::char::decompose_compatible;
use unicode_script::{Script, UnicodeScript as _};

/// The characters whose folding is worked out once and kept.
const TABLE: std::ops::Range<u32> = 0x80..0x2C00;

/// Folded text of every character of [`TABLE`], end to end, and where each one ends.
static FOLDED: LazyLock<(String, Vec<u32>)> = LazyLock::new(|| {
    let mut text = String::new();
    let ends = TABLE
        .map(|code| {
            if let Some(c) = char::from_u32(code) {
                fold_slowly(c, &mut |folded| text.push(folded));
            }
            u32::try_from(text.len()).unwrap_or(u32::MAX)
        })
        .collect();
    (text, ends)
});

/// Gives `emit` what `c` looks like in lower case: nothing for an invisible character or an accent,
/// several characters for a ligature, `' '` for any white space.
pub fn fold_char(c: char, emit: &mut impl FnMut(char)) {
    if c.is_ascii() {
        if c.is_whitespace() {
            emit(' ');
        } else if !c.is_ascii_control() {
            emit(c.to_ascii_lowercase());
        }
        return;
    }
    // Han characters and emoji, most of what is not in the table, have no other form.
    if matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{1F300}'..='\u{1FAFF}') {
        return emit(c);
    }
    match kept(c) {
        Some(folded) => folded.chars().for_each(emit),
        None => fold_slowly(c, emit),
    }
}

fn kept(c: char) -> Option<&'static str> {
    let index = usize::try_from(u32::from(c).checked_sub(TABLE.start)?).ok()?;
    let (text, ends) = &*FOLDED;
    let end = *ends.get(index)?;
    let start = index.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    text.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
}

fn fold_slowly(c: char, emit: &mut impl FnMut(char)) {
    if let Some(letter) = enclosed_letter(c) {
        return emit(letter);
    }
    decompose_compatible(c, |part| {
        for low in part.to_lowercase() {
            fold_part(low, emit);
        }
    });
}

fn fold_part(c: char, emit: &mut impl FnMut(char)) {
    if is_invisible(c) || is_stripped_mark(c) {
        return;
    }
    // A final sigma is a sigma.
    let c = if c == 'ς' { 'σ' } else { c };
    match c {
        _ if c.is_whitespace() => emit(' '),
        _ if c.is_ascii() => emit(c),
        'ß' => "ss".chars().for_each(emit),
        _ => match own_letter(c) {
            Some(letter) => emit(letter),
            None => match prototype(c) {
                Some(plain) => plain.chars().for_each(emit),
                None => emit(c),
            },
        },
    }
}

/// The ASCII letters that `c` is confusable with, after UTS 39.
fn prototype(c: char) -> Option<String> {
    use Script::{Armenian, Cherokee, Common, Coptic, Cyrillic, Deseret, Georgian, Greek, Inherited, Latin, Lisu};
    // Elsewhere (an Arabic alef is "l", a Hebrew samekh "o") whole texts would turn into Latin noise.
    let folds = matches!(
        c.script(),
        Latin | Greek | Cyrillic | Armenian | Cherokee | Coptic | Deseret | Georgian | Lisu | Common | Inherited
    );
    if !folds || !c.is_alphanumeric() {
        return None;
    }
    let mut buffer = [0; 4];
    let plain: String = unicode_security::skeleton(c.encode_utf8(&mut buffer))
        .filter(|part| !is_stripped_mark(*part) && !is_invisible(*part))
        .map(|part| own_letter(part).unwrap_or(part).to_ascii_lowercase())
        .collect();
    // The table's only way to "rn" is by way of "m".
    let plain = plain.replace("rn", "m");
    let fits = if c.is_alphabetic() { char::is_ascii_alphabetic } else { char::is_ascii_alphanumeric };
    (!plain.is_empty() && plain.len() <= 3 && plain.chars().all(|part| fits(&part))).then_some(plain)
}

/// Letters whose look-alike UTS 39 leaves outside ASCII: small capitals, and what evasions use.
fn own_letter(c: char) -> Option<char> {
    Some(match c {
        'ᴀ' | 'α' => 'a',
        'ʙ' | 'в' => 'b',
        'ᴄ' => 'c',
        'ᴅ' => 'd',
        'ᴇ' | 'ε' | 'є' => 'e',
        'ꜰ' => 'f',
        'ɢ' => 'g',
        'ʜ' | 'н' => 'h',
        'ɪ' | 'ɩ' | 'ι' => 'i',
        'ᴊ' => 'j',
        'ᴋ' | 'ĸ' | 'κ' | 'к' => 'k',
        'ʟ' => 'l',
        'ᴍ' | 'м' => 'm',
        'ɴ' | 'η' | 'ո' | 'п' => 'n',
        'ᴏ' => 'o',
        'ᴘ' => 'p',
        'ꞯ' => 'q',
        'ʀ' | 'г' => 'r',
        'ꜱ' => 's',
        'ᴛ' | 'τ' | 'т' => 't',
        'ᴜ' | 'ʋ' | 'υ' | 'μ' => 'u',
        'ᴠ' => 'v',
        'ᴡ' | 'ω' => 'w',
        'χ' => 'x',
        'ʏ' => 'y',
        'ᴢ' => 'z',
        _ => return None,
    })
}

/// Letters in circles, squares and brackets that compatibility forms don't cover.
fn enclosed_letter(c: char) -> Option<char> {
    let first = match c {
        '\u{249C}'..='\u{24B5}' => 0x249C,
        '\u{1F110}'..='\u{1F129}' => 0x1F110,
        '\u{1F150}'..='\u{1F169}' => 0x1F150,
        '\u{1F170}'..='\u{1F189}' => 0x1F170,
        '\u{1F1E6}'..='\u{1F1FF}' => 0x1F1E6,
        _ => return None,
    };
    char::from_u32(u32::from('a') + u32::from(c) - first)
}

/// Whether `c` shows nothing: default-ignorable code points, and controls that are no white space.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
        || (c.is_control() && !c.is_whitespace())
}

/// Whether `c` is an accent that can be taken off without making another word. Vowel signs of Indic
/// scripts and voicing marks of kana are letters in all but name, and stay.
#[must_use]
pub fn is_stripped_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5BD}' | '\u{64B}'..='\u{65F}' | '\u{670}'
        | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut out = String::new();
        text.chars().for_each(|c| fold_char(c, &mut |f| out.push(f)));
        out
    }

    #[test]
    fn look_alikes_accents_and_styles_become_plain_letters() {
        for (odd, plain) in [
            ("Vіаgrа", "viagra"),
            ("ｖｉａｇｒａ", "viagra"),
            ("𝓿𝓲𝓪𝓰𝓻𝓪", "viagra"),
            ("ⓥⓘⓐⓖⓡⓐ", "viagra"),
            ("🅥🅘🅐🅖🅡🅐", "viagra"),
            ("ᴠɪᴀɢʀᴀ", "viagra"),
            ("v\u{301}i\u{200B}agr\u{AD}á", "viagra"),
            ("ηеtwоrк тһіѕ", "network this"),
            ("Straße Ærø łódź", "strasse aero lodz"),
            ("modern", "modern"),
            ("a\u{A0}b\tc", "a b c"),
        ] {
            assert_eq!(folded(odd), plain, "{odd}");
        }
    }

    #[test]
    fn other_scripts_keep_their_letters() {
        for same in ["שלום", "赌博网站", "ひらかな", "कि"] {
            assert_eq!(folded(same), same);
        }
        assert_ne!(folded("が"), folded("か"), "a voicing mark is no accent");
        assert_ne!(folded("कि"), folded("क"), "a vowel sign is no accent");
        assert_eq!(folded("КАЗИНО"), folded("казино"));
        assert_eq!(folded("한국"), folded("\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}"));
    }

    #[test]
    fn the_kept_table_says_what_the_slow_way_says() {
        for code in TABLE {
            let Some(c) = char::from_u32(code) else { continue };
            let mut slow = String::new();
            fold_slowly(c, &mut |f| slow.push(f));
            assert_eq!(folded(&c.to_string()), slow, "U+{code:04X}");
        }
    }
}
