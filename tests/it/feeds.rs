//! The feed of a page and of a site, read as feed readers read it.

use std::time::Duration;

use atom_syndication::{Entry, Feed};
use serde_json::json;

use crate::support::{App, PAGE, comment};

const POST: &str = "[moderation]\nmode = 'post'\n";

async fn feed(app: &App, query: &str) -> Feed {
    let answer = app.get(&format!("/feed.atom?{query}")).answer().await.expect(200);
    assert_eq!(answer.header("content-type"), "application/atom+xml");
    assert_eq!(answer.header("cache-control"), "public, no-cache");
    let feed = Feed::read_from(&answer.bytes[..]).unwrap_or_else(|fault| panic!("{fault}: {}", answer.text()));
    let own = feed.links.iter().find(|link| link.rel == "self").unwrap();
    assert!(own.href.starts_with("http://replydesk.example/feed.atom?"), "{}", own.href);
    assert_eq!(feed.generator.as_ref().unwrap().value, "Replydesk");
    feed
}

async fn of_page(app: &App) -> Feed {
    feed(app, &format!("page={PAGE}")).await
}

fn html(entry: &Entry) -> &str {
    let content = entry.content.as_ref().unwrap();
    assert_eq!(content.content_type.as_deref(), Some("html"));
    content.value.as_deref().unwrap_or_default()
}

