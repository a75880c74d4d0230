//! A lesson as the model takes it: the commenter's own words and what the rules had seen, nothing of the
//! moderator's.

use crate::{
    scoring::{
        Beside,
        learned::{Document, Input},
    },
    store::LessonText,
    text::Reading,
};

/// The document that a moderator decided on. The site's own hosts are those of today.
pub(super) fn document<'a>(text: &'a LessonText, own_hosts: &[String]) -> Document<'a> {
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
