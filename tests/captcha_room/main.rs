//! The captcha room against providers that misbehave in every known way, and the whole path of the
//! built-in proof of work. Nothing else of the server runs.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy knows no helper of an integration test for a test"
)]

mod answers;
mod asking;
mod outages;
mod secrets;
mod stub;
mod support;

use std::time::{Duration, Instant};

use replydesk::{
    captcha::{
        Assessment, ClientFacts, FailKind, OriginSeen, Request, Standing, Why,
        bands::{Band, Refusal, band},
        breaker,
        challenge::{self, Binding},
        pressure::Difficulty,
        siteverify::Mood,
    },
    config::{OnUnverified, Provider, ScoreSource},
};
use stub::{Conduct, Stub};
use support::{NOW, facts, request, room, site};

const GOOD: &str = concat!(
    r#"{"success":true,"score":0.9,"action":"comment","hostname":"news.example","#,
    r#""challenge_ts":"2027-01-15T07:59:30Z"}"#
);

/// Asks a fresh room once, of a provider that behaves like this, and times it.
async fn timed(conduct: Conduct) -> (Assessment, Duration) {
    let stub = Stub::start(conduct);
    let (site, (captcha, ..)) = (site(Provider::RecaptchaV3, &stub.url), room());
    let started = Instant::now();
    (captcha.assess(request(&site, Some("a token"))).await, started.elapsed())
}

async fn asked(conduct: Conduct) -> Assessment {
    timed(conduct).await.0
}

fn banded(assessment: &Assessment) -> Band {
    band(assessment, &site(Provider::RecaptchaV3, "").captcha)
}

#[tokio::test]
async fn a_good_answer_passes_with_a_claim_of_that_token_alone() {
    let stub = Stub::start(Conduct::json(GOOD));
    let site = site(Provider::RecaptchaV3, &stub.url);
    let (captcha, ..) = room();
    let first = captcha.assess(request(&site, Some(" a token\n"))).await;
    assert_eq!((first.standing, first.score, first.provider_score), (Standing::Pass, Some(0.9), Some(0.9)));
    let claim = first.claim.unwrap();
    assert_eq!(claim.until, NOW.plus(Duration::from_secs(15 * 60)));
    assert_eq!(captcha.assess(request(&site, Some("a token"))).await.claim, Some(claim));
    assert_ne!(captcha.assess(request(&site, Some("a Token"))).await.claim.unwrap().key, claim.key);
    let sent = stub.requests().remove(0);
    assert!(sent.contains("content-type: application/x-www-form-urlencoded"), "{sent}");
    assert!(sent.ends_with("secret=the+provider%27s+secret&response=a+token"), "{sent}");
    assert!(!sent.contains("192.0.2.7") && !sent.contains("remoteip"), "{sent}");
}

