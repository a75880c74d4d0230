//! A statement of reasons in words: what was decided on a comment, why, by whom or what, and how to contest it, as
//! Article 17 of Regulation (EU) 2022/2065 asks.
//!
//! It takes the facts as they are and finds none. Another language is another function of this shape beside `english`.

use crate::{
    config::{Ground, Reason},
    domain::{Status, Timestamp},
    moderation::Facts,
};

/// Characters of the comment that are repeated, so that its author knows which one is meant.
const EXCERPT: usize = 100;

/// What the decision was taken for.
#[derive(Clone, Copy)]
pub(in crate::http) enum Why<'a> {
    /// A reason of the site's list.
    Listed(&'a Reason),
    /// In somebody's own words.
    Told(&'a str),
    /// Nobody said.
    Untold,
}

/// Ready to be sent.
pub(in crate::http) struct Statement {
    /// One line.
    pub(in crate::http) subject: String,
    /// Plain text.
    pub(in crate::http) text: String,
}

impl Why<'_> {
    /// What it rests on. What was taken for spam without a word is against any site's terms.
    pub(in crate::http) fn ground(self, status: Status) -> Option<Ground> {
        match self {
            Self::Listed(reason) => reason.ground,
            Self::Untold if status == Status::Spam => Some(Ground::Terms),
            Self::Told(_) | Self::Untold => None,
        }
    }
}

/// The statement in English.
pub(in crate::http) fn english(facts: &Facts, why: Why<'_>, contact: &str) -> Statement {
    let Facts { name, page, body, created_at, decided_at, .. } = facts;
    let host = page.split_once("://").and_then(|(_, rest)| rest.split(['/', '?']).next()).unwrap_or(&facts.site);
    let done =
        if facts.removed { "It was shown to readers and has been removed" } else { "It is not shown to readers" };
    let text = format!(
        "Hello {name},\n\n\
         on {} you wrote a comment on this page:\n{page}\nIt begins: \u{201c}{}\u{201d}\n\n\
         {done}. The decision is of {}. It holds for this comment, everywhere and without an end.\n\n\
         Why: {}\n\n\
         How it came about: {}\n\n\
         {}\n\
         Please name this number with it: {}\n\
         You can also turn to a body that settles such disputes out of court, where one is open to you, or to a court.\n",
        moment(*created_at),
        excerpt(body),
        moment(*decided_at),
        because(why, facts),
        means(facts),
        redress(contact),
        facts.id,
    );
    Statement { subject: format!("Your comment of {} on {host}", date(*created_at)), text }
}

fn because(why: Why<'_>, facts: &Facts) -> String {
    let rests_on = match why.ground(facts.status) {
        Some(Ground::Law) => "we hold it to be against the law. ",
        Some(Ground::Terms) => "it goes against our terms for comments. ",
        None => "",
    };
    match why {
        Why::Listed(reason) => format!("{rests_on}{}: {}", reason.label, reason.text),
        Why::Told(text) => format!("{rests_on}{text}"),
        Why::Untold if facts.status == Status::Spam => format!(
            "{rests_on}It was taken for spam, which is advertising or the like that is sent in great numbers and that nobody asked for."
        ),
        Why::Untold => "it does not fit the rules for comments on this site.".to_owned(),
    }
}

fn means(facts: &Facts) -> &'static str {
    match (facts.detected, facts.automated, facts.reported) {
        (_, true, false) => "an automatic check found the comment, and the decision was taken automatically.",
        (_, true, true) => {
            "readers reported the comment, an automatic check looked at it too, and the decision was taken automatically."
        }
        (true, false, false) => "an automatic check pointed to the comment. A person looked at it and decided.",
        (true, false, true) => {
            "readers reported the comment, and an automatic check pointed to it too. A person looked at it and decided."
        }
        (false, false, true) => {
            "readers reported the comment. A person looked at it and decided; no automatic means were used."
        }
        (false, false, false) => "a person looked at the comment and decided; no automatic means were used.",
    }
}

fn redress(contact: &str) -> String {
    let contact = contact.strip_prefix("mailto:").and_then(|to| to.split('?').next()).unwrap_or(contact);
    match contact {
        "" => "If you think that this is wrong, answer and tell us why: we will look at it again.".to_owned(),
        contact => format!("If you think that this is wrong, tell us why and we will look at it again: {contact}"),
    }
}

