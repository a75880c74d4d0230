//! Folded text and word lists: folding keeps its bounds and its places, an entry is found in itself, escaping leaves no markup.
#![no_main]

use replydesk::text::{Folded, Reading, Sketch, WordList, escape, is_findable, look, skeleton};
use replydesk_fuzz::parts;

libfuzzer_sys::fuzz_target!(|data: &str| {
    let [word, text] = parts(data);
    let folded = Folded::of(text);
    let length = text.chars().count();
    for view in folded.views() {
        let n = view.text().len();
        for (from, to) in [(0, n), (n / 2, n), (0, n / 2)].into_iter().filter(|(from, to)| from < to) {
            let (start, end) = view.original(from, to);
            assert!(start < end && end <= length, "{start}..{end} of {length}");
        }
    }
    let name = skeleton(text);
    assert!(name.chars().count() <= 20 * length, "a skeleton is bounded");
    assert_eq!(skeleton(text), name, "the same again");
    let _look = look(text);
    let _reading = Reading::of(text);
    if let Some(sketch) = Sketch::of(text) {
        assert_eq!(Sketch::from_bits(sketch.bits()).bits(), sketch.bits());
        assert!(sketch.is_near(sketch), "near itself");
    }
    let list = WordList::new([word]);
    for hit in list.hits(&folded) {
        assert_eq!(list.entry(&hit), word.trim());
    }
    if is_findable(word) {
        assert!(!list.hits(&Folded::of(word)).is_empty(), "a word is found in itself");
    }
    let escaped = escape::escaped(text);
    assert!(!escaped.contains(['<', '>', '"', '\'']), "no markup is left");
    assert!(escaped.len() <= 6 * text.len(), "an escape is bounded");
    assert_eq!(escape::holdable(&escape::holdable(text)), escape::holdable(text));
});
