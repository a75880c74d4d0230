//! What the sender is told: admitted, or refused and why. A refusal is an outcome, not an error.

use std::time::Duration;

use super::submission::{author_token, edit_token};
use crate::{
    captcha::bands,
    config::{OnMissing, Site},
    domain::{CommentId, Faults, Timestamp},
    keys::{Keyring, random},
    limit::Standing,
    store::{Receipt, StoreError},
};

/// A client that is known to be over its limit. No `Debug`: it says who somebody is.
pub struct Flooder {
    /// How long it must still wait.
    pub wait: Duration,
    pub(super) network: String,
    pub(super) at: Timestamp,
}

/// A comment that is stored and synced.
#[derive(Clone)]
#[expect(missing_docs, reason = "the fields are the contract's of the same name")]
pub struct Admitted {
    pub id: CommentId,
    pub published: bool,
    pub edit_token: String,
    pub edit_until: Timestamp,
    pub author_token: String,
    pub page_url: String,
    /// It was stored before, under the same idempotency key.
    pub again: bool,
}

impl Admitted {
    pub(super) fn of(keys: &Keyring, receipt: &Receipt, again: bool) -> Self {
        Self {
            id: receipt.id,
            published: receipt.published,
            edit_token: edit_token(keys, receipt.id),
            edit_until: receipt.edit_until,
            author_token: author_token(keys, receipt.author, receipt.email_key),
            page_url: receipt.page_url.clone(),
            again,
        }
    }

    /// The name in metrics.
    pub(super) fn outcome(&self) -> &'static str {
        match (self.again, self.published) {
            (true, _) => "replayed",
            (false, true) => "published",
            (false, false) => "queued",
        }
    }
}

/// A captcha refusal as its sender sees it.
#[derive(Clone, Debug)]
pub struct CaptchaRefused {
    /// `score_low`, `missing`, `expired` or `invalid`.
    pub reason: &'static str,
    /// It failed by its score alone.
    pub by_score: bool,
    /// Short, to quote; none where no row could be left.
    pub reference: Option<String>,
    /// The site's contact, a URL or `mailto:`; empty where it has none.
    pub contact: String,
    /// The form may offer to send without a token, for review.
    pub review: bool,
}

impl CaptchaRefused {
    pub(super) fn of(site: &Site, refusal: bands::Refusal) -> Self {
        let (reason, by_score) = match refusal {
            bands::Refusal::ScoreLow => ("score_low", true),
            bands::Refusal::Failed(reason) => (reason.as_str(), false),
        };
        Self {
            reason,
            by_score,
            reference: random().ok().map(reference),
            contact: site.contact.clone(),
            review: by_score && site.captcha.on_missing == OnMissing::Hold,
        }
    }
}

/// Eight letters and digits that cannot be mistaken for each other, in two groups.
fn reference(bytes: [u8; 8]) -> String {
    const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let mut out = String::with_capacity(9);
    for (n, byte) in bytes.iter().enumerate() {
        if n == 4 {
            out.push('-');
        }
        out.extend(LETTERS.get(usize::from(byte % 32)).map(|letter| char::from(*letter)));
    }
    out
}

/// Why a submission was not taken.
#[derive(Debug)]
pub enum Refusal {
    /// All faults of its fields.
    Invalid(Faults),
    /// The idempotency key belongs to other content.
    IdempotencyReused,
    /// From or for a site that is not ours.
    Origin,
    /// Banned, and told so.
    Banned,
    /// Over a limit.
    Limited {
        /// How long to wait.
        wait: Duration,
        /// How the buckets stand, for the headers.
        standing: Standing,
    },
    /// Over a limit that has one window and no standing to tell.
    Waiting(Duration),
    /// The page is closed.
    Closed,
    /// There is no such approved comment on this page.
    ParentNotFound,
    /// The thread is as deep as the site allows.
    TooDeep,
    /// The same was sent before.
    Duplicate,
    /// The captcha.
    Captcha(CaptchaRefused),
    /// The limiter is out and the operator wants nothing taken meanwhile.
    Busy,
    /// The store gave no answer; nothing was kept.
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(fault: StoreError) -> Self {
        Self::Store(fault)
    }
}

impl Refusal {
    /// The name in metrics.
    pub(super) fn outcome(&self) -> &'static str {
        match self {
            Self::Invalid(_) | Self::TooDeep => "invalid",
            Self::IdempotencyReused => "idempotency_key_reused",
            Self::Origin => "origin_not_allowed",
            Self::Banned => "banned",
            Self::Limited { .. } | Self::Waiting(_) => "rate_limited",
            Self::Closed => "comments_closed",
            Self::ParentNotFound => "parent_not_found",
            Self::Duplicate => "duplicate",
            Self::Captcha(refused) if refused.by_score => "captcha_score_low",
            Self::Captcha(_) => "captcha_failed",
            Self::Busy | Self::Store(_) => "unavailable",
        }
    }
}
