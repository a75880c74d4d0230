//! The page for a form that was refused: what is wrong, what can be done, and nothing typed lost.

use serde::Serialize;

use super::{
    super::texts,
    form::{FormState, FormView, ListedFault},
};
use crate::domain::Tongue;

/// The refusal's page.
#[derive(Clone)]
pub struct FormFailedPage {
    /// Why it was refused.
    pub refusal: Refusal,
    /// The form with everything that was typed.
    pub form: FormState,
    /// The article's address, or that of its comments as a page of their own where the form stood there, to go back to;
    /// none where it is not known.
    pub back_url: Option<String>,
}

/// Why the form was refused.
#[derive(Clone, Default)]
pub struct Refusal {
    /// The HTTP status, for the heading.
    pub status: u16,
    /// The catalogue's sentence for the whole, e.g. `Captcha verification failed!`.
    pub detail: String,
    /// Of a captcha refusal: what to quote.
    pub reference: Option<String>,
    /// Of a captcha refusal: the site's URL or `mailto:`; empty is none.
    pub contact: Option<String>,
    /// Seconds to wait, from `Retry-After`.
    pub retry_after: Option<u64>,
}

impl FormFailedPage {
    pub(super) fn view(&self, tongue: Tongue) -> FailedView<'_> {
        let contact = self.refusal.contact.as_deref().filter(|contact| !contact.is_empty());
        let (detail, detail_link) = match contact.and_then(|_| before_last_sentence(&self.refusal.detail)) {
            Some((reason, request)) => (reason, Some(request)),
            None => (self.refusal.detail.as_str(), None),
        };
        let reference = self.refusal.reference.as_deref();
        FailedView {
            heading: heading(self.refusal.status),
            detail,
            detail_link,
            contact: contact.map(|contact| with_subject(tongue, contact, reference)),
            reference,
            wait: self.refusal.retry_after.map(wait),
            listed: self.form.listed_faults(),
            form: self.form.view(),
            back_url: self.back_url.as_deref(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct FailedView<'a> {
    /// A key of the catalogue.
    heading: &'static str,
    detail: &'a str,
    /// The detail's last sentence, where it asks to be in contact and there is one to be had.
    detail_link: Option<&'a str>,
    contact: Option<String>,
    reference: Option<&'a str>,
    wait: Option<Wait>,
    listed: Vec<ListedFault<'a>>,
    form: FormView<'a>,
    back_url: Option<&'a str>,
}

/// A key of the catalogue and its number.
#[derive(Serialize, PartialEq, Eq, Debug)]
struct Wait {
    key: &'static str,
    n: u64,
}

fn heading(status: u16) -> &'static str {
    match status {
        400 | 413 | 415 | 422 => "failed.check",
        409 => "failed.duplicate",
        429 => "failed.limited",
        500.. => "failed.unsaved",
        _ => "failed.unsent",
    }
}

/// The text up to its last sentence, and that; none where it is one sentence.
fn before_last_sentence(text: &str) -> Option<(&str, &str)> {
    let end = text
        .rfind(". ")
        .map(|at| at + 2)
        .max(text.trim_end_matches('。').rfind('。').map(|at| at + '。'.len_utf8()))?;
    text.split_at_checked(end)
}

/// A `mailto:` gets the reference as its subject, so that nobody has to copy it.
fn with_subject(tongue: Tongue, contact: &str, reference: Option<&str>) -> String {
    match reference {
        Some(reference) if contact.starts_with("mailto:") && !contact.contains('?') => {
            let subject = texts::say(tongue, "failed.subject", &[("reference", reference.into())]);
            let subject: String = form_urlencoded::byte_serialize(subject.as_bytes()).collect();
            format!("{contact}?subject={}", subject.replace('+', "%20"))
        }
        _ => contact.to_owned(),
    }
}

/// In seconds, minutes or hours: rounded up, so that nobody comes back too soon.
fn wait(seconds: u64) -> Wait {
    match seconds {
        0..=90 => Wait { key: "form.wait_seconds", n: seconds.max(1) },
        91..=5400 => Wait { key: "form.wait_minutes", n: seconds.div_ceil(60) },
        _ => Wait { key: "form.wait_hours", n: seconds.div_ceil(3600) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_rounded_up_to_a_unit_one_can_grasp() {
        for (seconds, n, unit) in [
            (0, 1, "seconds"),
            (1, 1, "seconds"),
            (90, 90, "seconds"),
            (91, 2, "minutes"),
            (5400, 90, "minutes"),
            (5401, 2, "hours"),
            (86_400, 24, "hours"),
        ] {
            let told = wait(seconds);
            assert_eq!((told.n, told.key), (n, &*format!("form.wait_{unit}")));
        }
    }

    #[test]
    fn a_reference_becomes_the_subject_of_a_mail_and_of_nothing_else() {
        assert_eq!(
            with_subject(Tongue::English, "mailto:a@b.c", Some("K7 F")),
            "mailto:a@b.c?subject=Comment%20refused%2C%20K7%20F"
        );
        assert_eq!(with_subject(Tongue::English, "mailto:a@b.c?subject=x", Some("K7F")), "mailto:a@b.c?subject=x");
        assert_eq!(with_subject(Tongue::English, "https://b.c/contact", Some("K7F")), "https://b.c/contact");
    }

    #[test]
    fn the_last_sentence_is_told_apart_in_every_script() {
        for (text, last) in [
            ("CAPTCHA user score failed. Please contact us!", Some("Please contact us!")),
            ("验证评分未通过。请联系我们！", Some("请联系我们！")),
            ("一句话。", None),
            ("Captcha verification failed!", None),
        ] {
            assert_eq!(before_last_sentence(text).map(|(_, last)| last), last);
        }
    }
}
