//! Which content coding an answer takes, and the bytes in it.
//!
//! Decides from `Accept-Encoding` alone and knows no routes. Each coding of the same content has a
//! strong entity tag of its own, as RFC 9110 (8.8.3.3) asks. What is worth coding, and for how
//! long the result is kept, is the caller's business.

use std::io::{self, Write};

use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap, IF_NONE_MATCH};
use flate2::{Compression, write::GzEncoder};

/// A content coding of ours, the best first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub(super) enum Encoding {
    /// `br`
    Brotli,
    /// `gzip`
    Gzip,
    /// As it is.
    Identity,
}

/// How much time the coding may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Effort {
    /// Coded once and kept: the smallest result.
    Kept,
    /// Coded while somebody waits: a fair result, soon.
    Live,
}

impl Encoding {
    /// The value of `Content-Encoding`; none for identity.
    #[must_use]
    pub(super) fn token(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    /// The strong entity tag, quotes included, of content with this hash in this coding.
    #[must_use]
    pub(super) fn entity_tag(self, hash: &str) -> String {
        match self.token() {
            Some(token) => format!("\"{hash}-{token}\""),
            None => format!("\"{hash}\""),
        }
    }

    /// The coding the client weighs highest; between equals `br` goes before `gzip` before
    /// identity. Without a header, or where it rules out all three, identity.
    #[must_use]
    pub(super) fn negotiate(headers: &HeaderMap) -> Self {
        let mut weights = Weights::default();
        for line in headers.get_all(ACCEPT_ENCODING) {
            if let Ok(line) = line.to_str() {
                line.split(',').for_each(|entry| weights.read(entry));
            }
        }
        weights.best()
    }

    /// The bytes in this coding.
    ///
    /// # Errors
    /// Only where memory cannot be written to, which the coders' signatures allow for.
    pub(super) fn encode(self, plain: &[u8], effort: Effort) -> io::Result<Vec<u8>> {
        match self {
            Self::Identity => Ok(plain.to_vec()),
            Self::Gzip => {
                let level = if effort == Effort::Kept { Compression::best() } else { Compression::default() };
                let mut coder = GzEncoder::new(Vec::with_capacity(plain.len() / 2), level);
                coder.write_all(plain)?;
                coder.finish()
            }
            Self::Brotli => {
                let quality = if effort == Effort::Kept { 11 } else { 5 };
                let parameters = brotli::enc::BrotliEncoderParams { quality, ..Default::default() };
                let mut coded = Vec::with_capacity(plain.len() / 2);
                brotli::BrotliCompress(&mut &*plain, &mut coded, &parameters)?;
                Ok(coded)
            }
        }
    }
}

/// Whether the client holds the content already: `If-None-Match` names the tag (compared weakly,
/// as RFC 9110 13.1.2 asks) or is `*`.
#[must_use]
pub(super) fn is_held(headers: &HeaderMap, entity_tag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|tag| tag.trim())
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == entity_tag)
}

/// What a client said of each coding, in thousandths.
#[derive(Default)]
struct Weights {
    brotli: Option<u16>,
    gzip: Option<u16>,
    identity: Option<u16>,
    others: Option<u16>,
}

impl Weights {
    /// Reads one entry, `br;q=0.5`; what cannot be read is passed over.
    fn read(&mut self, entry: &str) {
        let mut parts = entry.split(';').map(str::trim);
        let coding = parts.next().unwrap_or_default().to_ascii_lowercase();
        let Some(weight) =
            parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q="))).map_or(Some(1000), thousandths)
        else {
            return;
        };
        match coding.as_str() {
            "br" => self.brotli = Some(weight),
            "gzip" | "x-gzip" => self.gzip = Some(weight),
            "identity" => self.identity = Some(weight),
            "*" => self.others = Some(weight),
            _ => {}
        }
    }

    fn best(&self) -> Encoding {
        // Identity is acceptable unless it is ruled out, but an unnamed identity loses to any named coding.
        let identity = self.identity.or(self.others).unwrap_or(1);
        let gzip = self.gzip.or(self.others).unwrap_or(0);
        let brotli = self.brotli.or(self.others).unwrap_or(0);
        if brotli > 0 && brotli >= gzip && brotli >= identity {
            Encoding::Brotli
        } else if gzip > 0 && gzip >= identity {
            Encoding::Gzip
        } else {
            Encoding::Identity
        }
    }
}

/// A quality value of RFC 9110 (`0`, `0.123`, `1.000`) in thousandths.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part: u16 = format!("{part:0<3}").parse().ok()?;
    match (whole, part) {
        ("0", part) => Some(part),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use actix_web::http::header::HeaderValue;

    use super::*;

    fn accepting(value: &str) -> Encoding {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_str(value).unwrap());
        Encoding::negotiate(&headers)
    }

    #[test]
    fn the_client_weighs_and_we_break_ties() {
        for (header, expected) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("gzip", Encoding::Gzip),
            ("br;q=0.5, gzip;q=0.8", Encoding::Gzip),
            ("br;q=0, gzip;q=0, *;q=0.3", Encoding::Identity),
            ("*", Encoding::Brotli),
            ("*;q=0, gzip", Encoding::Gzip),
            ("identity;q=1, br;q=0.9", Encoding::Identity),
            ("gzip;q=0.001", Encoding::Gzip),
            ("BR ; Q=1.0", Encoding::Brotli),
            ("br;q=wrong", Encoding::Identity),
            ("br;q=7", Encoding::Identity),
            ("deflate, zstd", Encoding::Identity),
            ("", Encoding::Identity),
        ] {
            assert_eq!(accepting(header), expected, "{header:?}");
        }
        assert_eq!(Encoding::negotiate(&HeaderMap::new()), Encoding::Identity);
    }

    #[test]
    fn what_was_coded_reads_back() {
        let plain = "A comment, a comment, a comment.".repeat(40).into_bytes();
        for effort in [Effort::Kept, Effort::Live] {
            let gzip = Encoding::Gzip.encode(&plain, effort).unwrap();
            let mut back = Vec::new();
            flate2::read::GzDecoder::new(&*gzip).read_to_end(&mut back).unwrap();
            assert_eq!(back, plain);
            let coded = Encoding::Brotli.encode(&plain, effort).unwrap();
            let mut back = Vec::new();
            brotli::BrotliDecompress(&mut &*coded, &mut back).unwrap();
            assert_eq!(back, plain);
            assert!(coded.len() < plain.len() && gzip.len() < plain.len());
        }
        assert_eq!(Encoding::Identity.encode(&plain, Effort::Live).unwrap(), plain);
    }

    #[test]
    fn a_tag_is_held_only_in_its_own_coding() {
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("\"a\", W/\"b-br\""));
        assert!(is_held(&headers, &Encoding::Brotli.entity_tag("b")));
        assert!(is_held(&headers, &Encoding::Identity.entity_tag("a")));
        assert!(!is_held(&headers, &Encoding::Gzip.entity_tag("b")));
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("*"));
        assert!(is_held(&headers, "\"anything\""));
    }
}
