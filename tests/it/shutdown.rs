//! The end: told to go under load, the server answers what it took and goes.

use std::{
    io::Write as _,
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::database::Home;
use crate::support::{captcha_stub::CaptchaStub, client::comment, process::Process, settings, until};

fn rows(folder: &Home) -> u32 {
    folder.number("SELECT count(*) FROM comments").try_into().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_under_load_loses_no_answer_and_exits_with_0() {
    let folder = Home::new();
    let config = settings::write(&folder, "");
    let process = Process::serve(&config, "info");
    let (sent, taken) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let posts: Vec<_> = (0..8)
        .map(|_| {
            let (http, sent, taken) = (process.http.clone(), Arc::clone(&sent), Arc::clone(&taken));
            tokio::spawn(async move {
                loop {
                    let n = sent.fetch_add(1, Ordering::SeqCst);
                    let ask =
                        http.ask("POST", "/api/comments").origin("http://news.example").header("Connection", "close");
                    match ask.json(&comment(&format!("Until the end, {n}."))).try_answer().await {
                        Ok(answer) => drop(answer.expect(202)),
                        // It takes no connections any more.
                        Err(_gone) => return,
                    }
                    taken.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    until("the load stands", || async { taken.load(Ordering::SeqCst) > 50 }).await;
    process.signal("TERM");
    let (status, log) = process.ended().await;
    for post in posts {
        post.await.unwrap();
    }
    assert_eq!(status.code(), Some(0), "{log}");
    assert_eq!(rows(&folder), taken.load(Ordering::SeqCst), "stored and never answered, or the other way round");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_in_flight_is_answered_and_kept() {
    let stub = CaptchaStub::start(replydesk::domain::Clock::system().now());
    let folder = Home::new();
    let process = Process::serve(&settings::write(&folder, &stub.settings()), "info");
    let http = process.http.clone();
    let post = tokio::spawn(async move {
        let mut wanted = comment("Still on its way.");
        wanted["captcha"] = json!("hang");
        http.ask("POST", "/api/comments").origin("http://news.example").json(&wanted).answer().await
    });
    until("the provider is asked", || async { !stub.asked().is_empty() }).await;
    process.signal("TERM");
    post.await.unwrap().expect(202);
    let (status, log) = process.ended().await;
    assert_eq!((status.code(), rows(&folder)), (Some(0), 1), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_hang_do_not_keep_it_from_ending() {
    let folder = Home::new();
    let process = Process::serve(&settings::write(&folder, ""), "info");
    let open = |bytes: &str| {
        let mut stream = TcpStream::connect(process.http.address).unwrap();
        stream.write_all(bytes.as_bytes()).unwrap();
        stream
    };
    let _stuck = [
        open(""),
        open("POST /api/comments HTTP/1.1\r\nHost: x\r\nContent-Ty"),
        open(
            "POST /api/comments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"page\":",
        ),
        open("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"),
    ];
    process.http.ask("GET", "/livez").answer().await.expect(200);
    process.signal("TERM");
    let told = Instant::now();
    let (status, log) = process.ended().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(told.elapsed() < Duration::from_secs(10), "{:?}", told.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_after_a_kill() {
    let folder = Home::new();
    let config = settings::write(&folder, "");
    let process = Process::serve(&config, "info");
    let mut taken = Vec::new();
    for n in 0..30 {
        let ask = process.http.ask("POST", "/api/comments").origin("http://news.example").key(&format!("k{n}"));
        taken.push(ask.json(&comment(&format!("Before the kill, {n}."))).answer().await.expect(202).json());
    }
    process.signal("KILL");
    let _killed = process.ended().await;
    assert_eq!(rows(&folder), 30);
    let process = Process::serve(&config, "info");
    for (n, taken) in taken.iter().enumerate() {
        let ask = process.http.ask("POST", "/api/comments").origin("http://news.example").key(&format!("k{n}"));
        let again = ask.json(&comment(&format!("Before the kill, {n}."))).answer().await.expect(202).json();
        assert_eq!(&again, taken, "the answer outlives the process, its tokens too");
    }
    assert_eq!(rows(&folder), 30);
}
