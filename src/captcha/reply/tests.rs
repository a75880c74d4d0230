//! Every answer that providers are known to give, and some that none should.

use proptest::prelude::*;

use super::*;
use crate::config::{Captcha, Provider, load::DEFAULT_TOML};

const NOW: Timestamp = Timestamp(1_800_000_000_000); // 2027-01-15T08:00:00Z
const GOOD: &str = r#"{"success":true,"score":0.9,"action":"comment","hostname":"news.example",
    "challenge_ts":"2027-01-15T07:59:30Z"}"#;

fn dialect(provider: Provider) -> &'static Dialect {
    let mut defaults: toml::Table = toml::from_str(DEFAULT_TOML).unwrap();
    let settings: Captcha = defaults.remove("captcha").unwrap().try_into().unwrap();
    Dialect::of(&Captcha { provider, ..settings }).unwrap()
}

fn expected(hosts: &[String]) -> Expected<'_> {
    Expected { action: "comment", hosts, site_key: "ours", max_age: Duration::from_secs(300), now: NOW }
}

fn under(provider: Provider, body: &str) -> Answer {
    let hosts = ["news.example".to_owned(), "www.News.example".to_owned()];
    read(200, body.as_bytes(), dialect(provider), &expected(&hosts))
}

fn v3(body: &str) -> Standing {
    under(Provider::RecaptchaV3, body).standing
}

fn generic(body: &str) -> Standing {
    under(Provider::Siteverify, body).standing
}

fn with(field: &str, value: &str) -> String {
    let mut answer: Map<String, Value> = serde_json::from_str(GOOD).unwrap();
    answer.insert(field.to_owned(), serde_json::from_str(value).unwrap());
    Value::Object(answer).to_string()
}

fn without(field: &str) -> String {
    let mut answer: Map<String, Value> = serde_json::from_str(GOOD).unwrap();
    answer.remove(field);
    Value::Object(answer).to_string()
}

#[test]
fn a_good_answer_passes_with_its_score_even_a_low_one() {
    let answer = under(Provider::RecaptchaV3, GOOD);
    let bare = Answer::from(Standing::Pass);
    assert_eq!(answer, Answer { human_score: Some(0.9), raw_score: Some(0.9), ..bare });
    assert_eq!(under(Provider::RecaptchaV3, &with("score", "0.1")).human_score, Some(0.1));
    assert_eq!(under(Provider::RecaptchaV3, &with("score", "0")).human_score, Some(0.0));
}

