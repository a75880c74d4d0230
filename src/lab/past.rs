//! Reading the past: the newest submissions of some sites, in stretches, so that a server beside it is never long
//! without its processor.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Label, Row};
use crate::{
    domain::Timestamp,
    store::{RecordedQuery, Store, StoreError, Stretch},
};

/// Most comments, and most refusals, that are looked at.
pub const MOST: usize = 100_000;
/// Rows in one read.
const STRETCH: usize = 2_000;

/// Which submissions.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Of these sites; of all without.
    pub sites: Option<Vec<String>>,
    /// That came then or later.
    pub since: Timestamp,
    /// Decisions of programs count too, as where moderators work in another system.
    pub programs: bool,
    /// With the authors' records of the time, which only mode `trusted` asks for: the dearest part of the read.
    pub records: bool,
}

/// What was read.
pub struct Past {
    /// The submissions, newest first, refusals after all others.
    pub rows: Vec<Row>,
    /// What to know of them.
    pub notes: Notes,
}

/// What to know of the past before believing figures about it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, ToSchema)]
pub struct Notes {
    /// Decisions by a program's token, which count as undecided unless they are asked for.
    pub by_programs: u64,
    /// Decided samples of what a threshold keeps from the queue; each stands for all of its like.
    pub samples: u64,
    /// Checked by another captcha provider than the one in force: their captcha scores are not looked at.
    pub other_provider: u64,
    /// More came than are looked at: these are the newest.
    pub cut: bool,
}

/// Reads it, and hands each stretch on as it comes.
///
/// # Errors
/// The store's.
pub(super) async fn walk(store: &Store, wanted: &Wanted, mut take: impl FnMut(Row)) -> Result<Notes, StoreError> {
    let mut notes = Notes::default();
    let mut hand_on = |mut row: Row| {
        if row.by_program && row.label != Label::Undecided {
            if !wanted.programs {
                row.label = Label::Undecided;
            }
            notes.by_programs += 1;
        }
        notes.samples += u64::from(row.sampled.is_some() && row.label != Label::Undecided);
        take(row);
    };
    let mut query = RecordedQuery {
        sites: wanted.sites.clone(),
        since: wanted.since,
        decided: false,
        records: wanted.records,
        from: Stretch::Newest(None),
        limit: STRETCH,
    };
    let mut read = 0;
    let comments_end = loop {
        let rows = store.recorded(query.clone()).await?;
        let (count, last) = (rows.len(), rows.last().map(|row| row.id));
        read += count;
        rows.into_iter().map(Row::from).for_each(&mut hand_on);
        match last {
            Some(last) if count == STRETCH && read < MOST => query.from = Stretch::Newest(Some(last)),
            _ => break count < STRETCH,
        }
    };
    let (mut before, mut read) = (None, 0);
    let refusals_end = loop {
        let rows = store.refused_by_score(wanted.sites.clone(), wanted.since, before, STRETCH).await?;
        let count = rows.len();
        read += count;
        before = rows.last().map(|row| row.id);
        rows.into_iter().map(Row::from).for_each(&mut hand_on);
        if count < STRETCH || read >= MOST {
            break count < STRETCH;
        }
    };
    notes.cut = !(comments_end && refusals_end);
    Ok(notes)
}

/// Reads it all.
///
/// # Errors
/// The store's.
pub async fn read(store: &Store, wanted: &Wanted) -> Result<Past, StoreError> {
    let mut rows = Vec::new();
    let notes = walk(store, wanted, |row| rows.push(row)).await?;
    Ok(Past { rows, notes })
}
