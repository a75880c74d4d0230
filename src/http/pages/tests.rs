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
        by_staff: false,
        can_reply: true,
        removed: false,
    }
}

fn demo(comments: Vec<PageComment>) -> DemoPage {
    DemoPage {
        path: "/demo".to_owned(),
        feed_url: "/feed.atom?page=/demo".to_owned(),
        total: 2,
        comments,
        more_url: None,
        closed: false,
        form: FormState::empty("/demo", "k1"),
        notice: None,
    }
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
    let hostile = PageComment { name: HOSTILE.to_owned(), url: Some(HOSTILE.to_owned()), ..comment(1, None) };
    let page = DemoPage {
        path: HOSTILE.to_owned(),
        feed_url: HOSTILE.to_owned(),
        more_url: Some(HOSTILE.to_owned()),
        form: hostile_form(),
        ..demo(vec![hostile])
    };
    assert_harmless(&pages().demo(&page).unwrap());
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
    let receipt = ReceiptPage { published: false, back_url: "javascript:alert(1)".to_owned() };
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
fn the_thread_nests_and_a_reply_can_be_asked_for_without_a_script() {
    let html = pages().demo(&demo(vec![comment(1, None), comment(2, Some(1))])).unwrap();
    let id = CommentId::from_bytes([2; 16]);
    assert!(html.contains(&format!("href=\"&#x2f;demo?reply={id}#reply-form\"")));
    assert!(html.contains("<p>One <em>word</em></p>"));
    let (_, after) = html.split_once("id=\"comment-01010101").unwrap();
    assert!(after.find("<ol>").unwrap() < after.find("id=\"comment-02020202").unwrap());
    assert!(html.contains("rel=\"nofollow ugc noopener\""));
}

#[test]
fn a_removed_comment_keeps_its_place_and_nothing_else() {
    let removed = PageComment { removed: true, name: "Gone Person".to_owned(), ..comment(1, None) };
    let html = pages().demo(&demo(vec![removed, comment(2, Some(1))])).unwrap();
    assert!(html.contains("This comment was removed.") && !html.contains("Gone Person"));
}

#[test]
fn a_closed_page_shows_no_form_and_no_reply_links() {
    let html = pages().demo(&DemoPage { closed: true, ..demo(vec![comment(1, None)]) }).unwrap();
    assert!(html.contains("closed") && !html.contains("<form") && !html.contains("?reply="));
}

#[test]
fn what_waits_is_said_on_arrival() {
    let html = pages().demo(&DemoPage { notice: Some(Notice::Pending), ..demo(Vec::new()) }).unwrap();
    assert!(html.contains("awaiting moderation"));
    assert!(!pages().demo(&demo(Vec::new())).unwrap().contains("awaiting moderation"));
}
