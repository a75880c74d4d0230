//! Forms: both encodings read alike, a repeated field is refused, what is read one way only is what the standard's own
//! parser reads, WordPress's names mean what ours mean.
#![no_main]

use replydesk::http::outside::Form;
use replydesk_fuzz::choice;

/// Fields that may stand once.
const SINGLE: [&str; 9] = ["page", "title", "name", "author", "email", "url", "body", "comment", "parent"];
/// Ours, and what WordPress calls them.
const NAMES: [(&str, &str); 3] = [("name", "author"), ("body", "comment"), ("parent", "comment_parent")];

fn urlencoded(body: &[u8]) {
    let form = Form::urlencoded(body);
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    for name in SINGLE {
        let mut values = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        let (first, twice) = (values.next(), values.next().is_some());
        assert!(!(twice && form.is_plain()), "{name} stands twice");
        if form.is_plain() {
            assert_eq!(form.first(&[name]), first.map(String::as_str).filter(|value| !value.trim().is_empty()));
        }
    }
    let submission = form.submission();
    let again = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
    let read = Form::urlencoded(again.as_bytes());
    if form.is_plain() {
        assert!(read.is_plain(), "written and read again");
        assert_eq!(read.submission().content(), submission.content());
        in_parts(&pairs, &form);
        renamed(&pairs, &form);
    }
}

/// The same pairs as multipart are the same form.
fn in_parts(pairs: &[(String, String)], form: &Form) {
    let odd = |text: &str| text.contains(['\r', '\n', '"', '\\', '\0', '%']) || text.is_empty();
    if pairs.iter().any(|(name, value)| odd(name) || value.contains("--b0undary") || !name.is_ascii()) {
        return;
    }
    let mut body = String::new();
    for (name, value) in pairs {
        body += &format!("--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += "--b0undary--\r\n";
    if pairs.is_empty() {
        return;
    }
    let read = Form::multipart("multipart/form-data; boundary=b0undary", body.as_bytes());
    let Some(read) = read else {
        assert!(pairs.iter().any(|(name, _)| name.bytes().any(|b| b.is_ascii_control())), "multipart is read");
        return;
    };
    if pairs.iter().all(|(name, _)| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))) {
        assert_eq!(read.submission().content(), form.submission().content(), "either encoding");
        assert_eq!(read.is_plain(), form.is_plain());
    }
}

/// With WordPress's names for ours it is the same comment.
fn renamed(pairs: &[(String, String)], form: &Form) {
    if pairs.iter().any(|(name, _)| NAMES.iter().any(|(_, theirs)| name == theirs)) {
        return;
    }
    let theirs = |name: &str| NAMES.iter().find(|(ours, _)| *ours == name).map(|(_, theirs)| (*theirs).to_owned());
    let renamed = pairs.iter().map(|(name, value)| (theirs(name).unwrap_or_else(|| name.clone()), value));
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(renamed).finish();
    assert_eq!(Form::urlencoded(body.as_bytes()).submission().content(), form.submission().content());
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = choice(data) else { return };
    if first != b'm' {
        return urlencoded(rest);
    }
    let cut = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let (line, body) = rest.split_at(cut);
    let Ok(line) = std::str::from_utf8(line) else { return };
    if let Some(form) = Form::multipart(line, body.get(1..).unwrap_or_default()) {
        let submission = form.submission();
        assert!(submission.body.text().len() <= 3 * data.len(), "no longer than what came");
        let _keyed = submission.idempotency_key();
    }
});
