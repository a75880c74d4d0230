//! Which buckets a request touches: the rules, their windows and their keys.
//!
//! A key carries its rate, so two sites with different limits, or a limit before and after a reload,
//! never share a number that means something else to each. Subjects arrive as keyed hashes; no
//! address, email or page is readable in a key.

use std::net::IpAddr;

use crate::{
    config::{Limits, Rate, Site},
    domain::SiteId,
    keys, net,
};

/// The limits on comments, named as in `[limits]`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Rule {
    /// One address; refuses.
    PerIp,
    /// The network around it; refuses.
    PerNetwork,
    /// An address's comments without a captcha token; refuses.
    WithoutToken,
    /// The network's comments without a captcha token; refuses.
    WithoutTokenNetwork,
    /// One email address; over it the comment is held.
    PerEmail,
    /// One page; over it the page enters attack mode.
    PerPage,
    /// One site; over it the site enters attack mode.
    PerSite,
}

impl Rule {
    /// The name in the configuration, in metrics and in the `RateLimit` fields.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PerIp => "per_ip",
            Self::PerNetwork => "per_network",
            Self::WithoutToken => "without_token",
            Self::WithoutTokenNetwork => "without_token_network",
            Self::PerEmail => "per_email",
            Self::PerPage => "per_page",
            Self::PerSite => "per_site",
        }
    }

    fn rates(self, limits: &Limits) -> &[Rate] {
        match self {
            Self::PerIp => &limits.per_ip,
            Self::PerNetwork => &limits.per_network,
            Self::WithoutToken => &limits.without_token,
            Self::WithoutTokenNetwork => &limits.without_token_network,
            Self::PerEmail => &limits.per_email,
            Self::PerPage => &limits.per_page,
            Self::PerSite => &limits.per_site,
        }
    }

    /// One bucket for each of the rule's windows, under the tag's hash slot.
    fn buckets(self, limits: &Limits, tag: &str, subject: &str) -> impl Iterator<Item = Bucket> {
        std::iter::zip(0u8.., self.rates(limits)).map(move |(window, rate)| Bucket {
            rule: self,
            window,
            rate: *rate,
            key: format!("rd:{{{tag}}}:{}:{}/{}:{subject}", self.as_str(), rate.burst, rate.period_us),
        })
    }
}

/// One counter: a window of a rule for one subject.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bucket {
    /// Whose window it is.
    pub rule: Rule,
    /// Which of the rule's windows, from 0.
    pub window: u8,
    /// What it admits.
    pub rate: Rate,
    /// Where its number is kept, in the process and in Redis alike.
    pub key: String,
}

/// Buckets that are charged together or not at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Charge {
    /// What their keys share in braces, so that a Redis cluster keeps them in one slot.
    pub tag: String,
    /// In the order of the rules.
    pub buckets: Vec<Bucket>,
    /// Whether a refusal may be remembered and refuse the next request before its body is read.
    /// Only where [`limits_alike`] holds: the site is not known then.
    pub remembered: bool,
    pub(super) address_key: String,
}

impl Charge {
    fn of(limits: &Limits, address_key: &str, network_key: &str, rules: &[(Rule, &str)]) -> Self {
        let buckets = rules.iter().flat_map(|(rule, subject)| rule.buckets(limits, network_key, subject)).collect();
        Self { tag: network_key.to_owned(), buckets, remembered: true, address_key: address_key.to_owned() }
    }
}

/// What a comment is charged before it is read further; `without_token` adds the stricter limits
/// on comments that bring no captcha token.
#[must_use]
pub fn refusing(limits: &Limits, address_key: &str, network_key: &str, without_token: bool) -> Charge {
    let rules = [
        (Rule::PerIp, address_key),
        (Rule::PerNetwork, ""),
        (Rule::WithoutToken, address_key),
        (Rule::WithoutTokenNetwork, ""),
    ];
    let n_rules = if without_token { 4 } else { 2 };
    Charge::of(limits, address_key, network_key, rules.get(..n_rules).unwrap_or(&rules))
}

/// What a comment is charged on top when its token could not be verified and it is to be held.
#[must_use]
pub fn unverified(limits: &Limits, address_key: &str, network_key: &str) -> Charge {
    let rules = [(Rule::WithoutToken, address_key), (Rule::WithoutTokenNetwork, "")];
    Charge::of(limits, address_key, network_key, &rules)
}

