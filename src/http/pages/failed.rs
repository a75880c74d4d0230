//! The page for a form that was refused: what is wrong, what can be done, and nothing typed lost.

use serde::Serialize;

use super::form::{FormState, FormView, ListedFault};

/// The refusal's page.
#[derive(Clone)]
pub struct FormFailedPage {
    /// Why it was refused.
    pub refusal: Refusal,
    /// The form with everything that was typed.
    pub form: FormState,
    /// The article's address, to go back to; none where it is not known.
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
    pub(super) fn view(&self) -> FailedView<'_> {
        let contact = self.refusal.contact.as_deref().filter(|contact| !contact.is_empty());
        let (detail, detail_link) = match (contact, self.refusal.detail.rsplit_once(". ")) {
            (Some(_), Some((reason, request))) => (format!("{reason}. "), Some(request)),
            _ => (self.refusal.detail.clone(), None),
        };
        FailedView {
            heading: heading(self.refusal.status),
            detail,
            detail_link,
            contact: contact.map(|contact| with_subject(contact, self.refusal.reference.as_deref())),
            reference: self.refusal.reference.as_deref(),
            wait: self.refusal.retry_after.map(wait),
            listed: self.form.listed_faults(),
            form: self.form.view(),
            back_url: self.back_url.as_deref(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct FailedView<'a> {
    heading: &'static str,
    detail: String,
    /// The detail's last sentence, where it asks to be in contact and there is one to be had.
    detail_link: Option<&'a str>,
    contact: Option<String>,
    reference: Option<&'a str>,
    wait: Option<String>,
    listed: Vec<ListedFault<'a>>,
    form: FormView<'a>,
    back_url: Option<&'a str>,
}

fn heading(status: u16) -> &'static str {
    match status {
        400 | 413 | 415 | 422 => "Please check your comment",
        409 => "This comment is already here",
        429 => "Please wait a moment",
        500.. => "Your comment could not be saved",
        _ => "Your comment was not sent",
    }
}

/// A `mailto:` gets the reference as its subject, so that nobody has to copy it.
fn with_subject(contact: &str, reference: Option<&str>) -> String {
    match reference {
        Some(reference) if contact.starts_with("mailto:") && !contact.contains('?') => {
            let subject: String =
                form_urlencoded::byte_serialize(format!("Comment refused, {reference}").as_bytes()).collect();
            format!("{contact}?subject={}", subject.replace('+', "%20"))
        }
        _ => contact.to_owned(),
    }
}

/// `40 seconds`, `2 minutes`, `3 hours`: rounded up, so that nobody comes back too soon.
fn wait(seconds: u64) -> String {
    let (number, unit) = match seconds {
        0..=90 => (seconds.max(1), "second"),
        91..=5400 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3600), "hour"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_rounded_up_to_a_unit_one_can_grasp() {
        for (seconds, words) in [
            (0, "1 second"),
            (1, "1 second"),
            (90, "90 seconds"),
            (91, "2 minutes"),
            (5400, "90 minutes"),
            (5401, "2 hours"),
            (86_400, "24 hours"),
        ] {
            assert_eq!(wait(seconds), words);
        }
    }

    #[test]
    fn a_reference_becomes_the_subject_of_a_mail_and_of_nothing_else() {
        assert_eq!(with_subject("mailto:a@b.c", Some("K7 F")), "mailto:a@b.c?subject=Comment%20refused%2C%20K7%20F");
        assert_eq!(with_subject("mailto:a@b.c?subject=x", Some("K7F")), "mailto:a@b.c?subject=x");
        assert_eq!(with_subject("https://b.c/contact", Some("K7F")), "https://b.c/contact");
    }
}
