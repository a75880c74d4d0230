//! Strict JSON: what is taken is taken by everybody else too and means the same; no key twice, no deeper than 16;
//! half a character never gets in; writing and reading again changes nothing.
#![no_main]

use replydesk::http::outside;
use serde_json::Value;

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn keys(value: &Value) -> usize {
    match value {
        Value::Array(list) => list.iter().map(keys).sum(),
        Value::Object(object) => object.len() + object.values().map(keys).sum::<usize>(),
        _ => 0,
    }
}

fn has_fractions(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.iter().any(has_fractions),
        Value::Object(object) => object.values().any(has_fractions),
        value => value.is_f64(),
    }
}

/// Names in the text itself, told by a colon behind a string.
fn written_keys(bytes: &[u8]) -> usize {
    let (mut at, mut count) = (0, 0);
    while at < bytes.len() {
        if bytes[at] != b'"' {
            at += 1;
            continue;
        }
        at += 1;
        while at < bytes.len() && bytes[at] != b'"' {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        at += 1;
        let behind = bytes.get(at..).unwrap_or_default().trim_ascii_start();
        count += usize::from(behind.first() == Some(&b':'));
    }
    count
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some(value) = outside::json(bytes) else {
        // A plain reader takes more, never what is no object.
        return;
    };
    assert!(value.is_object());
    assert!(depth(&value) <= 16, "capped");
    assert_eq!(keys(&value), written_keys(bytes), "no key was dropped or doubled");
    if let Ok(plain) = serde_json::from_slice::<Value>(bytes) {
        assert_eq!(plain, value, "it means what it means to others");
    }
    let written = serde_json::to_vec(&value).unwrap();
    // A fraction may lose its last bit in writing.
    let again = outside::json(&written).expect("what was written is JSON");
    assert!(has_fractions(&value) || again == value, "written and read again");
    let nested = [b"{\"a\":".as_slice(), &written, b"}"].concat();
    assert_eq!(outside::json(&nested).is_some(), depth(&value) < 16, "one level more");
    if let Some(submission) = outside::comment(bytes) {
        let again = outside::comment(&written).expect("the same object");
        assert_eq!(submission.content(), again.content());
        // NUL, and what stands for half a character, is no text for a field.
        for entry in [&submission.name, &submission.body, &submission.email, &submission.page] {
            assert_eq!(entry.is_sound() && entry.text().contains('\0'), false);
        }
    }
});
