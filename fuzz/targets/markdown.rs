//! Markdown to HTML: the allow-list holds, output is bounded, its links are the ones that are told, a line more or less
//! of white space at the end changes nothing.
#![no_main]

use replydesk::text::{escape, links, markdown};
use replydesk_fuzz::assert_safe;

libfuzzer_sys::fuzz_target!(|body: &str| {
    let html = markdown::render(body);
    assert_safe(&html);
    assert!(html.len() <= 20 * body.len() + 32, "{} bytes of {}", html.len(), body.len());
    assert_eq!(html, markdown::render(body), "the same again");
    let told = markdown::addresses(body);
    assert_eq!(html.matches("<a href=").count(), told.len(), "each link is told");
    for address in &told {
        let url = links::web_address(address).expect("a link is a web address");
        assert_eq!(url.as_str(), address, "a normalised address stays as it is");
        assert!(html.contains(&format!("<a href=\"{}\"", escape::escaped(address))), "{address}");
    }
    // The signals of a score see every link that readers could follow.
    let found = links::find(body);
    for address in &told {
        assert!(found.iter().any(|link| link.url == *address), "{address} is shown and not found");
    }
});
