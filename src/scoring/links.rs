//! Rules about links. Links to the site's own pages are no evidence of anything.

use std::{collections::HashSet, sync::LazyLock};

use super::{
    facts::Seen,
    rules::{Finding, Rule, growing},
};
use crate::text::links::{Link, host_of, registrable};

static SHORTENERS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("../../config/words/shorteners.txt").lines().filter(|line| !line.starts_with('#')).collect()
});

/// Foreign links from which on their number is a signal of its own.
const MANY: usize = 3;

pub(super) fn look(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    let foreign: Vec<&Link> = seen.links.iter().filter(|link| !seen.is_own(&link.host)).collect();
    findings.extend(foreign_links(&foreign));
    findings.extend(many_links(&foreign));
    findings.extend(shortener(&foreign));
    findings.extend(bare_domain(&foreign));
    findings.extend(mostly_links(seen, &foreign));
    let author_host = seen.facts.url.and_then(host_of).filter(|host| !seen.is_own(host));
    if let Some(host) = author_host {
        findings.push(Finding::new(Rule::AuthorLink, "The author gave a website"));
        findings.extend(author_link_repeated(&host, &foreign));
    }
}

fn place(link: &Link) -> Option<(usize, usize)> {
    Some((link.start, link.end))
}

fn foreign_links(foreign: &[&Link]) -> Option<Finding> {
    let first = foreign.first()?;
    let mut domains: Vec<&str> = foreign.iter().map(|link| link.domain.as_str()).collect();
    domains.sort_unstable();
    domains.dedup();
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
    (linked * 2 > seen.length).then(|| Finding::new(Rule::LinkMostly, "Little more than links"))
}

fn author_link_repeated(host: &str, foreign: &[&Link]) -> Option<Finding> {
    let link = foreign.iter().find(|link| link.domain == registrable(host))?;
    let text = format!("The author's website, {}, is linked in the comment again", link.domain);
    Some(Finding::new(Rule::AuthorLinkRepeated, text).at(place(link)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;
    use crate::scoring::Facts;

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
    fn the_authors_own_link_weighs_more_when_it_is_repeated() {
        let facts = |body| Facts { body, url: Some("https://shop.example.net"), ..Facts::default() };
        assert!(found(&facts("nothing here"), Rule::AuthorLink).is_some());
        assert!(found(&facts("nothing here"), Rule::AuthorLinkRepeated).is_none());
        assert!(found(&facts("buy at http://www.example.net/"), Rule::AuthorLinkRepeated).is_some());
    }
}
