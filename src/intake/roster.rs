//! Who is banned and who is staff: a compiled copy of the store's rows, swapped when they change.
//!
//! Submissions ask it without a trip to the store. The composition root refreshes it twice a second,
//! so that what another instance or the command line changed holds here within a second.

use std::{collections::HashSet, net::IpAddr};

use crate::{
    bans::{Author, Whom},
    domain::{BanMode, EmailAddress, SiteId, Timestamp},
    store::{BanRow, ModeratorRow, Store, StoreError},
};

/// One ban, ready to be matched.
struct Ban {
    site: Option<String>,
    mode: BanMode,
    expires_at: Option<Timestamp>,
    whom: Whom,
}

/// Bans and staff as of the last refresh.
#[derive(Default)]
pub struct Roster {
    bans: Vec<Ban>,
    /// User names of moderators.
    pub staff_names: Vec<String>,
    staff_emails: HashSet<String>,
}

impl Roster {
    /// Reads bans and people.
    ///
    /// # Errors
    /// When the store gives no answer; the caller keeps the old roster.
    pub async fn read(store: &Store, now: Timestamp) -> Result<Self, StoreError> {
        let (bans, people) = (store.bans(now).await?, store.moderators().await?);
        Ok(Self::compile(&bans, people))
    }

    fn compile(bans: &[BanRow], people: Vec<ModeratorRow>) -> Self {
        Self {
            bans: bans.iter().filter_map(compile).collect(),
            staff_emails: people.iter().filter_map(|person| person.email.as_ref()).map(|e| e.to_lowercase()).collect(),
            staff_names: people.into_iter().map(|person| person.username).collect(),
        }
    }

    /// The hardest ban on an address or its network.
    #[must_use]
    pub fn of_address(&self, site: &SiteId, address: IpAddr, now: Timestamp) -> Option<BanMode> {
        self.hardest(site, now, |whom| whom.meets_address(address))
    }

    /// The hardest ban on what an author wrote of themselves, which is folded only where any goes by that.
    #[must_use]
    pub fn of_author(&self, site: &SiteId, author: impl FnOnce() -> Author, now: Timestamp) -> Option<BanMode> {
        if self.bans.iter().all(|ban| ban.whom.is_address()) {
            return None;
        }
        let author = author();
        self.hardest(site, now, |whom| whom.meets_author(&author))
    }

    /// Whether an email is a moderator's.
    #[must_use]
    pub fn is_staff_email(&self, email: &EmailAddress) -> bool {
        self.staff_emails.contains(&email.canonical())
    }

    fn hardest(&self, site: &SiteId, now: Timestamp, meets: impl Fn(&Whom) -> bool) -> Option<BanMode> {
        self.bans
            .iter()
            .filter(|ban| ban.site.as_deref().is_none_or(|of| of == site.as_str()))
            .filter(|ban| ban.expires_at.is_none_or(|until| until > now))
            .filter(|ban| meets(&ban.whom))
            .map(|ban| ban.mode)
            .max()
    }
}

/// None for a row of a kind or mode that this version does not know.
fn compile(row: &BanRow) -> Option<Ban> {
    let (mode, kind) = (row.mode.parse().ok()?, row.kind.parse().ok()?);
    let whom = Whom::new(kind, &row.value)?;
    Some(Ban { site: row.site.clone(), mode, expires_at: row.expires_at, whom })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::BanId;

    fn ban(kind: &str, value: &str, mode: &str, site: Option<&str>) -> BanRow {
        BanRow {
            id: BanId::new(Timestamp(1)),
            kind: kind.into(),
            value: value.into(),
            mode: mode.into(),
            site: site.map(str::to_owned),
            reason: None,
            created_by: "operator".into(),
            created_at: Timestamp(1),
            expires_at: Some(Timestamp(100)),
            from_comment: None,
            applied: 0,
        }
    }

    #[test]
    fn the_hardest_ban_that_meets_counts_until_it_expires() {
        let rows = [ban("network", "198.51.100.0/24", "hold", None), ban("ip", "198.51.100.7", "refuse", Some("news"))];
        let roster = Roster::compile(&rows, Vec::new());
        let (news, other) = (SiteId::new("news"), SiteId::new("other"));
        let address: IpAddr = "198.51.100.7".parse().unwrap();
        assert_eq!(roster.of_address(&news, address, Timestamp(50)), Some(BanMode::Refuse));
        assert_eq!(roster.of_address(&other, address, Timestamp(50)), Some(BanMode::Hold));
        assert_eq!(roster.of_address(&news, address, Timestamp(100)), None);
        assert_eq!(roster.of_address(&news, "198.51.101.7".parse().unwrap(), Timestamp(50)), None);
    }
}
