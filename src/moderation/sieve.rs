//! A ban held against what was written: the same comparison as when a comment comes in, over many.
//!
//! In stretches, so that neither a reading thread of the store nor this one is held for long.

use super::{ModerationError, ValueFault};
use crate::{
    bans::{Author, Whom, link_hosts},
    domain::{BanKind, EmailAddress, Timestamp},
    store::{Portion, Store, StoreError, Written, WrittenQuery},
    text::links,
};

/// Comments in one read.
const STRETCH: usize = 500;
/// The same where their texts are read.
const TEXTS: usize = 250;
/// Comments that are compared before others have their turn on this thread.
const TURN: usize = 50;

/// A ban, and the sites where it counts.
pub(super) struct Sieve {
    kind: BanKind,
    whom: Whom,
    sites: Option<Vec<String>>,
}

/// What a stretch came to.
pub(super) struct Sifted {
    /// Whom the ban meets.
    pub(super) met: Vec<Written>,
    /// What comes next; none at the end.
    pub(super) next: Option<Portion>,
    /// How many were looked at, at most.
    pub(super) looked_at: usize,
    /// When the last of them came.
    pub(super) reached: Option<Timestamp>,
}

impl Sieve {
    pub(super) fn new(kind: BanKind, value: &str, sites: Option<Vec<String>>) -> Result<Self, ModerationError> {
        let whom = Whom::new(kind, value).ok_or(ValueFault::of(kind))?;
        Ok(Self { kind, whom, sites })
    }

    pub(super) async fn stretch(&self, store: &Store, portion: Portion) -> Result<Sifted, StoreError> {
        let limit = if self.kind == BanKind::LinkDomain { TEXTS } else { STRETCH };
        let query = WrittenQuery { sites: self.sites.clone(), kind: self.kind, portion, limit };
        let stretch = store.written(query).await?;
        let mut met = Vec::new();
        for (n, row) in stretch.rows.into_iter().enumerate() {
            if n % TURN == TURN - 1 {
                tokio::task::yield_now().await;
            }
            if self.meets(&row) {
                met.push(row);
            }
        }
        Ok(Sifted { met, next: stretch.next, looked_at: limit, reached: stretch.reached })
    }

    fn meets(&self, row: &Written) -> bool {
        if let Some(address) = &row.address {
            return address.parse().is_ok_and(|address| self.whom.meets_address(address));
        }
        let email = row.email.as_deref().and_then(|email| EmailAddress::parse(email).ok().flatten());
        let hosts = row.body.as_deref().map(|body| link_hosts(&links::find(body), row.url.as_deref()));
        let name = row.name.as_deref().unwrap_or_default();
        self.whom.meets_author(&Author::new(name, email.as_ref(), hosts.unwrap_or_default()))
    }
}
