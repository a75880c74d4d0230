//! Which lessons of a log still hold, after all that was taken back and rolled back.

use std::collections::HashMap;

use crate::{
    domain::CommentId,
    store::{LessonKind, LoggedLesson},
};

/// The labels that hold at the end of a log, in its order. The log may begin behind a snapshot that nothing
/// in it reaches back over.
#[must_use]
pub fn effective(log: &[LoggedLesson]) -> Vec<LoggedLesson> {
    let mut labels = Vec::new();
    // From the end: whoever takes something back is met first, and a roll-back skips what it takes back.
    let mut void_since: HashMap<CommentId, i64> = HashMap::new();
    let mut rest = log;
    while let Some((row, before)) = rest.split_last() {
        rest = before;
        match (row.kind, row.comment) {
            (LessonKind::Rollback { since }, _) => {
                let kept = before.partition_point(|row| row.seq < since);
                rest = before.get(..kept).unwrap_or_default();
            }
            (LessonKind::Void { since }, Some(comment)) => {
                let first = void_since.entry(comment).or_insert(since);
                *first = since.min(*first);
            }
            (LessonKind::Ham | LessonKind::Spam, Some(comment)) => {
                if void_since.get(&comment).is_none_or(|since| row.seq < *since) {
                    labels.push(*row);
                }
            }
            (_, None) => {}
        }
    }
    labels.reverse();
    labels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use LessonKind::{Ham, Rollback, Spam, Void};

    fn holds(rows: &[(LessonKind, usize)]) -> Vec<i64> {
        let ids: Vec<CommentId> = (0..8).map(|_| CommentId::new(Timestamp(1))).collect();
        let row = |(seq, (kind, comment)): (i64, &(LessonKind, usize))| LoggedLesson {
            seq,
            kind: *kind,
            comment: (!matches!(kind, Rollback { .. })).then(|| ids[*comment]),
        };
        let log: Vec<LoggedLesson> = (1..).zip(rows).map(row).collect();
        effective(&log).iter().map(|row| row.seq).collect()
    }

    #[test]
    fn what_is_taken_back_holds_no_more_and_what_follows_does() {
        assert_eq!(holds(&[(Ham, 0), (Spam, 1), (Void { since: 1 }, 0), (Spam, 0)]), [2, 4]);
        assert_eq!(holds(&[(Ham, 0), (Void { since: 1 }, 0), (Ham, 0), (Void { since: 1 }, 0)]), Vec::<i64>::new());
    }

    #[test]
    fn words_that_were_changed_keep_what_they_taught() {
        assert_eq!(holds(&[(Ham, 0), (Spam, 0), (Void { since: 2 }, 0), (Ham, 0)]), [1, 4]);
    }

    #[test]
    fn a_roll_back_is_the_log_as_it_was_with_what_was_taken_back_since() {
        assert_eq!(holds(&[(Ham, 0), (Void { since: 1 }, 0), (Spam, 0), (Rollback { since: 2 }, 0)]), [1]);
        assert_eq!(holds(&[(Ham, 0), (Spam, 1), (Rollback { since: 1 }, 0), (Ham, 2)]), [4]);
    }

    #[test]
    fn a_roll_back_can_be_rolled_back() {
        let log = [(Ham, 0), (Spam, 1), (Rollback { since: 2 }, 0), (Ham, 2), (Rollback { since: 3 }, 0)];
        assert_eq!(holds(&log[..4]), [1, 4]);
        assert_eq!(holds(&log), [1, 2]);
    }
}
