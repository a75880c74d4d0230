//! Word files, whose entries join the lists that name them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    entries::{self, MOST_TOLD},
    faults::ConfigFault,
    scope::{Merged, Scope},
    seen::Seen,
};
use crate::{
    config::{Words, checks::LONGEST_WORD},
    keys::Tag,
};

/// Most entries of one list, files included.
const MOST_ENTRIES: usize = 200_000;
/// Largest word file, in bytes.
const MOST_BYTES: u64 = 64 << 20;

/// Reads every word file once, however many lists name it.
pub(super) struct WordFiles<'a> {
    base: &'a Path,
    seen: &'a mut Seen,
    read: BTreeMap<PathBuf, Result<Vec<String>, Vec<String>>>,
    digests: BTreeMap<String, (usize, Tag)>,
}

impl<'a> WordFiles<'a> {
    pub(super) fn new(base: &'a Path, seen: &'a mut Seen) -> Self {
        Self { base, seen, read: BTreeMap::new(), digests: BTreeMap::new() }
    }

    /// Each file as it was named, with the number of its entries and the digest of its content.
    pub(super) fn digests(self) -> BTreeMap<String, (usize, Tag)> {
        self.digests
    }

    /// Adds the files' entries to their lists.
    pub(super) fn fill(&mut self, words: &mut Words, merged: &Merged, scope: Scope, faults: &mut Vec<ConfigFault>) {
        let Words { hold, reject, hold_files, reject_files } = words;
        for (name, list, files) in [("hold", hold, hold_files), ("reject", reject, reject_files)] {
            let key = format!("moderation.words.{name}_files");
            for (n, file) in files.iter_mut().enumerate() {
                *file = self.base.join(&*file);
                match self.entries(file) {
                    Ok(entries) => list.extend(entries.iter().cloned()),
                    Err(wrongs) => {
                        let right =
                            format!("give a UTF-8 file with one entry of at most {LONGEST_WORD} characters a line");
                        let told =
                            wrongs.iter().map(|wrong| merged.item_fault(scope, &key, n, wrong.clone(), right.clone()));
                        faults.extend(told);
                    }
                }
            }
            if list.len() > MOST_ENTRIES {
                let wrong = format!("the list has {} entries", list.len());
                let key = if files.is_empty() { format!("moderation.words.{name}") } else { key };
                faults.push(merged.fault(scope, &key, wrong, format!("keep it to {MOST_ENTRIES}")));
            }
        }
    }

    fn entries(&mut self, file: &Path) -> Result<&[String], &[String]> {
        if !self.read.contains_key(file) {
            let outcome = self.parse(file);
            self.read.insert(file.to_owned(), outcome);
        }
        match self.read.get(file) {
            Some(Ok(entries)) => Ok(entries),
            Some(Err(wrongs)) => Err(wrongs),
            None => Ok(&[]),
        }
    }

    fn parse(&mut self, file: &Path) -> Result<Vec<String>, Vec<String>> {
        let name = file.display();
        let read = entries::read(self.seen, file, MOST_BYTES).map_err(|wrong| vec![wrong])?;
        let count = read.lines.len();
        let (mut entries, mut wrongs) = (Vec::with_capacity(count), Vec::new());
        for (n, line) in read.lines {
            match line.chars().count() {
                length if length > LONGEST_WORD => wrongs.push(format!("{name}, line {n}, has {length} characters")),
                _ => entries.push(line),
            }
        }
        self.digests.insert(format!("word file {name}"), (entries.len(), read.digest));
        wrongs.truncate(MOST_TOLD);
        if wrongs.is_empty() { Ok(entries) } else { Err(wrongs) }
    }
}
