//! Links in a text, as a browser or a reader would take them: where they stand and where they lead.
//!
//! Only http and https. A domain without a scheme (`spam.example.com/x`) counts too and is marked as
//! bare; what looks like one only for want of a space after a full stop does not.

use std::{collections::HashSet, net::IpAddr, ops::Range};

use linkify::{LinkFinder, LinkKind};
use url::{Host, Url};

use super::markdown;

/// Endings under which a bare domain is believed without `www.` or a path. Others (`.is`, `.so`,
/// `.in`) are met more often where someone forgot a space.
const BARE_ENDINGS: &[&str] = &[
    "com", "net", "org", "info", "biz", "ru", "xyz", "top", "shop", "site", "online", "club", "io", "co", "tv", "me",
    "uk", "de", "fr", "pl", "cn", "br", "us", "eu", "vip", "win", "bet", "live", "store", "tk", "ml", "ga", "cf", "gq",
    "cc", "link", "click", "app", "dev", "ly", "gl", "to", "gd",
];

/// One link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// Its first character in the text.
    pub start: usize,
    /// One past its last character.
    pub end: usize,
    /// Normalised, with a scheme.
    pub url: String,
    /// In lower case, internationalised names in their ASCII form, no port.
    pub host: String,
    /// The part of the host that someone registered; the host itself for an address.
    pub domain: String,
    /// It was written without a scheme.
    pub bare: bool,
}

/// All links of a text in order, in time linear in its length; then those that Markdown makes of it
/// though they are not written out (`http&#58;//…`), as if they filled the text.
#[must_use]
pub fn find(text: &str) -> Vec<Link> {
    let shaped = is_shaped(text);
    if !shaped && !text.contains('.') && !text.contains("//") {
        return Vec::new();
    }
    let mut ranges = addresses(text);
    let mut finder = LinkFinder::new();
    // Email addresses are looked for so that their domains are not taken for links.
    finder.url_must_have_scheme(false);
    let written = std::mem::take(&mut ranges);
    let mut covered = written.iter().peekable();
    for found in finder.links(text).filter(|found| *found.kind() == LinkKind::Url) {
        while covered.next_if(|range| range.end <= found.start()).is_some() {}
        let overlaps = covered.peek().is_some_and(|range| range.start < found.end());
        if !overlaps && !found.as_str().contains("://") {
            ranges.push(found.start()..found.end());
        }
    }
    ranges.extend(written);
    ranges.sort_by_key(|range| range.start);
    let (mut links, mut chars, mut bytes) = (Vec::new(), 0, 0);
    let count = |range: Range<usize>| text.get(range).map_or(0, |part| part.chars().count());
    for range in ranges {
        let start = chars + count(bytes..range.start);
        let end = start + count(range.clone());
        (chars, bytes) = (end, range.end);
        links.extend(text.get(range).and_then(|written| link(written, start, end)));
    }
    if shaped {
        let known: HashSet<String> = links.iter().map(|link| link.url.clone()).collect();
        let length = text.chars().count();
        let made = markdown::addresses(text).into_iter().filter(|url| !known.contains(url));
        links.extend(made.filter_map(|url| link(&url, 0, length)));
    }
    links
}

/// Whether Markdown may make links of it that are not written out as they lead.
fn is_shaped(text: &str) -> bool {
    // What stands in angle brackets is an address to its end, also where one in a text would end sooner; and
    // emphasis ends one that is written on: `http://a.example*b*` leads to a.example.
    (text.contains("://") && text.contains(['<', '*', '_']))
        || text.contains("](")
        || text.contains('\\')
        || (text.contains('&') && text.contains(';'))
}

/// Where http and https addresses are written out in a text: byte ranges. A range need not be a URL
/// that works.
pub(super) fn addresses(text: &str) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut searched = 0;
    while let Some(found) = text.get(searched..).and_then(|rest| rest.find("://")) {
        let (before, mark) = (text.get(searched..searched + found).unwrap_or_default(), searched + found + 3);
        searched = mark;
        let scheme = ["https", "http"].into_iter().find(|scheme| {
            let at = before.len().checked_sub(scheme.len());
            at.and_then(|at| before.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(scheme))
        });
        if let Some(scheme) = scheme {
            let length = extent(text.get(mark..).unwrap_or_default());
            ranges.push(mark - 3 - scheme.len()..mark + length);
            searched = mark + length;
        }
    }
    ranges
}

/// Bytes of `rest` that belong to the address it goes on with: up to white space, a delimiter or a
/// closing bracket that it didn't open, less the punctuation of the sentence around it.
fn extent(rest: &str) -> usize {
    let mut depth = 0_u32;
    let end = rest.find(|c: char| match c {
        '(' | '[' | '{' => {
            depth += 1;
            false
        }
        ')' | ']' | '}' => match depth.checked_sub(1) {
            Some(outer) => {
                depth = outer;
                false
            }
            None => true,
        },
        '<' | '>' | '"' | '`' | '\\' | '“' | '”' | '»' | '，' | '。' | '、' | '）' => true,
        _ => c.is_whitespace() || c.is_control(),
    });
    let whole = end.and_then(|end| rest.get(..end)).unwrap_or(rest);
    whole.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~']).len()
}

fn link(written: &str, start: usize, end: usize) -> Option<Link> {
    let bare = !written.contains("://");
    let url = if bare { web_address(&format!("http://{written}"))? } else { web_address(written)? };
    let host = host_name(&url)?;
    if bare && !is_plausible(written, &host, &url) {
        return None;
    }
    Some(Link { start, end, domain: registrable(&host).to_owned(), host, url: url.into(), bare })
}

