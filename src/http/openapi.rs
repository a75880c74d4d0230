//! The API's description, built from the handlers themselves.

use std::sync::LazyLock;

use serde_json::Value;
use utoipa::{
    OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use super::{captcha, comments, forms, moderation, ops, reactions, site};

#[derive(OpenApi)]
#[openapi(
    info(title = "Replydesk", description = "The backend behind the comment form of a news page.", license(name = "MIT")),
    paths(
        comments::submit, comments::thread, comments::counts, comments::one, comments::edit, comments::withdraw,
        reactions::like, reactions::unlike, reactions::report,
        forms::plain, forms::wordpress, captcha::needed, captcha::challenge, captcha::siteverify,
        site::landing, site::demo, site::docs, ops::livez, ops::readyz, ops::metrics, ops::description
    ),
    tags(
        (name = "Public", description = "What the news page uses. No account; the site's origins may call it from a browser."),
        (name = "Captcha", description = "Which captcha a page needs, and the built-in challenge."),
        (name = "Session", description = "Signing in and out. The cookie needs X-CSRF-Token on every unsafe method."),
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
        document.merge(moderation::Description::openapi());
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        let cookie = ApiKeyValue::new("replydesk_session");
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        serde_json::to_value(document).unwrap_or_default()
    });
    &DOCUMENT
}
