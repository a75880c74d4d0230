//! The API's description, built from the handlers themselves.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use utoipa::{
    OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use super::{
    captcha, comments, desk, embed,
    error::{Code, ProblemDocument},
    feeds, form_rules, forms, moderation, ops, reactions, session, site, stream, threads,
};
use crate::domain::Tongue;

#[derive(OpenApi)]
#[openapi(
    info(title = "Replydesk", description = "The backend behind the comment form of a news page.", license(name = "MIT")),
    paths(
        comments::submit, comments::thread, comments::counts, comments::one, comments::edit, comments::withdraw,
        embed::widget, embed::later, embed::style, embed::texts, feeds::feed, stream::follow,
        reactions::like, reactions::unlike, reactions::report,
        form_rules::rules, forms::plain, forms::wordpress, captcha::needed, captcha::challenge, captcha::siteverify::siteverify,
        site::landing, site::demo, site::docs, threads::read, desk::desk, ops::livez, ops::readyz, ops::metrics, ops::description
    ),
    components(schemas(ProblemDocument)),
    tags(
        (name = "Public", description = "What the news page uses. No account; the site's origins may call it from a browser."),
        (name = "Widget", description = "What a news page loads to get a comment section: one line of its template names `/embed.js`, and the rest follows."),
        (name = "Captcha", description = "Which captcha a page needs, and the built-in challenge."),
        (name = "Session", description = "Signing in and out, and one's own account. The cookie needs X-CSRF-Token on every unsafe method."),
        (name = "Moderation", description = "The queue, decisions, bans and the audit: a session, or a bearer token."),
        (name = "Operations", description = "For machines and operators."),
        (name = "Pages", description = "For people."),
    )
)]
struct Description;

/// The document, made once.
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
        let mut document = Description::openapi();
        document.merge(session::Description::openapi());
        document.merge(moderation::Description::openapi());
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        let cookie = ApiKeyValue::new("replydesk_session");
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        let mut document = serde_json::to_value(document).unwrap_or_default();
        for_each_operation(&mut document, describe_refusals);
        for_each_operation(&mut document, describe_language);
        document
    });
    &DOCUMENT
}

fn for_each_operation(document: &mut Value, change: impl Fn(&str, &mut Map<String, Value>)) {
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, item) in paths {
        let operations = item.as_object_mut().into_iter().flat_map(Map::values_mut);
        operations.filter_map(Value::as_object_mut).for_each(|operation| change(path, operation));
    }
}

/// What every route can answer, and every one with a body, is said here once; and that refusals are
/// problem documents, but on the form routes, which answer with pages.
fn describe_refusals(path: &str, operation: &mut Map<String, Value>) {
    const ON_BODIES: [Code; 4] = [Code::Malformed, Code::Timeout, Code::TooLarge, Code::UnsupportedMediaType];
    let on_bodies = if operation.contains_key("requestBody") { ON_BODIES.as_slice() } else { &[] };
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    for code in on_bodies.iter().chain(&[Code::Internal, Code::Unavailable]) {
        let description = format!("`{}`", code.as_str());
        responses.entry(code.status().to_string()).or_insert_with(|| json!({ "description": description }));
    }
    let refusals = responses.iter_mut().filter(|(status, _)| status.starts_with(['4', '5']));
    for response in refusals.filter_map(|(_, response)| response.as_object_mut()) {
        let content = match path {
            "/comments" | "/wp-comments-post.php" => json!({ "text/html": { "schema": { "type": "string" } } }),
            _ => json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }),
        };
        response.entry("content").or_insert(content);
    }
}

/// That readers are answered in their language, wherever readers are answered.
fn describe_language(path: &str, operation: &mut Map<String, Value>) {
    let tags = operation.get("tags").and_then(Value::as_array);
    let for_readers = tags.into_iter().flatten().any(|tag| matches!(tag.as_str(), Some("Public" | "Captcha")));
    if !for_readers || path == "/api/captcha/siteverify" {
        return;
    }
    let known = Tongue::ALL.map(Tongue::tag).join(", ");
    let description = format!(
        "The language of what is said, as a tag such as `de-AT`, in one of {known}; another is passed over. Without it the site's own."
    );
    let parameter = json!({ "name": "lang", "in": "query", "required": false, "schema": { "type": "string" }, "description": description });
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(parameters) = parameters.as_array_mut() {
        let is_there = parameters.iter().any(|known| known.get("name").is_some_and(|name| name == "lang"));
        parameters.extend((!is_there).then_some(parameter));
    }
}
