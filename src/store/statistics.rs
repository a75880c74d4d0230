//! Counting a stretch at a time, whatever keeps the rows: how far one led, and what is a moderator's work.

#[cfg(any(test, feature = "postgres"))]
use serde_json::Value;

/// How many rows were looked at, and the last of them.
#[derive(Default)]
pub(super) struct Seen {
    rows: u64,
    last: [u8; 16],
}

impl Seen {
    /// So many more; their number.
    pub(super) fn add(&mut self, n: i64, last: [u8; 16]) -> u64 {
        let n = u64::try_from(n).unwrap_or(0);
        self.rows += n;
        self.last = self.last.max(last);
        n
    }

    /// Where to go on; none where fewer were there than would have been looked at.
    pub(super) fn next(&self, limit: usize) -> Option<[u8; 16]> {
        u64::try_from(limit).is_ok_and(|limit| self.rows >= limit).then_some(self.last)
    }
}

/// Whether a row of the audit with this detail tells of work on these sites (on any without). What a ban did in
/// somebody's name is not their work.
#[cfg(any(test, feature = "postgres"))]
pub(super) fn is_work(detail: &str, sites: Option<&[String]>) -> bool {
    let detail = serde_json::from_str(detail).unwrap_or(Value::Null);
    let by_ban = detail.get("ban").is_some_and(|ban| !ban.is_null());
    let site = detail.get("site").and_then(Value::as_str);
    !by_ban && sites.is_none_or(|sites| site.is_some_and(|site| sites.iter().any(|own| own == site)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_what_no_ban_did_on_ones_own_sites() {
        let own = ["news".to_owned()];
        assert!(is_work(r#"{"site":"news"}"#, Some(&own)));
        assert!(is_work(r#"{"site":"news","ban":null}"#, Some(&own)));
        assert!(is_work("spoilt", None));
        assert!(!is_work("spoilt", Some(&own)));
        assert!(!is_work(r#"{"site":"blog"}"#, Some(&own)));
        assert!(!is_work(r#"{"site":"news","ban":"x"}"#, None));
    }
}
