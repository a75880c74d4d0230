//! The entries of `X-Forwarded-For` and its kin, and of RFC 7239's `Forwarded`, from the right.
//!
//! Read from the right because the right end is what the nearest proxy wrote: a quote left open by
//! a client further left can then not swallow it. Which entry to believe is not decided here.

use std::net::{IpAddr, Ipv6Addr};

/// The comma-separated entries of one line, right-most first; a comma in quotes does not separate.
pub(super) fn from_the_right(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let whole = rest.take()?;
        let Some(comma) = last_outside_quotes(whole, b',') else { return Some(whole) };
        let (left, right) = whole.split_at_checked(comma)?;
        rest = Some(left);
        right.get(1..)
    })
}

fn last_outside_quotes(text: &[u8], wanted: u8) -> Option<usize> {
    let mut quoted = false;
    for (at, byte) in text.iter().enumerate().rev() {
        match *byte {
            b'"' if !escaped(text, at) => quoted = !quoted,
            byte if byte == wanted && !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// Whether an odd run of backslashes stands before this place.
fn escaped(text: &[u8], at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// An address as proxies write it: bare, in brackets, in quotes, with a port.
pub(super) fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?.trim_matches([' ', '\t']);
    let text = match text.strip_prefix('"') {
        Some(open) => open.strip_suffix('"')?.trim_matches([' ', '\t']),
        None => text,
    };
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    if let Some(bracketed) = text.strip_prefix('[') {
        let (inside, after) = bracketed.split_once(']')?;
        let whole = after.is_empty() || after.strip_prefix(':').is_some_and(is_port);
        return inside.parse::<Ipv6Addr>().ok().filter(|_| whole).map(IpAddr::V6);
    }
    let (host, port) = text.split_once(':')?;
    host.parse().ok().filter(|_| is_port(port)).map(IpAddr::V4)
}

/// Digits, or the obfuscated port of RFC 7239, section 6.
fn is_port(text: &str) -> bool {
    let digits = (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let hidden = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    digits || text.strip_prefix('_').is_some_and(hidden)
}

/// The `for=` of one forwarded element; none where it is absent, repeated, hidden or unknown.
pub(super) fn node(element: &[u8]) -> Option<IpAddr> {
    let mut found = None;
    let mut rest = Some(element);
    while let Some(whole) = rest.take() {
        let pair = match last_outside_quotes(whole, b';') {
            Some(at) => {
                rest = whole.get(..at);
                whole.get(at + 1..)?
            }
            None => whole,
        };
        let Some(equals) = pair.iter().position(|byte| *byte == b'=') else { continue };
        let (name, value) = pair.split_at_checked(equals)?;
        if name.trim_ascii().eq_ignore_ascii_case(b"for") && found.replace(value.get(1..)?).is_some() {
            return None;
        }
    }
    address(found?)
}
