//! In which language readers are answered: as they wish, else as their site speaks, else in English.

use serde_json::{Value, json};

use crate::support::{App, NEWS, PAGE, comment};

/// The sentence for a comment without words, in each language.
const EMPTY: [(&str, &str); 2] = [("en", "Please enter your comment!"), ("de", "Bitte schreiben Sie Ihren Kommentar!")];

const GERMAN: &str = "[[site]]\nlang = 'de-CH'";

fn empty() -> Value {
    json!({"page": PAGE, "name": "Ada", "email": "a@b.example", "body": ""})
}

async fn told(app: &App, query: &str) -> String {
    let answer = app.post(&format!("/api/comments{query}")).origin(NEWS).json(&empty()).answer().await;
    let problem = answer.expect_problem(422, "validation_failed").json();
    problem["errors"][0]["message"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_is_told_in_the_language_that_was_wished_for() {
    let app = App::start().await;
    for (lang, words) in EMPTY {
        assert_eq!(told(&app, &format!("?lang={lang}")).await, words);
    }
    assert_eq!(told(&app, "?lang=de-AT").await, EMPTY[1].1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_wish_the_site_speaks_its_own_language_and_an_unknown_wish_is_none() {
    let app = App::with(GERMAN).await;
    for query in ["", "?lang=", "?lang=it", "?lang=%3Cscript%3E", "?lang=it&lang=de"] {
        assert_eq!(told(&app, query).await, EMPTY[1].1, "{query}");
    }
    assert_eq!(told(&app, "?lang=en").await, EMPTY[0].1);
    let taken = app.submit(&comment("Servus.")).await.expect(202).json();
    assert_eq!(taken["message"], "Vielen Dank. Ihr Kommentar wartet auf die Freigabe durch die Redaktion.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_browsers_own_language_does_not_count() {
    let app = App::start().await;
    let asked = app.submission(&empty()).header("Accept-Language", "de").answer().await;
    assert!(asked.text().contains(EMPTY[0].1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_form_is_a_page_in_the_wished_language_and_wishes_for_it_again() {
    let app = App::start().await;
    let page = app.submit_form(&[("page", PAGE), ("lang", "de"), ("body", "Behalten.")]).await.expect(422).text();
    for words in [
        "<html lang=\"de\" dir=\"ltr\">",
        "Bitte prüfen Sie Ihren Kommentar",
        "Bitte geben Sie hier Ihren Namen ein",
        "KOMMENTAR SENDEN",
        "Alles, was Sie geschrieben haben, ist noch da.",
        "name=\"lang\" value=\"de\"",
        "Behalten.",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}
