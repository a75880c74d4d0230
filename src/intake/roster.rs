//! Who is banned and who is staff: a compiled copy of the store's rows, swapped when they change.
//!
//! Submissions ask it without a trip to the store. The composition root refreshes it twice a second,
//! so that what another instance or the command line changed holds here within a second.

use std::{collections::HashSet, net::IpAddr};

use ipnet::IpNet;

use crate::{
    domain::{BanMode, EmailAddress, SiteId, Timestamp},
    net::Client,
    store::{BanRow, ModeratorRow, Store, StoreError},
    text,
};

/// One ban, ready to be matched.
struct Ban {
    site: Option<String>,
    mode: BanMode,
    expires_at: Option<Timestamp>,
    whom: Whom,
}

enum Whom {
    Address(IpNet),
    Email(String),
    EmailDomain(String),
    LinkDomain(String),
    Name(String),
}

/// Bans and staff as of the last refresh.
#[derive(Default)]
pub struct Roster {
    bans: Vec<Ban>,
    /// User names of moderators.
    pub staff_names: Vec<String>,
    staff_emails: HashSet<String>,
}

/// The author's side of a submission, as bans see it.
pub struct Author<'a> {
    /// The name shown.
    pub name: &'a str,
    /// The address, where given.
    pub email: Option<&'a EmailAddress>,
    /// Hosts that the body and the author's URL link to.
    pub link_hosts: &'a [String],
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
        self.hardest(site, now, |whom| matches!(whom, Whom::Address(range) if range.contains(&address)))
    }

    /// The hardest ban on what an author wrote of themselves.
    #[must_use]
    pub fn of_author(&self, site: &SiteId, author: &Author<'_>, now: Timestamp) -> Option<BanMode> {
        if self.bans.iter().all(|ban| matches!(ban.whom, Whom::Address(_))) {
            return None;
        }
        let email = author.email.map(EmailAddress::canonical);
        let domain = author.email.map(EmailAddress::domain);
        let name = text::skeleton(author.name);
        self.hardest(site, now, |whom| match whom {
            Whom::Address(_) => false,
            Whom::Email(banned) => email.as_ref() == Some(banned),
            Whom::EmailDomain(banned) => domain.as_ref().is_some_and(|domain| within(domain, banned)),
            Whom::LinkDomain(banned) => author.link_hosts.iter().any(|host| within(host, banned)),
            Whom::Name(banned) => name == *banned,
        })
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

/// A domain is within itself and all above it.
fn within(domain: &str, banned: &str) -> bool {
    domain.strip_suffix(banned).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// None for a row of a kind or mode that this version does not know.
fn compile(row: &BanRow) -> Option<Ban> {
    let mode = match row.mode.as_str() {
        "refuse" => BanMode::Refuse,
        "hold" => BanMode::Hold,
        "shadow" => BanMode::Shadow,
        _ => return None,
    };
    let lower = row.value.to_lowercase();
    let whom = match row.kind.as_str() {
        // One client is one address of IPv4 and a /64 of IPv6, as for the limits.
        "ip" => Whom::Address(Client::new(lower.parse().ok()?).address_range()),
        "network" => Whom::Address(lower.parse().ok()?),
        "email" => Whom::Email(lower),
        "email_domain" => Whom::EmailDomain(lower),
        "link_domain" => Whom::LinkDomain(lower),
        "name" => Whom::Name(text::skeleton(&row.value)),
        _ => return None,
    };
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

    #[test]
    fn names_are_met_by_their_look_and_domains_with_all_below_them() {
        let rows = [ban("name", "Viagra", "shadow", None), ban("email_domain", "spam.example", "hold", None)];
        let roster = Roster::compile(&rows, Vec::new());
        let site = SiteId::new("news");
        let meets = |name: &str, email: &str| {
            let email = EmailAddress::parse(email).unwrap();
            let author = Author { name, email: email.as_ref(), link_hosts: &[] };
            roster.of_author(&site, &author, Timestamp(50))
        };
        assert_eq!(meets("V\u{456}agra", "a@fine.example"), Some(BanMode::Shadow));
        assert_eq!(meets("Ada", "a@mail.SPAM.example"), Some(BanMode::Hold));
        assert_eq!(meets("Ada", "a@notspam.example"), None);
    }
}
