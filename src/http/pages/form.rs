//! The form as it stands: what was typed, what is wrong with it, what rides along unseen.

use serde::Serialize;

/// The form's values, faults and hidden fields. No `Debug`: it holds what people typed.
#[derive(Clone, Serialize)]
pub struct FormState {
    /// The article, as an absolute URL or a path.
    pub page: String,
    /// The article's title, or empty.
    pub title: String,
    /// Where the sender wants to go afterwards, or empty.
    pub redirect_to: String,
    /// WordPress's number of the article, where `page` could not be told from it; else empty.
    pub comment_post_id: String,
    /// A token that is still unspent, sent again with the form; else empty.
    pub captcha: String,
    /// A fresh one for a fresh form. After a refusal the same one may go out again, since only what
    /// was taken is remembered; after `idempotency_key_reused` it must be a new one.
    pub idempotency_key: String,
    /// The language that was wished for, to be wished for again with the form; else empty.
    pub lang: String,
    /// `thread` where the form stands on `/thread`, which its sender comes back to; else empty.
    pub view: String,
    /// Whether the site asks for an email address.
    pub email_required: bool,
    /// The comment being answered.
    pub replying_to: Option<ReplyingTo>,
    /// What was typed.
    pub values: FormValues,
    /// What is wrong, in the catalogue's words.
    pub faults: Vec<FieldFault>,
    /// Whether *Send for review* is offered in place of the plain button.
    pub review: bool,
}

/// What a person typed, exactly.
#[derive(Clone, Default, Serialize)]
#[expect(missing_docs, reason = "the fields of the form")]
pub struct FormValues {
    pub body: String,
    pub name: String,
    pub email: String,
    pub url: String,
}

/// The comment that is being answered.
#[derive(Clone, Serialize)]
pub struct ReplyingTo {
    /// Its id, sent as `parent`.
    pub id: String,
    /// Its author's name; empty where it is not known, as on a page that shows a refusal.
    pub name: String,
    /// Leads to the form without the reply.
    pub cancel_url: String,
}

/// One fault, worded.
#[derive(Clone, Serialize)]
pub struct FieldFault {
    /// The field's JSON name.
    pub field: String,
    /// The catalogue's sentence.
    pub message: String,
}

impl FormState {
    /// An empty form for a page.
    #[must_use]
    pub fn empty(page: &str, idempotency_key: &str) -> Self {
        Self {
            page: page.to_owned(),
            title: String::new(),
            redirect_to: String::new(),
            comment_post_id: String::new(),
            captcha: String::new(),
            idempotency_key: idempotency_key.to_owned(),
            lang: String::new(),
            view: String::new(),
            email_required: true,
            replying_to: None,
            values: FormValues::default(),
            faults: Vec::new(),
            review: false,
        }
    }

    /// The form with each field's fault beside it, as the template wants it.
    pub(super) fn view(&self) -> FormView<'_> {
        let fault = |field: &str| self.faults.iter().find(|fault| fault.field == field).map(|fault| &*fault.message);
        let faults = FieldFaults { body: fault("body"), name: fault("name"), email: fault("email"), url: fault("url") };
        FormView { form: self, faults }
    }

    /// Every fault with the id of the field it is about; none where the form does not show that field.
    pub(super) fn listed_faults(&self) -> Vec<ListedFault<'_>> {
        let target = |field: &str| match field {
            "body" => Some("rd-body"),
            "name" => Some("rd-name"),
            "email" => Some("rd-email"),
            "url" => Some("rd-url"),
            _ => None,
        };
        self.faults
            .iter()
            .map(|fault| ListedFault { target: target(&fault.field), field: &fault.field, message: &fault.message })
            .collect()
    }
}

#[derive(Serialize)]
pub(super) struct FormView<'a> {
    #[serde(flatten)]
    form: &'a FormState,
    #[serde(rename = "fault")]
    faults: FieldFaults<'a>,
}

#[derive(Serialize)]
struct FieldFaults<'a> {
    body: Option<&'a str>,
    name: Option<&'a str>,
    email: Option<&'a str>,
    url: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct ListedFault<'a> {
    target: Option<&'static str>,
    field: &'a str,
    message: &'a str,
}
