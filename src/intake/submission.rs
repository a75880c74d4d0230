//! What the form sent, before anybody believes it, and how it becomes a [`Draft`].
//!
//! Every fault of every field is found at once, so that a person corrects a form in one go.

use crate::{
    config::{EmailRule, Site},
    domain::{
        AuthorId, BodyText, CommentId, DisplayName, Draft, EmailAddress, Fault, FaultCode, Faults, PageIdentity,
        Website, page_title,
    },
    keys::{Keyring, Purpose, digest},
};

/// One field as it came.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Entry {
    /// It did not come, or as null.
    #[default]
    Absent,
    /// Text.
    Text(String),
    /// Something that is no text.
    NoText,
}

impl Entry {
    /// The text, blank when it did not come.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Absent | Self::NoText => "",
        }
    }
    /// It is text or nothing, and holds no NUL, which no store keeps alike.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Text(text) => !text.contains('\0'),
            Self::NoText => false,
        }
    }
    /// The trimmed text, none when blank.
    #[must_use]
    pub fn filled(&self) -> Option<&str> {
        Some(self.text().trim()).filter(|text| !text.is_empty())
    }
}

impl From<&str> for Entry {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Everything a form can send. No `Debug`: it is what somebody typed.
#[derive(Clone, Default)]
#[expect(missing_docs, reason = "the fields are the contract's of the same name")]
pub struct Submission {
    pub page: Entry,
    pub title: Entry,
    pub name: Entry,
    pub email: Entry,
    pub url: Entry,
    pub body: Entry,
    pub parent: Entry,
    pub captcha: Entry,
    pub author_token: Entry,
    pub contact_ref: Entry,
    pub idempotency_key: Entry,
    /// A WordPress form's `comment_post_ID`.
    pub post_id: Entry,
    /// The widget's six integers, where they are six integers.
    pub interaction: Option<[u32; 6]>,
    /// `signals` came, and is something else.
    pub odd_interaction: bool,
}

impl Submission {
    /// Hash of everything but `captcha` and `signals`: the same content under the same idempotency key
    /// is the same submission.
    #[must_use]
    pub fn content(&self) -> [u8; 32] {
        let fields = [
            &self.page,
            &self.title,
            &self.name,
            &self.email,
            &self.url,
            &self.body,
            &self.parent,
            &self.author_token,
            &self.contact_ref,
            &self.post_id,
        ];
        let mut framed = Vec::with_capacity(256);
        for field in fields {
            let text = field.text().as_bytes();
            framed.extend_from_slice(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            framed.extend_from_slice(text);
        }
        digest(&framed)
    }

    /// The idempotency key, where one came.
    ///
    /// # Errors
    /// The fault when it is not 1 to 128 visible ASCII characters.
    pub fn idempotency_key(&self) -> Result<Option<&str>, Fault> {
        match &self.idempotency_key {
            Entry::Absent => Ok(None),
            Entry::Text(key) if key.is_empty() => Ok(None),
            Entry::Text(key) if key.len() <= 128 && key.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Some(key)),
            Entry::Text(_) | Entry::NoText => Err(Fault::new("idempotency_key", FaultCode::Invalid)),
        }
    }

