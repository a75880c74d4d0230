//! One HTTP call: no redirect (the secret would go with it), no proxy of the environment, no more of an
//! answer than one can be.
//!
//! A fault is told in one word. reqwest's own texts name addresses and are thrown away here.

use std::time::Duration;

use reqwest::{
    Client,
    header::{CONTENT_TYPE, DATE, HeaderValue},
    redirect::Policy,
};

use crate::{
    captcha::{Why, question::Question},
    domain::Timestamp,
};

/// Most bytes of an answer that are read.
const MAX_ANSWER: usize = 64 * 1024;
/// For a connection, within the whole budget.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// An answer as it came.
pub(super) struct Heard {
    pub(super) status: u16,
    /// The provider's clock.
    pub(super) date: Option<Timestamp>,
    pub(super) body: Vec<u8>,
}

/// Puts the question; the body of the answer counts whatever its status.
pub(super) async fn post(client: &Client, url: &str, question: &Question) -> Result<Heard, Why> {
    let mut request = client.post(url).header(CONTENT_TYPE, question.media).body(question.body.clone());
    for (name, value) in &question.headers {
        let mut value = HeaderValue::from_str(value).map_err(|_odd_sign| Why::OperatorConfig)?;
        value.set_sensitive(true);
        request = request.header(*name, value);
    }
    let mut response = request.send().await.map_err(|fault| why(&fault))?;
    if response.status().is_redirection() {
        return Err(Why::BadBody);
    }
    let date = response.headers().get(DATE).and_then(|date| date.to_str().ok()).and_then(moment);
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|fault| why(&fault))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(Why::BadBody);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Heard { status: response.status().as_u16(), date, body })
}

fn moment(date: &str) -> Option<Timestamp> {
    let moment = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(Timestamp(moment.as_millisecond()))
}

fn why(fault: &reqwest::Error) -> Why {
    if fault.is_builder() {
        Why::OperatorConfig
    } else if fault.is_connect() {
        Why::Connect
    } else if fault.is_timeout() {
        Why::Timeout
    } else if fault.is_request() {
        // The connection broke before an answer began.
        Why::Connect
    } else {
        Why::BadBody
    }
}

/// A client over the system's certificates. Where the system has none it still reaches a plain
/// http address in the own network; https then fails as a connection does.
pub(super) fn client() -> Option<Client> {
    // Fails only where one is installed already, which serves as well.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let builder = || {
        Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            // The environment is the configuration's business, proxies included.
            .no_proxy()
            .user_agent(concat!("replydesk/", env!("CARGO_PKG_VERSION")))
    };
    let client = builder().build().or_else(|fault| {
        tracing::warn!(%fault, "no certificates of the system: captcha providers on https cannot be asked");
        builder().tls_certs_only([]).build()
    });
    client.inspect_err(|fault| tracing::error!(%fault, "no HTTP client: captcha providers cannot be asked")).ok()
}
