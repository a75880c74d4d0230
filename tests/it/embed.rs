//! What a publisher's page loads from us: the widget as one file, its style, its words.

use crate::support::{App, NEWS};

/// What follows in the script behind this, up to the quote that ends it.
fn behind<'a>(script: &'a str, start: &str) -> &'a str {
    script.split_once(start).unwrap().1.split_once('`').unwrap().0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_widget_is_one_file_without_imports_and_comments() {
    let app = App::start().await;
    for path in ["/embed.js", "/embed-later.js", "/assets/form.js"] {
        let script = app.get(path).answer().await.expect(200);
        assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8", "{path}");
        let text = script.text();
        for line in text.lines() {
            let is_code = !["import ", "//", "/*", " ", "\t"].iter().any(|start| line.starts_with(start));
            assert!(is_code && !line.is_empty(), "{path}: {line}");
        }
        assert!(!text.contains("/**") && !text.contains("@param"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_address_is_asked_about_each_time_and_one_with_the_present_hash_is_kept() {
    let app = App::start().await;
    let widget = app.get("/embed.js").answer().await.expect(200);
    let text = widget.text();
    for (path, kind) in [
        ("/embed.js".to_owned(), "text/javascript; charset=utf-8"),
        ("/embed.css".to_owned(), "text/css; charset=utf-8"),
        ("/embed/texts/en.json".to_owned(), "application/json"),
        ("/embed-later.js?v=0000".to_owned(), "text/javascript; charset=utf-8"),
    ] {
        let first = app.get(&path).answer().await.expect(200);
        assert_eq!((first.header("cache-control"), first.header("content-type")), ("public, no-cache", kind), "{path}");
        let again = app.get(&path).header("If-None-Match", first.header("etag")).answer().await.expect(304);
        assert_eq!(again.header("etag"), first.header("etag"), "{path}");
        let coded = app.get(&path).header("Accept-Encoding", "br").answer().await.expect(200);
        assert_eq!(coded.header("content-encoding"), "br", "{path}");
        assert_ne!(coded.header("etag"), first.header("etag"), "{path}");
        assert!(coded.header("vary").contains("Accept-Encoding"), "{path}: {}", coded.header("vary"));
    }
    // The addresses that the widget makes for itself.
    for start in ["embed.css?", "embed-later.js?", "assets/proof.js?"] {
        let name = start.trim_end_matches('?');
        let kept = app.get(&format!("/{name}?{}", behind(&text, start))).answer().await.expect(200);
        assert_eq!(kept.header("cache-control"), "public, max-age=31536000, immutable", "{name}");
    }
    let hash = behind(&text, ".json?v=");
    let kept = app.get(&format!("/embed/texts/ar.json?v={hash}")).answer().await.expect(200);
    assert_eq!(kept.header("cache-control"), "public, max-age=31536000, immutable");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_the_site_may_load_it_and_a_foreign_one_may_not() {
    let app = App::start().await;
    for path in ["/embed.js", "/embed-later.js", "/embed.css", "/embed/texts/en.json", "/assets/proof.js"] {
        let ours = app.get(path).origin(NEWS).answer().await.expect(200);
        assert_eq!(ours.header("access-control-allow-origin"), NEWS, "{path}");
        assert!(ours.header("vary").to_lowercase().contains("origin"), "{path}: {}", ours.header("vary"));
        assert!(ours.header("access-control-allow-credentials").is_empty(), "{path}");
        let foreign = app.get(path).origin("http://evil.example").answer().await;
        assert!(foreign.header("access-control-allow-origin").is_empty(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_language_that_is_none_of_ours_is_not_there() {
    let app = App::start().await;
    for name in ["xx", "EN", "en-GB", "..%2fserver%2fen", "constructor", ""] {
        app.get(&format!("/embed/texts/{name}.json")).answer().await.expect_problem(404, "not_found");
    }
}
