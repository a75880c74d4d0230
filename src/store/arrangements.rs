//! What moderators set up for what is to come: bans and pages.

use super::{BanRow, BanSource, PageChange, PageLine, PageQuery, Store, StoreError};
use crate::domain::{BanId, CommentId, Timestamp};

operations! {
    // Bans
    /// All bans that have not expired.
    fn bans(&self, now: Timestamp) -> Vec<BanRow>;
    /// Adds a ban, with its audit row.
    fn ban(&self, ban: BanRow) -> ();
    /// Ends a ban, with its audit row; false where there is none.
    fn unban(&self, id: BanId, by: String, now: Timestamp) -> bool;
    /// Network and author facts of a comment that a ban may be drawn from.
    fn ban_source(&self, id: CommentId) -> Option<BanSource>;

    // Pages
    /// A stretch of the pages, with what waits there.
    fn pages(&self, query: PageQuery) -> Vec<PageLine>;
    /// Changes a page, with its audit row; the page as it stands then.
    fn change_page(&self, change: PageChange) -> PageLine;
}
