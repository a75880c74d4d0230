//! A store carried to another address, row by row, between SQLite and PostgreSQL and either way.
//!
//! Rows arrive as they are, in stretches of one transaction each that also keeps how far it got, so that a copy that was
//! killed goes on where it stood. Until every table was read back from both sides and is equal, the target is no store
//! yet: whoever opens it is told so. What a row means is not known here.

mod end;
mod mark;
#[cfg(feature = "postgres")]
mod postgres;
mod reading;
mod sqlite;
mod tables;
mod value;

#[cfg(feature = "postgres")]
use std::path::Path;

pub(in crate::store) use self::mark::{KEY, unfinished};
#[cfg(feature = "postgres")]
use self::sqlite::SqliteEnd;
use self::{
    end::End,
    mark::Mark,
    reading::{Pace, Reading, Shape},
};
use super::{Kind, StoreError};
use crate::keys::digest_of;

/// What is told on the way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Told {
    /// A copy that was broken off goes on.
    GoesOn,
    /// A table has so many rows on both sides, and they are equal.
    Equal {
        /// Its name.
        table: &'static str,
        /// Its rows.
        rows: u64,
    },
}

/// Carries all that the store at one address holds to another, which holds nothing yet or the beginning of this very
/// copy. At most so many rows go in one transaction; fewer where they are large.
///
/// # Errors
/// [`StoreError::Path`] with what to do, where a side is unfit, the source changed meanwhile or the sides are not equal;
/// what a database says.
pub async fn transfer(from: &str, to: &str, most: u32, told: &mut dyn FnMut(Told)) -> Result<(), StoreError> {
    let mut source = End::source(Kind::of(from).map_err(named("--from"))?, from).await.map_err(named("--from"))?;
    let mut target = End::target(Kind::of(to).map_err(named("--to"))?, to).await.map_err(named("--to"))?;
    if source.is(&target).await? {
        return Err(StoreError::Path("--from and --to are the same store: give another address to copy to".to_owned()));
    }
    for (end, option) in [(&source, "--from"), (&target, "--to")] {
        if end.is_served().await? {
            return Err(StoreError::Path(format!(
                "a server uses the store at {option}: stop every one of them first; one that was killed is forgotten within 35 s"
            )));
        }
    }
    let print = source.fingerprint().await?;
    let begun = target.prepare(&print).await.map_err(named("--to"))?;
    let mark = match begun {
        Some(mark) if mark.source == print => {
            told(Told::GoesOn);
            mark
        }
        Some(_) => return Err(another_source()),
        None => target.mark().await?.ok_or(StoreError::Unreadable("transfer"))?,
    };
    let mark = copy(&mut source, &mut target, mark, most).await?;
    verify(&mut source, &mut target, told).await?;
    if source.has_changed(&print).await? {
        return Err(changed());
    }
    target.finish(&mark).await
}

/// Rows of one transaction of a backup from PostgreSQL, or a restore into it, at most.
#[cfg(feature = "postgres")]
pub(in crate::store) const ROWS: u32 = 5_000;

/// Carries all that a served store holds at one moment to a file that holds nothing yet.
///
/// # Errors
/// As for [`transfer`].
#[cfg(feature = "postgres")]
pub(in crate::store) async fn to_file(from: &str, file: &Path) -> Result<(), StoreError> {
    let mut source = End::source(Kind::of(from)?, from).await?;
    let mut target = End::Sqlite(SqliteEnd::target(file)?);
    target.prepare("a backup").await?;
    let mark = target.mark().await?.ok_or(StoreError::Unreadable("transfer"))?;
    let mark = copy(&mut source, &mut target, mark, ROWS).await?;
    verify(&mut source, &mut target, &mut |_told| {}).await?;
    target.finish(&mark).await
}

/// Says of which side a sentence is.
fn named(option: &'static str) -> impl Fn(StoreError) -> StoreError {
    move |fault| match fault {
        StoreError::Path(what) if what.contains("store.url") => StoreError::Path(what.replace("store.url", option)),
        StoreError::Path(what) => StoreError::Path(format!("{option}: {what}")),
        other => other,
    }
}

fn another_source() -> StoreError {
    StoreError::Path(format!(
        "--to holds the beginning of a copy of another store, or the store at --from was written to since: {ANEW}"
    ))
}

fn changed() -> StoreError {
    StoreError::Path(format!("the store at --from was written to while it was copied: {ANEW}"))
}

/// How to begin again.
const ANEW: &str = "stop every server that uses it, make the target anew (remove the file, or drop the database and create it again) and begin once more";

/// Copies what has yet to be; the mark when all is there.
async fn copy(source: &mut End, target: &mut End, mut mark: Mark, most: u32) -> Result<Mark, StoreError> {
    if mark.is_all {
        return Ok(mark);
    }
    let begun = mark.table.clone();
    for (name, key) in tables::behind(begun.as_deref()) {
        let shape = Shape::new(name, key, source.columns(name).await?, target.columns(name).await?)?;
        let after = mark.after.clone().filter(|_| mark.table.as_deref() == Some(*name));
        let (mut reading, mut pace) = (Reading::new(&shape, after), Pace::new(most));
        while let Some(rows) = reading.next(source, &mut pace).await? {
            let next = Mark { table: Some((*name).to_owned()), after: reading.reached(), ..mark.clone() };
            target.write(&shape, &rows, (&mark, &next)).await?;
            mark = next;
        }
    }
    let end = Mark { is_all: true, ..mark.clone() };
    target.set_numbers(&source.numbers().await?, (&mark, &end)).await?;
    Ok(end)
}

/// Reads every table back from both sides.
async fn verify(source: &mut End, target: &mut End, told: &mut dyn FnMut(Told)) -> Result<(), StoreError> {
    let differs = |what: &str| {
        Err(StoreError::Path(format!(
            "{what} is not the same on both sides: the store at --from was written to since the copy began, or the target was; {ANEW}"
        )))
    };
    for (table, key) in tables::TABLES {
        let shape = Shape::new(table, key, source.columns(table).await?, target.columns(table).await?)?;
        let ours = digest(source, &shape).await?;
        if ours != digest(target, &shape).await? {
            return differs(&format!("the table {table}"));
        }
        told(Told::Equal { table, rows: ours.0 });
    }
    let (ours, theirs) = (source.numbers().await?, target.numbers().await?);
    // What SQLite derives from the rows is not kept there.
    let is_off = |kept: &tables::Number| ours.get(kept.table) != theirs.get(kept.table);
    match tables::NUMBERS.iter().find(|kept| (kept.is_kept || !target.is_sqlite()) && is_off(kept)) {
        Some(kept) => differs(&format!("the last number given in {}", kept.table)),
        None => Ok(()),
    }
}

/// How many rows there are, and a digest over all of them in the order of their keys.
async fn digest(end: &mut End, shape: &Shape) -> Result<(u64, [u8; 32]), StoreError> {
    let (mut reading, mut pace) = (Reading::new(shape, None), Pace::new(5_000));
    let (mut count, mut digest) = (0, [0; 32]);
    while let Some(rows) = reading.next(end, &mut pace).await? {
        for row in &rows {
            digest = digest_of(&[&digest, &value::bytes(row)]);
            count += 1;
        }
    }
    Ok((count, digest))
}