#[test]
fn what_is_not_the_contract_is_never_a_pass() {
    let bad = Standing::Unverified(Why::BadBody);
    for body in
        ["", "null", "true", "[]", "{}", "<html>", "{\"success\":true", r#"{"success":"true"}"#, r#"{"success":1}"#]
    {
        assert_eq!(v3(body), bad, "{body}");
        assert_eq!(generic(body), bad, "{body}");
    }
    for score in ["\"0.9\"", "1.01", "-0.1", "true", "[0.9]"] {
        assert_eq!(v3(&with("score", score)), bad, "{score}");
        assert_eq!(generic(&with("score", score)), bad, "{score}");
    }
    assert_eq!(v3(&GOOD.replace("0.9", "1e999")), bad);
    assert_eq!(v3(&GOOD.replace("0.9", "NaN")), bad);
    assert_eq!(v3(&with("action", "7")), bad);
    assert_eq!(v3(&with("challenge_ts", "\"yesterday\"")), bad);
}

#[test]
fn a_missing_score_is_the_operators_fault_where_the_provider_always_gives_one() {
    for body in [without("score"), with("score", "null")] {
        assert_eq!(v3(&body), Standing::Unverified(Why::OperatorConfig));
        assert_eq!(under(Provider::Siteverify, &body), Standing::Pass.into());
    }
}

#[test]
fn a_token_of_another_host_fails() {
    let wrong = Standing::Fail(FailKind::HostMismatch);
    for host in ["\"evil.example\"", "\"news.example.evil.example\"", "\"xnews.example\"", "\"example\""] {
        assert_eq!(v3(&with("hostname", host)), wrong, "{host}");
        assert_eq!(generic(&with("hostname", host)), wrong, "{host}");
    }
    for host in ["\"NEWS.example\"", "\"news.example.\"", "\"www.news.example\""] {
        assert_eq!(v3(&with("hostname", host)), Standing::Pass, "{host}");
    }
    let app = r#"{"success":true,"score":0.9,"action":"comment","apk_package_name":"com.example"}"#;
    assert_eq!(v3(app), wrong);
}

#[test]
fn a_token_of_another_action_fails_and_so_does_none_where_one_is_always_given() {
    let wrong = Standing::Fail(FailKind::ActionMismatch);
    assert_eq!(v3(&with("action", "\"login\"")), wrong);
    assert_eq!(generic(&with("action", "\"login\"")), wrong);
    for body in [without("action"), with("action", "\"\""), with("action", "null")] {
        assert_eq!(v3(&body), wrong, "{body}");
        assert_eq!(generic(&body), Standing::Pass, "{body}");
    }
}

#[test]
fn a_token_is_good_from_a_minute_ahead_to_its_greatest_age() {
    for (issued, expected) in [
        ("2027-01-15T08:01:00Z", Standing::Pass),
        ("2027-01-15T08:01:01Z", Standing::Fail(FailKind::FromFuture)),
        ("2027-01-15T07:55:00Z", Standing::Pass),
        ("2027-01-15T07:54:59Z", Standing::Fail(FailKind::Expired)),
        ("2027-01-15T07:59:00+00:00", Standing::Pass),
        ("2027-01-15T09:59:00.123+0200", Standing::Pass),
    ] {
        assert_eq!(v3(&with("challenge_ts", &format!("\"{issued}\""))), expected, "{issued}");
    }
}

#[test]
fn refusals_are_sorted_into_visitor_operator_and_provider() {
    let no = |codes: &str| v3(&format!(r#"{{"success":false,"error-codes":{codes}}}"#));
    let operator = Standing::Unverified(Why::OperatorConfig);
    let internal = Standing::Unverified(Why::ProviderInternal);
    for (codes, expected) in [
        (r#"["invalid-input-secret"]"#, operator),
        (r#"["invalid-input-response","missing-input-secret"]"#, operator),
        (r#"["timeout-or-duplicate"]"#, Standing::Fail(FailKind::ExpiredOrDuplicate)),
        (r#"["invalid-input-response"]"#, Standing::Fail(FailKind::Refused)),
        (r#"["invalid-input-response","a-new-one"]"#, Standing::Fail(FailKind::Refused)),
        (r#"["a-new-one"]"#, internal),
        (r#"["internal-error"]"#, internal),
        ("[7]", internal),
        ("[]", Standing::Fail(FailKind::Refused)),
        ("null", Standing::Fail(FailKind::Refused)),
    ] {
        assert_eq!(no(codes), expected, "{codes}");
    }
    assert_eq!(v3(r#"{"success":false}"#), Standing::Fail(FailKind::Refused));
    assert_eq!(v3(r#"{"success":false,"score":0.9,"action":"comment"}"#), Standing::Fail(FailKind::Refused));
}

#[test]
fn a_code_is_cut_to_what_may_stand_in_a_log() {
    let body = format!(r#"{{"success":false,"error-codes":["A <b>Token\n\u202e {}"]}}"#, "x".repeat(100));
    let answer = v3_answer(&body);
    assert_eq!(answer.codes, answer.unknown);
    assert_eq!(answer.codes, [format!("a-btoken-{}", "x".repeat(55))]);
    let flood = format!(r#"{{"success":false,"error-codes":[{}"z"]}}"#, r#""y","#.repeat(100));
    assert_eq!(v3_answer(&flood).codes.len(), 16);
}

fn v3_answer(body: &str) -> Answer {
    under(Provider::RecaptchaV3, body)
}

proptest! {
    #[test]
    fn no_bytes_panic_and_none_but_a_success_pass(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        let answer = read(200, &body, dialect(Provider::Siteverify), &expected(&[]));
        prop_assert!(answer.standing != Standing::Pass);
    }

    #[test]
    fn a_score_that_passes_is_in_range(score in any::<f64>()) {
        let body = GOOD.replace("0.9", &score.to_string());
        let answer = under(Provider::RecaptchaV3, &body);
        prop_assert_eq!(answer.standing == Standing::Pass, (0.0..=1.0).contains(&score));
    }
}
