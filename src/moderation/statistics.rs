//! Figures about the work of the last days: what came, what became of it, how long it waited, and who decided.
//!
//! They are counted from the store in stretches, each of some thousands of rows, so that a store of millions of
//! comments keeps nobody waiting. What a figure means stands beside it.

mod fold;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Moderation, ModerationError, Viewer};
use crate::{
    domain::Timestamp,
    store::{CountQuery, Waits},
};
use fold::{DAY, Fold};

/// Rows that one read looks at.
const STRETCH: usize = 10_000;
/// The same where each may need a look into a comment's history.
const DEEDS: usize = 2_000;

/// Figures about the work.
#[derive(Debug, Serialize, ToSchema)]
pub struct Statistics {
    /// The start of the first day.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Now: today counts as far as it has come.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// Each day, oldest first.
    pub days: Vec<DayFigures>,
    /// What waits now, from whatever day.
    pub waiting: Waiting,
    /// How soon moderators decided.
    pub decided: Decided,
    /// How much of what was stored the program held.
    pub held_share: Share,
    /// Who did what, most first.
    pub moderators: Vec<ModeratorFigures>,
}

/// One day, from midnight to midnight UTC.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, ToSchema)]
pub struct DayFigures {
    /// Which.
    #[schema(format = Date)]
    pub date: String,
    /// Everything that came, but for what the newsroom wrote; what the captcha refused too.
    pub received: u64,
    /// Of that, what the program published by itself.
    pub published: u64,
    /// What it held for a moderator.
    pub held: u64,
    /// What the captcha refused.
    pub refused: u64,
    /// Approvals by people and tokens on this day, whenever the comment came.
    pub approved: u64,
    /// Rejections, likewise.
    pub rejected: u64,
    /// Marked as spam, likewise.
    pub spam: u64,
}

/// What waits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Waiting {
    /// How many.
    pub count: u64,
    /// When the oldest came.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub oldest_at: Option<Timestamp>,
}

/// Comments that were decided for the first time on these days, from when they came to then.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Decided {
    /// How many.
    pub count: u64,
    /// Half of them took no longer; null without any.
    pub median_seconds: Option<u64>,
    /// Nine of ten took no longer.
    pub p90_seconds: Option<u64>,
}

/// A share, and how sure it is.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct Share {
    /// In `[0,1]`; null without any.
    pub share: Option<f64>,
    /// The lower end of Wilson's 95 % interval.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Of how many.
    pub count: u64,
}

/// What one moderator or token did.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, ToSchema)]
pub struct ModeratorFigures {
    /// Their name.
    pub name: String,
    /// Approvals; a decision that repeats the standing one is none.
    pub approved: u64,
    /// Rejections.
    pub rejected: u64,
    /// Marked as spam.
    pub spam: u64,
    /// Put back into the queue.
    pub pending: u64,
    /// Texts changed.
    pub edited: u64,
    /// All of these.
    pub total: u64,
}

impl Moderation {
    /// Figures about the last so many days of the viewer's sites, or of the one named.
    ///
    /// # Errors
    /// `NotFound` for a site that is not the viewer's, the store's.
    pub async fn statistics(
        &self,
        viewer: &Viewer,
        site: Option<&str>,
        days: u16,
    ) -> Result<Statistics, ModerationError> {
        let sites = viewer.narrowed(site)?;
        let _one_at_a_time = self.counting.lock().await;
        let now = self.clock.now();
        let today = now.0.div_euclid(DAY);
        let first = today + 1 - i64::from(days);
        let (since, until) = (Timestamp(first * DAY), Timestamp((today + 1) * DAY));
        let mut fold = Fold::new(first, today);
        let mut query = CountQuery { sites: sites.clone(), since, until, after: None, limit: STRETCH };
        loop {
            let counted = self.store.arrived(query.clone()).await?;
            counted.found.into_iter().for_each(|(day, verdict, count)| fold.arrived(day, verdict, count));
            let Some(next) = counted.next else { break };
            query.after = Some(next);
        }
        let mut query = CountQuery { sites: sites.clone(), since, until, after: None, limit: STRETCH };
        loop {
            let counted = self.store.refused(query.clone()).await?;
            counted.found.into_iter().for_each(|(day, count)| fold.refused(day, count));
            let Some(next) = counted.next else { break };
            query.after = Some(next);
        }
        let mut query = CountQuery { sites: sites.clone(), since, until, after: None, limit: DEEDS };
        loop {
            let counted = self.store.worked(query.clone()).await?;
            counted.found.iter().for_each(|work| fold.worked(work));
            let Some(next) = counted.next else { break };
            query.after = Some(next);
        }
        let waiting = self.waiting(sites).await?;
        Ok(fold.figures(since, now, waiting))
    }

    async fn waiting(&self, sites: Option<Vec<String>>) -> Result<Waiting, ModerationError> {
        let (mut waiting, mut after) = (Waiting { count: 0, oldest_at: None }, 0);
        loop {
            let Waits { count, oldest_at, next } = self.store.waiting(sites.clone(), after, STRETCH).await?;
            waiting.count += count;
            waiting.oldest_at = waiting.oldest_at.or(oldest_at);
            let Some(next) = next else { return Ok(waiting) };
            after = next;
        }
    }
}
