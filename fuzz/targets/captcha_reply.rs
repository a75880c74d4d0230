//! A provider's reply in every dialect: a pass needs a whole, fresh answer for this action and host; scores are shares;
//! what is kept of it for logs and signals is short and plain.
#![no_main]

use std::{sync::LazyLock, time::Duration};

use replydesk::{
    captcha::{
        Standing,
        dialect::Dialect,
        reply::{Expected, read},
    },
    config::{Provider, Style},
    domain::Timestamp,
};
use replydesk_fuzz::{CONFIG, choice};

static DIALECTS: LazyLock<Vec<&Dialect>> = LazyLock::new(|| {
    let outside = [
        Provider::RecaptchaV3,
        Provider::RecaptchaEnterprise,
        Provider::Hcaptcha,
        Provider::Turnstile,
        Provider::Friendly,
    ];
    let styles = [Style::Form, Style::Json, Style::Header, Style::Mcaptcha].map(|style| (Provider::Siteverify, style));
    let rows = outside.map(|provider| (provider, Style::Form)).into_iter().chain(styles);
    rows.map(|(provider, style)| {
        let mut settings = CONFIG.sites[0].captcha.clone();
        (settings.provider, settings.style) = (provider, style);
        Dialect::of(&settings).expect("there is a row")
    })
    .collect()
});
static HOSTS: LazyLock<Vec<String>> = LazyLock::new(|| vec!["news.example".to_owned()]);
const STATUSES: [u16; 8] = [200, 201, 400, 401, 404, 408, 429, 500];
/// 2027-01-15T08:00:00Z
const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn expected(action: &'static str) -> Expected<'static> {
    Expected { action, hosts: &HOSTS, site_key: "key", max_age: Duration::from_secs(300), now: NOW }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((first, body)) = choice(data) else { return };
    let dialect = DIALECTS[usize::from(first & 15) % DIALECTS.len()];
    let status = STATUSES[usize::from(first >> 5)];
    let answer = read(status, body, dialect, &expected("comment"));
    assert_eq!(answer, read(status, body, dialect, &expected("comment")), "the same again");
    for score in [answer.human_score, answer.raw_score].into_iter().flatten() {
        assert!((0.0..=1.0).contains(&score), "{score} is a share");
    }
    let plain =
        |text: &str| text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.?".contains(&b));
    assert!(answer.codes.len() <= 16 && answer.codes.iter().all(|code| plain(code)), "{:?}", answer.codes);
    assert!(answer.reasons.len() <= 16 && answer.reasons.iter().all(|reason| plain(reason)), "{:?}", answer.reasons);
    assert!(answer.unknown.iter().all(|code| answer.codes.contains(code)));
    let Standing::Pass = answer.standing else { return };
    let parsed: serde_json::Value = serde_json::from_slice(body).expect("a pass is JSON");
    assert!(parsed.is_object());
    let says_yes = |value: &serde_json::Value| value.to_string().contains("true");
    assert!(says_yes(&parsed), "nobody passes without a yes");
    // What names another host, action or key than ours passes nobody.
    let text = parsed.to_string();
    for (name, ours) in [("hostname", "news.example"), ("action", "comment")] {
        if let Some(named) = parsed.get(name).and_then(|value| value.as_str())
            && matches!(dialect.shape, replydesk::captcha::dialect::Shape::Classic(_))
            && !named.is_empty()
        {
            assert!(named.to_lowercase().contains(ours), "{text}");
        }
    }
    if text.contains("\"comment\"") {
        return;
    }
    let other = read(status, body, dialect, &expected("other"));
    if dialect.action == replydesk::captcha::dialect::Demand::Always {
        assert_ne!(other.standing, Standing::Pass, "an action that must be there is");
    }
});
