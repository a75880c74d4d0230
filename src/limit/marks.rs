//! Marks that instances leave each other in Redis: a key is there, or it is not.
//!
//! They are hints. Where there is no Redis, or it does not serve, no mark is there and leaving one does
//! nothing; what a mark stands for must hold without it.

use std::time::Duration;

use super::Limiter;

impl Limiter {
    /// Whether marks reach other instances at all.
    #[must_use]
    pub fn shares(&self) -> bool {
        #[cfg(feature = "redis")]
        return self.shared.is_some();
        #[cfg(not(feature = "redis"))]
        false
    }

    /// Whether another instance left this mark. One round trip of 50 ms at most (100 ms on a machine so busy
    /// that the answer lay unread).
    pub async fn is_marked(&self, key: &str) -> bool {
        #[cfg(feature = "redis")]
        if let Some(shared) = &self.shared {
            let outcome = shared.has_mark(key, self.clock.now().0).await;
            self.note_exchange(shared, matches!(outcome, Some(Err(_))));
            return matches!(outcome, Some(Ok(true)));
        }
        #[cfg(not(feature = "redis"))]
        let _nowhere_to_look = key;
        false
    }

    /// Leaves marks for so long, in whole seconds.
    pub async fn mark(&self, marks: &[(String, Duration)]) {
        #[cfg(feature = "redis")]
        if let Some(shared) = &self.shared
            && !marks.is_empty()
        {
            let failed = shared.leave_marks(marks, self.clock.now().0).await;
            self.note_exchange(shared, failed.is_some());
        }
        #[cfg(not(feature = "redis"))]
        let _nowhere_to_leave_them = marks;
    }
}