    /// Parses every field; the page was settled before.
    ///
    /// # Errors
    /// All faults at once, those of the page among them.
    pub fn draft(
        &self,
        page: Result<PageIdentity, Fault>,
        site: Option<&Site>,
        keys: &Keyring,
    ) -> Result<Draft, Faults> {
        let mut faults = Faults::new();
        let mut keep = |fault: Fault| faults.push(fault);
        for (field, _) in self.texts().into_iter().filter(|(_, entry)| !entry.is_sound()) {
            keep(Fault::new(field, FaultCode::Invalid));
        }
        if self.odd_interaction {
            keep(Fault::new("signals", FaultCode::Invalid));
        }
        let page = self.page.is_sound().then(|| page.map_err(&mut keep).ok()).flatten();
        let (least, most) = site.map_or((1, usize::MAX), |site| (site.body_min, site.body_max));
        let body = self.body.is_sound().then(|| BodyText::parse(self.body.text(), least, most).map_err(&mut keep).ok());
        let name = self.name.is_sound().then(|| DisplayName::parse(self.name.text()).map_err(&mut keep).ok());
        let email = self.email.is_sound().then(|| self.email(site).map_err(&mut keep).ok());
        let url = self.url.is_sound().then(|| Website::parse(self.url.text()).map_err(&mut keep).ok());
        let title = self.title.is_sound().then(|| page_title(self.title.text()).map_err(&mut keep).ok());
        let parent = self.parent.is_sound().then(|| self.parent().map_err(&mut keep).ok());
        let texts = (body.flatten(), name.flatten(), email.flatten(), url.flatten(), title.flatten(), parent.flatten());
        match (page, texts) {
            (Some(page), (Some(body), Some(name), Some(email), Some(url), Some(title), Some(parent)))
                if faults.is_empty() =>
            {
                let author = author_of(keys, self.author_token.filled(), email.as_ref());
                Ok(Draft { page, title, name, email, url, body, parent, author })
            }
            _ => Err(faults),
        }
    }

    fn texts(&self) -> [(&'static str, &Entry); 11] {
        [
            ("page", &self.page),
            ("title", &self.title),
            ("name", &self.name),
            ("email", &self.email),
            ("url", &self.url),
            ("body", &self.body),
            ("parent", &self.parent),
            ("captcha", &self.captcha),
            ("author_token", &self.author_token),
            ("contact_ref", &self.contact_ref),
            ("comment_post_ID", &self.post_id),
        ]
    }

    fn email(&self, site: Option<&Site>) -> Result<Option<EmailAddress>, Fault> {
        match EmailAddress::parse(self.email.text())? {
            None if site.is_some_and(|site| site.email == EmailRule::Required) => {
                Err(Fault::new("email", FaultCode::Required))
            }
            email => Ok(email),
        }
    }

    fn parent(&self) -> Result<Option<CommentId>, Fault> {
        match self.parent.filled() {
            None | Some("0") => Ok(None),
            Some(id) => id.parse().map(Some).map_err(|_odd| Fault::new("parent", FaultCode::Invalid)),
        }
    }
}

/// The author behind a token, if it was made for this very email.
fn author_of(keys: &Keyring, token: Option<&str>, email: Option<&EmailAddress>) -> Option<AuthorId> {
    let bytes = crate::keys::decode(token?)?;
    let (id, tag) = bytes.split_first_chunk::<16>()?;
    let author = AuthorId::from_bytes(*id);
    let key = email.map(|email| email_key(keys, email));
    crate::keys::same(tag, &author_tag(keys, author, key)).then_some(author)
}

/// The token that proves an author to later submissions with the same email.
#[must_use]
pub fn author_token(keys: &Keyring, author: AuthorId, email_key: Option<i64>) -> String {
    let mut bytes = author.bytes().to_vec();
    bytes.extend_from_slice(&author_tag(keys, author, email_key));
    crate::keys::encode(&bytes)
}

fn author_tag(keys: &Keyring, author: AuthorId, email_key: Option<i64>) -> [u8; 32] {
    let email = email_key.map(i64::to_be_bytes);
    keys.tag(Purpose::Author, &[&author.bytes(), email.as_ref().map_or(&[][..], |key| key)])
}

/// The keyed hash under which an email's record is kept.
#[must_use]
pub(super) fn email_key(keys: &Keyring, email: &EmailAddress) -> i64 {
    keys.email(&email.canonical())
}

/// The token by which an author changes or takes back one comment.
#[must_use]
pub fn edit_token(keys: &Keyring, comment: CommentId) -> String {
    keys.token(Purpose::Edit, &[&comment.bytes()])
}