/// The URL when it is one that may be linked to: absolute, http or https, with a host and without a
/// user name, which serves to dress up a host as another.
#[must_use]
pub fn web_address(raw: &str) -> Option<Url> {
    // `http:host`, `http:\\host` and the like are URLs to a browser, but no address anyone writes.
    let head = raw.get(..8).or_else(|| raw.get(..7)).unwrap_or_default().to_ascii_lowercase();
    if !head.starts_with("http://") && !head.starts_with("https://") {
        return None;
    }
    let url = Url::parse(raw).ok()?;
    let plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    // A host of nothing but dots is none.
    (plain && url.host_str().is_some_and(|host| host.bytes().any(|byte| byte != b'.'))).then_some(url)
}

fn host_name(url: &Url) -> Option<String> {
    Some(match url.host()? {
        Host::Domain(name) => name.trim_end_matches('.').to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    })
}

/// The host of an address, normalised as in [`Link::host`].
#[must_use]
pub fn host_of(url: &str) -> Option<String> {
    host_name(&web_address(url)?)
}

/// The registrable domain of a host after the public suffix list; the host itself where it has none.
#[must_use]
pub fn registrable(host: &str) -> &str {
    if host.parse::<IpAddr>().is_ok() {
        return host;
    }
    psl::domain_str(host).unwrap_or(host)
}

fn is_plausible(written: &str, host: &str, url: &Url) -> bool {
    let known = psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.is_known());
    let typed_host = written.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let ending = typed_host.rsplit('.').next().unwrap_or_default();
    // "as I said.In the end" has a capital behind the stop.
    let one_case = !ending.starts_with(char::is_uppercase) || !typed_host.contains(char::is_lowercase);
    let marked = host.starts_with("www.") || url.path().len() > 1;
    known && one_case && (marked || BARE_ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Vec<(String, String, bool)> {
        let part = |l: &Link| text.chars().skip(l.start).take(l.end - l.start).collect();
        find(text).iter().map(|l| (part(l), l.domain.clone(), l.bare)).collect()
    }

    #[test]
    fn what_markdown_shows_as_a_link_is_found() {
        for text in [
            "<http://t(`x`)>",
            "<http://a.example/`b`>",
            "<http://a.example/\"b>",
            "<https://a.example>",
            "http://a.example*b*",
            "http://a.example/b**c**",
            r"http:/\/localhost",
            "http:&#47;/localhost",
        ] {
            let shown = markdown::addresses(text);
            assert_eq!(shown.len(), 1, "{text}");
            assert!(find(text).iter().any(|link| link.url == shown[0]), "{text}");
        }
    }

    #[test]
    fn a_host_of_dots_is_no_address() {
        for raw in ["http://../", "http://./x", "https://。/", "http:///../../etc/passwd"] {
            assert!(web_address(raw).is_none(), "{raw}");
            assert!(find(raw).is_empty(), "{raw}");
        }
    }

    #[test]
    fn links_are_found_where_they_stand() {
        let text = "Grüße: https://www.BBC.co.uk/news?a=1, (http://x.example.com/a_(b)) und spam.example.com/x.";
        assert_eq!(
            seen(text),
            [
                ("https://www.BBC.co.uk/news?a=1".into(), "bbc.co.uk".into(), false),
                ("http://x.example.com/a_(b)".into(), "example.com".into(), false),
                ("spam.example.com/x".into(), "example.com".into(), true),
            ]
        );
        assert_eq!(find("[a](http://пример.рф/x)")[0].host, "xn--e1afmkfd.xn--p1ai");
        assert_eq!(find("http://192.0.2.7:81/x")[0].domain, "192.0.2.7");
    }

    #[test]
    fn full_stops_files_and_addresses_are_no_links() {
        for text in [
            "as I said.In the end it is.So what",
            "He left.Then she came...and so.it went",
            "write to ada@example.com",
            "edit main.py and notes.md",
            "e.g. 3.14 at 10.30",
            "mailto:a@b.example javascript:alert(1) ftp://x.example/",
            "http://bank.example@evil.example/",
        ] {
            assert_eq!(seen(text), [], "{text}");
        }
    }

    #[test]
    fn what_markdown_makes_a_link_is_found_too() {
        for text in ["[x](http:\\/\\/evil.example)", "http&#58;//evil.example is", "[x](<HTTP://Evil.example>)"] {
            let links = find(text);
            assert!(links.iter().any(|link| link.domain == "evil.example"), "{text}");
        }
        assert_eq!(find("[http://a.example](http://a.example) &amp;").len(), 2, "what is written is not found twice");
    }

    #[test]
    fn hostile_texts_give_no_more_links_than_they_write() {
        for unit in ["http://", "<http://", "a.", "@a.b", "://", "http://a ", "[](http://a.b/", "www.a."] {
            assert!(find(&unit.repeat(10_000 / unit.len())).len() <= 2 * 10_000 / unit.len(), "{unit}");
        }
    }

    #[test]
    fn bare_domains_are_marked() {
        for text in ["murdev.com", "see www.example.is", "buy at example.ru/a", "EXAMPLE.COM"] {
            assert!(matches!(seen(text).as_slice(), [(_, _, true)]), "{text}: {:?}", seen(text));
        }
    }
}