fn ids(feed: &Feed) -> Vec<&str> {
    feed.entries.iter().map(|entry| entry.id.trim_start_matches("urn:uuid:")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pages_feed_tells_its_approved_comments_newest_first() {
    let app = App::start().await;
    let moderator = app.moderator().await;
    let empty = of_page(&app).await;
    assert!(empty.entries.is_empty() && empty.id.starts_with("urn:uuid:"));
    let mut first = comment("The *first* one.");
    first["title"] = json!("The old footbridge");
    first["url"] = json!("https://ada.example/");
    let first = app.submit(&first).await.expect(202).id();
    app.clock.advance(Duration::from_secs(60));
    let second = app.submit(&comment("The second one.")).await.expect(202).id();
    assert!(of_page(&app).await.entries.is_empty(), "what waits is not told");
    moderator.approve(&second).await;
    app.clock.advance(Duration::from_secs(60));
    moderator.approve(&first).await;
    let told = of_page(&app).await;
    // What an editor read late is news to readers all the same.
    assert_eq!(ids(&told), [first.as_str(), second.as_str()]);
    assert_eq!(told.id, empty.id);
    let entry = &told.entries[0];
    assert_eq!(entry.title.value, "Ada Reader on The old footbridge");
    assert_eq!(html(entry), "<p>The <em>first</em> one.</p>");
    let author = &entry.authors[0];
    assert_eq!((author.name.as_str(), author.uri.as_deref()), ("Ada Reader", Some("https://ada.example/")));
    assert_eq!(author.email, None);
    assert!(entry.links[0].href.ends_with(&format!("#comment-{first}")), "{:?}", entry.links);
    assert_eq!(entry.updated.to_rfc3339(), "2027-01-15T08:02:00+00:00");
    assert_eq!(entry.published, Some(entry.updated));
    assert_eq!(told.updated, told.entries[0].updated);
    let text = app.get(&format!("/feed.atom?page={PAGE}")).answer().await.text();
    assert!(!text.contains("readers.example"), "nobody's email: {text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_s_feed_joins_its_pages_and_what_is_removed_leaves_both() {
    let app = App::with(POST).await;
    let moderator = app.moderator().await;
    let one = app.submit(&comment("On the first page.")).await.expect(201).id();
    let mut other = comment("On the other page.");
    other["page"] = json!("/another/article");
    let other = app.submit(&other).await.expect(201).id();
    let site = feed(&app, "site=news").await;
    assert_eq!(ids(&site), [other.as_str(), one.as_str()]);
    assert_eq!(site.entries[0].title.value, "Ada Reader on /another/article");
    assert_eq!(site.entries[0].links[0].href, format!("http://news.example/another/article#comment-{other}"));
    let page = of_page(&app).await;
    assert_eq!(ids(&page), [one.as_str()]);
    assert_ne!(page.id, site.id);

    let mut answer = comment("A reply keeps its parent's place.");
    answer["parent"] = json!(one);
    let reply = app.submit(&answer).await.expect(201).id();
    moderator.reject(&one).await;
    assert_eq!(ids(&of_page(&app).await), [reply.as_str()], "the place of a removed comment is no entry");
    assert_eq!(ids(&feed(&app, "site=news").await), [reply.as_str(), other.as_str()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newsrooms_words_take_the_authors_place() {
    let app = App::with(POST).await;
    let moderator = app.moderator().await;
    let id = app.submit(&comment("A rude word.")).await.expect(201).id();
    app.clock.advance(Duration::from_secs(60));
    let change = json!({ "body": "A kind word.", "name": "A. R." });
    moderator.ask("PATCH", &format!("/comments/{id}")).json(&change).answer().await.expect(200);
    let told = of_page(&app).await;
    let entry = &told.entries[0];
    assert_eq!((html(entry), entry.authors[0].name.as_str()), ("<p>A kind word.</p>", "A. R."));
    assert_eq!(entry.updated.to_rfc3339(), "2027-01-15T08:01:00+00:00");
    assert_eq!(told.updated, entry.updated);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_names_and_bodies_stay_text_in_a_document_that_parses() {
    let app = App::with(POST).await;
    for (name, body) in [
        ("</name><script>alert(1)</script>", "</content></entry> ]]> <script>alert(1)</script> &amp; <!-- x"),
        ("\u{202e}\"'&<>", "\u{fffe}\u{ffff} &#x0; &#1; \u{1f4a9}"),
        ("<![CDATA[x]]>", "[a](javascript:alert(1)) <?xml version='1.0'?> <!ENTITY x SYSTEM 'file:///etc/passwd'>"),
    ] {
        let mut hostile = comment(body);
        hostile["name"] = json!(name);
        hostile["title"] = json!("<b>&\"</title>");
        app.submit(&hostile).await;
    }
    let told = feed(&app, "site=news").await;
    assert!(!told.entries.is_empty());
    for entry in &told.entries {
        let shown = html(entry);
        assert!(!shown.contains("<script") && !shown.contains("href=\"javascript"), "{shown}");
    }
    let text = app.get("/feed.atom?site=news").answer().await.text();
    assert!(!text.contains("<script") && !text.contains("<![CDATA") && !text.contains("<!ENTITY"), "{text}");
    assert!(text.chars().all(|c| !matches!(c, '\u{0}'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_holds_the_feed_is_told_304_in_each_coding_until_it_changes() {
    let app = App::with(POST).await;
    app.submit(&comment("Enough words to be worth packing.")).await.expect(201);
    for query in [format!("page={PAGE}"), "site=news".to_owned()] {
        let ask = |coding: &str, held: &str| {
            let ask = app.get(&format!("/feed.atom?{query}")).header("Accept-Encoding", coding);
            ask.header("If-None-Match", held)
        };
        let mut tags = Vec::new();
        for coding in ["identity", "gzip", "br"] {
            let whole = ask(coding, "\"other\"").answer().await.expect(200);
            let tag = whole.header("etag").to_owned();
            assert!(tag.starts_with('"'), "{tag}");
            ask(coding, &tag).answer().await.expect(304);
            tags.push(tag);
        }
        assert!(tags[0] != tags[1] && tags[1] != tags[2], "{tags:?}");
        app.submit(&comment(&format!("Another one for {query}."))).await.expect(201);
        ask("identity", &tags[0]).answer().await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_a_page_or_a_site_of_ours() {
    let app = App::start().await;
    let ask = |query: &str| app.get(&format!("/feed.atom{query}"));
    let neither = ask("").answer().await.expect_problem(422, "validation_failed");
    assert_eq!(neither.faults(), ["page required"]);
    ask("?page=/a&site=news").answer().await.expect_problem(422, "validation_failed");
    ask("?page=").answer().await.expect_problem(422, "validation_failed");
    ask("?site=nobody").answer().await.expect_problem(404, "not_found");
    ask("?page=https://evil.example/a").answer().await.expect_problem(403, "origin_not_allowed");
    let page = app.get("/demo").answer().await.expect(200).text();
    assert!(page.contains("rel=\"alternate\" type=\"application/atom+xml\""));
    let answer = ask("?page=http://news.example/demo").answer().await.expect(200);
    assert!(answer.header("content-security-policy").contains("default-src 'none'"));
}
