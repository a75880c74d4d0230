//! What moderators see and do: the queue, decisions, bans, and the record of it all.
//!
//! Everything is asked by a [`Viewer`] and stays within the sites that are theirs; what is foreign
//! is as good as not there. How a viewer proved who they are is not known here.

mod attacks;
mod audit;
mod ban_value;
mod bans;
pub mod chain;
mod claims;
pub mod cursor;
mod decisions;
mod enforce;
mod export;
mod notices;
mod once;
mod pages;
mod preview;
mod queue;
mod records;
mod reply;
mod revise;
mod sieve;
mod statement;
mod statistics;
mod view;

use std::sync::Arc;

use tokio::sync::{Mutex, Semaphore};

pub use attacks::Attack;
pub use audit::{AuditFilter, AuditLine, AuditPage, Export};
pub use ban_value::{ValueFault, normal as ban_value};
pub use bans::{Ban, BanFilter, BanPage, BanSet, BanTarget, NewBan, SetBan};
pub use decisions::{Order, Outcome, Tally, WholeOrder};
pub use export::Format;
pub use notices::Notice;
pub use pages::{NewPage, PageFilter, PageView, PagesPage};
pub use preview::{BanExample, BanPreview};
pub use queue::Filter;
pub use records::{Refusal, RefusalPage};
pub use reply::NewReply;
pub use revise::NewWords;
pub use statement::Facts;
pub use statistics::{DayFigures, Decided, ModeratorFigures, Share, Statistics, Waiting};
pub use view::{Author, Captcha, Cluster, Deed, Detail, Evidence, Item, ItemPage, Neighbour, Original, Place, Reports};

// The rim names the order and the end, and never touches the store.
pub use crate::store::{Once, PageOrder, QueueOrder, UpTo};
use crate::{
    domain::{Clock, Fault, Status, Timestamp},
    keys::Keyring,
    store::{Store, StoreError},
};

/// Who is asking, as far as this room needs to know.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// `moderator:NAME` or `token:NAME`: what decisions and bans are signed with.
    pub actor: String,
    /// The sites they may see; none is all.
    pub sites: Option<Vec<String>>,
    /// They may ban on all sites and see addresses.
    pub admin: bool,
}

impl Viewer {
    /// Whether a site is theirs.
    #[must_use]
    pub fn sees(&self, site: &str) -> bool {
        self.sites.as_ref().is_none_or(|sites| sites.iter().any(|own| own == site))
    }

    /// Where a ban of theirs counts: on its site, else on all of theirs.
    fn banning(&self, site: Option<&str>) -> Option<Vec<String>> {
        site.map(|site| vec![site.to_owned()]).or_else(|| self.sites.clone())
    }

    /// Their sites, or the one asked for where it is theirs.
    fn narrowed(&self, site: Option<&str>) -> Result<Option<Vec<String>>, ModerationError> {
        match site {
            None => Ok(self.sites.clone()),
            Some(site) if self.sees(site) => Ok(Some(vec![site.to_owned()])),
            Some(_) => Err(ModerationError::NotFound),
        }
    }
}

/// Why something was not shown or done.
#[derive(Debug, thiserror::Error)]
pub enum ModerationError {
    /// There is no such thing within the viewer's sites.
    #[error("nothing of this id")]
    NotFound,
    /// Somebody else was first.
    #[error("somebody else was first")]
    Conflict {
        /// Who decided or changed it; none where no person did.
        by: Option<String>,
        /// What stands.
        status: Status,
        /// Since when.
        at: Option<Timestamp>,
        /// The version that stands.
        version: i64,
    },
    /// Somebody else looks at it at the moment.
    #[error("somebody else looks at it")]
    Claimed {
        /// Who.
        by: String,
        /// Until when, at most.
        until: Timestamp,
    },
    /// The comment to reply to is not shown.
    #[error("a reply to what is not shown")]
    ParentNotFound,
    /// The same reply was sent before.
    #[error("the same was sent before")]
    Duplicate,
    /// The idempotency key belongs to other content.
    #[error("an idempotency key of other content")]
    IdempotencyReused,
    /// A text that no comment can have.
    #[error("a text that cannot be taken")]
    Words(Fault),
    /// The comment that was seen last is none of the cluster.
    #[error("no member of this cluster")]
    NoMember,
    /// The comment waits or is shown: nothing was decided against it.
    #[error("nothing was decided against this comment")]
    NotTurnedDown,
    /// Only an admin may.
    #[error("only an admin may do this")]
    NeedsAdmin,
    /// Only an admin tries out bans on addresses that are no comment's.
    #[error("only an admin may try addresses")]
    Guess,
    /// The cursor was not made for this question.
    #[error("a cursor of another list")]
    Cursor,
    /// The ban would meet nobody, or everybody.
    #[error("a ban that goes by nothing")]
    BanValue(#[from] ValueFault),
    /// The store gave no answer in the middle: a ban is set, and not all that waits was dealt with.
    #[error("the store gave no answer in the middle")]
    HalfDone(#[source] StoreError),
    /// The store gave no answer.
    #[error("the store gave no answer")]
    Store(#[from] StoreError),
}

/// Previews of bans at once.
const PREVIEWS: usize = 2;

/// Told of a page whose shown comments may have changed: site and page key.
pub type OnChange = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// The moderators' room.
#[derive(Clone)]
pub struct Moderation {
    store: Store,
    keys: Keyring,
    clock: Clock,
    on_change: OnChange,
    previews: Arc<Semaphore>,
    /// Figures are counted for one after the other, so that they never take more than one of the reading threads.
    counting: Arc<Mutex<()>>,
}

impl Moderation {
    /// Over a store; `on_change` is called after every decision that was applied.
    #[must_use]
    pub fn new(store: Store, keys: Keyring, clock: Clock, on_change: OnChange) -> Self {
        let previews = Arc::new(Semaphore::new(PREVIEWS));
        Self { store, keys, clock, on_change, previews, counting: Arc::default() }
    }
}
