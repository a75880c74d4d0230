//! What readers of one page are told of what happened: a comment appeared, changed, or went.
//!
//! An event says only which comment was touched. What is told is the comment as it is approved now, so nobody is
//! told of words that nobody may read, however late the event is heard. What became of one comment in several events
//! at once is told once.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use moka::sync::Cache;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::{CommentView, Publish, PublishError};
use crate::store::{EventRow, PageRow, ShownComment, StoreError};

/// How long the answer about one event serves all who hear of it; who comes later asks anew.
const SHARED_FOR: Duration = Duration::from_secs(2);
/// Answers shared at once.
const SHARED: u64 = 2_000;

type Place = Option<(PageRow, Option<ShownComment>)>;
/// Where the comments of the last events are, each asked for once for all listeners, and anew once something was changed:
/// by the event's number, and by how many changes were seen.
pub(super) type Placed = Cache<(i64, u64), Arc<OnceCell<Place>>>;

pub(super) fn placed() -> Placed {
    Cache::builder().max_capacity(SHARED).time_to_live(SHARED_FOR).build()
}

/// One thing to tell.
#[derive(Debug)]
pub struct News {
    /// The event's number.
    pub event: i64,
    /// `comment`, `update` or `remove`.
    pub name: &'static str,
    /// The comment as it is shown; of a removed one the id alone.
    pub data: Value,
}

impl Publish {
    /// What the readers of this page are told of these events, in order.
    ///
    /// # Errors
    /// When the store gives no answer; nothing was told then.
    pub async fn news(&self, site: &str, key: &str, events: &[Arc<EventRow>]) -> Result<Vec<News>, PublishError> {
        let mut told = Vec::new();
        for (event, is_new) in gathered(site, events) {
            let Some((page, comment)) = self.place(event).await? else { continue };
            if page.site != site || page.key != key {
                continue;
            }
            let (name, data) = match comment.map(CommentView::from) {
                Some(CommentView::Shown(shown)) => {
                    (if is_new { "comment" } else { "update" }, serde_json::to_value(shown)?)
                }
                Some(CommentView::Removed(_)) | None => ("remove", json!({ "id": event.subject })),
            };
            told.push(News { event: event.id, name, data });
        }
        Ok(told)
    }

    async fn place(&self, event: &EventRow) -> Result<Place, StoreError> {
        let Ok(id) = event.subject.parse() else { return Ok(None) };
        let stirred = self.stirred.load(Ordering::Acquire);
        let cell = self.placed.get_with((event.id, stirred), Arc::default);
        cell.get_or_try_init(|| self.store.placed(id)).await.cloned()
    }
}

/// The last event of each comment of the site that readers saw change, and whether it appeared in one of them.
fn gathered<'a>(site: &str, events: &'a [Arc<EventRow>]) -> Vec<(&'a EventRow, bool)> {
    let mut last: HashMap<&str, (&EventRow, bool)> = HashMap::new();
    for event in events.iter().filter(|event| event.site == site) {
        if let Some(appeared) = seen(event) {
            let before = last.get(event.subject.as_str()).is_some_and(|(_, before)| *before);
            last.insert(&event.subject, (event, before || appeared));
        }
    }
    let mut gathered: Vec<_> = last.into_values().collect();
    gathered.sort_unstable_by_key(|(event, _)| event.id);
    gathered
}

/// None where readers saw nothing of it; else whether the comment appeared by it.
fn seen(event: &EventRow) -> Option<bool> {
    let is_approved = |member: &str| event.detail.get(member).and_then(Value::as_str) == Some("approved");
    match (event.kind.as_str(), is_approved("from"), is_approved("status")) {
        ("comment.published", ..) => Some(true),
        ("comment.revised", _, true) => Some(false),
        // What else does not move it says nothing of where it came from.
        _ if !event.detail.contains_key("from") => None,
        (_, true, _) => Some(false),
        (_, false, true) => Some(true),
        (_, false, false) => None,
    }
}
