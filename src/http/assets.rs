//! The files a page brings along: style, scripts, pictures, and the widget for other people's pages.
//!
//! They are part of the binary (a debug build reads them from disk, so that work on them needs no
//! rebuild). An address that carries the file's own hash may be kept for ever; without it the
//! browser asks each time and mostly hears 304. Modules that import each other relatively have no room for a
//! hash in the file's name, so a folder's address carries one of all that is in it. Knows nothing of what the
//! files do.

mod join;
mod served;
mod slim;

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG, VARY, X_CONTENT_TYPE_OPTIONS},
    route,
    web::{self, ServiceConfig},
};

use super::encode::{Encoding, is_held};
use served::folder_hash;
pub(super) use served::{Entry, Served, joined, style, texts, texts_hash};

/// What the part of an address starts with that holds a folder's hash.
const VERSIONED: &str = "v-";

/// The routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(asset).service(favicon);
}

/// The address of a file with its hash in it, for `src` and `href`; an unknown name keeps its
/// plain address, which answers 404.
#[must_use]
pub fn address(name: &str) -> String {
    match served::file(name) {
        Some(file) => format!("/assets/{name}?v={}", file.hash),
        None => format!("/assets/{name}"),
    }
}

/// The address of a folder with a hash of its files in it, for modules that import each other.
#[must_use]
pub fn folder_address(folder: &str) -> String {
    format!("/assets/{folder}/{VERSIONED}{}", folder_hash(folder))
}

#[route("/assets/{path:.*}", method = "GET", method = "HEAD")]
async fn asset(request: HttpRequest, path: web::Path<String>) -> HttpResponse {
    match unversioned(&path) {
        Some((folder, version, rest)) => answer(&request, &format!("{folder}/{rest}"), version == folder_hash(folder)),
        None => answer(&request, &path, false),
    }
}

/// The folder, the hash and the file of `folder/v-hash/file`.
fn unversioned(path: &str) -> Option<(&str, &str, &str)> {
    let (folder, rest) = path.split_once('/')?;
    let (version, rest) = rest.strip_prefix(VERSIONED)?.split_once('/')?;
    Some((folder, version, rest))
}

/// Browsers ask for this address whatever the page says.
#[get("/favicon.ico")]
async fn favicon(request: HttpRequest) -> HttpResponse {
    answer(&request, "mark.svg", false)
}

/// `is_fixed`: the address names this very content.
fn answer(request: &HttpRequest, name: &str, is_fixed: bool) -> HttpResponse {
    let found = is_plain(name).then(|| served::file(name)).flatten();
    let (Some(file), Some(kind)) = (found, media_type(name)) else {
        return HttpResponse::NotFound().finish();
    };
    send(request, &file, kind, is_fixed)
}

/// Sends bytes of ours in the best coding, or 304; kept for ever where the address names this very content.
pub(super) fn send(request: &HttpRequest, file: &Served, kind: &'static str, is_fixed: bool) -> HttpResponse {
    let encoding = Encoding::negotiate(request.headers());
    let entity_tag = encoding.entity_tag(&file.hash);
    let fixed = is_fixed || request.query_string().strip_prefix("v=") == Some(file.hash.as_str());
    let held = is_held(request.headers(), &entity_tag);
    let mut response = if held { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((ETAG, entity_tag))
        .append_header((VARY, "Accept-Encoding"))
        .insert_header((CACHE_CONTROL, if fixed { "public, max-age=31536000, immutable" } else { "public, no-cache" }))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CONTENT_SECURITY_POLICY, policy(kind)));
    if held {
        return response.finish();
    }
    response.content_type(kind);
    match file.coded(encoding) {
        (bytes, Some(token)) => response.insert_header((CONTENT_ENCODING, token)).body(bytes),
        (bytes, None) => response.body(bytes),
    }
}

/// Far shorter than a page's own, which every file would carry along otherwise.
fn policy(kind: &str) -> &'static str {
    if kind.starts_with("image/svg") {
        // A picture opened on its own is a document; it may do nothing.
        "default-src 'none'; sandbox"
    } else {
        // A worker obeys its own file's policy, and loads our scripts.
        "default-src 'none'; script-src 'self'; frame-ancestors 'none'"
    }
}

