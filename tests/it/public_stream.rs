//! The readers' live stream: what is told, to whom, and what never is.

use serde_json::{Value, json};

use crate::support::{App, PAGE, comment};

const POST: &str = "[moderation]\nmode = 'post'\n";

struct Reader {
    answer: reqwest::Response,
    text: String,
    last: String,
}

impl Reader {
    async fn of(app: &App, page: &str, after: &str) -> Self {
        let ask = app.get(&format!("/api/stream?page={page}")).origin("http://news.example");
        let answer = ask.header("Last-Event-ID", after).open().await;
        assert_eq!(answer.status().as_u16(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.headers()["access-control-allow-origin"], "http://news.example");
        let mut reader = Self { answer, text: String::new(), last: String::new() };
        assert!(reader.block().await.starts_with("retry: "));
        reader
    }

    async fn block(&mut self) -> String {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return block;
            }
            let chunk = self.answer.chunk().await.unwrap().unwrap();
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next event's name and members.
    async fn event(&mut self) -> (String, Value) {
        loop {
            let block = self.block().await;
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
            if let Some(name) = field("event: ") {
                self.last = field("id: ").unwrap();
                return (name, serde_json::from_str(&field("data: ").unwrap()).unwrap());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_an_edit_and_a_removal_are_told_as_the_page_shows_them() {
    let app = App::start().await;
    let beside = app.beside("").await;
    let moderator = app.moderator().await;
    let (mut here, mut there) = (Reader::of(&app, PAGE, "").await, Reader::of(&beside, PAGE, "").await);
    // Nobody hears of what waits, of what is refused, nor of what is changed while it waits.
    let refused = app.submit(&comment("Never to be seen.")).await.expect(202).id();
    moderator.reject(&refused).await;
    let id = app.submit(&comment("A word that waits.")).await.expect(202).id();
    let change = |body: &str| moderator.ask("PATCH", &format!("/comments/{id}")).json(&json!({ "body": body }));
    change("A word.").answer().await.expect(200);
    moderator.approve(&id).await;
    let shown = app.thread("&with=approved_at").await.json()["comments"][0].clone();
    assert_eq!(here.event().await, ("comment".to_owned(), shown.clone()));
    assert_eq!(there.event().await, ("comment".to_owned(), shown.clone()));
    assert!(!shown.to_string().contains("readers.example"), "{shown}");

    change("Another word.").answer().await.expect(200);
    let (name, data) = here.event().await;
    assert_eq!((name.as_str(), &data), ("update", &app.thread("&with=approved_at").await.json()["comments"][0]));
    assert_eq!(there.event().await.0, "update");
    moderator.mark_spam(&id).await;
    assert_eq!(here.event().await, ("remove".to_owned(), json!({ "id": id })));
    assert_eq!(there.event().await.0, "remove");
    beside.running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_pages_are_not_told_and_who_comes_back_is_told_how_things_stand() {
    let app = App::with(POST).await;
    let moderator = app.moderator().await;
    let mut reader = Reader::of(&app, PAGE, "").await;
    let mut elsewhere = comment("On another page.");
    elsewhere["page"] = json!("/another/article");
    app.submit(&elsewhere).await.expect(201);
    let first = app.submit(&comment("On this page.")).await.expect(201).id();
    let (name, data) = reader.event().await;
    assert_eq!((name.as_str(), &data["id"]), ("comment", &json!(first)), "the first that is told is this page's");

    let gone = app.submit(&comment("Seen for a moment.")).await.expect(201).id();
    moderator.reject(&gone).await;
    let last = app.submit(&comment("Still there.")).await.expect(201).id();
    let from = reader.last.clone();
    // Once the one who stayed has heard of all, whoever comes back is told of all at once.
    while reader.event().await.1["id"] != json!(last) {}
    let mut back = Reader::of(&app, PAGE, &from).await;
    assert_eq!(back.event().await, ("remove".to_owned(), json!({ "id": gone })), "its words are told to nobody now");
    let (name, data) = back.event().await;
    assert_eq!((name.as_str(), &data["id"]), ("comment", &json!(last)));
    assert_eq!(Reader::of(&app, PAGE, "999999").await.event().await.0, "reset");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_says_nothing_of_what_happens_and_is_good_for_its_page_alone() {
    let app = App::with(POST).await;
    let mut reader = Reader::of(&app, PAGE, "").await;
    app.submit(&comment("The first.")).await.expect(201);
    reader.event().await;
    let first = reader.last.clone();
    app.submit(&comment("The second.")).await.expect(201);
    assert_eq!(reader.event().await.0, "comment");
    assert!(first.len() > 40 && first.len() == reader.last.len() && first != reader.last, "{first} {}", reader.last);
    assert!(first.parse::<i64>().is_err());
    // The good one goes on behind the first.
    assert_eq!(Reader::of(&app, PAGE, &first).await.event().await.0, "comment");
    let mut bent = first.clone().into_bytes();
    bent[20] = if bent[20] == b'A' { b'B' } else { b'A' };
    let bent = String::from_utf8(bent).unwrap();
    for odd in [bent.as_str(), first.get(1..).unwrap(), "1", "-1", "none", "\u{e9}"] {
        let mut anew = Reader::of(&app, PAGE, odd).await;
        assert_eq!(anew.event().await.0, "reset", "{odd}: the page is to be read anew");
        app.submit(&comment(&format!("After {odd}."))).await.expect(201);
        assert_eq!(anew.event().await.0, "comment", "{odd}: and then it goes on");
    }
    assert_eq!(Reader::of(&app, "/elsewhere", &first).await.event().await.0, "reset");
    let other = App::with(POST).await;
    assert_eq!(Reader::of(&other, PAGE, &first).await.event().await.0, "reset");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_stream_too_many_of_a_network_ends_its_oldest_and_nobody_elses() {
    let app = App::with(POST).await;
    let ask = |address: String| app.get(&format!("/api/stream?page={PAGE}")).from(&address);
    let mut other = ask("198.51.100.7".to_owned()).open().await;
    let mut open = Vec::new();
    for n in 0..50 {
        let answer = ask(format!("203.0.113.{n}")).open().await;
        assert_eq!(answer.status().as_u16(), 200, "{n}");
        open.push(answer);
    }
    let mut newest = ask("203.0.113.77".to_owned()).open().await;
    assert_eq!(newest.status().as_u16(), 200);
    let mut said = String::new();
    while let Some(chunk) = open[0].chunk().await.unwrap() {
        said.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert!(said.ends_with("retry: 60000\n\n"), "it ends, and comes back late: {said}");
    app.submit(&comment("Heard by the others.")).await.expect(201);
    for stream in [&mut open[1], &mut newest, &mut other] {
        let mut said = String::new();
        while !said.contains("event: comment") {
            said.push_str(std::str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_is_of_a_page_of_ours_and_ends_with_the_server() {
    let app = App::start().await;
    for (query, status, code) in
        [("", 422, "validation_failed"), ("?page=https://evil.example/a", 403, "origin_not_allowed")]
    {
        app.get(&format!("/api/stream{query}")).answer().await.expect_problem(status, code);
    }
    let mut reader = Reader::of(&app, PAGE, "").await;
    app.running.stop().await;
    assert!(reader.answer.chunk().await.unwrap().is_none());
}
