//! Links in a text: places lie in the text and in order, addresses are normal and lead to the web.
#![no_main]

use replydesk::text::links;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let length = text.chars().count();
    let found = links::find(text);
    assert!(found.len() <= text.len(), "no more links than bytes");
    let mut behind = 0;
    for link in &found {
        assert!(link.start <= link.end && link.end <= length, "it lies in the text");
        let whole = link.start == 0 && link.end == length;
        assert!(whole || link.start >= behind, "in order");
        behind = if whole { behind } else { link.end };
        let url = links::web_address(&link.url).expect("it leads to the web");
        assert_eq!(url.as_str(), link.url, "normal");
        assert!(url.username().is_empty() && url.password().is_none(), "nobody is dressed up");
        assert!(!link.host.is_empty() && link.host == link.host.to_lowercase(), "{}", link.host);
        assert!(link.host.ends_with(&link.domain), "{} of {}", link.domain, link.host);
        assert_eq!(links::host_of(&link.url).as_deref(), Some(link.host.as_str()));
    }
    if let Some(url) = links::web_address(text) {
        assert_eq!(links::web_address(url.as_str()).as_ref(), Some(&url), "normalised twice is once");
    }
});