/// Whether this can be the name of one of our files, whatever the place they are read from makes of dots
/// and slashes.
fn is_plain(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    name.split('/').all(|part| !part.is_empty() && !part.starts_with('.') && part.bytes().all(known))
}

/// The media type by the name's ending; none for what is not meant to be served.
fn media_type(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App,
        body::to_bytes,
        http::StatusCode,
        test::{TestRequest, call_service, init_service},
    };

    use super::*;

    async fn get(path: &str, headers: &[(&str, &str)]) -> HttpResponse {
        let app = init_service(App::new().configure(routes)).await;
        let request =
            headers.iter().fold(TestRequest::get().uri(path), |request, header| request.insert_header(*header));
        let (_request, response) = call_service(&app, request.to_request()).await.into_parts();
        response.map_into_boxed_body()
    }

    fn header<'a>(response: &'a HttpResponse, name: &str) -> &'a str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[actix_web::test]
    async fn each_coding_has_its_own_tag_and_is_answered_304_under_it_alone() {
        let plain = get("/assets/site.css", &[]).await;
        let coded = get("/assets/site.css", &[("Accept-Encoding", "br")]).await;
        assert_eq!((header(&plain, "content-encoding"), header(&coded, "content-encoding")), ("", "br"));
        assert_eq!(header(&coded, "vary"), "Accept-Encoding");
        let (plain_tag, coded_tag) = (header(&plain, "etag"), header(&coded, "etag"));
        assert_eq!(coded_tag, format!("{}-br\"", plain_tag.trim_end_matches('"')));
        let held = get("/assets/site.css", &[("If-None-Match", plain_tag)]).await;
        assert_eq!((held.status(), header(&held, "etag")), (StatusCode::NOT_MODIFIED, plain_tag));
        let other = get("/assets/site.css", &[("If-None-Match", plain_tag), ("Accept-Encoding", "br")]).await;
        assert_eq!(other.status(), StatusCode::OK);
        let mut back = Vec::new();
        let bytes = to_bytes(coded.into_body()).await.unwrap_or_default();
        brotli::BrotliDecompress(&mut &*bytes, &mut back).unwrap();
        assert_eq!(back, to_bytes(plain.into_body()).await.unwrap_or_default());
    }

    #[actix_web::test]
    async fn only_an_address_with_the_present_hash_is_kept_for_ever() {
        assert!(header(&get(&address("form.js"), &[]).await, "cache-control").contains("immutable"));
        for path in ["/assets/form.js", "/assets/form.js?v=0123456789abcdef"] {
            assert_eq!(header(&get(path, &[]).await, "cache-control"), "public, no-cache");
        }
    }

    #[actix_web::test]
    async fn a_folder_whose_hash_is_in_the_address_is_kept_for_ever_and_an_old_one_is_asked_about() {
        let kept = get(&format!("{}/main.js", folder_address("desk")), &[]).await;
        assert!(header(&kept, "cache-control").contains("immutable"));
        for path in ["/assets/desk/main.js", "/assets/desk/v-0123456789abcdef/main.js"] {
            let response = get(path, &[]).await;
            assert_eq!((response.status(), header(&response, "cache-control")), (StatusCode::OK, "public, no-cache"));
            assert_eq!(header(&response, "content-type"), "text/javascript; charset=utf-8");
        }
    }

    #[actix_web::test]
    async fn what_is_not_a_file_of_ours_is_not_there() {
        let folder = folder_address("desk");
        for path in ["", "/", "/none.js", "/../site.css", "/..%2fsite.css", "//main.js", "/./main.js", "/main.js/"] {
            assert_eq!(get(&format!("{folder}{path}"), &[]).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        for path in
            ["/assets/desk", "/assets/desk/", "/assets/desk/..%2fsite.css", "/assets//site.css", "/assets/v-0/site.css"]
        {
            assert_eq!(get(path, &[]).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        for path in ["/assets/none.css", "/assets/..%2f..%2fCargo.toml", "/assets/%2e%2e/pages/demo.html", "/assets/"] {
            assert_eq!(get(path, &[]).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
