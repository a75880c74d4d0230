//! Pages and the way back: an address has one identity however often it is written down, and nobody is sent off the
//! site's origins.
#![no_main]

use replydesk::{
    domain::{PageAddress, SiteId},
    http::outside,
    intake::locate,
};
use replydesk_fuzz::{CONFIG, parts, visitor};
use url::Url;

libfuzzer_sys::fuzz_target!(|data: &str| {
    let [page, redirect_to, origin, referer] = parts(data);
    let site = &CONFIG.sites[0];
    let keep = vec!["id".to_owned()];
    if let Ok(address) = PageAddress::parse(page) {
        let identity = address.identity(&SiteId::new("s"), &keep);
        assert!(identity.key.starts_with('/') && !identity.key.starts_with("//"), "{}", identity.key);
        assert!(identity.key.is_ascii() && !identity.key.contains(|c: char| c.is_control() || c == '\\'));
        assert!(identity.key.len() <= 9 * page.len() + 16, "bounded");
        if identity.key.len() <= PageAddress::MAX {
            let again = PageAddress::parse(&identity.key).expect("a key is a path");
            assert_eq!(again.identity(&SiteId::new("s"), &keep).key, identity.key, "normalised twice is once");
        }
    }
    let given = |text| Some(text).filter(|text: &&str| !text.is_empty());
    let visitor = visitor(given(origin), given(referer));
    if let Ok((found, _)) = locate(&CONFIG, page, &visitor) {
        assert_eq!(found.id, site.id);
    }
    for site in [Some(site), None] {
        let back = outside::way_back(site, given(redirect_to), page, &visitor);
        assert!(!back.contains(|c: char| c.is_control() || c.is_whitespace()), "no header is split: {back:?}");
        if back == "/" {
            continue;
        }
        let url = Url::parse(&back).expect("absolute");
        assert_eq!(url.origin().ascii_serialization(), "http://127.0.0.1:8080", "nobody is sent elsewhere: {back}");
        assert!(matches!(url.scheme(), "http" | "https"));
        let pending = url.query_pairs().filter(|(name, _)| name == "replydesk").count();
        assert_eq!(pending, 1, "said once: {back}");
    }
});
