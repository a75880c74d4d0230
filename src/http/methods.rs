//! What an address takes: 405 with `Allow` where only the method is wrong, and HEAD wherever GET is.
//!
//! The API's own description is the list of addresses, so that the two cannot differ.

use std::sync::LazyLock;

use actix_web::{
    HttpRequest, HttpResponse, ResponseError as _,
    http::{Method, header},
};

use super::{
    error::{Code, Problem},
    openapi,
};

/// An address and the methods it takes.
struct Address {
    segments: Vec<String>,
    methods: Vec<String>,
}

static ADDRESSES: LazyLock<Vec<Address>> = LazyLock::new(|| {
    let paths = openapi::document().get("paths").and_then(serde_json::Value::as_object);
    paths
        .into_iter()
        .flatten()
        .map(|(path, item)| Address {
            segments: path.split('/').map(str::to_owned).collect(),
            methods: item.as_object().into_iter().flatten().map(|(method, _)| method.to_ascii_uppercase()).collect(),
        })
        .collect()
});

/// The answer where no handler took the request.
pub(super) async fn unmatched(request: HttpRequest) -> HttpResponse {
    match methods_of(request.path()) {
        None => Problem::new(Code::NotFound).error_response(),
        Some(mut methods) => {
            if methods.iter().any(|method| method == Method::GET.as_str()) {
                methods.push(Method::HEAD.to_string());
            }
            methods.sort();
            Problem::new(Code::MethodNotAllowed).header(header::ALLOW, methods.join(", ")).error_response()
        }
    }
}

/// The methods of the address that this path is an instance of.
fn methods_of(path: &str) -> Option<Vec<String>> {
    let given: Vec<&str> = path.split('/').collect();
    let fits = |address: &&Address| {
        let segments = &address.segments;
        segments.len() == given.len()
            && segments.iter().zip(&given).all(|(known, given)| known == given || is_instance(known, given))
    };
    // A fixed address goes before one with a variable part.
    let found = ADDRESSES
        .iter()
        .filter(fits)
        .min_by_key(|address| address.segments.iter().filter(|s| s.starts_with('{')).count());
    found.map(|address| address.methods.clone())
}

/// Whether the segment is `{name}` filled in, with what follows behind the brace.
fn is_instance(known: &str, given: &str) -> bool {
    let behind = known.strip_prefix('{').and_then(|known| known.split_once('}')).map(|(_name, behind)| behind);
    behind.and_then(|behind| given.strip_suffix(behind)).is_some_and(|value| !value.is_empty())
}
