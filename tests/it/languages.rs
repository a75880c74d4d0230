//! In which language readers are answered: as they wish, else as their site speaks, else in English.

use serde_json::{Value, json};

use crate::support::{App, NEWS, PAGE, app::START, captcha_stub::CaptchaStub, comment};

/// Each language, and its sentence for a comment without words.
const EMPTY: [(&str, &str); 8] = [
    ("en", "Please enter your comment!"),
    ("de", "Bitte schreiben Sie Ihren Kommentar!"),
    ("fr", "Veuillez saisir votre commentaire\u{202f}!"),
    ("es", "¡Escriba su comentario, por favor!"),
    ("pt", "Por favor, escreva o seu comentário!"),
    ("ru", "Пожалуйста, напишите комментарий!"),
    ("zh", "请输入您的评论！"),
    ("ar", "يُرجى كتابة تعليقك!"),
];

const GERMAN: &str = "[[site]]\nlang = 'de-CH'";

fn empty() -> Value {
    json!({"page": PAGE, "name": "Ada", "email": "a@b.example", "body": ""})
}

/// What the catalogue of a language says.
fn words(lang: &str, key: &str) -> String {
    let path = format!("{}/web/texts/server/{lang}.json", env!("CARGO_MANIFEST_DIR"));
    let catalogue: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    catalogue[key].as_str().unwrap().to_owned()
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
        assert_eq!(told(&app, &format!("?lang={}-Latn-XX", lang.to_uppercase())).await, words);
    }
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
async fn of_several_sites_the_one_of_the_page_speaks_else_the_one_of_the_origin_else_english() {
    let sites = "[[site]]\nlang = 'fr'\n[[site]]\nid = 'blog'\norigins = ['http://blog.example']\nlang = 'ru'";
    let app = App::with(sites).await;
    let limit = async |page: &str, from: &str| {
        let ask = app.get(&format!("/api/comments?page={page}&limit=0")).header("Referer", from).answer().await;
        ask.json()["detail"].as_str().unwrap().to_owned()
    };
    let said = |lang| words(lang, "code.validation_failed.detail");
    assert_eq!(limit("http://blog.example/a", "http://news.example/").await, said("ru"));
    assert_eq!(limit("/a", "http://blog.example/x").await, said("ru"));
    assert_eq!(limit("/a", "http://news.example/x").await, said("fr"));
    assert_eq!(limit("/a", "http://nowhere.example/x").await, said("en"));
    let missing = app.get("/feed.atom?site=blog&page=/a").answer().await.expect(422).json();
    assert_eq!(missing["title"], words("ru", "code.validation_failed.title"));
    let mut on_the_blog = empty();
    on_the_blog["page"] = json!("http://blog.example/a");
    let problem = app.post("/api/comments").json(&on_the_blog).answer().await.expect(422).json();
    assert_eq!(problem["errors"][0]["message"], EMPTY[5].1, "the page in the body names the site");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_browsers_own_language_does_not_count() {
    let app = App::start().await;
    let asked = app.submission(&empty()).header("Accept-Language", "de").answer().await;
    assert!(asked.text().contains(EMPTY[0].1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_captcha_refusal_is_told_in_each_language() {
    let stub = CaptchaStub::start(START);
    let app = App::with(&stub.settings()).await;
    for (n, (lang, _)) in EMPTY.iter().enumerate() {
        for (token, code) in [("reuse:0.1", "captcha_score_low"), ("fail", "captcha_failed")] {
            let mut sent = comment(&format!("Number {n}."));
            sent["captcha"] = json!(token);
            let ask = app.post(&format!("/api/comments?lang={lang}")).origin(NEWS).from(&format!("203.0.{n}.1"));
            let problem = ask.json(&sent).answer().await.expect_problem(403, code).json();
            assert_eq!(problem["detail"], words(lang, &format!("code.{code}.detail")));
            assert_eq!(problem["title"], words(lang, &format!("code.{code}.title")));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_is_told_in_each_language_with_the_wait_in_its_own_plural() {
    let app = App::with("[limits]\nper_ip = ['1/1h']").await;
    app.submit(&comment("The one.")).await.expect(202);
    let waits =
        ["60 minutes", "60 Minuten", "60 minutes", "60 minutos", "60 minutos", "60 минут", "60 分钟", "60 دقيقة"];
    for ((lang, _), wait) in EMPTY.iter().zip(waits) {
        let ask = app.post(&format!("/api/comments?lang={lang}")).origin(NEWS).json(&comment("Another."));
        let problem = ask.answer().await.expect_problem(429, "rate_limited");
        assert_eq!(problem.json()["detail"], words(lang, "code.rate_limited.detail"));
        let form = [("page", PAGE), ("lang", lang), ("name", "Ada"), ("email", "a@b.example"), ("body", "Kept.")];
        let page = app.submit_form(&form).await.expect(429).text();
        assert!(
            page.contains(&words(lang, "failed.limited")) && page.contains(wait) && page.contains("Kept."),
            "{page}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_form_is_a_page_in_each_language_and_wishes_for_it_again() {
    let app = App::start().await;
    for (lang, fault) in EMPTY {
        let fields = [("page", PAGE), ("lang", lang), ("name", "Ada"), ("email", "no address"), ("body", " ")];
        let page = app.submit_form(&fields).await.expect(422).text();
        let direction = if lang == "ar" { "rtl" } else { "ltr" };
        for part in [
            format!("<html lang=\"{lang}\" dir=\"{direction}\">"),
            format!("name=\"lang\" value=\"{lang}\""),
            words(lang, "failed.check"),
            words(lang, "failed.kept"),
            words(lang, "field.email.invalid"),
        ] {
            assert!(page.contains(&part), "{part} is missing in {page}");
        }
        assert_eq!(page.matches(fault).count(), 2, "in the summary and beside the field: {page}");
        let by_query = app.form(&format!("/wp-comments-post.php?lang={lang}"), &[("page", PAGE)]).answer().await;
        assert!(by_query.expect(422).text().contains(fault));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_form_is_refused_in_the_wished_language_too() {
    let app = App::start().await;
    let twice = app.form("/comments", &[("lang", "de"), ("body", "a"), ("body", "b")]).answer().await.expect(400);
    assert!(twice.text().contains("Ein Feld des Formulars kam zweimal."));
    let foreign = app.post("/comments?lang=zh").origin(NEWS).body("text/plain", "x").answer().await.expect(415);
    assert!(foreign.text().contains("<html lang=\"zh\" dir=\"ltr\">"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_is_in_the_senders_language() {
    let app = App::with("[[site]]\nafter_form = 'receipt'").await;
    let form = |lang| [("page", PAGE), ("lang", lang), ("name", "Ada"), ("email", "a@b.example"), ("body", lang)];
    for (lang, _) in EMPTY {
        let page = app.submit_form(&form(lang)).await.expect(200).text();
        for key in ["receipt.pending", "receipt.read", "receipt.once", "receipt.back"] {
            assert!(page.contains(&words(lang, key)), "{key}: {page}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_framework_refuses_is_worded_too_as_a_document_and_as_a_page() {
    let app = App::with(GERMAN).await;
    for (method, path, status) in
        [("GET", "/nowhere", 404), ("PUT", "/api/comments", 405), ("GET", "/assets/no.js", 404)]
    {
        let refused = app.http.ask(method, path).answer().await.expect(status).json();
        let code = refused["code"].as_str().unwrap();
        assert_eq!(refused["detail"], words("de", &format!("code.{code}.detail")), "{path}");
        let wished = app.http.ask(method, &format!("{path}?lang=ar")).answer().await.expect(status).json();
        assert_eq!(wished["title"], words("ar", &format!("code.{code}.title")), "{path}");
    }
    let page = app.get("/nowhere?lang=ar").header("Accept", "text/html").answer().await.expect(404);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let page = page.text();
    for part in ["<html lang=\"ar\" dir=\"rtl\">", &words("ar", "code.not_found.title"), &words("ar", "problem.front")]
    {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn moderators_and_programs_are_answered_in_english() {
    let app = App::with(GERMAN).await;
    for path in ["/api/moderation/comments?lang=de", "/api/session?lang=de"] {
        let refused = app.get(path).answer().await.expect(401).json();
        assert_eq!(refused["detail"], "Sign in, or send a valid API token.", "{path}");
    }
    let description = app.get("/openapi.json").answer().await.json();
    let wishes = |path: &str, method: &str| {
        let parameters = description["paths"][path][method]["parameters"].as_array().cloned().unwrap_or_default();
        parameters.iter().any(|parameter| parameter["name"] == "lang" && parameter["in"] == "query")
    };
    assert!(wishes("/api/comments", "post") && wishes("/comments", "post") && wishes("/feed.atom", "get"));
    assert!(!wishes("/api/moderation/comments", "get") && !wishes("/docs", "get"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_speaks_the_sites_language_or_the_one_wished_for() {
    let app = App::with("[moderation]\nmode = 'post'\n[[site]]\nlang = 'de'").await;
    let mut first = comment("Erster.");
    first["title"] = json!("Die Brücke");
    app.submit(&first).await.expect(201);
    let feed = async |wish: &str| app.get(&format!("/feed.atom?page={PAGE}{wish}")).answer().await.expect(200).text();
    let german = feed("").await;
    assert!(german.contains("Kommentare zu Die Brücke") && german.contains("Ada Reader zu Die Brücke"), "{german}");
    assert!(!german.contains("lang=de"), "the address of its own needs no wish: {german}");
    let spanish = feed("&lang=es").await;
    assert!(spanish.contains("Comentarios sobre Die Brücke") && spanish.contains("lang=es"), "{spanish}");
    assert!(feed("&lang=it").await.contains("Kommentare zu Die Brücke"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_statement_of_reasons_is_written_for_the_comments_author() {
    let app = App::with(GERMAN).await;
    let moderator = app.moderator().await;
    let id = app.submit(&comment("Nicht nett.")).await.expect(202).id();
    moderator.decide(&id, json!({"action": "reject", "reason": "insult"})).await.expect(200);
    let statement = async |wish: &str| moderator.get(&format!("/comments/{id}/statement{wish}")).await;
    let german = statement("").await.expect(200).json();
    assert_eq!(german["lang"], "de");
    let text = german["text"].as_str().unwrap();
    assert!(text.contains("Guten Tag Ada Reader,") && text.contains(&words("de", "reason.insult.text")), "{text}");
    let chinese = statement("?lang=zh-Hans").await.expect(200).json();
    assert!(chinese["text"].as_str().unwrap().starts_with("Ada Reader，您好："));
    let unknown = statement("?lang=it").await.expect_problem(422, "validation_failed");
    assert_eq!(unknown.faults(), ["lang invalid"]);
}
