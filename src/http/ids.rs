//! Names for requests, many from one draw of the system's randomness.

use std::cell::RefCell;

use crate::keys;

/// Bytes of one name.
const LENGTH: usize = 9;
/// Bytes of one draw.
const DRAWN: usize = LENGTH * 128;

thread_local! {
    /// What is left of this worker's last draw.
    static LEFT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The next one, twelve characters; `none` where the system gives no randomness.
pub(super) fn next() -> String {
    LEFT.with_borrow_mut(|left| {
        if left.len() < LENGTH {
            *left = keys::random::<DRAWN>().map_or_else(|_none| Vec::new(), Vec::from);
        }
        let rest = left.len().saturating_sub(LENGTH);
        let id = left.get(rest..).filter(|id| id.len() == LENGTH).map(keys::encode);
        left.truncate(rest);
        id.unwrap_or_else(|| "none".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_requests_share_a_name() {
        let names: HashSet<String> = (0..1_000).map(|_| next()).collect();
        assert_eq!(names.len(), 1_000);
        assert!(names.iter().all(|name| name.len() == 12));
    }
}
