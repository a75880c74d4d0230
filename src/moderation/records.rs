//! What is kept about the work: counts a status, and captcha refusals.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Evidence, Moderation, ModerationError, Viewer,
    cursor::{open, seal},
};
use crate::{
    domain::{RefusalId, Status, Timestamp},
    store::{RefusalQuery, RefusalRow},
};

/// A captcha refusal: no name, email, body or address.
#[derive(Debug, Serialize, ToSchema)]
pub struct Refusal {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: RefusalId,
    /// What the reader was given to quote.
    pub reference: String,
    /// The site.
    pub site: String,
    /// The page's address.
    pub page: String,
    /// Why it was refused.
    pub reason: String,
    /// Who was asked.
    pub provider: String,
    /// 1 is surely human; null where there is none.
    pub score: Option<f64>,
    /// What the captcha saw.
    pub signals: Vec<Evidence>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// A stretch of the refusals.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusalPage {
    /// Newest first.
    pub items: Vec<Refusal>,
    /// Where the next stretch starts; null at the end.
    pub next_cursor: Option<String>,
}

impl Moderation {
    /// How many comments of the viewer's sites have each status.
    ///
    /// # Errors
    /// The store's.
    pub async fn counts(&self, viewer: &Viewer) -> Result<BTreeMap<&'static str, u64>, ModerationError> {
        let found = self.store.totals(viewer.sites.clone()).await?;
        let count = |status: Status| found.iter().find(|(name, _)| name == status.as_str()).map_or(0, |(_, n)| *n);
        let told = Status::ALL.into_iter().filter(|status| *status != Status::Deleted);
        Ok(told.map(|status| (status.as_str(), count(status))).collect())
    }

    /// Captcha refusals of the viewer's sites, newest first.
    ///
    /// # Errors
    /// `Cursor`, the store's.
    pub async fn refusals(
        &self,
        viewer: &Viewer,
        reference: Option<String>,
        since: Option<Timestamp>,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<RefusalPage, ModerationError> {
        let question = format!("refusals {reference:?} {since:?}");
        let before = match cursor {
            Some(cursor) => {
                let bytes = open(&self.keys, &question, cursor).ok_or(ModerationError::Cursor)?;
                Some(RefusalId::from_bytes(bytes.try_into().map_err(|_length| ModerationError::Cursor)?))
            }
            None => None,
        };
        let query = RefusalQuery { reference, sites: viewer.sites.clone(), since, before, limit: limit + 1 };
        let mut rows = self.store.refusals(query).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|last| seal(&self.keys, &question, &last.id.bytes()));
        Ok(RefusalPage { items: rows.into_iter().map(Refusal::from).collect(), next_cursor })
    }
}

impl From<RefusalRow> for Refusal {
    fn from(row: RefusalRow) -> Self {
        Self {
            id: row.id,
            reference: row.reference,
            site: row.site,
            page: row.page,
            reason: row.reason,
            provider: row.provider,
            score: row.score,
            signals: row.signals.into_iter().map(Evidence::from).collect(),
            at: row.at,
        }
    }
}
