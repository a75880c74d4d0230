//! A statement of reasons in words: what was decided on a comment, why, by whom or what, and how to contest it, as
//! Article 17 of Regulation (EU) 2022/2065 asks.
//!
//! It takes the facts as they are and finds none.

use super::{Slot, date, moment, say};
use crate::{
    config::{Ground, Reason},
    domain::{Status, Tongue},
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

impl Statement {
    /// The statement in this language.
    pub(in crate::http) fn of(tongue: Tongue, facts: &Facts, why: Why<'_>, contact: &str) -> Self {
        let Facts { name, page, body, created_at, decided_at, .. } = facts;
        let tell = |key: &str, values: &[(&str, Slot<'_>)]| say(tongue, key, values);
        let host = page.split_once("://").and_then(|(_, rest)| rest.split(['/', '?']).next()).unwrap_or(&facts.site);
        let (written, decided) = (moment(tongue, *created_at), moment(tongue, *decided_at));
        let done = if facts.removed { "statement.removed" } else { "statement.not_shown" };
        let paragraphs = [
            tell("statement.hello", &[("name", name.into())]),
            lines(&[
                &tell("statement.wrote", &[("moment", (&written).into())]),
                page,
                &tell("statement.begins", &[("excerpt", (&excerpt(body)).into())]),
            ]),
            format!("{} {}", tell(done, &[]), tell("statement.decided", &[("moment", (&decided).into())])),
            tell("statement.why", &[("why", (&because(tongue, why, facts)).into())]),
            tell("statement.how", &[("how", (&tell(means(facts), &[])).into())]),
            lines(&[
                &redress(tongue, contact),
                &tell("statement.number", &[("id", (&facts.id.to_string()).into())]),
                &tell("statement.courts", &[]),
            ]),
        ];
        let values = [("date", date(tongue, *created_at)), ("host", host.to_owned())];
        let subject = tell("statement.subject", &values.each_ref().map(|(name, value)| (*name, value.into())));
        Self { subject, text: format!("{}\n", paragraphs.join("\n\n")) }
    }
}

fn lines(lines: &[&str]) -> String {
    lines.join("\n")
}

fn because(tongue: Tongue, why: Why<'_>, facts: &Facts) -> String {
    let rests_on = why.ground(facts.status).map(|ground| match ground {
        Ground::Law => "statement.law",
        Ground::Terms => "statement.terms",
    });
    let told = match why {
        Why::Listed(reason) => {
            let (label, text) = listed(tongue, reason);
            say(tongue, "statement.reason", &[("label", (&label).into()), ("text", (&text).into())])
        }
        Why::Told(text) => text.to_owned(),
        Why::Untold if facts.status == Status::Spam => say(tongue, "statement.spam", &[]),
        Why::Untold => say(tongue, "statement.unfit", &[]),
    };
    match rests_on {
        Some(key) => format!("{} {told}", say(tongue, key, &[])),
        None => told,
    }
}

/// Label and text of a reason: in this language where it is one of the built-in list, else as the site wrote it.
fn listed(tongue: Tongue, reason: &Reason) -> (String, String) {
    let part = |part: &str, own: &String| {
        let key = format!("reason.{}.{part}", reason.id);
        let is_built_in = say(Tongue::English, &key, &[]) == *own;
        if is_built_in { say(tongue, &key, &[]) } else { own.clone() }
    };
    (part("label", &reason.label), part("text", &reason.text))
}

/// A key of the catalogue.
fn means(facts: &Facts) -> &'static str {
    match (facts.detected, facts.automated, facts.reported) {
        (_, true, false) => "statement.how.automatic",
        (_, true, true) => "statement.how.automatic_reported",
        (true, false, false) => "statement.how.detected",
        (true, false, true) => "statement.how.detected_reported",
        (false, false, true) => "statement.how.reported",
        (false, false, false) => "statement.how.person",
    }
}

fn redress(tongue: Tongue, contact: &str) -> String {
    let contact = contact.strip_prefix("mailto:").and_then(|to| to.split('?').next()).unwrap_or(contact);
    match contact {
        "" => say(tongue, "statement.answer", &[]),
        contact => say(tongue, "statement.tell", &[("contact", contact.into())]),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CommentId, Timestamp};

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
        let told =
            Statement::of(Tongue::English, &facts(), Why::Listed(&insult()), "mailto:desk@news.example?subject=x");
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
        assert!(
            because(Tongue::English, Why::Listed(&reason), &facts())
                .starts_with("we hold it to be against the law. Insult:")
        );
        assert_eq!(because(Tongue::English, Why::Told("Please stay calm."), &facts()), "Please stay calm.");
    }

    #[test]
    fn a_long_text_is_told_by_its_beginning_and_a_removed_one_as_removed() {
        assert_eq!(excerpt(&"é ".repeat(200)).chars().count(), EXCERPT + 1);
        assert_eq!(excerpt("a\u{7}\r\nb"), "a b");
        let told = Statement::of(Tongue::English, &Facts { removed: true, ..facts() }, Why::Untold, "");
        assert!(
            told.text.contains("has been removed") && told.text.contains("answer and tell us why"),
            "{}",
            told.text
        );
    }

    #[test]
    fn another_language_says_the_same_and_a_built_in_reason_in_it() {
        let built_in = Reason {
            id: "insult".into(),
            label: say(Tongue::English, "reason.insult.label", &[]),
            ground: Some(Ground::Terms),
            text: say(Tongue::English, "reason.insult.text", &[]),
        };
        let told = Statement::of(Tongue::German, &facts(), Why::Listed(&built_in), "mailto:desk@news.example");
        insta::assert_snapshot!(format!("{}\n\n{}", told.subject, told.text), @r#"
        Ihr Kommentar vom 15. Januar 2027 auf news.example

        Guten Tag Bob,

        am 15. Januar 2027 um 08:00 UTC haben Sie auf dieser Seite einen Kommentar geschrieben:
        https://news.example/article?id=7
        Er beginnt: „You are all the same.“

        Er wird den Leserinnen und Lesern nicht gezeigt. Die Entscheidung ist vom 15. Januar 2027 um 09:00 UTC. Sie gilt für diesen Kommentar, überall und unbefristet.

        Begründung: Er verstößt gegen unsere Bedingungen für Kommentare. Beleidigung: Er beleidigt andere oder macht sie verächtlich, statt zur Sache zu sprechen. Unsere Bedingungen verlangen von allen, einander die Würde zu lassen.

        Wie es dazu kam: Eine automatische Prüfung hat auf den Kommentar hingewiesen. Ein Mensch hat ihn sich angesehen und entschieden.

        Wenn Sie das für falsch halten, schreiben Sie uns, warum, und wir sehen es uns noch einmal an: desk@news.example
        Bitte nennen Sie dabei diese Nummer: 07070707-0707-0707-0707-070707070707
        Sie können sich auch an eine Stelle für die außergerichtliche Beilegung solcher Streitigkeiten wenden, wo Ihnen eine offensteht, oder an ein Gericht.
        "#);
        assert_eq!(listed(Tongue::German, &insult()), ("Beleidigung".into(), "It insults others.".into()));
        for tongue in Tongue::ALL {
            let Statement { subject, text } = Statement::of(tongue, &facts(), Why::Listed(&built_in), "");
            for fact in ["Bob", "https://news.example/article?id=7", "You are all the same.", "07070707-0707"] {
                assert!(text.contains(fact), "{fact} in {text}");
            }
            assert!(!text.contains(['{', '}']) && !subject.contains('{'), "{subject} {text}");
        }
    }
}
