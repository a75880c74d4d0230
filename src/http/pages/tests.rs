use serde_json::json;

use super::*;
use crate::domain::{CommentId, Timestamp, Tongue};

/// Breaks out of text, of an attribute in either quote, of a textarea and of a template.
const HOSTILE: &str = "</textarea></title><img src=x onerror=alert(1)>\" autofocus onfocus='x' {{ 7*7 }} {% raw %}";

fn pages() -> Pages {
    Pages::new().unwrap()
}

fn hostile_form() -> FormState {
    let hostile = || HOSTILE.to_owned();
    FormState {
        page: hostile(),
        title: hostile(),
        redirect_to: hostile(),
        comment_post_id: hostile(),
        captcha: hostile(),
        idempotency_key: hostile(),
        lang: hostile(),
        view: hostile(),
        email_required: false,
        replying_to: Some(ReplyingTo { id: hostile(), name: hostile(), cancel_url: hostile() }),
        values: FormValues { body: hostile(), name: hostile(), email: hostile(), url: hostile() },
        faults: ["body", "name", "email", "url", "page"]
            .map(|field| FieldFault { field: field.to_owned(), message: hostile() })
            .into(),
        review: true,
    }
}

fn comment(number: u8, parent: Option<u8>) -> PageComment {
    PageComment {
        id: CommentId::from_bytes([number; 16]),
        parent: parent.map(|parent| CommentId::from_bytes([parent; 16])),
        name: "Ada".to_owned(),
        url: Some("https://ada.example".to_owned()),
        html: "<p>One <em>word</em></p>".to_owned(),
        created_at: Timestamp(1_795_456_085_000),
        edited_at: None,
        by_staff: false,
        likes: 0,
        place_url: format!("/thread?at={number}"),
        reply_url: Some(format!("/thread?reply={number}")),
        asked_for: false,
        removed: false,
    }
}

fn view(comments: Vec<PageComment>) -> ThreadView {
    ThreadView {
        title: Some("A bridge".to_owned()),
        article_url: "https://news.example/bridge".to_owned(),
        feed_url: "/feed.atom?page=/bridge".to_owned(),
        orders: vec![
            Order { name: "oldest", label: "thread.oldest", url: "/thread?a".to_owned() },
            Order { name: "newest", label: "thread.newest", url: "/thread?b".to_owned() },
        ],
        sort: "oldest",
        total: 2,
        comments,
        more_url: None,
        all_url: "/thread?all".to_owned(),
        closed: false,
        form: FormState::empty("/bridge", "k1"),
        notice: None,
    }
}

fn drawn(page: &ThreadView) -> String {
    pages().thread(Tongue::English, page).unwrap()
}

fn failed(refusal: Refusal, form: FormState) -> String {
    pages().form_failed(Tongue::English, &FormFailedPage { refusal, form, back_url: Some("/demo".to_owned()) }).unwrap()
}

/// Nothing of [`HOSTILE`] stands in the page as markup, and nothing was evaluated.
fn assert_harmless(html: &str) {
    assert!(html.contains("onerror"), "the hostile value is not on the page at all");
    for trace in ["<img src=x", "\" autofocus onfocus", "onfocus='x'", "</textarea></title>", " 49 "] {
        assert!(!html.contains(trace), "{trace} in {html}");
    }
}

#[test]
fn hostile_values_stay_text_in_every_field_of_the_form() {
    let refusal = Refusal {
        status: 422,
        detail: HOSTILE.to_owned(),
        reference: Some(HOSTILE.to_owned()),
        contact: Some(HOSTILE.to_owned()),
        retry_after: Some(7),
    };
    let html = failed(refusal.clone(), hostile_form());
    assert_harmless(&html);
    // Each of the values is there, once or more: none was swallowed.
    assert!(html.matches("{{ 7*7 }}").count() >= 18, "{}", html.matches("{{ 7*7 }}").count());
    assert_harmless(&failed(refusal, FormState { faults: Vec::new(), ..hostile_form() }));
}

#[test]
fn hostile_values_stay_text_in_the_thread() {
    let hostile = || HOSTILE.to_owned();
    let root = PageComment { name: hostile(), url: Some(hostile()), place_url: hostile(), ..comment(1, None) };
    let mut chain = vec![root];
    chain.extend((2..9).map(|number| PageComment {
        name: hostile(),
        reply_url: Some(hostile()),
        ..comment(number, Some(number - 1))
    }));
    let page = ThreadView {
        title: Some(hostile()),
        article_url: hostile(),
        feed_url: hostile(),
        orders: vec![Order { name: "oldest", label: "thread.oldest", url: hostile() }],
        more_url: Some(hostile()),
        all_url: hostile(),
        form: hostile_form(),
        notice: Some(Notice::Around),
        ..view(chain)
    };
    for tongue in Tongue::ALL {
        assert_harmless(&pages().thread(tongue, &page).unwrap());
    }
    let demo =
        DemoPage { page: hostile(), thread_url: hostile(), feed_url: hostile(), email_required: true, waits: true };
    assert_harmless(&pages().demo(&demo).unwrap());
}

