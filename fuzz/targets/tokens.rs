//! Secrets that come back: sessions, API tokens, edit and author tokens, sealed texts, hexadecimal. Each has one
//! spelling, and what was not made here does not open.
#![no_main]

use replydesk::{
    auth,
    domain::{AuthorId, CommentId},
    intake::{author_token, edit_token},
    keys::{self, Purpose},
};
use replydesk_fuzz::{KEYS, choice};

fn spelled_once(text: &str) {
    if let Some(bytes) = keys::decode(text) {
        assert_eq!(keys::encode(&bytes), text, "one spelling");
    }
    if let Some(tag) = keys::unhex(text) {
        assert_eq!(keys::hex(&tag), text.to_lowercase());
    }
    if auth::session_key(text).is_some() {
        assert_eq!(text.len(), 43);
        assert_eq!(auth::session_key(&format!("{text}=")), None);
        assert_eq!(auth::token_key(&format!("rd_{text}")).is_some(), true, "the same 256 bits");
    }
    if let Some(key) = auth::token_key(text) {
        assert!(text.len() == 46 && text.starts_with("rd_"));
        assert_eq!(key, keys::digest(text.as_bytes()), "only its digest is known");
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = choice(data) else { return };
    if let Ok(text) = std::str::from_utf8(rest) {
        spelled_once(text);
        let id = text.parse::<CommentId>().ok();
        if let Some(id) = id {
            assert_eq!(id.to_string().parse(), Ok(id), "an id reads back");
            assert_ne!(edit_token(&KEYS, id), text);
        }
        if let Some(sealed) = keys::decode(text) {
            assert_eq!(KEYS.open(Purpose::Stream, "s /a", &sealed), None, "not sealed here");
        }
    }
    assert_eq!(keys::decode(&keys::encode(rest)).as_deref(), Some(rest));
    assert_eq!(KEYS.open(Purpose::SecondFactor, "ada", rest), None, "not sealed here");
    if first % 16 == 0 {
        let sealed = KEYS.seal(Purpose::SecondFactor, "ada", rest).unwrap();
        assert_eq!(KEYS.open(Purpose::SecondFactor, "ada", &sealed).as_deref(), Some(rest));
        assert_eq!(KEYS.open(Purpose::SecondFactor, "bea", &sealed), None);
        let mut changed = sealed.clone();
        let at = usize::from(first) % changed.len();
        changed[at] ^= 1;
        assert_eq!(KEYS.open(Purpose::SecondFactor, "ada", &changed), None);
    }
    let mut id = [0; 16];
    id.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let (author, comment) = (AuthorId::from_bytes(id), CommentId::from_bytes(id));
    let token = author_token(&KEYS, author, Some(i64::from(first)));
    assert_eq!(keys::decode(&token).unwrap().get(..16), Some(&id[..]));
    assert_ne!(token, author_token(&KEYS, author, None), "bound to its email");
    assert_eq!(edit_token(&KEYS, comment).len(), 22, "128 bits");
});
