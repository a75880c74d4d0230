//! Word files: one entry a line, `#` starts a comment line, blank lines are skipped.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    faults::ConfigFault,
    scope::{Merged, Scope},
    seen::{Seen, reason},
};
use crate::{
    config::{Words, checks::LONGEST_WORD},
    keys::Tag,
};

/// Most entries of one list, files included.
const MOST_ENTRIES: usize = 200_000;
/// Largest word file, in bytes.
const MOST_BYTES: u64 = 64 << 20;
/// Most faults told of one file.
const MOST_TOLD: usize = 10;

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
        let bytes = self
            .seen
            .read(file, MOST_BYTES)
            .map_err(|fault| vec![format!("{name} cannot be read: {}", reason(&fault))])?;
        let text = std::str::from_utf8(&bytes).map_err(|fault| {
            let line = bytes.iter().take(fault.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
            vec![format!("{name}, line {line}, is not UTF-8")]
        })?;
        let lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines().map(str::trim).enumerate();
        let (mut entries, mut wrongs) = (Vec::new(), Vec::new());
        for (n, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            match line.chars().count() {
                length if length > LONGEST_WORD => {
                    wrongs.push(format!("{name}, line {}, has {length} characters", n + 1))
                }
                _ => entries.push(line.to_owned()),
            }
        }
        self.digests.insert(name.to_string(), (entries.len(), crate::keys::digest(&bytes)));
        wrongs.truncate(MOST_TOLD);
        if wrongs.is_empty() { Ok(entries) } else { Err(wrongs) }
    }
}