#[test]
fn hostile_values_stay_text_on_the_small_pages() {
    let hostile = || HOSTILE.to_owned();
    let pages = pages();
    let landing = LandingPage { public_url: hostile(), version: hostile() };
    assert_harmless(&pages.landing(&landing).unwrap());
    let problem = ProblemPage {
        status: 404,
        title: hostile(),
        detail: hostile(),
        faults: vec![hostile()],
        request_id: Some(hostile()),
    };
    assert_harmless(&pages.problem(Tongue::English, &problem).unwrap());
    let receipt = ReceiptPage { published: false, back_url: "javascript:alert(1)".to_owned(), to_thread: false };
    assert!(!pages.receipt(Tongue::English, &receipt).unwrap().contains("javascript:"));
    let schema = json!({"properties": {HOSTILE: {"description": HOSTILE, "enum": [HOSTILE]}}});
    let docs = DocsPage::from_openapi(&json!({
        "info": {"title": HOSTILE, "version": HOSTILE, "description": HOSTILE},
        "paths": {HOSTILE: {"get": {"tags": [HOSTILE], "summary": HOSTILE, "requestBody":
            {"content": {HOSTILE: {"schema": schema}}}, "responses": {HOSTILE: {"description": HOSTILE}}}}},
        "components": {"schemas": {HOSTILE: {"description": HOSTILE}}},
    }));
    assert_harmless(&pages.docs(&docs).unwrap());
}

#[test]
fn only_addresses_that_are_safe_to_follow_become_links() {
    for address in ["https://a.example/x?y#z", "HTTP://a.example", "mailto:a@b.c", "/demo?reply=1#f", "/", "#x", "?a=b"]
    {
        assert_eq!(href(address), address);
    }
    for address in [
        "javascript:alert(1)",
        "JaVaScript:x",
        "data:text/html,x",
        "//evil.example",
        "/\\evil.example",
        "",
        "x",
        "\tjavascript:x",
    ] {
        assert_eq!(href(address), "#", "{address}");
    }
}

#[test]
fn no_page_has_an_inline_script_style_or_handler() {
    for (name, source) in TEMPLATES {
        for trace in ["<style", " style=", "javascript:", " onclick", " onsubmit", " onload"] {
            assert!(!source.contains(trace), "{name} has {trace}");
        }
        assert_eq!(source.matches("<script").count(), source.matches("<script type=\"module\" src=").count(), "{name}");
    }
}

#[test]
fn everything_typed_comes_back_in_the_form() {
    let form = FormState {
        title: "Title".to_owned(),
        redirect_to: "/afterwards".to_owned(),
        replying_to: Some(ReplyingTo { id: "p1".to_owned(), name: String::new(), cancel_url: "/demo".to_owned() }),
        values: FormValues {
            body: "\nTwo\nlines".to_owned(),
            name: "Zoë".to_owned(),
            email: "zoe@b".to_owned(),
            url: "https:&#x2f;".to_owned(),
        },
        faults: vec![FieldFault {
            field: "email".to_owned(),
            message: "You have entered an incorrect email address!".to_owned(),
        }],
        ..FormState::empty("/demo", "key-1")
    };
    let html = failed(Refusal { status: 422, detail: "Some fields".to_owned(), ..Refusal::default() }, form);
    // A browser drops the first line feed after the tag, so the typed one needs another before it.
    assert!(html.contains(">\n\nTwo\nlines</textarea>"));
    for expected in [
        "value=\"Zoë\"",
        "value=\"zoe@b\"",
        "value=\"https:&amp;#x2f;\"",
        "name=\"title\" value=\"Title\"",
        "name=\"redirect_to\" value=\"&#x2f;afterwards\"",
        "name=\"parent\" value=\"p1\"",
        "name=\"idempotency_key\" value=\"key-1\"",
        "name=\"page\" value=\"&#x2f;demo\"",
        "<a href=\"#rd-email\">You have entered an incorrect email address!</a>",
        "<p class=\"fault\" id=\"rd-email-fault\">You have entered an incorrect email address!</p>",
        "aria-describedby=\"rd-email-note rd-email-fault\" aria-invalid=\"true\"",
    ] {
        assert!(html.contains(expected), "{expected} is missing in {html}");
    }
    assert_eq!(html.matches("aria-invalid").count(), 1);
    assert!(!html.contains("Send for review") && html.contains("POST COMMENT"));
}

