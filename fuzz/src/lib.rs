//! What the targets share: a made-up world to feed, and a reader of the HTML that comes out of it.
//!
//! A property that fails panics; the fuzzer keeps the input. What is held is said in each target.

use std::{
    net::IpAddr,
    sync::{Arc, LazyLock},
};

use replydesk::{
    config::{Config, load},
    intake::Visitor,
    keys::Keyring,
    net::Client,
};

/// One secret for all targets.
pub static KEYS: LazyLock<Keyring> = LazyLock::new(|| Keyring::new(b"fuzz"));

/// The settings as they are shipped.
pub static CONFIG: LazyLock<Arc<Config>> =
    LazyLock::new(|| Arc::new(load::load(&load::Sources::default()).expect("the shipped settings hold").config));

/// Somebody whose headers say this of where they are.
pub fn visitor(origin: Option<&str>, referer: Option<&str>) -> Visitor {
    Visitor {
        client: Client::new(IpAddr::from([192, 0, 2, 7])),
        user_agent: None,
        has_accept_language: false,
        has_sec_fetch: false,
        has_client_hints: false,
        origin: origin.map(str::to_owned),
        referer: referer.map(str::to_owned),
        own_origin: "http://127.0.0.1:8080".to_owned(),
    }
}

/// The input's first byte, by which a target chooses, and the rest.
pub fn choice(data: &[u8]) -> Option<(u8, &[u8])> {
    data.split_first().map(|(first, rest)| (*first, rest))
}

/// The input cut at its line breaks into so many parts, the last of which keeps its own.
pub fn parts<const N: usize>(text: &str) -> [&str; N] {
    let mut parts = text.splitn(N, '\n');
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// Reads HTML as tags and text, as a browser would: only the allowed tags, closed in order; links to the web alone,
/// which vouch for nothing; no `<`, `>` or quote that is not markup.
pub fn assert_safe(html: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '>']) {
        let (text, tag) = rest.split_at(at);
        assert_text(text);
        let (inside, after) = tag.strip_prefix('<').and_then(|tag| tag.split_once('>')).expect("no stray bracket");
        rest = after;
        match inside.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "closed in order"),
            None if inside == "br" => {}
            None => open.push(opened(inside)),
        }
        assert!(open.len() <= 40, "shallow");
    }
    assert_text(rest);
    assert!(open.is_empty(), "left open: {open:?}");
}

fn assert_text(text: &str) {
    assert!(!text.contains(['"', '\'']), "a quote is markup or escaped");
    assert!(!text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "no control characters");
    for (at, _) in text.match_indices('&') {
        let entity = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"].iter().any(|entity| text[at..].starts_with(entity));
        assert!(entity, "an ampersand is escaped");
    }
}

fn opened(inside: &str) -> &str {
    if let Some(rest) = inside.strip_prefix("a href=\"") {
        let (address, rel) = rest.split_once('"').expect("the address ends");
        assert!(address.starts_with("https://") || address.starts_with("http://"), "links lead to the web: {address}");
        assert!(!address.contains(|c: char| c.is_whitespace() || c.is_control()), "one word: {address}");
        assert_eq!(rel, " rel=\"nofollow ugc noopener\"");
        return "a";
    }
    if let Some(number) = inside.strip_prefix("ol start=\"").and_then(|rest| rest.strip_suffix('"')) {
        assert!(number.parse::<u32>().is_ok(), "a list starts at a number");
        return "ol";
    }
    let known = ["p", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li"];
    assert!(known.contains(&inside), "tag <{inside}>");
    inside
}
