//! The chain of the audit: which hash a row bears, and what is kept of the last one.
//!
//! A row's hash is SHA-256 over the hash of the row before (32 zero bytes before the first) and over its own
//! fields as text, each behind its length: id, time with milliseconds, actor, action, subject, detail as stored.
//! docs/operations.md tells the same to whoever checks it without this program. What a broken chain means is not
//! known here.

use std::{fmt, str::FromStr};

use super::Key;
use crate::{
    domain::Timestamp,
    keys::{digest_of, hex, unhex},
};

/// What stands before the first row.
pub const NOTHING: Key = [0; 32];

/// The last row of the chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChainHead {
    /// Its id; 0 before the first.
    pub id: i64,
    /// Its hash.
    pub hash: Key,
    /// How many rows there are.
    pub rows: u64,
}

/// What a row says, as it is hashed.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are the columns of their name")]
pub struct Deed<'a> {
    pub at: Timestamp,
    pub actor: &'a str,
    pub action: &'a str,
    pub subject: &'a str,
    /// JSON, to the letter.
    pub detail: &'a str,
}

/// The hash of a row behind this one.
#[must_use]
pub fn link(before: &Key, id: i64, deed: &Deed<'_>) -> Key {
    let (id, at) = (id.to_string(), deed.at.exact());
    let fields = [&*id, &*at, deed.actor, deed.action, deed.subject, deed.detail].map(str::as_bytes);
    let [id, at, actor, action, subject, detail] = fields;
    digest_of(&[before, id, at, actor, action, subject, detail])
}

impl ChainHead {
    /// Before the first row.
    pub const START: Self = Self { id: 0, hash: NOTHING, rows: 0 };

    /// The head once a row has joined.
    #[must_use]
    pub fn joined(self, id: i64, deed: &Deed<'_>) -> Self {
        Self { id, hash: link(&self.hash, id, deed), rows: self.rows + 1 }
    }
}

/// `ID:HASH:ROWS`, as it is stored.
impl fmt::Display for ChainHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.id, hex(&self.hash), self.rows)
    }
}

impl FromStr for ChainHead {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split(':');
        let id = parts.next().and_then(|id| id.parse().ok()).ok_or(())?;
        let hash = parts.next().and_then(unhex).ok_or(())?;
        let rows = parts.next().and_then(|rows| rows.parse().ok()).ok_or(())?;
        if parts.next().is_none() { Ok(Self { id, hash, rows }) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha256};

    use super::*;

    const DEED: Deed<'_> = Deed {
        at: Timestamp(1_800_000_000_123),
        actor: "moderator:ada",
        action: "ban.add",
        subject: "x",
        detail: "{}",
    };

    #[test]
    fn the_recipe_is_the_one_of_the_manual() {
        let mut bytes = vec![0, 0, 0, 0, 0, 0, 0, 32];
        bytes.extend([7; 32]);
        for field in ["12", "2027-01-15T08:00:00.123Z", "moderator:ada", "ban.add", "x", "{}"] {
            bytes.extend(u64::try_from(field.len()).unwrap().to_be_bytes());
            bytes.extend(field.as_bytes());
        }
        assert_eq!(link(&[7; 32], 12, &DEED).as_slice(), Sha256::digest(bytes).as_slice());
    }

    #[test]
    fn every_field_and_the_row_before_count() {
        let whole = link(&NOTHING, 1, &DEED);
        let others = [
            link(&[1; 32], 1, &DEED),
            link(&NOTHING, 2, &DEED),
            link(&NOTHING, 1, &Deed { at: Timestamp(1_800_000_000_124), ..DEED }),
            link(&NOTHING, 1, &Deed { actor: "moderator:ad", ..DEED }),
            link(&NOTHING, 1, &Deed { action: "ban.ad", ..DEED }),
            link(&NOTHING, 1, &Deed { subject: "y", ..DEED }),
            link(&NOTHING, 1, &Deed { detail: "{ }", ..DEED }),
        ];
        assert!(others.iter().all(|other| *other != whole));
    }

    proptest! {
        #[test]
        fn a_letter_that_moves_to_the_next_field_changes_the_hash(text in "[a-z]{2,12}", cut in 1..12_usize, other in 1..12_usize) {
            let split = |at: usize| {
                let at = at.min(text.len() - 1);
                let (actor, action) = text.split_at(at);
                (at, link(&NOTHING, 1, &Deed { actor, action, ..DEED }))
            };
            let ((one, first), (two, second)) = (split(cut), split(other));
            prop_assert_eq!(one == two, first == second);
        }

        #[test]
        fn a_head_reads_back(id in any::<i64>(), hash in any::<[u8; 32]>(), rows in any::<u64>()) {
            let head = ChainHead { id, hash, rows };
            prop_assert_eq!(head.to_string().parse(), Ok(head));
        }

        #[test]
        fn what_is_no_head_is_none(text in ".{0,80}") {
            prop_assert_eq!(text.parse::<ChainHead>(), Err(()));
        }
    }
}
