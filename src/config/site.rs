//! One site: where it lives, what its form asks, and its own complete sections.

use serde::Deserialize;
use validator::Validate;

use super::{Captcha, Limits, Moderation, Scoring, checks, values::origins};
use crate::domain::{SiteId, Tongue};

/// Whether an email address must be given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmailRule {
    /// It must.
    Required,
    /// It may.
    Optional,
}

/// What follows a form that was posted without JavaScript.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AfterForm {
    /// Back to the page.
    Page,
    /// A page that tells what happens next.
    Receipt,
}

/// `[[site]]`, complete with its own sections.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "config/default.toml explains each key")]
pub struct Site {
    pub id: SiteId,
    /// Normalised as browsers send them: scheme, host, port where not the default.
    pub origins: Vec<String>,
    pub lang: String,
    pub email: EmailRule,
    pub body_min: usize,
    pub body_max: usize,
    pub max_depth: u32,
    pub keep_query: Vec<String>,
    pub page_by_id: String,
    pub after_form: AfterForm,
    pub contact: String,
    pub limits: Limits,
    pub captcha: Captcha,
    pub scoring: Scoring,
    pub moderation: Moderation,
}

impl Site {
    /// The language that its readers are spoken to in where they wish for none.
    #[must_use]
    pub fn tongue(&self) -> Tongue {
        Tongue::asked_by(&self.lang).unwrap_or_default()
    }

    /// What is right and yet may not be what was meant; none where there is no such thing.
    #[must_use]
    pub fn remark(&self) -> Option<String> {
        if Tongue::asked_by(&self.lang).is_some() {
            return None;
        }
        let (id, lang, known) = (self.id.as_str(), &self.lang, Tongue::ALL.map(Tongue::tag).join(", "));
        Some(format!(
            "site {id}: lang: no texts in \"{lang}\", so its readers read English; there are texts in {known}"
        ))
    }

    /// The hosts of its own pages, in lower case, without scheme and port.
    #[must_use]
    pub fn hosts(&self) -> Vec<String> {
        self.origins.iter().filter_map(|origin| url::Url::parse(origin).ok()?.host_str().map(str::to_owned)).collect()
    }
}

/// A site's own keys, before its sections join them.
#[derive(Clone, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Basics {
    #[validate(custom(function = "checks::site_id"))]
    id: String,
    #[serde(deserialize_with = "origins")]
    #[validate(length(min = 1, message = "list at least one, e.g. [\"https://news.example\"]"))]
    origins: Vec<String>,
    #[validate(custom(function = "checks::lang"))]
    lang: String,
    email: EmailRule,
    #[validate(range(min = 1, max = 100_000, message = "give 1 to 100000 characters"))]
    body_min: usize,
    #[validate(range(min = 1, max = 100_000, message = "give 1 to 100000 characters"))]
    body_max: usize,
    #[validate(range(max = 20, message = "give 0 to 20"))]
    max_depth: u32,
    #[validate(custom(function = "checks::keep_query"))]
    keep_query: Vec<String>,
    #[validate(custom(function = "checks::page_by_id"))]
    page_by_id: String,
    after_form: AfterForm,
    #[validate(custom(function = "checks::contact"))]
    contact: String,
}

impl Basics {
    /// The complete site. The query key in which `page_by_id` has its number tells articles apart, so it is kept
    /// without being listed: else all of them would be one page.
    pub(super) fn with(mut self, limits: Limits, captcha: Captcha, scoring: Scoring, moderation: Moderation) -> Site {
        let numbered = numbering_key(&self.page_by_id).filter(|key| !self.keep_query.contains(key));
        self.keep_query.extend(numbered);
        Site {
            id: SiteId::new(&self.id),
            origins: self.origins,
            lang: self.lang,
            email: self.email,
            body_min: self.body_min,
            body_max: self.body_max,
            max_depth: self.max_depth,
            keep_query: self.keep_query,
            page_by_id: self.page_by_id,
            after_form: self.after_form,
            contact: self.contact,
            limits,
            captcha,
            scoring,
            moderation,
        }
    }
}

/// `p` of `https://news.example/?p={id}`.
fn numbering_key(template: &str) -> Option<String> {
    let (_, query) = template.split('#').next()?.split_once('?')?;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(_, value)| value.contains("{id}")).map(|(key, _)| key.into_owned())
}
