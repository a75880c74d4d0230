//! Which page a comment belongs to: a site and a normalised path, whatever way it was spelled.

use percent_encoding::percent_decode_str;
use url::Url;

use super::{Fault, FaultCode, SiteId};

/// A page as its identity: scheme, host, fragment and unkept query do not count.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PageIdentity {
    /// The site it is part of.
    pub site: SiteId,
    /// Path plus the kept part of the query, normalised.
    pub key: String,
    /// Where a reader finds it: an absolute URL, or a path where only that is known.
    pub url: String,
}

/// What the form said about the page, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageAddress {
    /// `https://news.example` where the address was absolute.
    pub origin: Option<String>,
    path: String,
    query: Vec<(String, String)>,
}

/// Why an address names no page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PageFault {
    /// There is none.
    Required,
    /// Longer than [`PageAddress::MAX`].
    TooLong,
    /// Neither an absolute http(s) URL nor a path.
    Invalid,
}

impl PageAddress {
    /// Most characters of an address.
    pub const MAX: usize = 2048;

    /// Takes an absolute http(s) URL or a path that starts with one slash.
    ///
    /// # Errors
    /// See [`PageFault`].
    pub fn parse(raw: &str) -> Result<Self, PageFault> {
        let raw = raw.trim();
        if raw.is_empty() {
            return Err(PageFault::Required);
        }
        if raw.chars().count() > Self::MAX {
            return Err(PageFault::TooLong);
        }
        if raw.chars().any(|c| c.is_control() || c == '\\') {
            return Err(PageFault::Invalid);
        }
        let relative = raw.starts_with('/');
        if relative && raw.starts_with("//") {
            return Err(PageFault::Invalid);
        }
        let url = if relative { Url::parse(&format!("http://path.invalid{raw}")) } else { Url::parse(raw) }
            .map_err(|_fault| PageFault::Invalid)?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err(PageFault::Invalid);
        }
        Ok(Self {
            origin: (!relative).then(|| url.origin().ascii_serialization()),
            path: normal_path(url.path()),
            query: url.query_pairs().map(|(k, v)| (k.into_owned(), v.into_owned())).collect(),
        })
    }

    /// The page's identity within a site that keeps these query keys.
    #[must_use]
    pub fn identity(&self, site: &SiteId, keep_query: &[String]) -> PageIdentity {
        let mut kept: Vec<_> = self.query.iter().filter(|(key, _)| keep_query.contains(key)).collect();
        kept.sort();
        let mut key = self.path.clone();
        if !kept.is_empty() {
            let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
            key.push('?');
            key.push_str(&query);
        }
        let url = format!("{}{key}", self.origin.as_deref().unwrap_or_default());
        PageIdentity { site: site.clone(), key, url }
    }

    /// The path alone, normalised.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// Most characters of a page's title.
const TITLE_MAX: usize = 300;

/// A page's title as it is kept: trimmed, none where blank.
///
/// # Errors
/// `too_long` over 300 characters, `invalid` with a control character.
pub fn page_title(raw: &str) -> Result<Option<String>, Fault> {
    let title = raw.trim();
    if title.chars().count() > TITLE_MAX {
        return Err(Fault::bound("title", FaultCode::TooLong, TITLE_MAX));
    }
    if title.chars().any(char::is_control) {
        return Err(Fault::new("title", FaultCode::Invalid));
    }
    Ok((!title.is_empty()).then(|| title.to_owned()))
}

/// One spelling for each path: unreserved characters plain, all others in upper-case percent form,
/// no empty segments, no trailing slash. (Dot segments are gone once `Url` has parsed it.)
fn normal_path(path: &str) -> String {
    const SPECIAL: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    let mut out = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        out.push('/');
        let bytes: Vec<u8> = percent_decode_str(segment).collect();
        out.extend(percent_encoding::percent_encode(&bytes, SPECIAL));
    }
    if out.is_empty() { "/".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(raw: &str) -> String {
        PageAddress::parse(raw).unwrap().identity(&SiteId::new("s"), &["id".to_owned()]).key
    }

    #[test]
    fn one_page_has_one_identity_however_it_is_spelled() {
        for spelling in [
            "/news/caf%C3%A9",
            "/news/café/",
            "/news/./caf%c3%a9?utm=1#top",
            "/x/../news//caf%C3%A9",
            "https://news.example/news/caf%C3%A9?b=2",
            "http://other.example:81/%6Eews/caf%C3%A9/",
        ] {
            assert_eq!(key(spelling), "/news/caf%C3%A9", "{spelling}");
        }
        assert_eq!(key("/?id=7&x=1"), "/?id=7");
        assert_eq!(key("/"), "/");
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for (raw, fault) in [
            (" ", PageFault::Required),
            ("//evil.example/x", PageFault::Invalid),
            ("javascript:alert(1)", PageFault::Invalid),
            ("/\\evil.example", PageFault::Invalid),
            ("news", PageFault::Invalid),
            ("http://", PageFault::Invalid),
        ] {
            assert_eq!(PageAddress::parse(raw), Err(fault), "{raw}");
        }
        assert_eq!(PageAddress::parse(&format!("/{}", "a".repeat(2048))), Err(PageFault::TooLong));
    }
}