/// The limits that mark or hold but never refuse, each charged on its own.
///
/// The page's key is taken in lower case here, so that spelling does not make another bucket.
#[must_use]
pub fn ceilings(limits: &Limits, email_key: Option<&str>, page_key: &str, site: &SiteId) -> Vec<Bucket> {
    let page = page_key.to_lowercase();
    let page = short(&[site.as_str().as_bytes(), b"\0", page.as_bytes()].concat());
    let site = short(site.as_str().as_bytes());
    let email = email_key.into_iter().flat_map(|key| Rule::PerEmail.buckets(limits, key, ""));
    email.chain(Rule::PerPage.buckets(limits, &page, "")).chain(Rule::PerSite.buckets(limits, &site, "")).collect()
}

fn short(text: &[u8]) -> String {
    keys::encode(keys::digest(text).first_chunk::<16>().map_or(&[], |half| half.as_slice()))
}

/// Whether `limits.allow` names this address; such a client is asked for nothing here.
#[must_use]
pub fn allowed(limits: &Limits, address: IpAddr) -> bool {
    net::within(&limits.allow, address)
}

/// Whether all sites refuse addresses and networks alike, so that a refusal on one holds on all.
#[must_use]
pub fn limits_alike(sites: &[Site]) -> bool {
    let refusing =
        |site: &Site| (site.limits.per_ip.clone(), site.limits.per_network.clone(), site.limits.allow.clone());
    sites.windows(2).all(|pair| matches!(pair, [one, other] if refusing(one) == refusing(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        let rate = |burst, period_s: i64| Rate { burst, period_us: period_s * 1_000_000 };
        Limits {
            per_ip: vec![rate(5, 10), rate(20, 300)],
            per_network: vec![rate(30, 60)],
            per_email: vec![rate(10, 600)],
            per_page: vec![rate(120, 60)],
            per_site: vec![rate(600, 60)],
            without_token: vec![rate(3, 600)],
            without_token_network: vec![rate(30, 3600)],
            challenge: vec![],
            reactions: vec![],
            allow: vec!["192.0.2.0/24".parse().unwrap()],
        }
    }

    #[test]
    fn the_refusing_buckets_of_a_request_share_one_hash_tag() {
        let charge = refusing(&limits(), "ADDRESS", "NETWORK", true);
        let named: Vec<_> = charge.buckets.iter().map(|bucket| (bucket.rule.as_str(), bucket.window)).collect();
        let expected =
            [("per_ip", 0), ("per_ip", 1), ("per_network", 0), ("without_token", 0), ("without_token_network", 0)];
        assert_eq!(named, expected);
        assert!(charge.buckets.iter().all(|bucket| bucket.key.starts_with("rd:{NETWORK}:")));
        assert_eq!(refusing(&limits(), "ADDRESS", "NETWORK", false).buckets, charge.buckets[..3]);
        assert_eq!(unverified(&limits(), "ADDRESS", "NETWORK").buckets, charge.buckets[3..]);
    }

    #[test]
    fn keys_tell_addresses_windows_and_rates_apart() {
        let keys = |limits: &Limits, address: &str| -> Vec<String> {
            refusing(limits, address, "N", true).buckets.into_iter().map(|bucket| bucket.key).collect()
        };
        let (mine, theirs) = (keys(&limits(), "A"), keys(&limits(), "B"));
        let shared: Vec<_> = mine.iter().filter(|key| theirs.contains(key)).collect();
        assert_eq!(shared.len(), 2, "only the network's");
        let mut other = limits();
        other.per_ip[0].burst = 6;
        assert_ne!(keys(&other, "A")[0], mine[0]);
    }

    #[test]
    fn spelling_a_page_in_capitals_does_not_make_another_bucket() {
        let site = SiteId::new("news");
        let key = |page: &str, site: &SiteId| ceilings(&limits(), None, page, site)[0].key.clone();
        assert_eq!(key("/A/Story", &site), key("/a/story", &site));
        assert_ne!(key("/a/story", &site), key("/a/other", &site));
        assert_ne!(key("/a/story", &site), key("/a/story", &SiteId::new("blog")));
        assert_eq!(ceilings(&limits(), Some("E"), "/a", &site).len(), 3);
    }

    #[test]
    fn the_allowed_are_known_in_either_spelling() {
        assert!(allowed(&limits(), "::ffff:192.0.2.9".parse().unwrap()));
        assert!(!allowed(&limits(), "192.0.3.9".parse().unwrap()));
    }
}
