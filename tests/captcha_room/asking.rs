//! How each provider is asked: the bytes, the budget, the one question that may be put twice.

use std::time::{Duration, Instant};

use replydesk::{
    captcha::{FailKind, Standing, Why, breaker},
    config::{Provider, Style},
};
use serde_json::{Value, json};

use crate::{
    stub::{Conduct, Stub},
    support::{OUTSIDE, request, room, site_in},
};

const YES: &str = r#"{"success":true,"valid":true,"code":0,"score":0.9,"action":"comment","challenge_ts":"2027-01-15T07:59:30Z","data":{"challenge":{}},
    "tokenProperties":{"valid":true,"action":"comment"},"riskAnalysis":{"score":0.9}}"#;

/// The head and the body of what is sent about "a token".
async fn sent(provider: Provider, style: Style, send_address: bool) -> (String, String) {
    let stub = Stub::start(Conduct::json(YES));
    let mut site = site_in(provider, style, &stub.url);
    site.captcha.send_address = send_address;
    let assessment = room().0.assess(request(&site, Some("a token"))).await;
    assert_eq!(assessment.standing, Standing::Pass, "{provider:?} {style:?}");
    let request = stub.requests().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

fn fields(body: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

const SECRET: &str = "the provider's secret";
const OWN: [(&str, &str); 2] = [("secret", SECRET), ("response", "a token")];
const ADDRESS: (&str, &str) = ("remoteip", "192.0.2.7");

#[tokio::test]
async fn those_that_take_a_form_get_one() {
    for (provider, extra) in [
        (Provider::RecaptchaV3, None),
        (Provider::Siteverify, None),
        (Provider::Hcaptcha, Some(("sitekey", "the site's key"))),
    ] {
        let own: Vec<_> = OWN.into_iter().chain(extra).collect();
        let (head, body) = sent(provider, Style::Form, false).await;
        assert!(head.contains("content-type: application/x-www-form-urlencoded"), "{head}");
        assert_eq!(fields(&body), pairs(&own));
        let (_, body) = sent(provider, Style::Form, true).await;
        assert_eq!(fields(&body), pairs(&[own, vec![ADDRESS]].concat()));
    }
}

#[tokio::test]
async fn those_that_take_json_get_it_and_keys_go_into_headers_where_they_belong() {
    let key = "the site's key";
    for (provider, style, header, body) in [
        (Provider::Siteverify, Style::Json, None, json!({"secret": SECRET, "response": "a token"})),
        (Provider::Siteverify, Style::Mcaptcha, None, json!({"token": "a token", "key": key, "secret": SECRET})),
        (Provider::Friendly, Style::Form, Some("x-api-key"), json!({"response": "a token", "sitekey": key})),
        (
            Provider::RecaptchaEnterprise,
            Style::Form,
            Some("x-goog-api-key"),
            json!({"event": {"token": "a token", "siteKey": key, "expectedAction": "comment"}}),
        ),
    ] {
        let (head, sent) = sent(provider, style, false).await;
        assert!(head.contains("content-type: application/json"), "{head}");
        assert_eq!(serde_json::from_str::<Value>(&sent).unwrap(), body);
        assert_eq!(header.is_some(), head.contains(SECRET), "{head}");
        assert!(header.is_none_or(|name| head.contains(&format!("\r\n{name}: {SECRET}"))), "{head}");
    }
    let (_, told) = sent(Provider::RecaptchaEnterprise, Style::Form, true).await;
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap()["event"]["userIpAddress"], "192.0.2.7");
    let (_, told) = sent(Provider::Siteverify, Style::Json, true).await;
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap()["remoteip"], "192.0.2.7");
}

#[tokio::test]
async fn private_captcha_gets_the_bare_token() {
    let (head, body) = sent(Provider::Siteverify, Style::Header, true).await;
    assert_eq!(body, "a token");
    assert!(head.contains("content-type: text/plain"), "{head}");
    assert!(head.contains(&format!("\r\nx-api-key: {SECRET}")), "{head}");
    assert!(head.contains("\r\nx-pc-sitekey: the site's key"), "{head}");
    assert!(!head.contains("192.0.2.7"), "{head}");
}

#[tokio::test]
async fn whatever_stands_in_a_token_stays_in_its_field() {
    let hostile = "x&secret=y\"},{\"secret\":\"z\r\nx-api-key: w\u{1F600}";
    for (provider, style) in OUTSIDE {
        let stub = Stub::start(Conduct::json(YES));
        let site = site_in(provider, style, &stub.url);
        room().0.assess(request(&site, Some(hostile))).await;
        let request = stub.requests().remove(0);
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(!head.contains("x-api-key: w"), "{head}");
        if head.contains("application/json") {
            let body: Value = serde_json::from_str(body).unwrap();
            let token = [&body["response"], &body["token"], &body["event"]["token"]];
            assert!(token.iter().any(|token| **token == hostile), "{body}");
        } else if head.contains("urlencoded") {
            assert_eq!(fields(body)[..2], pairs(&[("secret", SECRET), ("response", hostile)]));
        } else {
            assert_eq!(body, hostile);
        }
    }
}

#[tokio::test]
async fn each_providers_longest_token_goes_through_and_a_longer_one_is_refused_here() {
    for (provider, style) in OUTSIDE {
        let most = match provider {
            Provider::Turnstile => 2048,
            Provider::Friendly => 16_384,
            _ => 8192,
        };
        let stub = Stub::start(Conduct::json(YES));
        let site = site_in(provider, style, &stub.url);
        let (captcha, ..) = room();
        let longer = "x".repeat(most + 1);
        for blank in [None, Some(""), Some(" \t\r\n")] {
            assert_eq!(captcha.assess(request(&site, blank)).await.standing, Standing::Missing);
        }
        let standing = captcha.assess(request(&site, Some(&longer))).await.standing;
        assert_eq!(standing, Standing::Fail(FailKind::Malformed), "{provider:?}");
        assert_eq!(stub.requests(), Vec::<String>::new(), "{provider:?}");
        let standing = captcha.assess(request(&site, longer.strip_prefix('x'))).await.standing;
        assert_eq!(standing, Standing::Pass, "{provider:?}");
    }
}

