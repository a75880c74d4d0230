//! Every answer that the providers document, replayed over the wire: what it comes to, the human score,
//! the figure as it came.

use replydesk::{
    captcha::{Assessment, FailKind, Standing, Why, breaker},
    config::{Provider, Style},
};

use crate::{
    stub::{Conduct, Stub},
    support::{OUTSIDE, request, room, site_in},
};

const PASS: Standing = Standing::Pass;
const OPERATOR: Standing = Standing::Unverified(Why::OperatorConfig);
const INTERNAL: Standing = Standing::Unverified(Why::ProviderInternal);
const BAD: Standing = Standing::Unverified(Why::BadBody);
const REFUSED: Standing = Standing::Fail(FailKind::Refused);
const EXPIRED: Standing = Standing::Fail(FailKind::Expired);
const DUPLICATE: Standing = Standing::Fail(FailKind::Duplicate);
const USED: Standing = Standing::Fail(FailKind::ExpiredOrDuplicate);
const HOST: Standing = Standing::Fail(FailKind::HostMismatch);
const ACTION: Standing = Standing::Fail(FailKind::ActionMismatch);
const KEY: Standing = Standing::Fail(FailKind::KeyMismatch);
const FUTURE: Standing = Standing::Fail(FailKind::FromFuture);

/// Status, body, what it comes to, human score, raw score.
type Case = (u16, String, Standing, Option<f64>, Option<f64>);