#[tokio::test]
async fn whatever_a_provider_does_wrong_the_comment_is_held_within_the_budget() {
    let no = |code: &str| Conduct::json(&format!(r#"{{"success":false,"error-codes":["{code}"]}}"#));
    for (conduct, why) in [
        (Conduct::Hang, Why::Timeout),
        (Conduct::HangInBody, Why::Timeout),
        (Conduct::Drip, Why::Timeout),
        (Conduct::HangUp, Why::Connect),
        (Conduct::Flood, Why::BadBody),
        (Conduct::Truncate, Why::BadBody),
        (Conduct::answer("502 Bad Gateway", "<html>Bad Gateway</html>"), Why::BadBody),
        (Conduct::answer("200 OK", "<html>Log in to the hotel</html>"), Why::BadBody),
        (Conduct::answer("200 OK", ""), Why::BadBody),
        (Conduct::answer("204 No Content", ""), Why::BadBody),
        (Conduct::json("[true]"), Why::BadBody),
        (Conduct::json(&GOOD.replace("true", "\"true\"")), Why::BadBody),
        (Conduct::json(&GOOD.replace("0.9", "\"0.9\"")), Why::BadBody),
        (Conduct::json(&GOOD.replace("0.9", "null")), Why::OperatorConfig),
        (no("brand-new"), Why::ProviderInternal),
        (no("invalid-input-secret"), Why::OperatorConfig),
    ] {
        let name = format!("{conduct:?}");
        let (assessment, took) = timed(conduct).await;
        assert_eq!(assessment.standing, Standing::Unverified(why), "{name}");
        assert!(took < Duration::from_millis(1500), "{name}: {took:?}");
        assert_eq!((assessment.score, assessment.claim), (None, None), "{name}");
        assert_eq!(banded(&assessment), Band::Unverified, "{name}");
    }
}

#[tokio::test]
async fn tokens_of_others_and_old_ones_fail_and_a_low_score_is_refused_as_such() {
    let used = r#"{"success":false,"error-codes":["timeout-or-duplicate"]}"#.to_owned();
    for (body, expected) in [
        (GOOD.replace("news.example", "evil.example"), Standing::Fail(FailKind::HostMismatch)),
        (GOOD.replace("comment", "login"), Standing::Fail(FailKind::ActionMismatch)),
        (GOOD.replace("07:59:30", "07:54:30"), Standing::Fail(FailKind::Expired)),
        (GOOD.replace("07:59:30", "08:01:30"), Standing::Fail(FailKind::FromFuture)),
        (used, Standing::Fail(FailKind::ExpiredOrDuplicate)),
        (GOOD.replace("0.9", "0.1"), Standing::Pass),
    ] {
        // An answer counts whatever the status that it comes under.
        let assessment = asked(Conduct::answer("400 Bad Request", &body)).await;
        assert_eq!(assessment.standing, expected, "{body}");
        assert_eq!(assessment.claim.is_some(), expected == Standing::Pass, "{body}");
        let refusal = match expected {
            Standing::Fail(kind) => Refusal::Failed(kind.reason()),
            _ => Refusal::ScoreLow,
        };
        assert_eq!(banded(&assessment), Band::Refuse(refusal), "{body}");
    }
}

#[tokio::test]
async fn the_secret_follows_no_redirect() {
    let elsewhere = Stub::start(Conduct::json(GOOD));
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let head = format!("HTTP/1.1 {status}\r\nlocation: {}\r\ncontent-length: {}", elsewhere.url, GOOD.len());
        let assessment = asked(Conduct::Raw(format!("{head}\r\n\r\n{GOOD}"))).await;
        assert_eq!(assessment.standing, Standing::Unverified(Why::BadBody), "{status}");
    }
    assert_eq!(elsewhere.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn blank_and_oversized_tokens_are_settled_without_a_call() {
    let stub = Stub::start(Conduct::json(GOOD));
    let site = site(Provider::Siteverify, &stub.url);
    let (captcha, ..) = room();
    for blank in [None, Some(""), Some(" \t\r\n")] {
        assert_eq!(captcha.assess(request(&site, blank)).await.standing, Standing::Missing);
    }
    let oversized = "x".repeat(8193);
    let assessment = captcha.assess(request(&site, Some(&oversized))).await;
    assert_eq!(assessment.standing, Standing::Fail(FailKind::Malformed));
    assert_eq!(stub.requests(), Vec::<String>::new());
    assert_eq!(captcha.assess(request(&site, oversized.strip_prefix('x'))).await.standing, Standing::Pass);
}

#[tokio::test]
async fn a_provider_that_is_out_is_spared_and_asked_again_when_it_is_back() {
    let stub = Stub::start(Conduct::HangUp);
    let sites = [site(Provider::RecaptchaV3, &stub.url), site(Provider::Builtin, "")];
    let (captcha, clock, _keys) = room();
    let ask = async || captcha.assess(request(&sites[0], Some("a token"))).await.standing;
    assert_eq!(captcha.state(&sites)[0].mood, Mood::Well);
    for _ in 0..breaker::FAILURES {
        assert_eq!(ask().await, Standing::Unverified(Why::Connect));
    }
    let state = captcha.state(&sites);
    assert_eq!((state.len(), state[0].mood, state[0].trouble), (1, Mood::Down, Some(Why::Connect)));
    let calls = stub.requests().len();
    assert_eq!(ask().await, Standing::Unverified(Why::Resting));
    assert_eq!(stub.requests().len(), calls);
    stub.turn(Conduct::json(GOOD));
    clock.advance(breaker::REST);
    assert_eq!(ask().await, Standing::Pass);
    assert_eq!(captcha.state(&sites)[0].mood, Mood::Well);
}

#[tokio::test]
async fn a_wrong_secret_is_told_apart_from_an_outage_and_rests_nothing() {
    let stub = Stub::start(Conduct::json(r#"{"success":false,"error-codes":["invalid-input-secret"]}"#));
    let sites = [site(Provider::RecaptchaV3, &stub.url)];
    let (captcha, ..) = room();
    for _ in 0..2 * breaker::FAILURES {
        let standing = captcha.assess(request(&sites[0], Some("a token"))).await.standing;
        assert_eq!(standing, Standing::Unverified(Why::OperatorConfig));
    }
    assert_eq!(captcha.state(&sites)[0].mood, Mood::Misconfigured);
}

#[tokio::test]
async fn addresses_that_are_none_and_ports_that_are_shut_are_no_panic() {
    let shut = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (url, why) in [(format!("http://{shut}/"), Why::Connect), ("not a url".to_owned(), Why::OperatorConfig)] {
        let site = site(Provider::Siteverify, &url);
        let standing = room().0.assess(request(&site, Some("a token"))).await.standing;
        assert_eq!(standing, Standing::Unverified(why), "{url}");
    }
}

#[tokio::test]
async fn the_score_compared_is_the_one_that_the_operator_chose() {
    let scored = Stub::start(Conduct::json(&GOOD.replace("0.9", "0.7")));
    let high = Stub::start(Conduct::json(&GOOD.replace("0.9", "1")));
    let bare = Stub::start(Conduct::json(r#"{"success":true}"#));
    let (captcha, ..) = room();
    for (stub, source, expected) in [
        (&scored, ScoreSource::Provider, Some(Some(0.7))),
        (&scored, ScoreSource::Min, Some(Some(0.7))),
        (&scored, ScoreSource::Builtin, None),
        (&high, ScoreSource::Min, None),
        (&bare, ScoreSource::Provider, Some(None)),
        (&bare, ScoreSource::Min, None),
    ] {
        let mut site = site(Provider::Siteverify, &stub.url);
        site.captcha.score = source;
        let assessment = captcha.assess(request(&site, Some("a token"))).await;
        assert!((0.75..0.95).contains(&assessment.builtin_score));
        assert_eq!(assessment.score, expected.unwrap_or(Some(assessment.builtin_score)), "{source:?}");
    }
}

#[tokio::test]
async fn the_built_in_path_leads_from_challenge_to_pass() {
    let site = site(Provider::Builtin, "");
    let (captcha, _clock, keys) = room();
    let challenge = captcha.challenge(&site, "/a", "comment", "0a1b2c3d", Difficulty::CALM, NOW).unwrap();
    assert_eq!(serde_json::to_value(&challenge).unwrap()["parameters"]["algorithm"], "PBKDF2/SHA-256");
    let binding = Binding { site: &site.id, page_key: "/a", action: "comment", network_mark: "0a1b2c3d" };
    let token = challenge::mint_solved(&keys, binding, NOW).unwrap();
    let later = NOW.plus(Duration::from_secs(60));
    let assessment = captcha.assess(Request { now: later, ..request(&site, Some(&token)) }).await;
    assert_eq!((assessment.standing, assessment.provider_score), (Standing::Pass, None));
    assert_eq!(assessment.score, Some(assessment.builtin_score));
    assert!(assessment.builtin_score > 0.9, "{}", assessment.builtin_score);
    assert!(assessment.claim.is_some());
    assert_eq!(band(&assessment, &site.captcha), Band::Pass);
    let names: Vec<_> = assessment.signals.iter().map(|signal| signal.name.as_ref()).collect();
    assert_eq!(names, ["pow_ok", "form_time_human"]);

    let elsewhere = captcha.assess(Request { page_key: "/b", ..request(&site, Some(&token)) }).await;
    assert_eq!((elsewhere.standing, elsewhere.claim), (Standing::Fail(FailKind::PageMismatch), None));
    assert_eq!(elsewhere.signals[0].name, "token_page_mismatch");
}

#[tokio::test]
async fn a_reader_without_a_script_is_held_and_never_refused_for_the_score() {
    let site = site(Provider::Builtin, "");
    let (captcha, ..) = room();
    let bare = ClientFacts { user_agent: None, origin: OriginSeen::Absent, has_accept_language: false, ..facts() };
    for facts in [facts(), bare] {
        let assessment = captcha.assess(Request { facts, ..request(&site, None) }).await;
        assert_eq!(assessment.standing, Standing::Missing);
        assert_eq!(band(&assessment, &site.captcha), Band::Missing);
    }
}

#[tokio::test]
async fn without_a_provider_there_is_no_captcha_at_all() {
    let site = site(Provider::None, "");
    for token in [None, Some("a token")] {
        let assessment = room().0.assess(request(&site, token)).await;
        assert_eq!((assessment.standing, assessment.score), (Standing::Off, None));
        assert_eq!(band(&assessment, &site.captcha), Band::Off);
    }
}

#[tokio::test]
async fn in_an_outage_the_built_in_score_can_take_over() {
    let stub = Stub::start(Conduct::HangUp);
    let mut site = site(Provider::RecaptchaV3, &stub.url);
    site.captcha.on_unverified = OnUnverified::Builtin;
    let (captcha, ..) = room();
    let reader = captcha.assess(request(&site, Some("a token"))).await;
    assert_eq!(band(&reader, &site.captcha), Band::Pass);
    let tool = ClientFacts { user_agent: Some("curl/8.5.0"), honeypot_filled: true, ..facts() };
    let bot = captcha.assess(Request { facts: tool, ..request(&site, Some("a token")) }).await;
    assert_eq!(band(&bot, &site.captcha), Band::Refuse(Refusal::ScoreLow));
}
