//! What strangers write is text wherever it comes out, and the same text whichever way it came in; nothing they send
//! begins a line of the log.

use replydesk::text::{escape::escaped, markdown};
use serde_json::{Value, json};

use crate::support::database::Home;
use crate::support::{App, PAGE, comment, moderator::Moderator, process::Process, settings};

/// Bodies that would do something, were they taken for markup.
fn bodies() -> Vec<String> {
    let ours = [
        "<script>alert(1)</script> *kind* **words** `a<b`",
        "[click](javascript:alert(1)) <a href=\"javascript:alert(1)\" onclick=x>y</a> <javascript:alert(1)>",
        "> <img src=x onerror=alert(1)>\n\n- <svg/onload=alert(1)>\n- http://news.example/?a=\"><script>x</script>",
        "![x](data:text/html,<script>1</script>) &lt;script&gt; &#60;b&#62; </textarea></title><!--",
        "[a]: http://x.example \"onmouseover=alert(1)\"\n[a] http://b.example/\u{202e}gpj.exe",
    ];
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpora/xss/core.jsonl");
    let payloads = std::fs::read_to_string(corpus).unwrap_or_default();
    let published = payloads.lines().step_by(150).filter_map(|line| {
        let case: Value = serde_json::from_str(line).unwrap();
        let payload = case["payload"].as_str().unwrap();
        // Some are too short for a comment, or hold what no store keeps.
        (payload.trim().len() > 4 && payload.len() < 1_000 && !payload.contains('\0')).then(|| payload.to_owned())
    });
    ours.iter().map(|body| (*body).to_owned()).chain(published).collect()
}

/// What a body looks like, after the trimming and folding that every way in does.
fn rendered(body: &str) -> String {
    markdown::render(&body.trim().replace("\r\n", "\n").replace('\r', "\n"))
}

/// What is nobody's business but the renderer's: tags beside those of the subset.
fn foreign_tags(html: &str) -> bool {
    ["<script", "<img", "<svg", "<iframe", "onerror=\"", "href=\"javascript", "href=\"data"]
        .iter()
        .any(|mark| html.to_lowercase().contains(mark))
}

async fn html_of_readers(app: &App, id: &str) -> String {
    let page = app.get(&format!("/api/comments?page={PAGE}&limit=200")).answer().await.expect(200).json();
    let shown = page["comments"].as_array().unwrap().iter().find(|comment| comment["id"] == *id).cloned();
    shown.unwrap()["html"].as_str().unwrap().to_owned()
}

/// On every surface the comment is what the renderer makes of these words, and nothing else.
async fn everywhere(app: &App, moderator: &Moderator, id: &str, body: &str) {
    let html = rendered(body);
    assert!(!foreign_tags(&html), "{html}");
    assert_eq!(moderator.item(id).await["html"], json!(html), "at the desk");
    assert_eq!(html_of_readers(app, id).await, html, "on the page");
    let page = app.get(&format!("/thread?page={PAGE}&at={id}")).answer().await.expect(200).text();
    let in_a_tab = html.replace("<a href=", "<a target=\"_blank\" href=");
    assert!(page.contains(&in_a_tab), "without a script: {in_a_tab}");
    let feed = app.get("/feed.atom?site=news").answer().await.expect(200).text();
    assert!(feed.contains(&escaped(&html)) || feed.contains(&escaped(&html).replace("&#39;", "&apos;")), "{feed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_words_are_the_same_safe_html_on_every_way_in_and_every_surface() {
    let app = App::start().await;
    let moderator = app.moderator().await;
    for (n, body) in bodies().iter().enumerate() {
        let others = format!("{n} {body}");
        // As it comes in: at the desk before anybody approved it, and to its author.
        let taken = app.submit(&comment(body)).await;
        let (id, token) = (taken.id(), taken.edit_token());
        assert_eq!(moderator.item(&id).await["html"], json!(rendered(body)), "{body:?}");
        let own = |method: &str| app.http.ask(method, &format!("/api/comments/{id}")).header("X-Edit-Token", &token);
        assert_eq!(own("GET").answer().await.expect(200).json()["html"], json!(rendered(body)));
        moderator.approve(&id).await;
        everywhere(&app, &moderator, &id, body).await;
        // As its author changes it, and as a moderator does.
        own("PATCH").json(&json!({"body": others})).answer().await.expect(200);
        assert_eq!(moderator.item(&id).await["html"], json!(rendered(&others)));
        moderator.approve(&id).await;
        everywhere(&app, &moderator, &id, &others).await;
        let again = format!("{others}\n\n{body}");
        moderator.ask("PATCH", &format!("/comments/{id}")).json(&json!({"body": again})).answer().await.expect(200);
        everywhere(&app, &moderator, &id, &again).await;
        // A newsroom's own words are no exception.
        let reply = moderator.ask("POST", &format!("/comments/{id}/reply")).json(&json!({"body": body}));
        let reply = reply.answer().await.expect(201).id();
        everywhere(&app, &moderator, &reply, body).await;
        moderator.mark_spam(&reply).await;
        moderator.mark_spam(&id).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_strangers_send_begins_a_line_of_the_log() {
    let folder = Home::new();
    let process = Process::serve(&settings::write(&folder, ""), "trace");
    let forged = "x\n2027-01-15T08:00:00Z ERROR forged\r\n\u{1b}[31mforged\u{2028}forged";
    let coded = "x%0A2027-01-15T08:00:00Z%20ERROR%20forged%0D%0A%1B[31mforged";
    let mut wanted = comment(forged);
    for field in ["page", "title", "name", "email", "url", "captcha", "author_token", "contact_ref", "parent"] {
        let mut odd = wanted.clone();
        odd[field] = json!(forged);
        process.http.ask("POST", "/api/comments").origin("http://news.example").json(&odd).answer().await;
    }
    wanted["page"] = json!(format!("/{coded}"));
    process.http.ask("POST", "/api/comments").origin("http://news.example").json(&wanted).answer().await;
    for path in
        [format!("/{coded}"), format!("/api/comments?page={coded}&sort={coded}"), format!("/thread?page={coded}")]
    {
        process.http.ask("GET", &path).header("Referer", coded).header("User-Agent", coded).answer().await;
    }
    for name in [forged, "ada"] {
        let wrong = json!({"username": name, "password": forged});
        process.http.ask("POST", "/api/session").json(&wrong).answer().await;
    }
    let form = [("page", forged), ("name", forged), ("redirect_to", forged), ("comment_post_ID", forged)];
    process.http.ask("POST", "/comments").form(&form).answer().await;
    process.http.ask("POST", "/api/comments").body("application/json", format!("{{\"{forged}\":")).answer().await;
    process.signal("TERM");
    let (_, log) = process.ended().await;
    assert!(log.lines().count() > 20, "the log is not at trace: {log}");
    let plain = strip(&log);
    for line in plain.lines().filter(|line| line.contains("forged")) {
        assert!(!line.trim_start().starts_with("forged"), "{line:?}");
        assert!(!line.starts_with("2027-01-15T08:00:00Z"), "{line:?}");
    }
    assert!(!log.contains("\u{1b}[31mforged"), "a terminal is not coloured by strangers");
}

/// Without the colours that a terminal gets.
fn strip(log: &str) -> String {
    let mut plain = String::new();
    let mut rest = log;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, behind)| behind);
    }
    plain + rest
}
