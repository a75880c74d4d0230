//! What a page learns of each provider, and that provider's answer through the whole house.

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

use crate::{
    captcha_provider::send,
    support::{App, PAGE, app::START, captcha_stub::CaptchaStub},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_learns_provider_key_and_action_and_a_challenge_only_of_our_own() {
    let keys = "site_key = 'public'\nsecret = 's'\nproject = 'p'\nverify_url = 'http://127.0.0.1:9/'\naction = 'reply'";
    for provider in
        ["recaptcha-v3", "recaptcha-enterprise", "hcaptcha", "turnstile", "friendly", "siteverify", "builtin", "none"]
    {
        let app = App::with(&format!("[captcha]\nprovider = '{provider}'\n{keys}")).await;
        let answer = app.get(&format!("/api/captcha?page={PAGE}")).answer().await.expect(200);
        let text = answer.text();
        let mut needed: Value = serde_json::from_str(&text).unwrap();
        let challenge = needed["challenge_url"].take();
        assert_eq!(challenge.is_string(), provider == "builtin", "{challenge}");
        assert_eq!(
            needed,
            json!({"provider": provider, "site_key": "public", "action": "reply", "challenge_url": null})
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_score_that_runs_the_other_way_is_turned_round_before_any_threshold() {
    let stub = CaptchaStub::start(START);
    let settings = stub.settings().replace("recaptcha-v3", "hcaptcha");
    let app = App::with(&format!("{settings}\n[moderation]\nmode = 'post'\n")).await;
    send(&app, "Surely a threat.", "ok:0.9").await.expect_problem(403, "captcha_score_low");
    send(&app, "Half a threat.", "ok:0.5").await.expect(202);
    let taken = send(&app, "Hardly a threat.", "ok:0.1").await.expect(201);
    assert_eq!(app.moderator().await.item(&taken.id()).await["captcha"]["score"], 0.9);
    assert_eq!(app.count("SELECT count(*) FROM comments WHERE captcha_raw = 0.1"), 1);
    let asked = &stub.asked()[0];
    assert!(asked.contains(&("sitekey".to_owned(), "public".to_owned())), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_assessments_reasons_stand_beside_the_comment() {
    let google = MockServer::start().await;
    let assessment = json!({
        "riskAnalysis": {"score": 0.3, "reasons": ["AUTOMATION"]},
        "tokenProperties": {"valid": true, "hostname": "news.example", "action": "comment", "createTime": START.to_string()},
    });
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(200).set_body_json(assessment)).mount(&google).await;
    let settings = format!(
        "[captcha]\nprovider = 'recaptcha-enterprise'\nsite_key = 'k'\nsecret = 's'\nverify_url = '{}/assessments'\n\
         [moderation]\nmode = 'post'",
        google.uri()
    );
    let app = App::with(&settings).await;
    let held = send(&app, "Scored by an assessment.", "a token").await.expect(202);
    let item = app.moderator().await.item(&held.id()).await;
    assert_eq!(
        (&item["captcha"]["provider"], &item["captcha"]["score"]),
        (&json!("recaptcha-enterprise"), &json!(0.3))
    );
    let signals = item["signals"].as_array().unwrap();
    let reason = signals.iter().find(|signal| signal["name"] == "captcha.rc_reason_automation").unwrap();
    assert_eq!(reason["weight"], 0.0);
    assert_eq!(reason["text"], "The captcha provider saw a program at work.");
}
