//! A lesson as the model takes it: the commenter's own words and what the rules had seen, nothing of the
//! moderator's; or the numbers of them, where the words' time is over.

use crate::{
    scoring::{
        Beside,
        learned::{Document, Input},
    },
    store::{Lesson, LessonKind, LessonText},
    text::Reading,
};

/// What a label says and of what; none where it is none, or the comment was erased.
pub(super) fn example<'a>(lesson: &'a Lesson, own_hosts: &[String]) -> Option<(bool, Document<'a>)> {
    let spam = match lesson.row.kind {
        LessonKind::Spam => true,
        LessonKind::Ham => false,
        LessonKind::Void { .. } | LessonKind::Rollback { .. } => return None,
    };
    let document = match (&lesson.text, &lesson.digest) {
        (_, Some(digest)) => Document::of_digest(digest)?,
        (Some(text), None) => document(text, own_hosts).in_order(),
        (None, None) => return None,
    };
    Some((spam, document))
}

/// What a model makes of a text, without its words: what is kept of a lesson whose text's time is over.
#[must_use]
pub fn digest(text: &LessonText, own_hosts: &[String]) -> Vec<u8> {
    document(text, own_hosts).digest()
}

/// The document that a moderator decided on. The site's own hosts are those of today.
fn document<'a>(text: &'a LessonText, own_hosts: &[String]) -> Document<'a> {
    let reading = Reading::of(&text.body);
    let Beside { near_copy, rules } = Beside::of(&text.signals);
    Document::new(&Input {
        name: &text.name,
        url: text.url.as_deref(),
        body: &text.body,
        reading: &reading,
        own_hosts,
        near_copy,
        rules,
    })
}
