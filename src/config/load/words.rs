//! Files of words and of domains, whose entries join the lists that name them. Every entry that is wrong is
//! told with its file and line.
//!
//! A file is read once and a list made once, however many sites share it. What a list is for is not known here.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    entries::{self, MOST_TOLD},
    faults::ConfigFault,
    scope::{Merged, Scope},
    seen::Seen,
};
use crate::{
    config::{Site, checks, values::domain},
    keys::Tag,
};

/// Largest file, in bytes.
const MOST_BYTES: u64 = 64 << 20;
/// What a list's entries are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Words,
    Domains,
}

impl Kind {
    /// The entry as it is kept.
    ///
    /// # Errors
    /// What is wrong with it.
    fn entry(self, line: &str) -> Result<String, String> {
        match self {
            Self::Words => checks::word(line).map(|()| line.to_owned()),
            Self::Domains => domain(line).map_err(|misfit| misfit.wrong),
        }
    }

    fn right(self) -> String {
        match self {
            Self::Words => {
                format!("give a UTF-8 file with one entry of at most {} characters a line", checks::LONGEST_WORD)
            }
            Self::Domains => "give a UTF-8 file with one domain a line, e.g. spam.example".to_owned(),
        }
    }

    /// Most entries of one list, files included.
    fn most(self) -> usize {
        match self {
            Self::Words => 200_000,
            Self::Domains => 1_000_000,
        }
    }
}

type Entries = Arc<[String]>;

/// One list of a site, and the files that add to it.
struct List<'c> {
    kind: Kind,
    key: &'static str,
    files_key: &'static str,
    entries: &'c mut Entries,
    files: &'c mut Vec<PathBuf>,
}

/// A list that was made: of what kind, from which entries and files.
type Made = (Kind, Entries, Vec<PathBuf>, Entries);

/// Reads every file once, however many lists name it.
pub(super) struct WordFiles<'a> {
    base: &'a Path,
    seen: &'a mut Seen,
    read: BTreeMap<(Kind, PathBuf), Result<Entries, Vec<String>>>,
    made: Vec<Made>,
    digests: BTreeMap<String, (usize, Tag)>,
}

impl<'a> WordFiles<'a> {
    pub(super) fn new(base: &'a Path, seen: &'a mut Seen) -> Self {
        Self { base, seen, read: BTreeMap::new(), made: Vec::new(), digests: BTreeMap::new() }
    }

    /// Each file as it was named, with the number of its entries and the digest of its content.
    pub(super) fn digests(self) -> BTreeMap<String, (usize, Tag)> {
        self.digests
    }

    /// Adds the files' entries to a site's lists.
    pub(super) fn fill(&mut self, site: &mut Site, merged: &Merged, scope: Scope, faults: &mut Vec<ConfigFault>) {
        for list in lists(site) {
            self.complete(list, merged, scope, faults);
        }
    }

    fn complete(&mut self, list: List<'_>, merged: &Merged, scope: Scope, faults: &mut Vec<ConfigFault>) {
        let List { kind, key, files_key, entries, files } = list;
        files.iter_mut().for_each(|file| *file = self.base.join(&*file));
        let same = |made: &&Made| made.0 == kind && made.1 == *entries && made.2 == *files;
        if let Some((.., whole)) = self.made.iter().find(same) {
            *entries = Arc::clone(whole);
            return;
        }
        let (mut all, mut broken) = (entries.to_vec(), false);
        for (n, file) in files.iter().enumerate() {
            match self.entries(kind, file) {
                Ok(more) => all.extend(more.iter().cloned()),
                Err(wrongs) => {
                    broken = true;
                    let told = |wrong: &String| merged.item_fault(scope, files_key, n, wrong.clone(), kind.right());
                    faults.extend(wrongs.iter().map(told));
                }
            }
        }
        if all.len() > kind.most() {
            let wrong = format!("the list has {} entries", all.len());
            let key = if files.is_empty() { key } else { files_key };
            faults.push(merged.fault(scope, key, wrong, format!("keep it to {}", kind.most())));
        }
        if kind == Kind::Domains {
            all.sort_unstable();
            all.dedup();
        }
        let whole: Entries = all.into();
        if !broken {
            self.made.push((kind, Arc::clone(entries), files.clone(), Arc::clone(&whole)));
        }
        *entries = whole;
    }

    fn entries(&mut self, kind: Kind, file: &Path) -> &Result<Entries, Vec<String>> {
        let place = (kind, file.to_owned());
        if !self.read.contains_key(&place) {
            let outcome = self.parse(kind, file);
            self.read.insert(place.clone(), outcome);
        }
        self.read.entry(place).or_insert_with(|| Ok(Entries::default()))
    }

    fn parse(&mut self, kind: Kind, file: &Path) -> Result<Entries, Vec<String>> {
        let name = file.display();
        let read = entries::read(self.seen, file, MOST_BYTES).map_err(|wrong| vec![wrong])?;
        let (mut entries, mut wrongs) = (Vec::with_capacity(read.lines.len()), Vec::new());
        for (n, line) in read.lines {
            match kind.entry(&line) {
                Ok(entry) => entries.push(entry),
                Err(wrong) => wrongs.push(format!("{name}, line {n}: {wrong}")),
            }
        }
        let what = if kind == Kind::Words { "word" } else { "list" };
        self.digests.insert(format!("{what} file {name}"), (entries.len(), read.digest));
        wrongs.truncate(MOST_TOLD);
        if wrongs.is_empty() { Ok(entries.into()) } else { Err(wrongs) }
    }
}

/// Every list of a site.
fn lists(site: &mut Site) -> [List<'_>; 4] {
    let (words, lists) = (&mut site.moderation.words, &mut site.scoring.lists);
    [
        List {
            kind: Kind::Words,
            key: "moderation.words.hold",
            files_key: "moderation.words.hold_files",
            entries: &mut words.hold,
            files: &mut words.hold_files,
        },
        List {
            kind: Kind::Words,
            key: "moderation.words.reject",
            files_key: "moderation.words.reject_files",
            entries: &mut words.reject,
            files: &mut words.reject_files,
        },
        List {
            kind: Kind::Domains,
            key: "scoring.lists.link_domains",
            files_key: "scoring.lists.link_domain_files",
            entries: &mut lists.link_domains,
            files: &mut lists.link_domain_files,
        },
        List {
            kind: Kind::Domains,
            key: "scoring.lists.mail_domains",
            files_key: "scoring.lists.mail_domain_files",
            entries: &mut lists.mail_domains,
            files: &mut lists.mail_domain_files,
        },
    ]
}