#[test]
fn a_captcha_refusal_leads_to_the_contact_and_to_review() {
    let refusal = Refusal {
        status: 403,
        detail: "CAPTCHA user score failed. Please contact us!".to_owned(),
        reference: Some("K7F2".to_owned()),
        contact: Some("https://news.example/contact".to_owned()),
        retry_after: None,
    };
    let html = failed(refusal.clone(), FormState { review: true, ..FormState::empty("/demo", "k") });
    assert!(html.contains(
        "CAPTCHA user score failed. <a href=\"https:&#x2f;&#x2f;news.example&#x2f;contact\">Please contact us!</a>"
    ));
    assert!(html.contains("K7F2") && html.contains("name=\"review\" value=\"1\">Send for review"));
    let html = failed(Refusal { contact: None, ..refusal }, FormState::empty("/demo", "k"));
    assert!(html.contains("<p>CAPTCHA user score failed. Please contact us!</p>"));
}

#[test]
fn a_limit_says_how_long() {
    let refusal = Refusal { status: 429, detail: "Slow down".to_owned(), retry_after: Some(75), ..Refusal::default() };
    assert!(failed(refusal, FormState::empty("/demo", "k")).contains("You can send it again in 75 seconds."));
}

#[test]
fn the_thread_nests_and_every_comment_leads_to_its_place_and_its_reply() {
    let first = PageComment { likes: 3, edited_at: Some(Timestamp(1)), by_staff: true, ..comment(1, None) };
    let html = drawn(&view(vec![first, comment(2, Some(1))]));
    for part in [
        "href=\"&#x2f;thread?reply=2\"",
        "<a class=\"when\" href=\"&#x2f;thread?at=1\"><time datetime=\"2026-11-23T17:48:05Z\">23 November 2026, 17:48 UTC</time></a>",
        "<p>One <em>word</em></p>",
        "rel=\"nofollow ugc noopener\" target=\"_blank\"><bdi>Ada</bdi>",
        "3 likes",
        ">edited<",
        ">Newsroom<",
        "<h2 id=\"comments-title\">2 comments</h2>",
        "<a href=\"&#x2f;thread?a\" aria-current=\"true\">Oldest first</a>",
        "<a href=\"&#x2f;thread?b\">Newest first</a>",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    let (_, after) = html.split_once("id=\"comment-01010101").unwrap();
    assert!(after.find("<ol>").unwrap() < after.find("id=\"comment-02020202").unwrap());
}

#[test]
fn a_removed_comment_keeps_its_place_and_nothing_else() {
    let removed = PageComment { removed: true, name: "Gone Person".to_owned(), reply_url: None, ..comment(1, None) };
    let html = drawn(&view(vec![removed, comment(2, Some(1))]));
    assert!(html.contains("This comment was removed.") && !html.contains("Gone Person"));
}

#[test]
fn a_closed_page_says_so_and_shows_no_form() {
    let html = drawn(&ThreadView { closed: true, ..view(vec![PageComment { reply_url: None, ..comment(1, None) }]) });
    assert!(html.contains("Comments on this article are closed.") && !html.contains("<form"));
    assert!(!html.contains("reply="));
}

#[test]
fn what_happened_is_said_on_arrival() {
    for (notice, words) in [
        (Notice::Pending, "awaiting moderation"),
        (Notice::ReplyGone, "no longer here"),
        (Notice::Gone, "That comment is not here any more."),
        (Notice::Around, "with its surroundings"),
    ] {
        assert!(drawn(&ThreadView { notice: Some(notice), ..view(Vec::new()) }).contains(words), "{notice:?}");
        assert!(!drawn(&view(Vec::new())).contains(words), "{notice:?}");
    }
}

#[test]
fn a_thread_in_arabic_runs_from_right_to_left() {
    let html = pages().thread(Tongue::Arabic, &view(vec![comment(1, None)])).unwrap();
    assert!(html.contains("<html lang=\"ar\" dir=\"rtl\">"));
}

#[test]
fn the_news_page_has_what_a_publisher_puts_there_and_says_what_waits() {
    let demo = DemoPage {
        page: "/demo".to_owned(),
        thread_url: "/thread?page=%2Fdemo".to_owned(),
        feed_url: "/feed.atom".to_owned(),
        email_required: false,
        waits: false,
    };
    let html = pages().demo(&demo).unwrap();
    for part in ["src=\"/embed.js\"", "<reply-desk page=\"&#x2f;demo\">", "action=\"/comments\"", "thread?page=%2Fdemo"]
    {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("awaiting moderation"));
    assert!(pages().demo(&DemoPage { waits: true, ..demo }).unwrap().contains("awaiting moderation"));
}
