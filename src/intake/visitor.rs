//! Who is at the door: the client's network and the headers that count, and which site they stand on.

use crate::{
    config::{Config, Site},
    domain::{Fault, FaultCode, PageAddress, PageFault, PageIdentity},
    net::Client,
};

/// What a request showed of its sender. No `Debug`: it says who somebody is.
#[derive(Clone)]
#[expect(missing_docs, reason = "the fields are the headers of their name")]
pub struct Visitor {
    pub client: Client,
    pub user_agent: Option<String>,
    pub has_accept_language: bool,
    pub has_sec_fetch: bool,
    pub has_client_hints: bool,
    /// `Origin` as sent, `null` included.
    pub origin: Option<String>,
    pub referer: Option<String>,
    /// The origin that the request itself was addressed to.
    pub own_origin: String,
}

/// Where a request says it comes from, held against one site.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Provenance {
    /// A page of the site, or one of our own.
    Own,
    /// Another site's page.
    Foreign,
    /// It does not say.
    Absent,
}

impl Visitor {
    /// `Origin`, held against the site; a form of our own pages counts as the site's.
    #[must_use]
    pub fn provenance(&self, site: &Site, public_url: &str) -> Provenance {
        match self.origin.as_deref() {
            None | Some("null") => Provenance::Absent,
            Some(origin) if self.is_ours(origin, public_url) || site.origins.iter().any(|own| own == origin) => {
                Provenance::Own
            }
            Some(_) => Provenance::Foreign,
        }
    }

    fn is_ours(&self, origin: &str, public_url: &str) -> bool {
        origin == self.own_origin || origin == public_url.trim_end_matches('/')
    }

    /// The origin of `Referer`, where it has one.
    #[must_use]
    pub fn referer_origin(&self) -> Option<String> {
        let url = url::Url::parse(self.referer.as_deref()?).ok()?;
        matches!(url.scheme(), "http" | "https").then(|| url.origin().ascii_serialization())
    }
}

/// Why a submission has no place to go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Nowhere {
    /// The `page` field is at fault.
    Fault(Fault),
    /// The page is on a site that is not ours.
    ForeignHost,
}

/// The site and page that an address and its sender mean.
///
/// An absolute address means the site whose origin it has; a path the one of `Origin`, else of
/// `Referer`, else the only site.
///
/// # Errors
/// See [`Nowhere`].
pub fn locate<'a>(config: &'a Config, raw: &str, visitor: &Visitor) -> Result<(&'a Site, PageIdentity), Nowhere> {
    let address = PageAddress::parse(raw).map_err(|fault| {
        Nowhere::Fault(match fault {
            PageFault::Required => Fault::new("page", FaultCode::Required),
            PageFault::TooLong => Fault::bound("page", FaultCode::TooLong, PageAddress::MAX),
            PageFault::Invalid => Fault::new("page", FaultCode::Invalid),
        })
    })?;
    let site = site_of(config, &address, visitor)?;
    let mut page = address.identity(&site.id, &site.keep_query);
    let configured =
        |origin: &String| site.origins.contains(origin) || origin == config.server.public_url.trim_end_matches('/');
    if !address.origin.as_ref().is_none_or(configured) {
        // It is ours by the request's own Host, which a stranger chooses: only the path is told to others.
        page.url.clone_from(&page.key);
    }
    Ok((site, page))
}

fn site_of<'a>(config: &'a Config, address: &PageAddress, visitor: &Visitor) -> Result<&'a Site, Nowhere> {
    let of_origin = |origin: &str| config.sites.iter().find(|site| site.origins.iter().any(|own| own == origin));
    let ours = |origin: &str| visitor.is_ours(origin, &config.server.public_url);
    if let Some(origin) = &address.origin {
        return of_origin(origin).or_else(|| config.sites.first().filter(|_| ours(origin))).ok_or(Nowhere::ForeignHost);
    }
    presume(config, visitor).ok_or(Nowhere::Fault(Fault::new("page", FaultCode::Invalid)))
}

/// The site that a visitor is on where the page does not say: the one of `Origin`, else of `Referer`,
/// else the only one; none where that leaves several.
#[must_use]
pub fn presume<'a>(config: &'a Config, visitor: &Visitor) -> Option<&'a Site> {
    let said = visitor.origin.clone().filter(|origin| origin != "null").or_else(|| visitor.referer_origin());
    let of_origin = |origin: &str| config.sites.iter().find(|site| site.origins.iter().any(|own| own == origin));
    said.as_deref().and_then(of_origin).or_else(|| match config.sites.as_slice() {
        [only] => Some(only),
        [first, ..] if said.as_deref().is_some_and(|said| visitor.is_ours(said, &config.server.public_url)) => {
            Some(first)
        }
        _ => None,
    })
}