#[tokio::test]
async fn no_provider_in_any_trouble_takes_longer_than_the_budget_or_passes() {
    for (provider, style) in OUTSIDE {
        let stub = Stub::start(Conduct::Hang);
        let mut site = site_in(provider, style, &stub.url);
        let (captcha, clock, _) = room();
        for (conduct, why) in [
            (Conduct::Hang, Why::Timeout),
            (Conduct::HangInBody, Why::Timeout),
            (Conduct::Drip, Why::Timeout),
            (Conduct::HangUp, Why::Connect),
            (Conduct::Flood, Why::BadBody),
            (Conduct::Truncate, Why::BadBody),
        ] {
            let name = format!("{provider:?} {style:?} {conduct:?}");
            stub.turn(conduct);
            clock.advance(breaker::REST);
            // What is answered at once has time for it on a busy machine too.
            let hangs = why == Why::Timeout;
            site.captcha.timeout = if hangs { Duration::from_millis(200) } else { Duration::from_secs(10) };
            let started = Instant::now();
            let assessment = captcha.assess(request(&site, Some("a token"))).await;
            let took = started.elapsed();
            assert_eq!(assessment.standing, Standing::Unverified(why), "{name}");
            assert!(took < Duration::from_millis(900), "{name}: {took:?}");
        }
    }
}

/// For two tries: half of it for each, all of which is waited for where the first one hangs.
fn time_for(first: &Conduct) -> Duration {
    if matches!(first, Conduct::Hang) { Duration::from_secs(1) } else { Duration::from_secs(10) }
}

#[tokio::test]
async fn only_turnstile_is_asked_again_and_under_the_same_key() {
    for (provider, style) in OUTSIDE {
        let again = provider == Provider::Turnstile;
        for first in [
            Conduct::HangUp,
            Conduct::answer("500 Oops", "<html>"),
            Conduct::answer("503 Oops", "{}"),
            Conduct::json(r#"{"success":false,"error-codes":["internal-error"]}"#),
            Conduct::Hang,
        ] {
            let name = format!("{provider:?} {first:?}");
            let stub = Stub::start(Conduct::Hang);
            let mut site = site_in(provider, style, &stub.url);
            site.captcha.timeout = time_for(&first);
            stub.turn_in_order([first, Conduct::json(YES)]);
            let standing = room().0.assess(request(&site, Some("a token"))).await.standing;
            assert_eq!(standing == Standing::Pass, again, "{name}: {standing:?}");
            let requests = stub.requests();
            assert_eq!(requests.len(), 1 + usize::from(again), "{name}");
            let bodies: Vec<_> =
                requests.iter().filter_map(|text| text.split_once("\r\n\r\n")).map(|(_, body)| body).collect();
            if again {
                assert_eq!(bodies[0], bodies[1]);
                let key = fields(bodies[0]).into_iter().find(|(name, _)| name == "idempotency_key").unwrap().1;
                assert!(key.len() == 36 && key.split('-').count() == 5, "{key}");
            }
        }
    }
}

#[tokio::test]
async fn nothing_else_is_asked_again() {
    for answer in [
        Conduct::json(r#"{"success":false,"error-codes":["timeout-or-duplicate"]}"#),
        Conduct::json(r#"{"success":false,"error-codes":["invalid-input-secret"]}"#),
        Conduct::json(r#"{"success":false,"error-codes":["a-new-one"]}"#),
        Conduct::answer("429 Slow Down", ""),
        Conduct::json("<html>"),
    ] {
        let name = format!("{answer:?}");
        let stub = Stub::start(answer);
        let site = site_in(Provider::Turnstile, Style::Form, &stub.url);
        assert_ne!(room().0.assess(request(&site, Some("a token"))).await.standing, Standing::Pass, "{name}");
        assert_eq!(stub.requests().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn a_token_that_our_own_first_question_spent_is_not_the_readers_fault() {
    let spent = || Conduct::json(r#"{"success":false,"error-codes":["timeout-or-duplicate"]}"#);
    for (first, why) in [
        (Conduct::Hang, Why::Timeout),
        (Conduct::HangUp, Why::Connect),
        (Conduct::answer("502 Oops", ""), Why::BadBody),
    ] {
        let stub = Stub::start(Conduct::Hang);
        let mut site = site_in(Provider::Turnstile, Style::Form, &stub.url);
        site.captcha.timeout = time_for(&first);
        stub.turn_in_order([first, spent()]);
        let standing = room().0.assess(request(&site, Some("a token"))).await.standing;
        assert_eq!(standing, Standing::Unverified(why));
    }
}

#[tokio::test]
async fn each_token_has_a_key_of_its_own_that_outlives_the_question() {
    let stub = Stub::start(Conduct::json(YES));
    let site = site_in(Provider::Turnstile, Style::Form, &stub.url);
    for token in ["one", "two", "one"] {
        room().0.assess(request(&site, Some(token))).await;
    }
    let keys: Vec<_> = stub
        .requests()
        .iter()
        .filter_map(|text| text.split_once("idempotency_key="))
        .map(|(_, rest)| rest.split('&').next().unwrap().to_owned())
        .collect();
    assert!(keys[0] == keys[2] && keys[0] != keys[1], "{keys:?}");
}
