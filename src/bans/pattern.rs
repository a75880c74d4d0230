//! A name's pattern: the name, and what looks like it; `*` stands for anything, `\*` for itself.

use crate::text;

/// Letters and digits that a pattern with a `*` has to have: with fewer it would meet half the readers.
const LEAST: usize = 3;

/// A pattern, folded once for however many names.
pub(super) struct Pattern(Vec<String>);

impl Pattern {
    /// From how a ban spells it.
    pub(super) fn new(value: &str) -> Self {
        Self(parts(value).iter().map(|part| text::skeleton(part)).collect())
    }

    /// Whether it meets a name's skeleton.
    pub(super) fn meets(&self, name: &str) -> bool {
        match self.0.as_slice() {
            [] => false,
            [whole] => name == whole,
            [first, middle @ .., last] => {
                let Some(mut rest) = name.strip_prefix(first.as_str()) else { return false };
                for part in middle {
                    let Some((_, behind)) = rest.split_once(part.as_str()) else { return false };
                    rest = behind;
                }
                rest.ends_with(last.as_str())
            }
        }
    }
}

/// Whether a pattern meets few enough: one without a `*` does.
#[must_use]
pub fn is_narrow(value: &str) -> bool {
    let parts = parts(value);
    parts.len() == 1 || parts.iter().flat_map(|part| part.chars()).filter(|c| c.is_alphanumeric()).count() >= LEAST
}

/// A name as the pattern that means it alone.
#[must_use]
pub fn literally(name: &str) -> String {
    name.replace('\\', "\\\\").replace('*', "\\*")
}

/// What stands between the `*`.
fn parts(value: &str) -> Vec<String> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => part.extend(chars.next().or(Some(c))),
            '*' => parts.push(std::mem::take(&mut part)),
            _ => part.push(c),
        }
    }
    parts.push(part);
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn meets(pattern: &str, name: &str) -> bool {
        Pattern::new(pattern).meets(&text::skeleton(name))
    }

    #[test]
    fn a_star_stands_for_anything_and_an_escaped_one_for_itself() {
        for (pattern, name, met) in [
            ("Bob", "B\u{43e}b", true),
            ("Bob", "Bobby", false),
            ("Lucky*", "Lucky reader 7", true),
            ("Lucky*", "Unlucky", false),
            ("*casino*", "Royal CASINO 24", true),
            ("*casino", "casino royal", false),
            ("lu*y re*r", "Lucky reader", true),
            ("aba*bab", "abab", false),
            (r"\*Bob\*", "*Bob*", true),
            (r"\*Bob\*", "xBobx", false),
        ] {
            assert_eq!(meets(pattern, name), met, "{pattern} {name}");
        }
    }

    #[test]
    fn what_would_meet_half_the_readers_is_not_narrow() {
        for (pattern, narrow) in
            [("Al", true), ("*", false), ("a*", false), ("*ab*", false), ("*abc*", true), (r"\*", true)]
        {
            assert_eq!(is_narrow(pattern), narrow, "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn a_name_taken_literally_meets_itself_and_no_longer_name(name in "[a-z*\\\\ ]{0,8}[a-z]") {
            prop_assert!(meets(&literally(&name), &name));
            prop_assert!(!meets(&literally(&name), &[&name, " and more"].concat()));
        }
    }
}
