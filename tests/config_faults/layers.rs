//! What the layers become when nothing is wrong.

use std::time::Duration;

use replydesk::config::{
    Provider, Rate, Rule,
    load::{DEFAULT_TOML, Sources, load},
};
use secrecy::ExposeSecret;

use super::{good, told};

fn rates(of: &[Rate]) -> Vec<String> {
    of.iter().map(ToString::to_string).collect()
}

#[test]
fn the_defaults_alone_are_sound_and_say_what_the_contract_says() {
    let config = good("", &[]).config;
    assert_eq!(config.server.max_body, 192 * 1024);
    assert_eq!(config.store.url.expose_secret(), "sqlite:data/replydesk.db");
    let [site] = &config.sites[..] else { panic!("one site") };
    assert_eq!((site.id.as_str(), &site.origins[..]), ("default", &["http://127.0.0.1:8080".to_owned()][..]));
    assert_eq!(rates(&site.limits.per_ip), ["5/10s", "20/5m", "300/1d"]);
    assert_eq!(rates(&site.limits.without_token), ["3/10m", "10/1d"]);
    assert_eq!((site.captcha.reject_below, site.captcha.hold_below), (0.3, 0.6));
    assert_eq!(site.captcha.provider, Provider::Builtin);
    assert_eq!((site.scoring.hold_at, site.scoring.spam_at, site.scoring.explore), (0.5, 0.9, 0.02));
    assert_eq!(site.moderation.close_after, None);
    let days = |days: u64| Duration::from_secs(days * 86_400);
    assert_eq!(site.moderation.retain_ip, days(30));
    assert_eq!((site.moderation.retain_spam, site.moderation.retain_rejected), (Some(days(15)), Some(days(30))));
}

#[test]
fn the_manual_explains_every_key() {
    let (mut explained, mut unexplained) = (false, Vec::new());
    for line in DEFAULT_TOML.lines() {
        match line {
            _ if line.starts_with('#') => explained = true,
            _ if line.is_empty() || line.starts_with('[') => explained = false,
            // One comment may stand above a run of keys.
            _ if !explained => unexplained.push(line),
            _ => {}
        }
    }
    assert!(unexplained.is_empty(), "{unexplained:?}");
}

#[test]
fn the_file_for_one_machine_is_sound() {
    let loaded = load(&Sources { file: Some("config/single-node.toml".into()), env: Vec::new() }).unwrap();
    assert_eq!(loaded.config.sites[0].id.as_str(), "news");
    assert_eq!(loaded.config.server.trusted_proxies.len(), 2);
}

#[test]
#[cfg(all(feature = "postgres", feature = "redis"))]
fn the_file_for_several_machines_is_sound() {
    let loaded = load(&Sources { file: Some("config/cluster.toml".into()), env: Vec::new() }).unwrap();
    assert_eq!(loaded.config.sites[0].id.as_str(), "news");
}

#[test]
fn a_site_overrides_key_by_key_and_inherits_the_rest() {
    let config = good("good/site_overrides.toml", &[]).config;
    assert_eq!(config.server.forwarded_header, "x-real-ip");
    let [news, sport] = &config.sites[..] else { panic!("two sites") };
    assert_eq!(news.origins, ["https://news.example", "https://www.news.example"]);
    assert_eq!((news.lang.as_str(), sport.lang.as_str()), ("en", "de"));
    assert_eq!((news.captcha.reject_below, news.captcha.hold_below), (0.2, 0.6));
    assert_eq!((sport.captcha.reject_below, sport.captcha.hold_below), (0.2, 0.9));
    assert_eq!(rates(&sport.limits.per_ip), ["2/1m"]);
    assert_eq!(sport.limits.per_network, news.limits.per_network);
    assert_eq!(sport.scoring.weights.get(&Rule::WordHold), Some(&0.0));
    assert!(news.scoring.weights.is_empty());
    assert_eq!((&news.moderation.words.hold[..], sport.moderation.words.hold.len()), (&["viagra".to_owned()][..], 2));
    assert_eq!(sport.moderation.words.hold[..], ["casino", "payday loan"]);
    assert_eq!(news.moderation.words.reject, sport.moderation.words.reject);
}

