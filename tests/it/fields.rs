//! What each field takes, and that all faults are told at once.

use serde_json::{Value, json};

use crate::support::{App, comment};

/// The comment with one field changed; `null` takes the field away.
fn with(field: &str, value: Value) -> Value {
    let mut comment = comment("A body of its own.");
    comment[field] = value;
    comment
}

async fn faults(app: &App, comment: &Value) -> Vec<String> {
    app.submit(comment).await.expect_problem(422, "validation_failed").faults()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_form_is_told_everything_that_is_missing_in_the_catalogues_words() {
    let app = App::start().await;
    let empty = json!({"page": "http://news.example/a", "name": " ", "email": "", "body": null});
    insta::assert_json_snapshot!(app.submit(&empty).await.expect_problem(422, "validation_failed").json());
    insta::assert_json_snapshot!(
        app.submit(&json!({})).await.expect_problem(422, "validation_failed").json()["errors"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_faults_of_all_fields_are_told_at_once() {
    let app = App::start().await;
    let bad = json!({
        "page": "ftp://news.example/a", "title": "t".repeat(301), "name": "n".repeat(81), "email": "no address",
        "url": "javascript:alert(1)", "body": "x", "parent": "no id",
    });
    let mut told = faults(&app, &bad).await;
    told.sort();
    let expected = [
        "body too_short",
        "email invalid",
        "name too_long",
        "page invalid",
        "parent invalid",
        "title too_long",
        "url invalid",
    ];
    assert_eq!(told, expected);
    assert_eq!(app.count("SELECT count(*) FROM comments"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_type_is_a_fault_of_its_field() {
    let app = App::start().await;
    let wrong = json!({
        "page": 7, "title": [], "name": true, "email": {"a": 1}, "url": 1.5, "body": ["x"], "parent": 3,
        "captcha": false, "author_token": [[]], "contact_ref": -1,
    });
    let mut told = faults(&app, &wrong).await;
    told.sort();
    let names = ["author_token", "body", "captcha", "contact_ref", "email", "name", "page", "parent", "title", "url"];
    let told: Vec<&str> = told.iter().filter_map(|fault| fault.split(' ').next()).collect();
    assert_eq!(told, names);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bounds_are_counted_in_characters_after_trimming() {
    let app = App::start().await;
    for (field, value, expected) in [
        ("name", "é".repeat(80), None),
        ("name", format!("  {}  ", "é".repeat(80)), None),
        ("name", "é".repeat(81), Some("name too_long")),
        ("title", "ü".repeat(300), None),
        ("title", "ü".repeat(301), Some("title too_long")),
        ("body", "ab".to_owned(), None),
        ("body", " a ".to_owned(), Some("body too_short")),
        ("body", "\u{1F600}".repeat(10_000), None),
        ("body", "\u{1F600}".repeat(10_001), Some("body too_long")),
        ("url", format!("http://a.example/{}", "p".repeat(183)), None),
        ("url", format!("http://a.example/{}", "p".repeat(184)), Some("url too_long")),
        ("page", format!("/{}", "p".repeat(2047)), None),
        ("page", format!("/{}", "p".repeat(2048)), Some("page too_long")),
    ] {
        let answer = app.submit(&with(field, json!(value))).await;
        let what = format!("{field} of {} characters", value.chars().count());
        match expected {
            None => assert_eq!(answer.status, 202, "{what}: {}", answer.text()),
            Some(fault) => assert_eq!(answer.faults(), [fault], "{what}"),
        }
        app.clock.advance(std::time::Duration::from_secs(90_000));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_deceive_are_refused() {
    let app = App::start().await;
    for name in ["…!", "Ada\u{202E}", "A\u{200B}da", "Ada\u{7}", "\u{2066}Ada\u{2069}", "Ada\u{FEFF}x"] {
        assert_eq!(faults(&app, &with("name", json!(name))).await, ["name invalid"], "{name:?}");
    }
    for name in ["Ada", "Ægir 2", "李雷", "O’Neil", "7"] {
        let mut good = comment(&format!("I am called {name}."));
        good["name"] = json!(name);
        app.submit(&good).await.expect(202);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_email_is_what_the_html_standard_takes() {
    let app = App::start().await;
    let long = format!("{}@{}.example", "a".repeat(64), "b".repeat(60));
    for good in ["a@b", "first.last+tag@readers.example", "!#$%&'*+/=?^_`{|}~-@x.example", long.as_str()] {
        let mut comment = comment(&format!("From {good}."));
        comment["email"] = json!(good);
        app.submit(&comment).await.expect(202);
    }
    for bad in ["a", "@b", "a@", "a@b..c", "a b@c.example", "a@b.example, c@d.example", "<a@b.example>", "a@-b.example"]
    {
        assert_eq!(faults(&app, &with("email", json!(bad))).await, ["email invalid"], "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_may_leave_the_email_optional_but_not_wrong() {
    let app = App::with("[[site]]\nemail = 'optional'").await;
    app.submit(&with("email", Value::Null)).await.expect(202);
    assert_eq!(faults(&app, &with("email", json!("nonsense"))).await, ["email invalid"]);
    assert_eq!(app.count("SELECT count(*) FROM comments WHERE email IS NULL"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signals_are_six_integers_or_a_fault_of_their_own() {
    let app = App::start().await;
    for odd in [json!("six"), json!(1), json!([1, 2, 3, 4, 5, 6]), json!({"keys": "many"}), json!({"keys": -1})] {
        let mut comment = comment("With odd signals.");
        comment["signals"] = odd.clone();
        let answer = app.submit(&comment).await.expect_problem(422, "validation_failed");
        assert_eq!(answer.faults(), ["signals invalid"], "{odd}");
    }
    let mut comment = comment("With some of them.");
    comment["signals"] = json!({"keys": 12, "pastes": null});
    app.submit(&comment).await.expect(202);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fields_that_nobody_knows_are_passed_over() {
    let app = App::start().await;
    let mut comment = comment("With something extra.");
    comment["status"] = json!("approved");
    comment["by_staff"] = json!(true);
    let id = app.submit(&comment).await.expect(202).id();
    assert_eq!(app.count("SELECT count(*) FROM comments WHERE by_staff OR status = 'approved'"), 0, "{id}");
}
