//! A site, a room, a reader.

use std::net::{IpAddr, Ipv4Addr};

use replydesk::{
    captcha::{Around, Captcha, ClientFacts, OriginSeen, Request},
    config::{self, Provider, Site, Style},
    domain::{Clock, SiteId, Timestamp},
    keys::Keyring,
};

/// 2027-01-15T08:00:00Z
pub(crate) const NOW: Timestamp = Timestamp(1_800_000_000_000);

const NO_LIMITS: &str = r#"
per_ip = []
per_network = []
per_email = []
per_page = []
per_site = []
without_token = []
without_token_network = []
challenge = []
reactions = []
allow = []
"#;

pub(crate) fn site(provider: Provider, verify_url: &str) -> Site {
    let captcha = r#"
        provider = "builtin"
        site_key = ""
        secret = "the provider's secret"
        project = ""
        action = "comment"
        hostnames = []
        reject_below = 0.3
        hold_below = 0.6
        on_missing = "hold"
        on_unverified = "hold"
        timeout = "1s"
        max_age = "5m"
        verify_url = ""
        style = "form"
        send_address = false
        score = "provider"
        explore = 0.0
        siteverify_secret = ""
        lists = { tor_exits = [], hosting = [], asn_database = "", hosting_asns = [] }
        weights = {}
    "#;
    let moderation = r#"
        max_hold_share = 0.5
        mode = "pre"
        trusted_after = 3
        edit_window = "5m"
        close_after = ""
        attack_for = "15m"
        retain_ip = "30d"
        retain_spam = "15d"
        retain_rejected = "30d"
        reasons_file = ""
        words = { hold = [], reject = [], hold_files = [], reject_files = [] }
    "#;
    let captcha: config::Captcha = toml::from_str(captcha).unwrap();
    Site {
        id: SiteId::new("news"),
        origins: vec!["https://news.example".to_owned()],
        lang: "en".to_owned(),
        email: config::EmailRule::Required,
        body_min: 2,
        body_max: 10_000,
        max_depth: 5,
        keep_query: Vec::new(),
        page_by_id: String::new(),
        after_form: config::AfterForm::Page,
        contact: String::new(),
        limits: toml::from_str(NO_LIMITS).unwrap(),
        captcha: config::Captcha { provider, verify_url: verify_url.to_owned(), ..captcha },
        scoring: toml::from_str("hold_at = 0.5\nspam_at = 0.9\nexplore = 0.0\nweights = {}\nlists = { link_domains = [], link_domain_files = [], mail_domains = [], mail_domain_files = [] }").unwrap(),
        moderation: toml::from_str(moderation).unwrap(),
    }
}

/// The same, with every key that some provider needs.
pub(crate) fn site_in(provider: Provider, style: Style, verify_url: &str) -> Site {
    let mut site = site(provider, verify_url);
    site.captcha.style = style;
    site.captcha.site_key = "the site's key".to_owned();
    site.captcha.project = "the-project".to_owned();
    site
}

/// Every provider outside, in every way of asking.
pub(crate) const OUTSIDE: [(Provider, Style); 9] = [
    (Provider::RecaptchaV3, Style::Form),
    (Provider::RecaptchaEnterprise, Style::Form),
    (Provider::Hcaptcha, Style::Form),
    (Provider::Turnstile, Style::Form),
    (Provider::Friendly, Style::Form),
    (Provider::Siteverify, Style::Form),
    (Provider::Siteverify, Style::Json),
    (Provider::Siteverify, Style::Header),
    (Provider::Siteverify, Style::Mcaptcha),
];

/// What a browser on the site's own page shows.
pub(crate) fn facts() -> ClientFacts<'static> {
    ClientFacts {
        network_mark: "0a1b2c3d",
        address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)),
        user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"),
        has_accept_language: true,
        has_sec_fetch: true,
        has_client_hints: false,
        origin: OriginSeen::Own,
        honeypot_filled: false,
        interaction: None,
        around: Around::default(),
    }
}

pub(crate) fn request<'a>(site: &'a Site, token: Option<&'a str>) -> Request<'a> {
    Request { site, page_key: "/a", action: "comment", token, now: NOW, facts: facts() }
}

/// A room whose breaker's clock stands until a test turns it.
pub(crate) fn room() -> (Captcha, Clock, Keyring) {
    let (clock, keys) = (Clock::standing_at(NOW), Keyring::new(b"a secret of the tests"));
    (Captcha::new(keys.clone(), clock.clone()), clock, keys)
}
