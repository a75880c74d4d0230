//! Where a provider's secret must never be: a log line, an error, a printed value, another address.

use std::sync::{Arc, Mutex};

use replydesk::{
    captcha::{Why, breaker},
    config::{Provider, Style},
};
use tracing_subscriber::{fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    stub::{Conduct, Stub},
    support::{OUTSIDE, request, room, site_in},
};

/// Everything that is logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    /// From now on until the guard is dropped, at the most talkative level, of every crate.
    fn start() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let layer = tracing_subscriber::fmt::layer().with_writer(log.clone()).with_ansi(false);
        let everything = tracing_subscriber::filter::LevelFilter::TRACE;
        (log.clone(), tracing_subscriber::registry().with(everything).with(layer).set_default())
    }
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

const SECRET: &str = "hunter2-is-no-secret";
const TOKEN: &str = "token-of-a-reader";

#[tokio::test]
async fn neither_log_nor_debug_nor_address_tells_secret_or_token() {
    let (log, _guard) = Log::start();
    let lure = Stub::start(Conduct::json("{}"));
    let moved = format!("HTTP/1.1 307 Moved\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", lure.url);
    for (provider, style) in OUTSIDE {
        let stub = Stub::start(Conduct::Hang);
        let mut site = site_in(provider, style, &stub.url);
        site.captcha.secret = SECRET.into();
        site.captcha.timeout = std::time::Duration::from_millis(100);
        let (captcha, clock, _) = room();
        for conduct in [
            Conduct::Raw(moved.clone()),
            Conduct::HangUp,
            Conduct::Hang,
            Conduct::answer("403 No", &format!("wrong secret {SECRET}")),
            Conduct::answer("403 No", r#"{"error":{"code":403,"status":"PERMISSION_DENIED"}}"#),
            Conduct::json(
                r#"{"success":false,"error-codes":["a-new-one"],"error":{"error_code":"a-new-one"},"code":77}"#,
            ),
            Conduct::json(r#"{"success":false,"error-codes":["invalid-input-secret"]}"#),
        ] {
            stub.turn(conduct);
            clock.advance(breaker::REST);
            let assessment = captcha.assess(request(&site, Some(TOKEN))).await;
            let shown = format!("{assessment:?} {site:?} {:?}", captcha.state(std::slice::from_ref(&site)));
            assert!(!shown.contains(SECRET) && !shown.contains(TOKEN), "{shown}");
        }
        for request in stub.requests() {
            let line = request.lines().next().unwrap();
            assert!(line.starts_with("POST /siteverify ") && !line.contains(SECRET), "{line}");
        }
    }
    assert_eq!(lure.requests(), Vec::<String>::new(), "the secret followed a redirect");
    let text = log.text();
    assert!(text.contains("hyper"), "the crates below are heard too");
    assert!(text.contains("refuses our settings") && text.contains("a code that is not known here"), "{text}");
    assert!(!text.contains(SECRET) && !text.contains(TOKEN) && !text.contains("192.0.2.7"), "{text}");
}

#[tokio::test]
async fn a_secret_that_fits_no_header_is_the_operators_and_is_not_sent() {
    let stub = Stub::start(Conduct::json("{}"));
    for (provider, style) in [
        (Provider::Friendly, Style::Form),
        (Provider::RecaptchaEnterprise, Style::Form),
        (Provider::Siteverify, Style::Header),
    ] {
        let mut site = site_in(provider, style, &stub.url);
        site.captcha.secret = format!("{SECRET}\nx: y").into();
        let standing = room().0.assess(request(&site, Some(TOKEN))).await.standing;
        assert_eq!(standing, replydesk::captcha::Standing::Unverified(Why::OperatorConfig));
    }
    assert_eq!(stub.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn a_code_that_nobody_knows_is_told_once() {
    let (log, _guard) = Log::start();
    let stub = Stub::start(Conduct::json(r#"{"success":false,"error-codes":["the-moon-is-full"]}"#));
    let site = site_in(Provider::RecaptchaV3, Style::Form, &stub.url);
    let (captcha, ..) = room();
    for _ in 0..3 {
        captcha.assess(request(&site, Some(TOKEN))).await;
    }
    assert_eq!(log.text().matches("the-moon-is-full").count(), 1);
}
