//! Names for requests, many from one draw of the system's randomness.

use std::cell::RefCell;

use actix_web::http::header::HeaderValue;

use crate::keys;

/// Bytes of one name.
const LENGTH: usize = 9;
/// Bytes of one draw.
const DRAWN: usize = LENGTH * 128;

/// What is left of the last draw.
#[derive(Default)]
pub(super) struct Ids(RefCell<Vec<u8>>);

impl Ids {
    /// The next one, twelve characters.
    pub(super) fn next(&self) -> HeaderValue {
        let mut left = self.0.borrow_mut();
        if left.len() < LENGTH {
            *left = keys::random::<DRAWN>().map_or_else(|_none| Vec::new(), Vec::from);
        }
        let rest = left.len().saturating_sub(LENGTH);
        let id = left.get(rest..).filter(|id| id.len() == LENGTH).map(keys::encode);
        left.truncate(rest);
        id.and_then(|id| HeaderValue::try_from(id).ok()).unwrap_or_else(|| HeaderValue::from_static("none"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_requests_share_a_name() {
        let ids = Ids::default();
        let names: HashSet<HeaderValue> = (0..1_000).map(|_| ids.next()).collect();
        assert_eq!(names.len(), 1_000);
        assert!(names.iter().all(|name| name.len() == 12));
    }
}
