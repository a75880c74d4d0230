//! Attack mode by hand: holding everything on a page or site for a while, and ending that.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Moderation, ModerationError, Viewer, view::bare};
use crate::{
    domain::{AttackCause, Timestamp},
    store::{AttackEnd, AttackRow, AttackSet},
};

/// Where everything is held, and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Attack {
    /// The site.
    pub site: String,
    /// The page's path; null is the whole site.
    pub page: Option<String>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// When it ends by itself, if nothing more comes.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// `ceiling`: more comments than `limits.per_page` or `per_site`; `refusals`: far more refusals than usual; `hand`:
    /// somebody set it.
    #[schema(value_type = String)]
    pub cause: AttackCause,
    /// Who set it; null where nobody did.
    pub by: Option<String>,
}

impl From<AttackRow> for Attack {
    fn from(row: AttackRow) -> Self {
        let AttackRow { site, page, cause, by, since, until, rests_until: _ } = row;
        Self { site, page, since, until, cause, by: by.map(bare) }
    }
}

impl Moderation {
    /// Holds everything on the site, or the page of this key, from now on for so long; what that makes of it.
    ///
    /// # Errors
    /// `NotFound` for a foreign site, the store's.
    pub async fn set_attack(
        &self,
        viewer: &Viewer,
        site: &str,
        page: Option<String>,
        last: Duration,
    ) -> Result<Attack, ModerationError> {
        if !viewer.sees(site) {
            return Err(ModerationError::NotFound);
        }
        let now = self.clock.now();
        let (site, by) = (site.to_owned(), viewer.actor.clone());
        let row = self.store.set_attack(AttackSet { site, page, by, until: now.plus(last), now }).await?;
        Ok(row.into())
    }

    /// Ends an attack now, and for `rest` it does not begin by itself again. Whether one went on.
    ///
    /// # Errors
    /// `NotFound` for a foreign site, the store's.
    pub async fn end_attack(
        &self,
        viewer: &Viewer,
        site: &str,
        page: Option<String>,
        rest: Duration,
    ) -> Result<bool, ModerationError> {
        if !viewer.sees(site) {
            return Err(ModerationError::NotFound);
        }
        let now = self.clock.now();
        let (site, by) = (site.to_owned(), viewer.actor.clone());
        Ok(self.store.end_attack(AttackEnd { site, page, by, rests_until: now.plus(rest), now }).await?)
    }
}
