//! The shapes of the public JSON routes.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{comments, texts};
use crate::{
    domain::{CommentId, Status, Timestamp, Tongue},
    intake::{Admitted, Entry, OwnComment, Submission},
    publish::{CommentView, Shown},
};

/// A field that should be text, whatever it is: a wrong type is a fault of that field, told beside
/// all others, not a reason to read no further.
#[derive(Clone, Default)]
pub(super) struct Raw(Entry);

impl From<Raw> for Entry {
    fn from(raw: Raw) -> Self {
        raw.0
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Entry;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }
    fn visit_str<E>(self, text: &str) -> Result<Entry, E> {
        Ok(Entry::Text(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> Result<Entry, E> {
        Ok(Entry::Text(text))
    }
    fn visit_unit<E>(self) -> Result<Entry, E> {
        Ok(Entry::Absent)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Entry, E> {
        Ok(Entry::NoText)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Entry, E> {
        Ok(Entry::NoText)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Entry, E> {
        Ok(Entry::NoText)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Entry, E> {
        Ok(Entry::NoText)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Entry, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Entry::NoText)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Entry, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Entry::NoText)
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything).map(Self)
    }
}

/// The widget's six integers. An object that lacks one counts as none; what is no object or holds another
/// type is the field's fault.
#[derive(Clone, Copy, Default)]
struct Interaction {
    numbers: Option<[u32; 6]>,
    odd: bool,
}

impl<'de> Deserialize<'de> for Interaction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let names = ["t_first", "t_total", "keys", "key_jitter_bucket", "moves_bucket", "pastes"];
        if value.is_null() {
            return Ok(Self::default());
        }
        let given = names.map(|name| value.get(name).filter(|number| !number.is_null()));
        let odd = !value.is_object() || given.iter().flatten().any(|number| !number.is_u64());
        let whole = |number: &serde_json::Value| number.as_u64().map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        let numbers: Option<Vec<u32>> = given.iter().map(|number| number.and_then(whole)).collect();
        Ok(Self { numbers: numbers.and_then(|numbers| numbers.try_into().ok()), odd })
    }
}

/// A comment on its way in. Unknown fields are ignored.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = Submission)]
pub(super) struct RawSubmission {
    /// The article's absolute URL or a path; at most 2,048 characters.
    #[serde(default)]
    #[schema(value_type = String, max_length = 2048)]
    page: Raw,
    /// The article's title; at most 300 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 300)]
    title: Raw,
    /// 1 to 80 characters, at least one letter or number.
    #[serde(default)]
    #[schema(value_type = String, max_length = 80)]
    name: Raw,
    /// One address; required unless the site says otherwise. Never shown.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 254)]
    email: Raw,
    /// The author's own site, http or https.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    url: Raw,
    /// Plain text with a small Markdown subset: emphasis, strong, code, quote, list, link.
    #[serde(default)]
    #[schema(value_type = String)]
    body: Raw,
    /// The approved comment on the same page that it answers.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    parent: Raw,
    /// The captcha provider's token, or the built-in proof-of-work payload.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    captcha: Raw,
    /// From an earlier answer: proves that the author is the one with the record.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    author_token: Raw,
    /// Six integers about how the form was used.
    #[serde(default)]
    #[schema(value_type = Option<Signals>)]
    signals: Interaction,
    /// Leave it empty.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    contact_ref: Raw,
    /// As the header `Idempotency-Key`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    idempotency_key: Raw,
}

/// How the form was used: no coordinates, no times of keys, no text.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes what Interaction reads")]
pub(super) struct Signals {
    /// Milliseconds from the page to the first event.
    t_first: u32,
    /// Milliseconds from the first event to sending.
    t_total: u32,
    /// Keys pressed.
    keys: u32,
    /// How evenly, in coarse steps.
    key_jitter_bucket: u32,
    /// Pointer moves, in coarse steps.
    moves_bucket: u32,
    /// Pastes.
    pastes: u32,
}

impl From<RawSubmission> for Submission {
    fn from(raw: RawSubmission) -> Self {
        Self {
            page: raw.page.0,
            title: raw.title.0,
            name: raw.name.0,
            email: raw.email.0,
            url: raw.url.0,
            body: raw.body.0,
            parent: raw.parent.0,
            captcha: raw.captcha.0,
            author_token: raw.author_token.0,
            contact_ref: raw.contact_ref.0,
            idempotency_key: raw.idempotency_key.0,
            post_id: Entry::Absent,
            interaction: raw.signals.numbers,
            odd_interaction: raw.signals.odd,
        }
    }
}

/// What the sender of a stored comment gets.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Accepted {
    /// The comment's id.
    #[schema(value_type = String, format = "uuid")]
    id: CommentId,
    /// `pending` or `approved`.
    status: &'static str,
    /// A sentence for the person.
    message: String,
    /// Lets its author see, change and take back the comment.
    edit_token: String,
    /// Until when.
    #[schema(value_type = String, format = "date-time")]
    edit_until: Timestamp,
    /// Proves the author to later submissions with the same email.
    author_token: String,
    /// The page's address.
    page: String,
}

impl Accepted {
    /// In the sender's language.
    pub(super) fn new(admitted: Admitted, tongue: Tongue) -> Self {
        let message = if admitted.published { "sent.published" } else { "sent.pending" };
        Self {
            id: admitted.id,
            status: if admitted.published { "approved" } else { "pending" },
            message: texts::say(tongue, message, &[]),
            edit_token: admitted.edit_token,
            edit_until: admitted.edit_until,
            author_token: admitted.author_token,
            page: admitted.page_url,
        }
    }
}

/// A comment with its status, as its author may see it.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Changed {
    /// `pending` or `approved`.
    status: &'static str,
    /// The comment.
    #[serde(flatten)]
    comment: Option<Shown>,
    /// The text as it was typed; one's own only.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    /// After a change only: it grew by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    /// Until when it may be changed; one's own only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date-time")]
    edit_until: Option<Timestamp>,
}

impl Changed {
    pub(super) fn approved(view: CommentView) -> Self {
        let comment = comments::shown(view);
        Self { status: "approved", comment, body: None, version: None, edit_until: None }
    }

    /// As its author sees it. Pending, spam, rejected and shadowed all look alike: not even the version
    /// tells that somebody decided.
    pub(super) fn own(own: &OwnComment) -> Self {
        Self { version: None, ..Self::edited(own) }
    }

    /// As its author has just made it.
    pub(super) fn edited(own: &OwnComment) -> Self {
        let comment = Shown {
            id: own.id,
            parent: own.parent,
            depth: own.depth,
            name: own.name.clone(),
            url: own.url.clone(),
            html: comments::rendered(&own.body),
            created_at: own.created_at,
            approved_at: None,
            edited_at: own.edited_at,
            likes: own.likes,
            by_staff: own.by_staff,
        };
        Self {
            status: if own.status == Status::Approved { "approved" } else { "pending" },
            comment: Some(comment),
            body: Some(own.body.clone()),
            version: Some(own.version),
            edit_until: Some(own.edit_until),
        }
    }
}
