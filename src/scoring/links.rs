//! Rules about links. Links to the site's own pages are no evidence of anything.

use std::{collections::HashSet, sync::LazyLock};

use super::{
    facts::Seen,
    weighing::{Finding, growing},
};
use crate::{
    config::Rule,
    text::links::{Link, host_of, registrable},
};

static SHORTENERS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("../../config/words/shorteners.txt").lines().filter(|line| !line.starts_with('#')).collect()
});

/// Foreign links from which on their number is a signal of its own.
const MANY: usize = 3;

pub(super) fn look(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    let foreign: Vec<&Link> = seen.body.links.iter().filter(|link| !seen.is_own(&link.host)).collect();
    let mut domains: Vec<&str> = foreign.iter().map(|link| link.domain.as_str()).collect();
    domains.sort_unstable();
    domains.dedup();
    findings.extend(foreign_links(&foreign, &domains));
    findings.extend(many_links(&foreign));
    findings.extend(many_hosts(&domains));
    findings.extend(own_links(&seen.body.links, &foreign));
    findings.extend(shortener(&foreign));
    findings.extend(bare_domain(&foreign));
    findings.extend(mostly_links(seen, &foreign));
    findings.extend(listed_domain(seen, &foreign));
    let author_host = seen.facts.url.and_then(host_of).filter(|host| !seen.is_own(host));
    if let Some(host) = author_host {
        findings.push(Finding::new(Rule::AuthorLink, "The author gave a website"));
        findings.extend(author_link_repeated(&host, &foreign));
    }
}

fn place(link: &Link) -> Option<(usize, usize)> {
    Some((link.start, link.end))
}

fn foreign_links(foreign: &[&Link], domains: &[&str]) -> Option<Finding> {
    let first = foreign.first()?;
    let named = domains.iter().take(3).copied().collect::<Vec<_>>().join(", ");
    let text = match (foreign.len(), domains.len()) {
        (1, _) => format!("Links to {named}"),
        (links, 0..=3) => format!("{links} links to other sites: {named}"),
        (links, sites) => format!("{links} links to {sites} other sites: {named}, …"),
    };
    Some(Finding::new(Rule::LinkForeign, text).times(growing(foreign.len(), 0.4, 3.0)).at(place(first)))
}

fn many_links(foreign: &[&Link]) -> Option<Finding> {
    let text = || format!("{} links in one comment", foreign.len());
    (foreign.len() >= MANY).then(|| Finding::new(Rule::LinkMany, text()))
}

/// Who gives sources names one or two places; who spreads links names many.
fn many_hosts(domains: &[&str]) -> Option<Finding> {
    let text = || format!("Links to {} different sites", domains.len());
    (domains.len() >= MANY).then(|| Finding::new(Rule::LinkHosts, text()))
}

fn own_links(all: &[Link], foreign: &[&Link]) -> Option<Finding> {
    let first = all.first().filter(|_| foreign.is_empty())?;
    Some(Finding::new(Rule::LinkOwn, "Links to this site's own pages alone").at(place(first)))
}

/// A link, or the author's website, on the operator's list of domains.
fn listed_domain(seen: &Seen<'_>, foreign: &[&Link]) -> Option<Finding> {
    let list = &seen.lists.link_domains;
    if list.is_empty() {
        return None;
    }
    let mut hits = foreign.iter().filter_map(|link| Some((listed(list, &link.host)?, *link)));
    if let Some((entry, link)) = hits.next() {
        let text = format!("Links to {}: {entry} is on the list of link domains", link.host);
        return Some(Finding::new(Rule::LinkListed, text).at(place(link)));
    }
    let host = seen.facts.url.and_then(host_of)?;
    let text = format!("The author's website is at {}, which is on the list of link domains", listed(list, &host)?);
    Some(Finding::new(Rule::LinkListed, text))
}

/// The entry of a sorted list that a host is, or is below.
pub(super) fn listed<'l>(list: &'l [String], host: &str) -> Option<&'l str> {
    let ends = std::iter::once(0).chain(host.match_indices('.').map(|(at, _)| at + 1));
    let mut above = ends.filter_map(|at| host.get(at..));
    above.find_map(|name| list.get(list.binary_search_by(|entry| entry.as_str().cmp(name)).ok()?)).map(String::as_str)
}

fn shortener(foreign: &[&Link]) -> Option<Finding> {
    let link = foreign
        .iter()
        .find(|link| SHORTENERS.contains(link.domain.as_str()) || SHORTENERS.contains(link.host.as_str()))?;
    let text = format!("The link shortener {} hides where a link leads", link.host);
    Some(Finding::new(Rule::LinkShortener, text).at(place(link)))
}

fn bare_domain(foreign: &[&Link]) -> Option<Finding> {
    let link = foreign.iter().find(|link| link.bare)?;
    let text = format!("Names {} without making it a link", link.host);
    Some(Finding::new(Rule::LinkBare, text).at(place(link)))
}