fn no(status: u16, codes: &str, standing: Standing) -> Case {
    (status, format!(r#"{{"success":false,"error-codes":{codes}}}"#), standing, None, None)
}

fn pass(body: &str, human: Option<f64>, raw: Option<f64>) -> Case {
    (200, body.to_owned(), PASS, human, raw)
}

fn says(body: &str, standing: Standing) -> Case {
    (200, body.to_owned(), standing, None, None)
}

async fn asked(provider: Provider, style: Style, cases: &[Case]) -> Vec<Assessment> {
    let stub = Stub::start(Conduct::Hang);
    let site = site_in(provider, style, &stub.url);
    let (captcha, clock, _) = room();
    let mut seen = Vec::new();
    for (status, body, standing, human, raw) in cases {
        stub.turn(Conduct::answer(&format!("{status} As It Is"), body));
        // The breaker lets one question through a rest.
        clock.advance(breaker::REST);
        let assessment = captcha.assess(request(&site, Some("a token"))).await;
        let name = format!("{} {style:?} {status} {body}", provider.as_str());
        assert_eq!(assessment.standing, *standing, "{name}");
        assert_eq!((assessment.provider_score, assessment.raw_score), (*human, *raw), "{name}");
        assert_eq!(assessment.claim.is_some(), *standing == PASS, "{name}");
        seen.push(assessment);
    }
    seen
}

fn reasons(assessment: &Assessment) -> Vec<&str> {
    let own = |name: &&str| name.starts_with("rc_reason_") || name.starts_with("provider_reason_");
    assessment.signals.iter().map(|signal| signal.name.as_ref()).filter(own).collect()
}

const V3: &str = concat!(
    r#"{"success":true,"score":0.9,"action":"comment","hostname":"news.example","#,
    r#""challenge_ts":"2027-01-15T07:59:30Z"}"#
);

#[tokio::test]
async fn recaptcha_v3() {
    let mut cases = vec![
        pass(V3, Some(0.9), Some(0.9)),
        pass(&V3.replace("0.9", "0.1"), Some(0.1), Some(0.1)),
        pass(&V3.replace("0.9", "0.0"), Some(0.0), Some(0.0)),
        (400, V3.to_owned(), PASS, Some(0.9), Some(0.9)),
        says(&V3.replace(r#""score":0.9,"#, ""), OPERATOR),
        says(&V3.replace("true", "\"true\""), BAD),
        says(&V3.replace("0.9", "1.5"), BAD),
        (200, V3.replace("news.example", "evil.example"), HOST, Some(0.9), Some(0.9)),
        (200, V3.replace(r#""hostname":"news.example""#, r#""apk_package_name":"com.x""#), HOST, Some(0.9), Some(0.9)),
        (200, V3.replace("comment", "login"), ACTION, Some(0.9), Some(0.9)),
        (200, V3.replace(r#""action":"comment","#, ""), ACTION, Some(0.9), Some(0.9)),
        (200, V3.replace("07:59", "07:54"), EXPIRED, Some(0.9), Some(0.9)),
        (200, V3.replace("07:59", "08:02"), FUTURE, Some(0.9), Some(0.9)),
        says(&V3.replace("}", r#","error-codes":["a-new-one"]}"#), INTERNAL),
        no(200, "[]", REFUSED),
    ];
    for (code, standing) in [
        ("missing-input-secret", OPERATOR),
        ("invalid-input-secret", OPERATOR),
        ("invalid-keys", OPERATOR),
        ("missing-input-response", INTERNAL),
        ("invalid-input-response", REFUSED),
        ("browser-error", REFUSED),
        ("bad-request", INTERNAL),
        ("timeout-or-duplicate", USED),
        ("a-new-one", INTERNAL),
    ] {
        cases.push(no(200, &format!(r#"["{code}"]"#), standing));
    }
    asked(Provider::RecaptchaV3, Style::Form, &cases).await;
}

const ASSESSMENT: &str = concat!(
    r#"{"name":"projects/1/assessments/a","event":{"token":"a token","siteKey":"the site's key"},"#,
    r#""riskAnalysis":{"score":0.9,"reasons":[]},"tokenProperties":{"valid":true,"invalidReason":"INVALID_REASON_UNSPECIFIED","#,
    r#""hostname":"news.example","action":"comment","createTime":"2027-01-15T07:59:30.123Z"}}"#
);

fn invalid(reason: &str, standing: Standing) -> Case {
    let risk = r#""riskAnalysis":{"score":0,"reasons":[]}"#;
    says(&format!(r#"{{{risk},"tokenProperties":{{"valid":false,"invalidReason":"{reason}"}}}}"#), standing)
}

fn rpc(status: u16, name: &str, more: &str, standing: Standing) -> Case {
    let error = format!(r#"{{"error":{{"code":{status},"message":"no","status":"{name}"{more}}}}}"#);
    (status, error, standing, None, None)
}

#[tokio::test]
async fn recaptcha_enterprise() {
    let bad_key = r#","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]"#;
    let cases = [
        pass(ASSESSMENT, Some(0.9), Some(0.9)),
        pass(&ASSESSMENT.replace("[]", r#"["AUTOMATION","TOO_MUCH_TRAFFIC"]"#), Some(0.9), Some(0.9)),
        pass(&ASSESSMENT.replace("[]", r#"["LOW_CONFIDENCE_SCORE"]"#), None, Some(0.9)),
        pass(&ASSESSMENT.replace("[]", r#"["SOMETHING NEW <b>",7]"#), Some(0.9), Some(0.9)),
        says(&ASSESSMENT.replace(r#""score":0.9,"#, ""), OPERATOR),
        says(&ASSESSMENT.replace("riskAnalysis", "x"), OPERATOR),
        says(&ASSESSMENT.replace("tokenProperties", "x"), BAD),
        says(&ASSESSMENT.replace("true", "\"true\""), BAD),
        says(&ASSESSMENT.replace("0.9", "-1"), BAD),
        (200, ASSESSMENT.replace("news.example", "evil.example"), HOST, Some(0.9), Some(0.9)),
        (
            200,
            ASSESSMENT.replace(r#""hostname":"news.example""#, r#""androidPackageName":"x""#),
            HOST,
            Some(0.9),
            Some(0.9),
        ),
        (200, ASSESSMENT.replace("comment", "login"), ACTION, Some(0.9), Some(0.9)),
        (200, ASSESSMENT.replace(r#","action":"comment""#, ""), ACTION, Some(0.9), Some(0.9)),
        (200, ASSESSMENT.replace("the site's", "another"), KEY, Some(0.9), Some(0.9)),
        (200, ASSESSMENT.replace("07:59", "07:54"), EXPIRED, Some(0.9), Some(0.9)),
        (200, ASSESSMENT.replace("07:59", "08:02"), FUTURE, Some(0.9), Some(0.9)),
        invalid("MALFORMED", Standing::Fail(FailKind::Malformed)),
        invalid("EXPIRED", EXPIRED),
        invalid("DUPE", DUPLICATE),
        invalid("MISSING", REFUSED),
        invalid("BROWSER_ERROR", REFUSED),
        invalid("UNKNOWN_INVALID_REASON", REFUSED),
        invalid("", REFUSED),
        invalid("A_NEW_ONE", INTERNAL),
        rpc(400, "INVALID_ARGUMENT", "", INTERNAL),
        rpc(400, "INVALID_ARGUMENT", bad_key, OPERATOR),
        rpc(401, "UNAUTHENTICATED", "", OPERATOR),
        rpc(403, "PERMISSION_DENIED", "", OPERATOR),
        rpc(404, "NOT_FOUND", "", OPERATOR),
        rpc(429, "RESOURCE_EXHAUSTED", "", BAD),
        rpc(500, "INTERNAL", "", BAD),
        rpc(503, "UNAVAILABLE", "", BAD),
    ];
    let seen = asked(Provider::RecaptchaEnterprise, Style::Form, &cases).await;
    assert_eq!(reasons(&seen[0]), Vec::<&str>::new());
    assert_eq!(reasons(&seen[1]), ["rc_reason_automation", "rc_reason_too_much_traffic"]);
    assert_eq!(reasons(&seen[2]), ["rc_reason_low_confidence_score"]);
    assert_eq!(reasons(&seen[3]), ["rc_reason_something_new_b"]);
    assert!(seen[1].signals.iter().all(|signal| signal.weight == 0.0), "a reason explains and weighs nothing");
}

const HCAPTCHA: &str =
    r#"{"success":true,"challenge_ts":"2027-01-15T07:59:30.000000Z","hostname":"news.example","credit":false}"#;

#[tokio::test]
async fn hcaptcha_whose_score_runs_the_other_way() {
    let scored =
        |score: &str| HCAPTCHA.replace("}", &format!(r#","score":{score},"score_reason":["automation","IP-x"]}}"#));
    let mut cases = vec![
        pass(&scored("0.75"), Some(0.25), Some(0.75)),
        pass(&scored("0"), Some(1.0), Some(0.0)),
        pass(&scored("1.0"), Some(0.0), Some(1.0)),
        pass(HCAPTCHA, None, None),
        says(&scored("1.1"), BAD),
        says(&scored("\"0.5\""), BAD),
        says(&HCAPTCHA.replace("news.example", "dummy-key-pass"), HOST),
        says(&HCAPTCHA.replace("07:59", "07:50"), EXPIRED),
        says(&HCAPTCHA.replace("}", r#","sitekey":"another"}"#), KEY),
    ];
    for (code, standing) in [
        ("missing-input-secret", OPERATOR),
        ("invalid-input-secret", OPERATOR),
        ("missing-input-response", INTERNAL),
        ("invalid-input-response", REFUSED),
        ("expired-input-response", EXPIRED),
        ("already-seen-response", DUPLICATE),
        ("invalid-or-already-seen-response", USED),
        ("bad-request", INTERNAL),
        ("missing-remoteip", OPERATOR),
        ("invalid-remoteip", OPERATOR),
        ("not-using-dummy-passcode", OPERATOR),
        ("not-using-dummy-secret", OPERATOR),
        ("sitekey-secret-mismatch", OPERATOR),
        ("a-new-one", INTERNAL),
    ] {
        cases.push(no(200, &format!(r#"["{code}"]"#), standing));
    }
    let seen = asked(Provider::Hcaptcha, Style::Form, &cases).await;
    assert_eq!(reasons(&seen[0]), ["provider_reason_automation", "provider_reason_ip_x"]);
    assert_eq!(seen[0].score, Some(0.25), "a threat of 0.75 is a human of 0.25");
}

const TURNSTILE: &str = concat!(
    r#"{"success":true,"error-codes":[],"challenge_ts":"2027-01-15T07:59:30.274Z","hostname":"news.example","#,
    r#""action":"comment","cdata":"session-7","metadata":{"interactive":false}}"#
);

#[tokio::test]
async fn turnstile_which_gives_no_score() {
    let mut cases = vec![
        pass(TURNSTILE, None, None),
        pass(&TURNSTILE.replace(r#""action":"comment""#, r#""action":"","score":0.1"#), None, None),
        says(&TURNSTILE.replace("comment", "login"), ACTION),
        says(&TURNSTILE.replace("news.example", "example.com"), HOST),
        says(&TURNSTILE.replace("07:59", "07:54"), EXPIRED),
        says(&TURNSTILE.replace("challenge_ts", "x"), BAD),
        says(&TURNSTILE.replace("07:59", "08:02"), FUTURE),
    ];
    for (code, standing) in [
        ("missing-input-secret", OPERATOR),
        ("invalid-input-secret", OPERATOR),
        ("invalid-widget-id", OPERATOR),
        ("invalid-parsed-secret", OPERATOR),
        ("missing-input-response", INTERNAL),
        ("invalid-input-response", REFUSED),
        ("bad-request", INTERNAL),
        ("timeout-or-duplicate", USED),
        ("internal-error", INTERNAL),
        ("a-new-one", INTERNAL),
    ] {
        cases.push(no(200, &format!(r#"["{code}"]"#), standing));
    }
    let seen = asked(Provider::Turnstile, Style::Form, &cases).await;
    assert!(seen[0].signals.iter().any(|signal| signal.name == "provider_pass"));
}

const FRIENDLY: &str = concat!(
    r#"{"success":true,"data":{"event_id":"ev_1","challenge":{"timestamp":"2027-01-15T07:59:30Z","#,
    r#""origin":"https://news.example"},"risk_intelligence":null}}"#
);

fn risky(overall: &str, more: &str) -> String {
    let risk = format!(r#"{{"risk_scores":{{"overall":{overall},"network":1,"browser":1}}{more}}}"#);
    FRIENDLY.replace("null", &risk)
}

/// The cases of the provider's own test server, by name. Its clients may accept what they could not verify;
/// here that waits, in its strict mode and out of it.
#[tokio::test]
async fn friendly_as_its_own_test_server_has_it() {
    let error = |status: u16, code: &str, standing: Standing| -> Case {
        let body = format!(r#"{{"success":false,"error":{{"error_code":"{code}","detail":""}}}}"#);
        (status, body, standing, None, None)
    };
    let html = "<html><body>Something went horribly wrong</body></html>".to_owned();
    let null_browser = r#","client":{"header_user_agent":"Mozilla/5.0","browser":null},"network":{"ip":"127.0.0.1"}"#;
    let beside = r#""risk_scores":{"overall":2,"network":1,"browser":1},"network":{"ip":"192.0.2.1"}"#;
    let twice = [
        ("success", pass(FRIENDLY, None, None)),
        ("auth_required", error(401, "auth_required", OPERATOR)),
        ("auth_invalid", error(401, "auth_invalid", OPERATOR)),
        ("sitekey_invalid", error(400, "sitekey_invalid", OPERATOR)),
        ("response_missing", error(400, "response_missing", INTERNAL)),
        ("response_invalid", error(200, "response_invalid", REFUSED)),
        ("response_timeout", error(200, "response_timeout", EXPIRED)),
        ("response_duplicate", error(200, "response_duplicate", DUPLICATE)),
        ("bad_request", error(400, "bad_request", INTERNAL)),
        ("bad_response_200", (200, html.clone(), BAD, None, None)),
        ("empty_string_response_200", (200, String::new(), BAD, None, None)),
    ];
    let once = [
        ("bad_response_500", (500, html.clone(), BAD, None, None)),
        ("bad_response_400_strict", (400, html, INTERNAL, None, None)),
        ("risk_intelligence", pass(&FRIENDLY.replace(r#""risk_intelligence":null"#, beside), Some(0.75), Some(2.0))),
        ("null_client_browser", pass(&risky("1", null_browser), Some(1.0), Some(1.0))),
    ];
    let cases: Vec<Case> = twice.iter().chain(&twice).chain(&once).map(|(_, case)| case.clone()).collect();
    assert_eq!(cases.len(), 26);
    asked(Provider::Friendly, Style::Form, &cases).await;
}

#[tokio::test]
async fn friendly_whose_risk_has_five_levels() {
    let seen = r#","client":{"automation":{"automation_tool":{"detected":true},"known_bot":{"detected":false}}},
        "network":{"ip":"192.0.2.1","anonymization":{"vpn_score":5,"proxy_score":3,"tor":true,"icloud_private_relay":false}}"#;
    let levels = [(1.0, 1.0), (2.0, 0.75), (3.0, 0.5), (4.0, 0.25), (5.0, 0.0)];
    let mut cases: Vec<Case> =
        levels.iter().map(|(raw, human)| pass(&risky(&raw.to_string(), ""), Some(*human), Some(*raw))).collect();
    cases.extend([
        pass(&risky("5", seen), Some(0.0), Some(5.0)),
        pass(&risky("0", ""), None, Some(0.0)),
        pass(&risky("null", ""), None, None),
        says(&risky("6", ""), BAD),
        says(&risky("0.5", ""), BAD),
        says(&risky("\"1\"", ""), BAD),
        says(&FRIENDLY.replace("https://news.example", "https://evil.example"), HOST),
        says(&FRIENDLY.replace("https://news.example", "http://news.example.evil.example:8080"), HOST),
        pass(&FRIENDLY.replace("https://news.example", "https://NEWS.example:443"), None, None),
        says(&FRIENDLY.replace("07:59", "07:54"), EXPIRED),
        says(&FRIENDLY.replace("07:59", "08:02"), FUTURE),
        says(&FRIENDLY.replace("data", "x"), BAD),
        says(&FRIENDLY.replace("challenge", "x"), BAD),
        (201, FRIENDLY.to_owned(), INTERNAL, None, None),
        (500, FRIENDLY.to_owned(), INTERNAL, None, None),
        (400, r#"{"success":false,"error":{"error_code":"response_invalid"}}"#.to_owned(), INTERNAL, None, None),
        says(r#"{"success":false,"error":{"error_code":"a_new_one"}}"#, INTERNAL),
        says(r#"{"success":false}"#, REFUSED),
    ]);
    let seen = asked(Provider::Friendly, Style::Form, &cases).await;
    assert_eq!(reasons(&seen[5]), ["automation", "tor", "vpn"].map(|name| format!("provider_reason_{name}")));
}

#[tokio::test]
async fn the_generic_form_which_demands_neither_score_nor_action() {
    let cases = [
        pass(r#"{"success":true}"#, None, None),
        pass(V3, Some(0.9), Some(0.9)),
        says(r#"{"success":true,"hostname":"evil.example"}"#, HOST),
        says(r#"{"success":true,"action":"login"}"#, ACTION),
        says(r#"{"success":true,"error-codes":["maintenance-mode"]}"#, INTERNAL),
        says(r#"{"success":true,"error-codes":["property-test"]}"#, OPERATOR),
        says(r#"{"success":true,"error-codes":["solution-verified-before"]}"#, DUPLICATE),
        pass(r#"{"success":true,"error-codes":["no-error"]}"#, None, None),
        no(200, r#""timeout-or-duplicate""#, USED),
    ];
    asked(Provider::Siteverify, Style::Form, &cases).await;
}

#[tokio::test]
async fn cap_standalone() {
    let error = |status: u16, error: &str, standing: Standing| -> Case {
        (status, format!(r#"{{"success":false,"error":"{error}"}}"#), standing, None, None)
    };
    let mut cases = vec![
        pass(r#"{"success":true}"#, None, None),
        says(r#"{"success":false}"#, REFUSED),
        error(400, "Missing required parameters", REFUSED),
        error(404, "Invalid site key or secret", OPERATOR),
        error(403, "Invalid site key or secret", OPERATOR),
        error(404, "Token not found", USED),
        error(403, "Token expired", EXPIRED),
        (404, "NOT_FOUND".to_owned(), OPERATOR, None, None),
        (429, "Too many requests".to_owned(), BAD, None, None),
    ];
    for (reason, standing) in [
        ("invalid_token", REFUSED),
        ("scope_mismatch", KEY),
        ("expired", EXPIRED),
        ("already_redeemed", DUPLICATE),
        ("invalid_solution", REFUSED),
        ("instr_timeout", REFUSED),
        ("a_new_one", INTERNAL),
    ] {
        cases.push(error(200, reason, standing));
    }
    asked(Provider::Siteverify, Style::Json, &cases).await;
}

#[tokio::test]
async fn private_captcha_by_its_numbers() {
    let answer = |success: bool, code: u64, standing: Standing| -> Case {
        let body = format!(
            r#"{{"success":{success},"code":{code},"timestamp":"2027-01-15T07:59:30+00:00","origin":"news.example"}}"#
        );
        (200, body, standing, None, None)
    };
    let mut cases = vec![
        answer(true, 0, PASS),
        answer(true, 8, DUPLICATE),
        answer(true, 9, INTERNAL),
        answer(true, 10, OPERATOR),
        answer(true, 99, INTERNAL),
        says(r#"{"success":true}"#, BAD),
        says(r#"{"success":true,"code":"0"}"#, BAD),
        says(r#"{"success":true,"code":0,"origin":"evil.example"}"#, HOST),
        says(r#"{"success":true,"code":0,"timestamp":"2027-01-15T07:50:00+00:00"}"#, EXPIRED),
        (400, "Bad Request".to_owned(), INTERNAL, None, None),
        (403, "Forbidden".to_owned(), OPERATOR, None, None),
        (429, String::new(), BAD, None, None),
    ];
    for (code, standing) in [
        (0, REFUSED),
        (1, INTERNAL),
        (2, REFUSED),
        (3, REFUSED),
        (4, REFUSED),
        (5, EXPIRED),
        (6, OPERATOR),
        (7, OPERATOR),
        (8, DUPLICATE),
        (9, INTERNAL),
        (10, OPERATOR),
        (11, REFUSED),
        (12, INTERNAL),
    ] {
        cases.push(answer(false, code, standing));
    }
    asked(Provider::Siteverify, Style::Header, &cases).await;
}

#[tokio::test]
async fn mcaptcha() {
    let cases = [
        pass(r#"{"valid":true}"#, None, None),
        says(r#"{"valid":false}"#, REFUSED),
        says(r#"{"valid":"true"}"#, BAD),
        says(r#"{"success":true}"#, BAD),
        (401, r#"{"error":"Wrong password"}"#.to_owned(), OPERATOR, None, None),
        (404, r#"{"error":"Captcha not found"}"#.to_owned(), OPERATOR, None, None),
        (500, r#"{"error":"Internal Server Error"}"#.to_owned(), BAD, None, None),
    ];
    asked(Provider::Siteverify, Style::Mcaptcha, &cases).await;
}

#[tokio::test]
async fn what_is_no_answer_of_a_provider_is_never_a_pass_of_any() {
    let html = "<html>Log in to the hotel</html>";
    let cases: Vec<Case> = [
        (200, "", BAD),
        (200, html, BAD),
        (200, "null", BAD),
        (200, "[true]", BAD),
        (200, "\"success\"", BAD),
        (200, "{}", BAD),
        (200, r#"{"success":1,"valid":1}"#, BAD),
        (200, r#"{"success":"true","valid":"true","tokenProperties":{"valid":"true"}}"#, BAD),
        (200, r#"{"success":tr"#, BAD),
        (204, "", BAD),
        (400, html, INTERNAL),
        (401, html, OPERATOR),
        (403, html, OPERATOR),
        (404, html, OPERATOR),
        (405, html, OPERATOR),
        (408, html, BAD),
        (413, html, INTERNAL),
        (429, html, BAD),
        (429, "", BAD),
        (500, html, BAD),
        (502, "", BAD),
        (503, "{}", BAD),
    ]
    .map(|(status, body, standing)| (status, body.to_owned(), standing, None, None))
    .to_vec();
    for (provider, style) in OUTSIDE {
        asked(provider, style, &cases).await;
    }
}
