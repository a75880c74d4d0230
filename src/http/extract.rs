//! What a request shows of its sender, and which page it means.

use std::net::SocketAddr;

use actix_web::{HttpMessage as _, HttpRequest, http::header};

use super::{
    Services,
    error::{Code, Problem},
    refusals::invalid,
};
use crate::{
    config::{Config, Site},
    domain::PageIdentity,
    intake::{Nowhere, Visitor, locate},
    net::{Client, client_address},
};

/// The client behind trusted proxies, once a request.
pub(super) fn client(request: &HttpRequest, services: &Services) -> Client {
    if let Some(client) = request.extensions().get::<Client>() {
        return *client;
    }
    let client = client_of(request.headers(), request.peer_addr(), &services.live.get());
    request.extensions_mut().insert(client);
    client
}

/// The client by what a connection and a request's headers say.
pub(super) fn client_of(headers: &header::HeaderMap, peer: Option<SocketAddr>, config: &Config) -> Client {
    let server = &config.server;
    let peer = peer.map_or_else(|| [127, 0, 0, 1].into(), |peer| peer.ip());
    let lines = headers.get_all(server.forwarded_header.as_str()).map(header::HeaderValue::as_bytes);
    Client::new(client_address(peer, lines, &server.forwarded_header, &server.trusted_proxies))
}

/// Everything the pipeline asks of a request's headers.
pub(super) fn visitor(request: &HttpRequest, services: &Services) -> Visitor {
    let text = |name: header::HeaderName| request.headers().get(name)?.to_str().ok().map(str::to_owned);
    let has = |name: &str| request.headers().contains_key(name);
    Visitor {
        client: client(request, services),
        user_agent: text(header::USER_AGENT).filter(|agent| !agent.trim().is_empty()),
        has_accept_language: has("accept-language"),
        has_sec_fetch: has("sec-fetch-mode") || has("sec-fetch-site") || has("sec-fetch-dest"),
        has_client_hints: has("sec-ch-ua"),
        origin: origin(request),
        referer: text(header::REFERER),
        own_origin: own_origin(request, services),
    }
}

/// `Origin` as sent; bytes that are no text count as a foreign one.
pub(super) fn origin(request: &HttpRequest) -> Option<String> {
    let value = request.headers().get(header::ORIGIN)?;
    Some(value.to_str().map_or_else(|_odd| "invalid".to_owned(), str::to_owned))
}

/// The origin that the request was addressed to, by its Host. Behind a proxy that speaks TLS the scheme is
/// the public one.
fn own_origin(request: &HttpRequest, services: &Services) -> String {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let config = services.live.get();
    let scheme = if config.server.public_url.starts_with("https:") { "https" } else { "http" };
    format!("{scheme}://{}", host.to_ascii_lowercase())
}

/// The site and page that a query's `page` means.
///
/// # Errors
/// `validation_failed` or `origin_not_allowed`.
pub(super) fn allowed_page<'a>(
    config: &'a Config,
    raw: &str,
    visitor: &Visitor,
) -> Result<(&'a Site, PageIdentity), Problem> {
    locate(config, raw, visitor).map_err(|nowhere| match nowhere {
        Nowhere::Fault(fault) => invalid(&[fault]),
        Nowhere::ForeignHost => Problem::new(Code::OriginNotAllowed),
    })
}
