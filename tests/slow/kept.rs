//! A connection that is in use is nobody who keeps us waiting, also where its answers come from memory.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::interval,
};

use super::{House, JSON, PAGE, connect, post};

/// Longer than any head may take to come.
const LONG: Duration = Duration::from_secs(9);

/// Sends a request and reads the whole answer; its status line.
async fn ask(line: &mut TcpStream, request: &str) -> String {
    line.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    loop {
        let mut part = [0; 4096];
        let read = line.read(&mut part).await.unwrap();
        assert!(read > 0, "cut after {}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let head = head.to_ascii_lowercase();
        let length = head.lines().find_map(|one| one.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        if body.len() >= length {
            return head.lines().next().unwrap_or_default().to_owned();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_again_and_again_for_a_page_in_memory_or_is_refused_from_it_is_not_cut() {
    let house = House::with("[limits]\nper_ip = ['1/1h']\n");
    let get = format!("GET /api/comments?page={PAGE} HTTP/1.1\r\nHost: x\r\n\r\n");
    let body = format!(
        r#"{{"page":"{PAGE}","name":"Ada","email":"ada@example.org","body":"The lamps are lit, and I am here to see it."}}"#
    );
    let comment = post("/api/comments", JSON, &format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    let from = |last| connect(house.address(), [127, 0, 0, last].into());
    // Whoever asks first goes the whole way, as once in a while somebody must: of those who follow, none does.
    let (mut first, mut readers, mut flooder) = (Vec::new(), Vec::new(), from(9).await);
    for last in 1..=4 {
        first.push(from(last).await);
        readers.push(from(last).await);
    }
    let (mut pace, begun, mut refused) = (interval(Duration::from_millis(100)), Instant::now(), 0);
    while begun.elapsed() < LONG {
        // The pace at which a proxy's kept connection is used, so that it is neither idle nor flooded.
        pace.tick().await;
        let said = ask(&mut flooder, &comment).await;
        refused += u32::from(said.contains(" 429 "));
        assert!(said.contains(" 202 ") || said.contains(" 429 ") || said.contains(" 409 "), "{said}");
        for reader in first.iter_mut().chain(&mut readers) {
            let said = ask(reader, &get).await;
            assert!(said.contains(" 200 "), "{said}");
        }
    }
    assert!(refused > 20, "{refused} were refused");
}
