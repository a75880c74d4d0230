//! What a provider is sent: one builder over the table of dialects.
//!
//! Pure. The secret goes into the body or a header, never into the address, which ends up in logs
//! and error texts on its way. A question cannot be printed.

use std::net::IpAddr;

use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use super::dialect::{Dialect, Put};
use crate::config::Captcha;

/// What one question is about. There is no `Debug`: it says who somebody is.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// What the token must have been minted for.
    pub action: &'a str,
    /// The token, not blank.
    pub token: &'a str,
    /// Whose it is; told only where `captcha.send_address` says so.
    pub address: Option<IpAddr>,
    /// A UUID that is the same for the same token.
    pub again: &'a str,
}

/// A request, ready to be sent. There is no `Debug`: it holds the secret.
pub(super) struct Question {
    /// `content-type`
    pub(super) media: &'static str,
    pub(super) body: String,
    /// Headers with a secret or a key in them.
    pub(super) headers: Vec<(&'static str, String)>,
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// Puts the question in the provider's way.
pub(super) fn question(dialect: &Dialect, settings: &Captcha, asked: &Asked<'_>) -> Question {
    let secret = settings.secret.expose_secret();
    let key = settings.site_key.as_str();
    let address = asked.address.filter(|_| settings.send_address).map(|address| address.to_string());
    let own = [("secret", secret), ("response", asked.token)];
    let sitekey = Some(("sitekey", key)).filter(|(_, key)| !key.is_empty());
    let remote = address.as_deref().map(|address| ("remoteip", address));
    let keyed = |header| vec![(header, secret.to_owned())];
    match dialect.put {
        Put::Form => form(own.into_iter().chain(remote)),
        Put::FormWithKey => form(own.into_iter().chain(sitekey).chain(remote)),
        Put::FormAgain => form(own.into_iter().chain([("idempotency_key", asked.again)]).chain(remote)),
        Put::Json => object(own.into_iter().chain(remote), Vec::new()),
        Put::Mcaptcha => object([("token", asked.token), ("key", key), ("secret", secret)], Vec::new()),
        Put::Friendly => object([("response", asked.token)].into_iter().chain(sitekey), keyed("x-api-key")),
        Put::Raw => {
            let mut headers = keyed("x-api-key");
            headers.extend(sitekey.map(|(_, key)| ("x-pc-sitekey", key.to_owned())));
            Question { media: "text/plain", body: asked.token.to_owned(), headers }
        }
        Put::Assessment => {
            let mut event = json!({"token": asked.token, "siteKey": key, "expectedAction": asked.action});
            if let (Some(event), Some(address)) = (event.as_object_mut(), address) {
                event.insert("userIpAddress".to_owned(), Value::from(address));
            }
            let body = json!({"event": event}).to_string();
            Question { media: JSON, body, headers: keyed("x-goog-api-key") }
        }
    }
}

fn form<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Question {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    Question { media: FORM, body, headers: Vec::new() }
}

fn object<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>, headers: Vec<(&'static str, String)>) -> Question {
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
    Question { media: JSON, body: Value::Object(Map::from_iter(fields)).to_string(), headers }
}
