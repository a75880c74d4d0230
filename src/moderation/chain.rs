//! Whether the audit is still as it was written: every row follows the one before, and the last is the one that is
//! kept as the last.
//!
//! It names the first row where that ends, and as well as it can what was done to it. Who may have done it, and what
//! a whole chain proves, docs/threat-model.md tells.

use std::str::FromStr;

use crate::{
    keys::unhex,
    store::{AuditEntry, ChainHead, ChainStretch, Key, Store, StoreError, link},
};

/// Rows in one read.
const STRETCH: usize = 5_000;

/// A head that was written down elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Noted {
    /// Its row.
    pub id: i64,
    /// The hash that row had.
    pub hash: Key,
}

/// `ID:HASH`.
impl FromStr for Noted {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (id, hash) = text.split_once(':').ok_or(FORM)?;
        Ok(Self { id: id.parse().map_err(|_odd| FORM)?, hash: unhex(hash).ok_or(FORM)? })
    }
}

const FORM: &str = "give ID:HASH as `audit verify` printed it, a row's number and 64 hexadecimal digits";

/// The first thing that is not as it was written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each says of itself what it means")]
pub enum Fault {
    #[error("row {0} was inserted: the program did not write it there")]
    Inserted(i64),
    #[error("row {0} was altered: it does not say what was written")]
    Altered(i64),
    #[error("the hash of row {0} was altered: the row says what was written")]
    HashAltered(i64),
    #[error("row {0} was renumbered: it is row {1} now")]
    Renumbered(i64, i64),
    #[error("rows {0} and {1} were reordered: each stands in the other's place")]
    Reordered(i64, i64),
    #[error("row {0} is not the one that was written there: it was altered, or rows were reordered")]
    Strange(i64),
    #[error("{}: row {} does not follow row {}", missing(*.0, *.1), .1 + 1, .0 - 1)]
    Dropped(i64, i64),
    #[error("{} at the end: the last one that was written is row {}", missing(*.0, *.1), .1)]
    Cut(i64, i64),
    #[error("the head that is kept beside the audit is missing or spoilt")]
    NoHead,
    #[error("the head that is kept beside the audit is not that of row {0}, the last one: one of the two was altered")]
    OtherHead(i64),
    #[error("the noted row {0} is missing: the audit ends with row {1}")]
    NotedMissing(i64, i64),
    #[error("row {0} has another hash than the one noted: the audit was written anew, or the note is of another store")]
    NotedOther(i64),
}

fn missing(from: i64, to: i64) -> String {
    if from == to { format!("row {from} is missing") } else { format!("rows {from} to {to} are missing") }
}

/// Follows the chain from its first row to its last.
///
/// # Errors
/// The store's; a broken chain is no error of this kind.
pub async fn verify(store: &Store, noted: Option<Noted>) -> Result<Result<ChainHead, Fault>, StoreError> {
    let (mut at, mut after, mut found) = (ChainHead::START, None, None);
    loop {
        let stretch = store.audit_chain(after, STRETCH).await?;
        for row in &stretch.rows {
            let joined = at.joined(row.id, &row.deed());
            if row.hash != Some(joined.hash) {
                let next = store.audit_chain(Some(row.id), 1).await?.rows;
                return Ok(Err(fault(&at, row, next.first(), stretch.head)));
            }
            // Numbers are given without a gap and never anew, so rows that were cut off leave one, whatever was
            // written since and whatever the head says.
            if row.id != at.id.saturating_add(1) {
                return Ok(Err(Fault::Dropped(at.id.saturating_add(1), row.id - 1)));
            }
            if noted.is_some_and(|noted| noted.id == row.id) {
                found = row.hash;
            }
            (at, after) = (joined, Some(row.id));
        }
        if stretch.rows.len() < STRETCH {
            return Ok(ends(&at, &stretch).and_then(|()| as_noted(&at, noted, found)).map(|()| at));
        }
    }
}

/// What was done to the first row that does not follow. The row behind it is a witness: it was chained to what stood
/// here.
fn fault(before: &ChainHead, row: &AuditEntry, next: Option<&AuditEntry>, head: Option<ChainHead>) -> Fault {
    let (id, due) = (row.id, before.id.saturating_add(1));
    let Some(hash) = row.hash else { return Fault::Inserted(id) };
    let follows = |next: &AuditEntry, before: &Key, id: i64| Some(link(before, id, &next.deed())) == next.hash;
    if id != due && follows(row, &before.hash, due) {
        return Fault::Renumbered(due, id);
    }
    let of_this = link(&before.hash, id, &row.deed());
    let gap = (id > due).then(|| Fault::Dropped(due, id - 1));
    match next {
        Some(next) if follows(next, &before.hash, next.id) => Fault::Inserted(id),
        // What belongs here stands one place further on: the two changed places, or this one came before it.
        Some(next) if follows(next, &before.hash, id) => match next.hash {
            Some(of_next) if follows(row, &of_next, next.id) => Fault::Reordered(id, next.id),
            _ => Fault::Inserted(id),
        },
        Some(next) if follows(next, &hash, next.id) => gap.unwrap_or(Fault::Altered(id)),
        Some(next) if follows(next, &of_this, next.id) => Fault::HashAltered(id),
        Some(_) => gap.unwrap_or(Fault::Strange(id)),
        // Nothing follows: the head that is kept is the witness.
        None => match head {
            Some(head) if id > head.id => Fault::Inserted(id),
            Some(head) if head.hash == of_this => Fault::HashAltered(id),
            Some(head) if head.hash == hash => gap.unwrap_or(Fault::Altered(id)),
            _ => gap.unwrap_or(Fault::Strange(id)),
        },
    }
}

/// Whether the chain ends where it did.
fn ends(at: &ChainHead, stretch: &ChainStretch) -> Result<(), Fault> {
    if stretch.given > at.id {
        return Err(Fault::Cut(at.id.saturating_add(1), stretch.given));
    }
    match stretch.head {
        None => Err(Fault::NoHead),
        Some(head) if head == *at => Ok(()),
        Some(head) if head.id > at.id => Err(Fault::Cut(at.id.saturating_add(1), head.id)),
        Some(_) => Err(Fault::OtherHead(at.id)),
    }
}

fn as_noted(at: &ChainHead, noted: Option<Noted>, found: Option<Key>) -> Result<(), Fault> {
    match noted {
        None => Ok(()),
        // The note of an audit that was still empty.
        Some(noted) if noted.id == 0 && noted.hash == ChainHead::START.hash => Ok(()),
        Some(noted) if found == Some(noted.hash) => Ok(()),
        Some(noted) if found.is_some() => Err(Fault::NotedOther(noted.id)),
        Some(noted) => Err(Fault::NotedMissing(noted.id, at.id)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_a_row_and_its_hash() {
        let hash = "0f".repeat(32);
        assert_eq!(format!("12:{hash}").parse(), Ok(Noted { id: 12, hash: [15; 32] }));
        for wrong in ["", "12", "12:", ":0f", "x:0f", &format!("12:{hash}0"), &format!("12:{hash}:3"), &hash] {
            assert_eq!(wrong.parse::<Noted>(), Err(FORM), "{wrong}");
        }
    }

    #[test]
    fn faults_are_sentences_that_name_the_row() {
        assert_eq!(Fault::Dropped(3, 3).to_string(), "row 3 is missing: row 4 does not follow row 2");
        assert_eq!(Fault::Dropped(3, 5).to_string(), "rows 3 to 5 are missing: row 6 does not follow row 2");
        assert_eq!(Fault::Cut(9, 9).to_string(), "row 9 is missing at the end: the last one that was written is row 9");
    }
}
