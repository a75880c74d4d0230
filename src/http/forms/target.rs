//! Which page a form is for, and where its sender goes afterwards: never off the site's origins.

use url::Url;

use super::{
    super::{error::Problem, threads},
    fields::Fields,
};
use crate::{
    config::{Config, Site},
    intake::{Admitted, Visitor, locate},
    publish::Publish,
};

/// The page: `page`; else a `Referer` of an allowed origin whose path is not `/`; else `redirect_to`; else the
/// page known by this `comment_post_ID`; else the site's `page_by_id`; else none.
pub(super) async fn page_of(
    fields: &Fields,
    config: &Config,
    visitor: &Visitor,
    publish: &Publish,
) -> Result<Option<String>, Problem> {
    if let Some(page) = fields.first(&["page"]) {
        return Ok(Some(page.to_owned()));
    }
    if let Some(page) = referer_page(config, visitor) {
        return Ok(Some(page));
    }
    if let Some(page) = fields.first(&["redirect_to"]).filter(|page| locate(config, page, visitor).is_ok()) {
        return Ok(Some(page.to_owned()));
    }
    let Some(post_id) = fields.first(&["comment_post_ID"]) else { return Ok(None) };
    // Any path will do to tell which site the form stands on.
    let Ok((site, _)) = locate(config, "/", visitor) else { return Ok(None) };
    if let Some(page) = publish.page_of_post(site.id.as_str(), post_id).await? {
        return Ok(Some(page));
    }
    let coded: String = form_urlencoded::byte_serialize(post_id.as_bytes()).collect();
    Ok(Some(site.page_by_id.replace("{id}", &coded)).filter(|page| !page.is_empty()))
}

fn referer_page(config: &Config, visitor: &Visitor) -> Option<String> {
    let referer = visitor.referer.as_deref()?;
    let url = Url::parse(referer).ok()?;
    (url.path() != "/" && !is_form_route(url.path()) && locate(config, referer, visitor).is_ok())
        .then(|| referer.to_owned())
}

/// The failure page stands at the form route's own address, which is no article.
fn is_form_route(path: &str) -> bool {
    matches!(path, "/comments" | "/wp-comments-post.php")
}

/// Where the sender goes: `redirect_to` where it is of the site's origins, else the page.
pub(in super::super) fn back_to(
    site: Option<&Site>,
    redirect_to: Option<&str>,
    page: &str,
    admitted: &Admitted,
    visitor: &Visitor,
) -> String {
    let base = site.map_or_else(|| visitor.own_origin.clone(), |site| base_of(site, visitor));
    let allowed = |address: &str| -> Option<Url> {
        let url = Url::parse(&base).ok()?.join(address).ok()?;
        let origin = url.origin().ascii_serialization();
        let ours = origin == visitor.own_origin || site.is_some_and(|site| site.origins.contains(&origin));
        (ours && matches!(url.scheme(), "http" | "https")).then_some(url)
    };
    let url = redirect_to.and_then(allowed).or_else(|| allowed(page)).or_else(|| allowed("/"));
    let Some(mut url) = url else { return "/".to_owned() };
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(key, _)| key != "replydesk" && key != "reply")
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    url.set_query(None);
    if !kept.is_empty() || !admitted.published {
        let mut query = url.query_pairs_mut();
        query.extend_pairs(kept);
        if !admitted.published {
            query.append_pair("replydesk", "pending");
        }
    }
    url.set_fragment(Some(&format!("comment-{}", admitted.id)));
    url.to_string()
}

/// The page of comments that the form stood on, on our own origin. The language is said again where one was asked for.
pub(super) fn back_to_thread(page: &str, lang: Option<&str>, admitted: &Admitted) -> String {
    let waits = (!admitted.published).then_some("pending");
    format!("{}#comment-{}", threads::address(page, &[("lang", lang), ("replydesk", waits)]), admitted.id)
}

/// The origin that a path stands on: the sender's own page where that is the site's, ours where the form was
/// ours, else the site's first.
fn base_of(site: &Site, visitor: &Visitor) -> String {
    let said = visitor.origin.clone().filter(|origin| origin != "null").or_else(|| visitor.referer_origin());
    match said {
        Some(origin) if origin == visitor.own_origin || site.origins.contains(&origin) => origin,
        _ => site.origins.first().cloned().unwrap_or_else(|| visitor.own_origin.clone()),
    }
}