/// More of the comment is addresses than words.
fn mostly_links(seen: &Seen<'_>, foreign: &[&Link]) -> Option<Finding> {
    let linked: usize = foreign.iter().map(|link| link.end - link.start).sum();
    (linked * 2 > seen.body.length).then(|| Finding::new(Rule::LinkMostly, "Little more than links"))
}

fn author_link_repeated(host: &str, foreign: &[&Link]) -> Option<Finding> {
    let link = foreign.iter().find(|link| link.domain == registrable(host))?;
    let text = format!("The author's website, {}, is linked in the comment again", link.domain);
    Some(Finding::new(Rule::AuthorLinkRepeated, text).at(place(link)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config,
        scoring::{
            Facts,
            tests::{entries, found, found_by, scorer},
        },
    };

    #[test]
    fn foreign_links_count_and_own_ones_do_not() {
        let own = ["news.example.com".to_owned()];
        let facts = |body| Facts { body, own_hosts: &own, ..Facts::default() };
        let body = "As https://news.example.com/a and http://www.example.com/b said";
        assert!(found(&facts(body), Rule::LinkForeign).is_none());
        let body = "As https://other.example.net/a said, at some length";
        assert_eq!(found(&facts(body), Rule::LinkForeign).unwrap().span, Some((3, 30)));
        assert!(found(&facts(body), Rule::LinkMany).is_none());
    }

    #[test]
    fn more_links_weigh_more_and_three_are_many() {
        let body = |n: usize| "http://a.example.net/x some more words between these links ".repeat(n);
        let strength = |n| found(&Facts { body: &body(n), ..Facts::default() }, Rule::LinkForeign).unwrap().strength;
        assert!(strength(1) < strength(2) && strength(2) < strength(3));
        assert!((strength(50) - strength(51)).abs() < f64::EPSILON);
        assert!(found(&Facts { body: &body(3), ..Facts::default() }, Rule::LinkMany).is_some());
    }

    #[test]
    fn shorteners_bare_domains_and_bodies_of_links_are_told() {
        let facts = |body| Facts { body, ..Facts::default() };
        assert!(found(&facts("have a look at https://bit.ly/3xyz when you can"), Rule::LinkShortener).is_some());
        assert!(found(&facts("have a look at cheap-stuff.com when you can"), Rule::LinkBare).is_some());
        assert!(found(&facts("https://a.example.net/some/page"), Rule::LinkMostly).is_some());
        assert!(found(&facts("Read the long report at https://a.example.net/"), Rule::LinkMostly).is_none());
    }

    #[test]
    fn links_to_many_sites_and_to_the_own_alone_are_told_apart() {
        let own = ["news.example.com".to_owned()];
        let finds = |body, rule| found(&Facts { body, own_hosts: &own, ..Facts::default() }, rule).is_some();
        let spread = "http://a.example.net http://b.example.org http://c.example.edu";
        assert!(finds(spread, Rule::LinkHosts));
        assert!(!finds("http://a.example.net http://b.example.net http://c.example.net", Rule::LinkHosts));
        assert!(finds("see http://news.example.com/yesterday again", Rule::LinkOwn));
        assert!(!finds("see http://news.example.com/a and http://a.example.net", Rule::LinkOwn));
        assert!(!finds("see nothing", Rule::LinkOwn));
    }

    #[test]
    fn a_domain_on_the_list_is_told_with_all_below_it() {
        let lists =
            config::Lists { link_domains: entries(&["bad.example", "worse.example"]), ..config::Lists::default() };
        let scorer = scorer(&[], lists, &[], &[]);
        let span = |facts: &Facts<'_>| found_by(&scorer, facts, Rule::LinkListed).map(|finding| finding.span);
        let body = |body| Facts { body, ..Facts::default() };
        assert_eq!(span(&body("see https://shop.worse.example/x now")), Some(Some((4, 32))));
        assert_eq!(span(&body("see https://bad.example now")), Some(Some((4, 23))));
        for other in ["https://notbad.example", "https://example.com/bad.example", "nothing"] {
            assert_eq!(span(&body(other)), None, "{other}");
        }
        assert_eq!(span(&Facts { url: Some("https://bad.example"), ..body("hello") }), Some(None));
    }

    #[test]
    fn the_authors_own_link_weighs_more_when_it_is_repeated() {
        let facts = |body| Facts { body, url: Some("https://shop.example.net"), ..Facts::default() };
        assert!(found(&facts("nothing here"), Rule::AuthorLink).is_some());
        assert!(found(&facts("nothing here"), Rule::AuthorLinkRepeated).is_none());
        assert!(found(&facts("buy at http://www.example.net/"), Rule::AuthorLinkRepeated).is_some());
    }
}
