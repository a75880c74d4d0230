//! One site's model behind its lock, and how it takes lessons one by one.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::{example::example, snapshots::EVERY};
use crate::{domain::Timestamp, scoring::learned::Model, store::Lesson};

/// A model and how far it is.
pub(super) struct Knowledge {
    pub(super) model: Model,
    /// The last row of the log that it knows.
    pub(super) seq: i64,
    /// The last row that its newest snapshot knows.
    pub(super) kept: i64,
    /// When it last learned something.
    pub(super) at: Timestamp,
}

/// A model as bytes, and after which row.
pub(super) struct Written {
    pub(super) seq: i64,
    pub(super) labels: u64,
    pub(super) bytes: Vec<u8>,
}

impl Knowledge {
    /// Takes one lesson in.
    fn learn(&mut self, lesson: &Lesson, hosts: &[String]) {
        if let Some((spam, document)) = example(lesson, hosts) {
            self.model.learn(&document, spam, number(lesson.row.seq));
        }
        self.seq = lesson.row.seq;
    }

    /// Takes several in, while nobody else looks.
    pub(super) fn learn_all(mut self, lessons: &[Lesson], hosts: &[String]) -> Self {
        for lesson in lessons {
            self.learn(lesson, hosts);
        }
        self
    }

    pub(super) fn labels(&self) -> u64 {
        self.model.labels().spam + self.model.labels().ham
    }

    pub(super) fn written(&self) -> Written {
        Written { seq: self.seq, labels: self.labels(), bytes: self.model.to_bytes() }
    }
}

fn number(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or(0)
}

/// What a site's readers look at. A reader waits for one lesson at most.
pub(super) struct Pupil(RwLock<Knowledge>);

impl Pupil {
    pub(super) fn new(knowledge: Knowledge) -> Self {
        Self(RwLock::new(knowledge))
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, Knowledge> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Knowledge> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Learns labels that follow what it knows, each by itself; the model as bytes after every hundredth.
    pub(super) fn learn(&self, lessons: &[Lesson], hosts: &[String], now: Timestamp) -> Vec<Written> {
        let mut written = Vec::new();
        for lesson in lessons {
            if lesson.row.seq <= self.read().seq {
                continue;
            }
            // Reading the words takes longer than learning them, and needs no model.
            let Some((spam, document)) = example(lesson, hosts) else {
                self.write().seq = lesson.row.seq;
                continue;
            };
            let mut knowledge = self.write();
            knowledge.model.learn(&document, spam, number(lesson.row.seq));
            (knowledge.seq, knowledge.at) = (lesson.row.seq, now);
            let is_due = knowledge.labels().is_multiple_of(EVERY);
            drop(knowledge);
            if is_due {
                written.push(self.read().written());
            }
        }
        written
    }

    /// Takes another's place in everybody's eyes at once.
    pub(super) fn become_another(&self, knowledge: Knowledge) {
        let before = std::mem::replace(&mut *self.write(), knowledge);
        // Freeing megabytes keeps no reader waiting.
        drop(before);
    }
}