#[test]
fn the_environment_wins_over_the_file_and_may_replace_the_sites() {
    let env = [
        ("REPLYDESK__CAPTCHA__REJECT_BELOW", "0.25"),
        ("REPLYDESK__CAPTCHA__SITE_KEY", "0042"),
        ("REPLYDESK__LIMITS__PER_IP", "[]"),
        ("REPLYDESK__MODERATION__WORDS__HOLD", "[\"casino\"]"),
        ("REPLYDESK__SCORING__WEIGHTS__WORD_HOLD", "2"),
        ("REPLYDESK__MODERATION__RETAIN_IP", "0"),
        ("REPLYDESK__SITE", r#"[{id = "env", origins = ["http://a.example"], captcha = {hold_below = 0.9}}]"#),
        ("OTHER", "ignored"),
    ];
    let config = good("good/site_overrides.toml", &env).config;
    let [site] = &config.sites[..] else { panic!("one site") };
    assert_eq!((site.id.as_str(), site.captcha.reject_below, site.captcha.hold_below), ("env", 0.25, 0.9));
    assert_eq!(site.captcha.site_key, "0042");
    assert_eq!(site.moderation.retain_ip, Duration::ZERO);
    assert!(site.limits.per_ip.is_empty());
    assert_eq!(site.moderation.words.hold[..], ["casino"]);
    assert_eq!(site.scoring.weights.get(&Rule::WordHold), Some(&2.0));
}

#[test]
fn secrets_come_from_files_and_never_show() {
    let loaded = good("good/secrets_from_files.toml", &[("REPLYDESK__REDIS__URL", "redis://:hunter2@localhost/")]);
    assert_eq!(loaded.config.server.secret.expose_secret(), "s3cret");
    let secret = |n: usize| loaded.config.sites[n].captcha.secret.expose_secret().to_owned();
    assert_eq!((secret(0), secret(1)), ("s3cret".to_owned(), "its own".to_owned()));
    assert_eq!(loaded.settings["server"]["secret"], "***");
    assert_eq!(loaded.settings["redis"]["url"], "***");
    assert_eq!(loaded.settings["captcha"]["siteverify_secret"], "");
    assert_eq!(loaded.settings["site"][1]["captcha"]["secret"], "***");
    assert_eq!(loaded.settings["site"][0]["captcha"]["hold_below"], 0.6);
    let everything = format!("{loaded:?} {:?} {}", loaded.config, loaded.settings);
    for secret in ["s3cret", "its own", "hunter2"] {
        assert!(!everything.contains(secret), "{secret}");
    }
    assert_eq!(loaded.watched.len(), 2, "the file, and the secret file once: {:?}", loaded.watched);
}

#[test]
fn a_later_layers_secret_takes_the_place_of_an_earlier_layers_file() {
    let loaded = good("good/secrets_from_files.toml", &[("REPLYDESK__SERVER__SECRET", "from the environment")]);
    assert_eq!(loaded.config.server.secret.expose_secret(), "from the environment");
}

#[test]
fn a_test_key_serves_on_a_loopback_address() {
    let env = [
        ("REPLYDESK__CAPTCHA__PROVIDER", "recaptcha-v3"),
        ("REPLYDESK__CAPTCHA__SITE_KEY", "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI"),
        ("REPLYDESK__CAPTCHA__SECRET", "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe"),
    ];
    assert_eq!(good("", &env).config.sites[0].captcha.provider, Provider::RecaptchaV3);
}

#[test]
fn each_providers_test_keys_are_known_in_public_whoever_is_configured() {
    let provider = |name| ("REPLYDESK__CAPTCHA__PROVIDER", name);
    let public = ("REPLYDESK__SERVER__PUBLIC_URL", "https://comments.news.example");
    for (name, site_key, secret) in [
        ("recaptcha-v3", "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI", "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe"),
        ("hcaptcha", "10000000-ffff-ffff-ffff-000000000001", "0x0000000000000000000000000000000000000000"),
        ("hcaptcha", "20000000-ffff-ffff-ffff-000000000002", "0x0000000000000000000000000000000000000000"),
        ("hcaptcha", "30000000-ffff-ffff-ffff-000000000003", "0x0000000000000000000000000000000000000000"),
        ("turnstile", "1x00000000000000000000AA", "1x0000000000000000000000000000000AA"),
        ("turnstile", "2x00000000000000000000AB", "2x0000000000000000000000000000000AA"),
        ("turnstile", "1x00000000000000000000BB", "3x0000000000000000000000000000000AA"),
        ("turnstile", "2x00000000000000000000BB", "1x0000000000000000000000000000000AA"),
        ("turnstile", "3x00000000000000000000FF", "1x0000000000000000000000000000000AA"),
    ] {
        for (key, value) in [("SITE_KEY", site_key), ("SECRET", secret)] {
            let mut env = vec![
                provider(name),
                public,
                ("REPLYDESK__CAPTCHA__SITE_KEY", "mine"),
                ("REPLYDESK__CAPTCHA__SECRET", "mine"),
            ];
            good("", &env);
            let variable = format!("REPLYDESK__CAPTCHA__{key}");
            env.retain(|(name, _)| *name != variable);
            env.push((&variable, value));
            let told = told("", &env);
            assert!(told.contains(&variable) && told.contains("public test key"), "{told}");
            assert!(!told.contains(value), "{told}");
            env.retain(|(name, _)| *name != public.0);
            good("", &env);
        }
    }
}

#[test]
fn a_provider_with_all_its_keys_is_good() {
    for (provider, style, more) in [
        ("recaptcha-v3", "form", &[("SITE_KEY", "k")][..]),
        ("recaptcha-enterprise", "form", &[("SITE_KEY", "k"), ("PROJECT", "news-123456")]),
        ("recaptcha-enterprise", "form", &[("SITE_KEY", "k"), ("VERIFY_URL", "http://127.0.0.1:9/assessments")]),
        ("hcaptcha", "form", &[("SITE_KEY", "k")]),
        ("turnstile", "form", &[("SITE_KEY", "k")]),
        ("friendly", "form", &[("SITE_KEY", "k")]),
        ("siteverify", "form", &[("VERIFY_URL", "https://captcha.example/siteverify")]),
        ("siteverify", "json", &[("VERIFY_URL", "https://captcha.example/siteverify")]),
        ("siteverify", "header", &[("VERIFY_URL", "https://captcha.example/verify")]),
        ("siteverify", "mcaptcha", &[("SITE_KEY", "k"), ("VERIFY_URL", "https://captcha.example/verify")]),
    ] {
        let named: Vec<_> = more.iter().map(|(key, value)| (format!("REPLYDESK__CAPTCHA__{key}"), *value)).collect();
        let fixed = [("PROVIDER", provider), ("STYLE", style), ("SECRET", "s")];
        let fixed = fixed.map(|(key, value)| (format!("REPLYDESK__CAPTCHA__{key}"), value));
        let env: Vec<_> = fixed.iter().chain(&named).map(|(name, value)| (name.as_str(), *value)).collect();
        assert_eq!(good("", &env).config.sites[0].captcha.provider.as_str(), provider);
        for left_out in named.iter().map(|(name, _)| name.as_str()).chain(["REPLYDESK__CAPTCHA__SECRET"]) {
            let env: Vec<_> = env.iter().copied().filter(|(name, _)| *name != left_out).collect();
            assert!(told("", &env).contains(" has no "), "{provider} {style} without {left_out}");
        }
    }
}

#[test]
fn a_mark_and_line_ends_of_another_editor_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("r.toml");
    std::fs::write(&file, "\u{feff}[captcha]\r\nreject_below = 0.1\r\n").unwrap();
    let loaded = load(&Sources { file: Some(file), env: Vec::new() }).unwrap();
    assert_eq!(loaded.config.sites[0].captcha.reject_below, 0.1);
}
