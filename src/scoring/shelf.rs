//! Compiled word lists, each once: sites share them, and new settings compile only what they change.

use std::sync::Arc;

use crate::text::WordList;

/// A list by the entries that it was compiled from.
type Kept = (Arc<[String]>, Arc<WordList>);

/// Compiled lists by their entries.
#[derive(Default)]
pub struct Shelf {
    kept: Vec<Kept>,
    earlier: Vec<Kept>,
}

impl Shelf {
    /// An empty one that takes over what is asked for of another.
    #[must_use]
    pub fn after(earlier: &Self) -> Self {
        Self { kept: Vec::new(), earlier: earlier.kept.clone() }
    }

    /// Lets go of what was not asked for.
    pub fn settle(&mut self) {
        self.earlier.clear();
    }

    /// The list of these entries, compiled now where it was not before.
    pub(super) fn list(&mut self, entries: &Arc<[String]>) -> Arc<WordList> {
        let same = |(known, _): &&Kept| Arc::ptr_eq(known, entries) || known == entries;
        if let Some((_, list)) = self.kept.iter().find(same) {
            return Arc::clone(list);
        }
        let list = match self.earlier.iter().find(same) {
            Some((_, list)) => Arc::clone(list),
            None => Arc::new(WordList::new(entries.iter())),
        };
        self.kept.push((Arc::clone(entries), Arc::clone(&list)));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(list: &[&str]) -> Arc<[String]> {
        list.iter().map(|entry| (*entry).to_owned()).collect()
    }

    #[test]
    fn a_list_is_compiled_once_for_all_sites_and_kept_over_new_settings_while_somebody_uses_it() {
        let mut first = Shelf::default();
        let (casino, poker) = (first.list(&entries(&["casino"])), first.list(&entries(&["poker"])));
        assert!(Arc::ptr_eq(&casino, &first.list(&entries(&["casino"]))));
        let mut second = Shelf::after(&first);
        assert!(Arc::ptr_eq(&casino, &second.list(&entries(&["casino"]))));
        second.settle();
        drop(first);
        assert_eq!((Arc::strong_count(&casino), Arc::strong_count(&poker)), (2, 1));
    }
}
