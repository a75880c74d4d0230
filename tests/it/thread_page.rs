//! `/thread`: thread and form as a page of their own, as a browser without a script meets it.

use std::time::Duration;

use serde_json::json;

use crate::support::{App, NEWS, PAGE, comment};

const POST: &str = "[moderation]\nmode = 'post'\n";
const HERE: &str = "/thread?page=http%3A%2F%2Fnews.example%2F2026%2Ftown%2Fbridge";

async fn say(app: &App, body: &str, parent: Option<&str>) -> String {
    app.clock.advance(Duration::from_secs(1));
    let mut wanted = comment(body);
    wanted["parent"] = json!(parent);
    app.submit(&wanted).await.expect(201).id()
}

/// The page with its addresses as a browser reads them.
async fn page(app: &App, more: &str) -> String {
    let answer = app.get(&format!("{HERE}{more}")).answer().await.expect(200);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    answer.text().replace("&#x2f;", "/").replace("&amp;", "&")
}

/// What the form would send of itself.
fn hidden(page: &str) -> Vec<(String, String)> {
    let fields = page.split("<input type=\"hidden\" name=\"").skip(1);
    fields
        .map(|field| {
            let (name, rest) = field.split_once("\" value=\"").unwrap();
            (name.to_owned(), rest.split_once('"').unwrap().0.to_owned())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_says_where_the_article_and_the_feed_are_and_who_may_frame_it() {
    let app = App::with("[[site]]\norigins = ['http://news.example', 'https://www.news.example']\n").await;
    let answer = app.get(HERE).answer().await.expect(200);
    assert_eq!(answer.header("link"), format!("<{PAGE}>; rel=\"canonical\""));
    assert_eq!(answer.header("cache-control"), "no-store");
    let policy = answer.header("content-security-policy");
    let own = "'self' http://news.example https://www.news.example";
    assert!(policy.contains(&format!("frame-ancestors {own}")), "{policy}");
    assert!(policy.contains(&format!("form-action {own}")), "{policy}");
    let html = page(&app, "").await;
    for part in [
        "<html lang=\"en\" dir=\"ltr\">",
        "<meta name=\"robots\" content=\"noindex\">",
        "<link rel=\"canonical\" href=\"http://news.example/2026/town/bridge\">",
        "type=\"application/atom+xml\"",
        "href=\"/feed.atom?page=http%3A%2F%2Fnews.example%2F2026%2Ftown%2Fbridge\"",
        "No comments yet",
        "LEAVE A REPLY",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    // A path stands on the site.
    let answer = app.get("/thread?page=/2026/town/bridge").answer().await.expect(200);
    assert_eq!(answer.header("link"), format!("<{PAGE}>; rel=\"canonical\""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_sent_from_the_page_comes_back_to_it_and_what_waits_is_said() {
    for (settings, ends) in [("", "replydesk=pending#comment-"), (POST, "lang=en#comment-")] {
        let app = App::with(settings).await;
        let own = format!("http://{}", app.http.address);
        let mut form = hidden(&page(&app, "").await);
        let typed = [("name", "Ada"), ("email", "a@b.example"), ("body", "From the page of comments.")];
        form.extend(typed.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let sent = app.post("/comments").origin(&own).form(&form).answer().await.expect(303);
        let back = sent.header("location").to_owned();
        assert!(back.starts_with(&format!("{HERE}&")) && back.contains(ends), "{back}");
        let seen = app.get(back.split('#').next().unwrap()).answer().await.expect(200).text();
        assert_eq!(seen.contains("awaiting moderation"), settings.is_empty());
        assert_eq!(seen.contains("From the page of comments."), !settings.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_keeps_the_way_back_to_the_page() {
    let app = App::start().await;
    let own = format!("http://{}", app.http.address);
    let form = [("page", PAGE), ("view", "thread"), ("lang", "de"), ("name", "Ada"), ("body", "")];
    let failed = app.post("/comments").origin(&own).form(&form).answer().await.expect(422);
    assert!(failed.header("content-security-policy").contains("frame-ancestors 'self' http://news.example"));
    let html = failed.text().replace("&#x2f;", "/").replace("&amp;", "&");
    assert!(html.contains("name=\"view\" value=\"thread\"") && html.contains("name=\"lang\" value=\"de\""), "{html}");
    assert!(html.contains(&format!("<a href=\"{HERE}&lang=de\">gehen Sie zurück zu den Kommentaren</a>")), "{html}");
    // Elsewhere nobody frames what a form is answered with.
    let other = app.post("/comments").origin(&own).form(&[("page", PAGE)]).answer().await.expect(422);
    assert!(other.header("content-security-policy").contains("frame-ancestors 'self';"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_leads_back_to_the_page() {
    let app = App::with("[[site]]\nafter_form = 'receipt'\n").await;
    let own = format!("http://{}", app.http.address);
    let form = [("page", PAGE), ("view", "thread"), ("name", "Ada"), ("email", "a@b.example"), ("body", "A word.")];
    let receipt = app.post("/comments").origin(&own).form(&form).answer().await.expect(200);
    assert!(receipt.header("content-security-policy").contains("frame-ancestors 'self' http://news.example"));
    let html = receipt.text().replace("&#x2f;", "/").replace("&amp;", "&");
    assert!(html.contains(HERE) && html.contains("Back to the comments"), "{html}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_comment_is_shown_with_its_surroundings_and_can_be_answered() {
    let app = App::with(POST).await;
    let root = say(&app, "root", None).await;
    let reply = say(&app, "its reply", Some(&root)).await;
    let other = say(&app, "another root", None).await;
    let html = page(&app, &format!("&at={reply}&sort=newest")).await;
    assert!(html.contains(&format!("id=\"comment-{reply}\" aria-current=\"true\"")), "{html}");
    assert!(html.contains("You see one comment with its surroundings."));
    assert!(html.contains(&format!("<a href=\"{HERE}&sort=newest\">Show all comments</a>")));
    assert!(html.contains(&format!("id=\"comment-{root}\"")) && !html.contains("another root"));
    let to_reply = format!("{HERE}&sort=newest&at={reply}&reply={reply}#reply-form");
    assert!(html.contains(&format!("href=\"{to_reply}\"")), "{html}");
    let html = page(&app, &format!("&reply={other}")).await;
    assert!(html.contains(&format!("name=\"parent\" value=\"{other}\"")) && html.contains("Replying to"), "{html}");
    assert!(page(&app, "&at=none").await.contains("That comment is not here any more."));
    assert!(page(&app, "&reply=none").await.contains("no longer here"));
    // A comment of another page is none of this one's.
    for asked in ["at", "reply"] {
        let html = app.get(&format!("/thread?page=/elsewhere&{asked}={other}")).answer().await.expect(200).text();
        assert!(!html.contains("another root") && !html.contains(&format!("value=\"{other}\"")), "{asked}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_thread_goes_on_by_its_link_without_a_repeat_or_a_gap() {
    let app = App::with(POST).await;
    for n in 0..105 {
        say(&app, &format!("number {n}."), None).await;
    }
    for (sort, first) in [("", "number 0."), ("&sort=newest", "number 104."), ("&sort=best", "number 0.")] {
        let html = page(&app, sort).await;
        assert!(html.contains("<h2 id=\"comments-title\">105 comments</h2>"), "{html}");
        assert_eq!(html.matches("<article class=\"comment\"").count(), 100);
        assert!(html.contains(&format!("<p>{first}</p>")));
        let (_, link) = html.split_once("<a class=\"more button quiet\" href=\"").unwrap();
        let next = link.split_once(['"', '#']).unwrap().0;
        let rest = app.get(next).answer().await.expect(200).text();
        assert_eq!(rest.matches("<article class=\"comment\"").count(), 5);
        for n in 0..105 {
            let seen = [&html, &rest].map(|html| html.matches(&format!("<p>number {n}.</p>")).count());
            assert_eq!(seen.iter().sum::<usize>(), 1, "{n}");
        }
        assert!(!rest.contains("more button"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_speaks_the_sites_language_or_the_one_wished_for() {
    let app = App::with("[[site]]\nlang = 'de'\n").await;
    let german = page(&app, "").await;
    assert!(german.contains("<html lang=\"de\" dir=\"ltr\">") && german.contains("name=\"lang\" value=\"de\""));
    let arabic = page(&app, "&lang=ar").await;
    assert!(arabic.contains("<html lang=\"ar\" dir=\"rtl\">"));
    let german = page(&app, "&lang=tlh").await;
    assert!(german.contains("<html lang=\"de\""), "a language that is none of ours is not looked at");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_shown_is_refused_as_a_page_that_a_frame_may_show() {
    let app = App::start().await;
    for (query, status) in [
        ("", 422),
        ("?page=http://evil.example/a", 403),
        (&format!("?page={PAGE}&sort=worst"), 422),
        (&format!("?page={PAGE}&cursor=x"), 422),
        (&format!("?page={PAGE}&cursor=x&at=y"), 422),
        (&format!("?page={PAGE}&page={PAGE}"), 400),
    ] {
        let asked = app.get(&format!("/thread{query}")).header("Accept", "text/html");
        let answer = asked.answer().await.expect(status);
        assert!(answer.header("content-type").starts_with("text/html"), "{query}");
        let framed = answer.header("content-security-policy").contains("frame-ancestors 'self' http://news.example");
        assert_eq!(framed, query.contains("sort=") || query.contains("cursor="), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_page_takes_no_more_and_says_so() {
    let app = App::with(POST).await;
    let id = say(&app, "The last word.", None).await;
    let moderator = app.moderator().await;
    moderator.ask("PATCH", "/pages").json(&json!({ "page": PAGE, "closed": true })).answer().await.expect(200);
    let html = page(&app, &format!("&reply={id}")).await;
    assert!(html.contains("The last word.") && html.contains("Comments on this article are closed."), "{html}");
    assert!(!html.contains("<form") && !html.contains("&reply="));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_of_readers_lead_to_tabs_of_their_own() {
    let app = App::with(POST).await;
    let mut wanted = comment("See [this](http://else.example/?a=1&b=2) and `<a href=\"x\">`");
    wanted["url"] = json!("http://ada.example/");
    app.submission(&wanted).origin(NEWS).answer().await.expect(201);
    let html = page(&app, "").await;
    assert!(
        html.contains("<a href=\"http://ada.example/\" rel=\"nofollow ugc noopener\" target=\"_blank\">"),
        "{html}"
    );
    let link = "<a target=\"_blank\" href=\"http://else.example/?a=1&b=2\" rel=\"nofollow ugc noopener\">";
    assert!(html.contains(link), "{html}");
    assert!(html.contains("&lt;a href="), "what only looks like a link stays text");
}
