//! Cursors: what was sealed opens for its own question, nothing else opens, and there is one spelling of each.
#![no_main]

use replydesk::{
    domain::CommentId,
    keys,
    moderation::cursor as desk,
    publish::{Start, ThreadOrder, Wanted, cursor},
    store::ThreadPlace,
};
use replydesk_fuzz::{KEYS, choice};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = choice(data) else { return };
    let wanted = Wanted {
        site: "s".to_owned(),
        key: "/a".to_owned(),
        order: [ThreadOrder::Oldest, ThreadOrder::Newest, ThreadOrder::Best][usize::from(first) % 3],
        limit: 50,
        start: Start::Top,
        with_approved: false,
    };
    if let Ok(text) = std::str::from_utf8(rest) {
        // The fuzzer watches comparisons, and so comes to know tags that nobody else could: they have one spelling.
        if let Some(place) = desk::open(&KEYS, "q", text) {
            assert_eq!(desk::seal(&KEYS, "q", &place), text);
        }
        if let Some(place) = cursor::read(&KEYS, &wanted, text) {
            assert_eq!(cursor::write(&KEYS, &wanted, &place), text);
        }
    }
    let sealed = desk::seal(&KEYS, "q", rest);
    assert_eq!(desk::open(&KEYS, "q", &sealed).as_deref(), Some(rest));
    assert_eq!(desk::open(&KEYS, "other", &sealed), None);

    let mut root = [0; 16];
    root.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let place = ThreadPlace { likes: u64::from(first), root: CommentId::from_bytes(root), path: rest.to_vec() };
    let text = cursor::write(&KEYS, &wanted, &place);
    assert_eq!(cursor::read(&KEYS, &wanted, &text), Some(place.clone()));
    let elsewhere = Wanted { key: "/b".to_owned(), ..wanted.clone() };
    assert_eq!(cursor::read(&KEYS, &elsewhere, &text), None);

    // Any change of one byte or of the spelling is another cursor.
    let mut bytes = keys::decode(&text).unwrap();
    let at = usize::from(first) % bytes.len();
    bytes[at] ^= 1 << (first % 8);
    assert_eq!(cursor::read(&KEYS, &wanted, &keys::encode(&bytes)), None);
    for other in [format!("{text}="), format!("{text}A"), format!(" {text}"), text.to_lowercase(), text.to_uppercase()]
    {
        assert!(other == text || cursor::read(&KEYS, &wanted, &other).is_none(), "{other}");
    }
});
