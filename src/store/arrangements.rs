//! What moderators set up for what is to come: bans, pages and attacks; and answers to requests that are repeated.

use super::{
    AttackEnd, AttackRaise, AttackRow, AttackSet, BanApplied, BanBatch, BanRow, BanSource, KeptAnswer, Key, Once,
    PageChange, PageLine, PageQuery, Raised, Store, StoreError, WrittenQuery, WrittenStretch,
};
use crate::domain::{BanId, CommentId, Timestamp};

operations! {
    // Bans
    /// All bans that have not expired.
    fn bans(&self, now: Timestamp) -> Vec<BanRow>;
    /// Adds a ban, with its audit row and its idempotency key; where the key was used before, nothing is added, and
    /// what was answered then.
    fn ban(&self, ban: BanRow, once: Option<Once>) -> Option<KeptAnswer>;
    /// Ends a ban, with its audit row; false where there is none.
    fn unban(&self, id: BanId, by: String, now: Timestamp) -> bool;
    /// Network and author facts of a comment that a ban may be drawn from.
    fn ban_source(&self, id: CommentId) -> Option<BanSource>;
    /// A stretch of what people wrote, for a ban to be held against.
    fn written(&self, query: WrittenQuery) -> WrittenStretch;
    /// Lays a ban on comments that still wait as they were seen; none where it has ended.
    fn apply_ban(&self, batch: BanBatch, by: String, now: Timestamp) -> Option<BanApplied>;

    // Requests that create something and may be repeated
    /// What a moderator's request with this idempotency key was answered, within 24 h.
    fn kept_answer(&self, key: Key, now: Timestamp) -> Option<KeptAnswer>;
    /// Keeps the answer under the key that was begun with; the one that stands, for the first stays.
    fn keep_answer(&self, key: Key, answer: String) -> String;

    // Pages
    /// A stretch of the pages, with what waits there.
    fn pages(&self, query: PageQuery) -> Vec<PageLine>;
    /// Changes a page, with its audit row; the page as it stands then.
    fn change_page(&self, change: PageChange) -> PageLine;

    // Attacks
    /// Every page and site that is under attack, was until just now, or rests after one that was ended by hand; by
    /// site and place.
    fn attacks(&self) -> Vec<AttackRow>;
    /// Begins an attack or makes it last longer, unless it rests; with its audit row where it begins.
    fn raise_attack(&self, raise: AttackRaise) -> Raised;
    /// Sets or changes an attack by hand, with its audit row.
    fn set_attack(&self, set: AttackSet) -> AttackRow;
    /// Ends an attack by hand, with its audit row; false where none goes on.
    fn end_attack(&self, end: AttackEnd) -> bool;
    /// Ends what is over, each with its audit row; what that was.
    fn close_attacks(&self, now: Timestamp) -> Vec<AttackRow>;
}
