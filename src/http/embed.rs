//! What a publisher's page loads: the widget, its style sheet, its words.
//!
//! Decides addresses and nothing else; how modules become one file is the business of `assets`. The addresses that stand
//! in other people's templates carry no hash and are asked about each time; the ones that the widget makes for itself do.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Path, ServiceConfig},
};

use super::{
    assets::{self, Entry, Served},
    error::{Code, Problem},
};

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The routes of this room.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(widget).service(later).service(style).service(texts);
}

/// The widget
///
/// An ES module that defines `<reply-desk>` and `<reply-count>`: `<script type="module" src="…/embed.js"></script>`.
#[utoipa::path(tag = "Widget", operation_id = "widget", responses(
    (status = 200, description = "The script", body = String, content_type = "text/javascript"), (status = 304, description = "Nothing changed")))]
#[get("/embed.js")]
async fn widget(request: HttpRequest) -> Result<HttpResponse, Problem> {
    whole(&request, assets::joined(Entry::Widget), SCRIPT)
}

/// What the widget loads once somebody acts
///
/// Its address is the widget's business: it carries a hash.
#[utoipa::path(tag = "Widget", operation_id = "widget_later", params(("v" = Option<String>, Query, description = "The file's hash: with it the answer may be kept for ever")),
    responses((status = 200, description = "The script", body = String, content_type = "text/javascript"), (status = 304, description = "Nothing changed")))]
#[get("/embed-later.js")]
async fn later(request: HttpRequest) -> Result<HttpResponse, Problem> {
    whole(&request, assets::joined(Entry::Later), SCRIPT)
}

/// The widget's style sheet
#[utoipa::path(tag = "Widget", operation_id = "widget_style", params(("v" = Option<String>, Query, description = "The file's hash: with it the answer may be kept for ever")),
    responses((status = 200, description = "The style sheet", body = String, content_type = "text/css"), (status = 304, description = "Nothing changed")))]
#[get("/embed.css")]
async fn style(request: HttpRequest) -> Result<HttpResponse, Problem> {
    whole(&request, assets::style(), "text/css; charset=utf-8")
}

/// The widget's words in a language
///
/// One flat object: a key's text, or its forms by plural category.
#[utoipa::path(tag = "Widget", operation_id = "widget_texts",
    params(("lang" = String, Path, description = "`en`, `de`, `fr`, `es`, `pt`, `ru`, `zh` or `ar`"), ("v" = Option<String>, Query, description = "The hash of all catalogues: with it the answer may be kept for ever")),
    responses((status = 200, description = "The catalogue", body = std::collections::HashMap<String, serde_json::Value>), (status = 304, description = "Nothing changed"), (status = 404, description = "`not_found`: no such language")))]
#[get("/embed/texts/{lang}.json")]
async fn texts(request: HttpRequest, lang: Path<String>) -> Result<HttpResponse, Problem> {
    let is_name = (2..=8).contains(&lang.len()) && lang.bytes().all(|byte| byte.is_ascii_lowercase());
    let found = is_name.then(|| assets::texts(&lang)).flatten().ok_or_else(|| Problem::new(Code::NotFound))?;
    let is_fixed = request.query_string() == format!("v={}", assets::texts_hash());
    Ok(assets::send(&request, &found, "application/json", is_fixed))
}

/// A file that is part of the program: where it is missing, the program is at fault.
fn whole(request: &HttpRequest, file: Option<Arc<Served>>, kind: &'static str) -> Result<HttpResponse, Problem> {
    let file = file.ok_or_else(|| Problem::new(Code::Internal))?;
    Ok(assets::send(request, &file, kind, false))
}
