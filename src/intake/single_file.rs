//! One at a time under one key: a repeated request waits for the first and then finds its answer.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

type Lines = Arc<Mutex<HashMap<[u8; 32], Arc<Turn<()>>>>>;

/// The lines that stand now.
#[derive(Clone, Default)]
pub(super) struct SingleFile {
    lines: Lines,
}

/// A turn; the next in line gets it when this is dropped.
pub(super) struct Holding {
    key: [u8; 32],
    turn: Option<OwnedMutexGuard<()>>,
    lines: Lines,
}

impl SingleFile {
    /// Waits for everybody who asked before under this key.
    pub(super) async fn wait(&self, key: [u8; 32]) -> Holding {
        let turn = {
            let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(lines.entry(key).or_default())
        };
        // Made before the wait: who goes away in the middle of it must leave no line without people.
        let mut holding = Holding { key, turn: None, lines: Arc::clone(&self.lines) };
        holding.turn = Some(turn.lock_owned().await);
        holding
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.turn.take());
        // Held by the map alone: nobody waits, and nobody can begin to while the map is locked.
        if lines.get(&self.key).is_some_and(|line| Arc::strong_count(line) == 1) {
            lines.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn who_leaves_the_line_leaves_nothing_behind() {
        let lines = SingleFile::default();
        let first = lines.wait([1; 32]).await;
        let mut second = Box::pin(lines.wait([1; 32]));
        assert!(second.as_mut().now_or_never().is_none(), "it is not its turn");
        drop(first);
        // Its client went away after the turn was given and before it was taken.
        drop(second);
        assert!(lines.lines.lock().unwrap().is_empty());
    }
}
