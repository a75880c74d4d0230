//! What a person typed: every part that is taken keeps to its bounds, is the same when it is parsed again, and holds
//! nothing that a store cannot keep or a moderator cannot see.
#![no_main]

use replydesk::{
    domain::{BanKind, BodyText, DisplayName, EmailAddress, Website, page_title},
    intake::{Entry, Submission, author_token},
    moderation::ban_value,
};
use replydesk_fuzz::{CONFIG, KEYS, parts};

fn each(text: &str) {
    if let Ok(name) = DisplayName::parse(text) {
        assert!((1..=DisplayName::MAX).contains(&name.as_str().chars().count()));
        assert_eq!(DisplayName::parse(name.as_str()).as_ref(), Ok(&name), "parsed twice is parsed once");
        let hidden = |c: char| c.is_control() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}');
        assert!(!name.as_str().contains(hidden));
    }
    if let Ok(Some(email)) = EmailAddress::parse(text) {
        assert_eq!(EmailAddress::parse(email.as_str()), Ok(Some(email.clone())));
        assert!(!email.as_str().contains(|c: char| c.is_control() || c.is_whitespace()), "no header is split");
        assert_eq!(email.as_str().matches('@').count(), 1);
        let canonical = EmailAddress::parse(&email.canonical()).expect("in lower case too").expect("it is there");
        assert_eq!(canonical.canonical(), email.canonical());
    }
    if let Ok(Some(site)) = Website::parse(text) {
        assert!(site.as_str().starts_with("http://") || site.as_str().starts_with("https://"));
        assert!(!site.as_str().contains(|c: char| c.is_control() || c.is_whitespace()));
        if let Ok(again) = Website::parse(site.as_str()) {
            assert_eq!(again, Some(site), "parsed twice is parsed once");
        } else {
            assert!(site.as_str().chars().count() > Website::MAX, "only for its length: {}", site.as_str());
        }
    }
    if let Ok(body) = BodyText::parse(text, 1, 10_000) {
        assert_eq!(BodyText::parse(body.as_str(), 1, 10_000).as_ref(), Ok(&body), "parsed twice is parsed once");
        assert!(!body.as_str().contains(['\0', '\r']) && body.as_str().chars().count() <= 10_000);
        let folded = body.normalised();
        let twice = BodyText::parse(&folded, 0, usize::MAX).map(|body| body.normalised());
        assert!(twice.as_ref() == Ok(&folded) || folded.is_empty(), "folded twice is folded once");
    }
    if let Ok(Some(title)) = page_title(text) {
        assert_eq!(page_title(&title), Ok(Some(title.clone())));
        assert!(title.chars().count() <= 300);
    }
    for kind in
        [BanKind::Ip, BanKind::Network, BanKind::Email, BanKind::EmailDomain, BanKind::LinkDomain, BanKind::Name]
    {
        if let Ok(value) = ban_value(kind, text) {
            assert_eq!(ban_value(kind, &value).as_deref(), Ok(value.as_str()), "one spelling of {kind:?}");
        }
    }
}

libfuzzer_sys::fuzz_target!(|data: &str| {
    each(data);
    let [name, email, url, parent, key, author, body] = parts(data);
    let submission = Submission {
        page: Entry::from("/a"),
        name: Entry::from(name),
        email: Entry::from(email),
        url: Entry::from(url),
        parent: Entry::from(parent),
        idempotency_key: Entry::from(key),
        author_token: Entry::from(author),
        body: Entry::from(body),
        ..Submission::default()
    };
    if let Ok(Some(key)) = submission.idempotency_key() {
        assert!((1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()));
    }
    let site = &CONFIG.sites[0];
    let visitor = replydesk_fuzz::visitor(None, None);
    let page =
        || replydesk::intake::locate(&CONFIG, "/a", &visitor).map(|(_, page)| page).map_err(|_odd| unreachable!());
    match submission.draft(page(), Some(site), &KEYS) {
        // The fuzzer watches comparisons, and so may come to know a tag: then it is that very token.
        Ok(draft) => {
            if let Some(known) = draft.author {
                let key = draft.email.as_ref().map(|email| KEYS.email(&email.canonical()));
                assert_eq!(author_token(&KEYS, known, key), author.trim());
            }
        }
        Err(faults) => {
            assert!(!faults.is_empty(), "a refusal names a field");
            for fault in &faults {
                let n = faults.iter().filter(|other| other.field == fault.field && other.code == fault.code).count();
                assert_eq!(n, 1, "each is told once");
            }
        }
    }
});
