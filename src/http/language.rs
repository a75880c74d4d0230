//! In which language a request is answered.
//!
//! What the client wishes (`lang`, in the query or as a field of the form), else the language of the site that the
//! request is about, else English. `Accept-Language` is not looked at: the article's language counts, not the
//! browser's. Moderators and operators are answered in English.

use std::borrow::Cow;

use actix_web::{HttpMessage as _, HttpRequest};

use super::{Services, extract::visitor};
use crate::{domain::Tongue, intake::locate};

/// Where people who are no readers are at home.
const ENGLISH: [&str; 4] = ["/api/moderation", "/api/session", "/desk", "/docs"];

/// The request's language, found out once.
pub(super) fn of(request: &HttpRequest, services: &Services) -> Tongue {
    if let Some(known) = request.extensions().get::<Tongue>() {
        return *known;
    }
    let page = queried(request, "page").next();
    settle(request, services, None, page.as_deref().unwrap_or_default())
}

/// The language of a request whose body named its page, and, in a form, perhaps a language.
pub(super) fn settle(request: &HttpRequest, services: &Services, asked: Option<&str>, page: &str) -> Tongue {
    let tongue = if ENGLISH.iter().any(|home| request.path().starts_with(home)) {
        Tongue::English
    } else {
        let wished = queried(request, "lang").find_map(|tag| Tongue::asked_by(&tag));
        let wished = wished.or_else(|| asked.and_then(Tongue::asked_by));
        wished.or_else(|| of_the_site(request, services, page)).unwrap_or_default()
    };
    request.extensions_mut().insert(tongue);
    tongue
}

/// The language of the site of the page, else of the site that the request comes from.
fn of_the_site(request: &HttpRequest, services: &Services, page: &str) -> Option<Tongue> {
    let config = services.live.get();
    let named = queried(request, "site").next();
    if let Some(site) = named.and_then(|id| config.sites.iter().find(|site| site.id.as_str() == id)) {
        return Some(site.tongue());
    }
    let visitor = visitor(request, services);
    // Any path will do to tell which site the request comes from.
    let (site, _) = locate(&config, page, &visitor).or_else(|_elsewhere| locate(&config, "/", &visitor)).ok()?;
    Some(site.tongue())
}

/// Every value of a query parameter.
fn queried<'r>(request: &'r HttpRequest, name: &'r str) -> impl Iterator<Item = Cow<'r, str>> {
    form_urlencoded::parse(request.query_string().as_bytes())
        .filter(move |(key, _)| key == name)
        .map(|(_, value)| value)
}
