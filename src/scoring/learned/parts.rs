//! Where a comment may be judged in parts: good text around a bad sentence must not hide it.

use super::tokens::{Kind, kind};

/// Parts of one comment at most; the last one takes the rest.
pub(super) const PARTS: usize = 24;

/// Characters below which a sentence is taken together with the next.
const SHORT: u32 = 25;

/// Characters from which a part ends at the next gap, for texts without full stops.
const LONG: u32 = 140;

/// The characters that parts begin with, the first being 0.
pub(super) fn starts(body: &str) -> Vec<u32> {
    let mut starts = vec![0];
    let (mut length, mut ended) = (0, false);
    for (index, c) in (0_u32..).zip(body.chars()) {
        let gap = c.is_whitespace();
        let boundary = c == '\n' || (ended && (gap || kind(c) == Kind::Dense)) || (gap && length >= LONG);
        if boundary && length >= SHORT && starts.len() < PARTS {
            starts.push(index);
            length = 0;
        }
        ended = matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？');
        length += 1;
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_part_and_short_ones_stay_together() {
        assert_eq!(starts("Short. Also short. But this one goes on for a while! And so on it goes."), [0, 52]);
        assert_eq!(starts("你好。你好。你好。你好。你好。你好。你好。你好。你好。你好").len(), 2);
        assert_eq!(starts(&"word ".repeat(100)), [0, 144, 284, 424]);
        assert_eq!(starts(&"This is a sentence of some length. ".repeat(100)).len(), PARTS);
        assert_eq!(starts(""), [0]);
    }
}