/// The comment's beginning on one line.
fn excerpt(body: &str) -> String {
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut start: String = line.chars().filter(|c| !c.is_control()).take(EXCERPT).collect();
    if line.chars().count() > EXCERPT {
        start.push('\u{2026}');
    }
    start
}

/// `15 January 2027`
fn date(at: Timestamp) -> String {
    told(at, "%-d %B %Y")
}

/// `15 January 2027, 08:00 UTC`
fn moment(at: Timestamp) -> String {
    told(at, "%-d %B %Y, %H:%M UTC")
}

fn told(at: Timestamp, form: &str) -> String {
    match jiff::Timestamp::from_second(at.seconds()) {
        Ok(moment) => moment.strftime(form).to_string(),
        Err(_) => at.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CommentId;

    fn facts() -> Facts {
        Facts {
            id: CommentId::from_bytes([7; 16]),
            site: "news".into(),
            page: "https://news.example/article?id=7".into(),
            name: "Bob".into(),
            email: Some("bob@reader.example".into()),
            body: "You\n are all the same.".into(),
            created_at: Timestamp(1_800_000_000_000),
            status: Status::Rejected,
            removed: false,
            decided_at: Timestamp(1_800_003_600_000),
            reason: None,
            detected: true,
            automated: false,
            reported: false,
        }
    }

    fn insult() -> Reason {
        Reason {
            id: "insult".into(),
            label: "Insult".into(),
            ground: Some(Ground::Terms),
            text: "It insults others.".into(),
        }
    }

    #[test]
    fn it_tells_the_decision_its_ground_how_it_came_about_and_how_to_contest_it() {
        let told = english(&facts(), Why::Listed(&insult()), "mailto:desk@news.example?subject=x");
        insta::assert_snapshot!(format!("{}\n\n{}", told.subject, told.text), @r#"
        Your comment of 15 January 2027 on news.example

        Hello Bob,

        on 15 January 2027, 08:00 UTC you wrote a comment on this page:
        https://news.example/article?id=7
        It begins: “You are all the same.”

        It is not shown to readers. The decision is of 15 January 2027, 09:00 UTC. It holds for this comment, everywhere and without an end.

        Why: it goes against our terms for comments. Insult: It insults others.

        How it came about: an automatic check pointed to the comment. A person looked at it and decided.

        If you think that this is wrong, tell us why and we will look at it again: desk@news.example
        Please name this number with it: 07070707-0707-0707-0707-070707070707
        You can also turn to a body that settles such disputes out of court, where one is open to you, or to a court.
        "#);
    }

    #[test]
    fn every_way_to_a_decision_has_its_own_words() {
        let ways = [
            (true, true, false),
            (true, true, true),
            (true, false, false),
            (true, false, true),
            (false, false, true),
            (false, false, false),
        ];
        let told: std::collections::BTreeSet<_> = ways
            .into_iter()
            .map(|(detected, automated, reported)| means(&Facts { detected, automated, reported, ..facts() }))
            .collect();
        assert_eq!(told.len(), ways.len());
    }

    #[test]
    fn the_ground_is_the_reasons_and_spam_is_against_the_terms() {
        let reason = Reason { ground: Some(Ground::Law), ..insult() };
        assert_eq!(Why::Listed(&reason).ground(Status::Spam), Some(Ground::Law));
        assert_eq!(Why::Told("no").ground(Status::Spam), None);
        assert_eq!(Why::Untold.ground(Status::Rejected), None);
        assert_eq!(Why::Untold.ground(Status::Spam), Some(Ground::Terms));
        assert!(because(Why::Listed(&reason), &facts()).starts_with("we hold it to be against the law. Insult:"));
        assert_eq!(because(Why::Told("Please stay calm."), &facts()), "Please stay calm.");
    }

    #[test]
    fn a_long_text_is_told_by_its_beginning_and_a_removed_one_as_removed() {
        assert_eq!(excerpt(&"é ".repeat(200)).chars().count(), EXCERPT + 1);
        assert_eq!(excerpt("a\u{7}\r\nb"), "a b");
        let told = english(&Facts { removed: true, ..facts() }, Why::Untold, "");
        assert!(
            told.text.contains("has been removed") && told.text.contains("answer and tell us why"),
            "{}",
            told.text
        );
    }
}
