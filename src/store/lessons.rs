//! Lessons as both back ends keep them: what a decision teaches, and what a row of the log says.

use super::{LessonKind, LoggedLesson};
use crate::domain::{CommentId, Decision};

/// A lesson with what was decided on: as the lesson kept it, else as the comment has it.
pub(super) const LESSONS: &str = "SELECT l.seq, l.site, l.kind, l.comment, l.since, coalesce(l.body, c.body) AS body,
       CASE WHEN l.body IS NULL THEN c.name ELSE l.name END AS name,
       CASE WHEN l.body IS NULL THEN c.url ELSE l.url END AS url, coalesce(l.signals, c.signals) AS signals, l.digest
     FROM lessons l LEFT JOIN comments c ON c.id = l.comment AND l.kind IN ('ham', 'spam')";

/// What a decision teaches. A text turned down for what it says may be a person's all the same.
pub(super) fn label(decision: Decision) -> Option<&'static str> {
    match decision {
        Decision::Approve => Some("ham"),
        Decision::Spam => Some("spam"),
        Decision::Reject | Decision::Pending => None,
    }
}

/// A row of the log; none where one that takes something back does not say from where on.
pub(super) fn logged(seq: i64, kind: &str, comment: Option<CommentId>, since: Option<i64>) -> Option<LoggedLesson> {
    let kind = match (kind, since) {
        ("ham", _) => LessonKind::Ham,
        ("spam", _) => LessonKind::Spam,
        ("void", Some(since)) => LessonKind::Void { since },
        (_, Some(since)) => LessonKind::Rollback { since },
        (_, None) => return None,
    };
    Some(LoggedLesson { seq, kind, comment })
}
