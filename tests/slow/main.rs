//! Clients that keep the server waiting: bodies and heads that come drop by drop, bodies that no handler wants, answers
//! that nobody takes in, more connections than one client may hold. Each is cut in its time, and others do not notice.
//!
//! It takes as long as the deadlines are, and runs alone. `scripts/slow-bodies` prints the figures of one machine.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "this is a test")]

#[expect(dead_code, reason = "other tests use the rest of it")]
#[path = "../it/support/client.rs"]
mod client;
mod kept;
#[expect(dead_code, reason = "other tests use the rest of it")]
#[path = "../it/support/process.rs"]
mod process;

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
};

use process::Process;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const SETTINGS: &str = r#"
[server]
listen = "127.0.0.1:0"
public_url = "http://replydesk.example"
[store]
url = "sqlite:replydesk.db"
[captcha]
provider = "none"
[[site]]
id = "news"
origins = ["http://news.example"]
"#;
/// Where a comment goes.
pub(crate) const PAGE: &str = "http://news.example/a";
/// What is promised for a body, whether a handler wants it or not.
const BODY: Duration = Duration::from_secs(10);
/// For a head, from its first byte.
const HEAD: Duration = Duration::from_secs(8);
/// For a connection that is idle and owes nothing.
const IDLE: Duration = Duration::from_secs(16);
/// What a machine that is busy with other things may add to each; `scripts/slow-bodies` holds the promises to the letter.
const BUSY: Duration = Duration::from_secs(5);

const JSON: &str = "Origin: http://news.example\r\nContent-Type: application/json\r\n";
const SIZED: &str = "Content-Length: 5000\r\n\r\n";
const CHUNKED: &str = "Transfer-Encoding: chunked\r\n\r\n";
const DROP: &str = "1\r\nx\r\n";

struct House {
    process: Process,
    _folder: tempfile::TempDir,
}

impl House {
    fn open() -> Self {
        Self::with("")
    }

    /// With more settings, in tables that are not among the usual ones.
    fn with(more: &str) -> Self {
        // Clients are many: as many files as the system lets this process open.
        let most = getrlimit(Resource::Nofile).maximum;
        let _as_it_is = setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most });
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("replydesk.toml");
        std::fs::write(&config, format!("{SETTINGS}{more}")).unwrap();
        Self { process: Process::serve(&config, "warn"), _folder: folder }
    }

    fn address(&self) -> SocketAddr {
        self.process.http.address
    }
}

/// One way to be slow: what is sent at once, and what follows drop by drop.
#[derive(Clone)]
struct Slow {
    name: &'static str,
    head: String,
    drop: &'static str,
}

impl Slow {
    fn new(name: &'static str, head: String, drop: &'static str) -> Self {
        Self { name, head, drop }
    }

    /// Connects from this address and dribbles until it is cut; how long that took, and what was answered.
    async fn until_cut(&self, server: SocketAddr, from: Ipv4Addr) -> (Duration, String) {
        let mut line = connect(server, from).await;
        let (begun, mut answer, mut is_cut) = (Instant::now(), Vec::new(), false);
        line.write_all(self.head.as_bytes()).await.unwrap();
        loop {
            assert!(begun.elapsed() < Duration::from_secs(60), "{}: never cut", self.name);
            let mut part = [0; 4096];
            // The pace of a slow client, which is what this is about: a drop each half second in which nothing came.
            match tokio::time::timeout(Duration::from_millis(500), line.read(&mut part)).await {
                Ok(Ok(0) | Err(_)) => break,
                Ok(Ok(n)) => answer.extend(part.iter().take(n)),
                // What was answered before the line was cut can still be read.
                Err(_silent) if !self.drop.is_empty() && !is_cut => {
                    is_cut = line.write_all(self.drop.as_bytes()).await.is_err();
                }
                Err(_silent) => {}
            }
        }
        (begun.elapsed(), String::from_utf8_lossy(&answer).into_owned())
    }
}

async fn connect(server: SocketAddr, from: Ipv4Addr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    socket.connect(server).await.unwrap()
}

fn post(path: &str, headers: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: x\r\n{headers}{body}")
}

/// Bodies that a handler reads.
fn bodies() -> Vec<Slow> {
    let parts = "Content-Type: multipart/form-data; boundary=b\r\n";
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    vec![
        Slow::new("json", post("/api/comments", JSON, &format!("{SIZED}{{")), "x"),
        Slow::new("json, chunked", post("/api/comments", JSON, &format!("{CHUNKED}1\r\n{{\r\n")), DROP),
        Slow::new("form", post("/comments", form, &format!("{SIZED}a")), "x"),
        Slow::new("wordpress", post("/wp-comments-post.php", form, &format!("{CHUNKED}1\r\na\r\n")), DROP),
        Slow::new("multipart", post("/comments", parts, &format!("{SIZED}--b\r\n")), "x"),
        Slow::new("multipart, chunked", post("/comments", parts, &format!("{CHUNKED}5\r\n--b\r\n\r\n")), DROP),
        Slow::new("silent", post("/api/comments", JSON, SIZED), ""),
    ]
}

/// How long a reader waits who comes from elsewhere.
async fn somebody_else(server: SocketAddr) -> Duration {
    let begun = Instant::now();
    let mut line = connect(server, Ipv4Addr::new(127, 0, 0, 77)).await;
    let request = "GET /api/comments?page=http://news.example/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    line.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_slow_bodies_are_cut_in_time_and_others_are_answered_meanwhile() {
    let house = House::open();
    let (server, bodies) = (house.address(), bodies());
    let mut lines = JoinSet::new();
    for n in 0..500_u16 {
        let slow = bodies.get(usize::from(n) % bodies.len()).unwrap().clone();
        // Half of them from one address, the others from one each.
        let [high, low] = n.to_be_bytes();
        let from = if n % 2 == 0 { Ipv4Addr::LOCALHOST } else { Ipv4Addr::new(127, 1, high, low) };
        lines.spawn(async move { (slow.name, slow.until_cut(server, from).await) });
    }
    let mut cut = Vec::new();
    let mut times = Vec::new();
    while cut.len() < 500 {
        times.push(somebody_else(server).await);
        // Somebody asks twenty times a second, and whenever one was cut.
        if let Ok(Some(line)) = tokio::time::timeout(Duration::from_millis(50), lines.join_next()).await {
            cut.push(line.unwrap());
        }
        cut.extend(std::iter::from_fn(|| lines.try_join_next()).map(Result::unwrap));
    }
    for (name, (took, answer)) in &cut {
        assert!(*took < BODY + BUSY, "{name}: held for {took:?}");
        assert!(*took > BODY - Duration::from_secs(1) || !answer.contains(" 408 "), "{name}: cut after {took:?}");
        assert!(answer.contains("HTTP/1.1 408"), "{name}: {answer}");
    }
    let slowest = cut.iter().map(|(_, (took, _))| *took).max().unwrap();
    times.sort_unstable();
    let middle = *times.get(times.len() / 2).unwrap();
    eprintln!("the last of 500 was cut after {slowest:?}; of {} others the middle one took {middle:?}", times.len());
    // 100 ms is promised on a machine that does nothing else; `scripts/slow-bodies` holds that.
    assert!(times.len() > 10 && middle < Duration::from_secs(1), "others waited {middle:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_handler_reads_and_what_never_becomes_a_request_is_cut_too() {
    let house = House::open();
    let first = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
    let put = |path: &str, more: &str| format!("PUT {path} HTTP/1.1\r\nHost: x\r\n{more}{CHUNKED}{DROP}");
    let kinds = [
        (BODY, Slow::new("nowhere", post("/nowhere", "", SIZED), "x")),
        (BODY, Slow::new("nowhere, chunked", post("/nowhere", "", &format!("{CHUNKED}{DROP}")), DROP)),
        (BODY, Slow::new("nowhere, chunked, then silent", post("/nowhere", "", &format!("{CHUNKED}{DROP}")), "")),
        (BODY, Slow::new("wrong method", put("/api/comments", JSON), DROP)),
        (
            BODY,
            Slow::new(
                "wrong type",
                post("/api/comments", "Content-Type: text/x\r\n", &format!("{CHUNKED}{DROP}")),
                DROP,
            ),
        ),
        (BODY, Slow::new("no rights", post("/api/moderation/bans", JSON, &format!("{CHUNKED}{DROP}")), DROP)),
        (BODY, Slow::new("a GET with a body", first.replacen("\r\n\r\n", &format!("\r\n{CHUNKED}{DROP}"), 1), DROP)),
        (BODY, Slow::new("coded", post("/api/comments", &format!("{JSON}Content-Encoding: gzip\r\n"), CHUNKED), DROP)),
        (HEAD, Slow::new("the first head", "GET /livez HTTP/1.1\r\nX-A: ".to_owned(), "x")),
        (HEAD, Slow::new("the second head", format!("{first}GET /livez HTTP/1.1\r\nX-A: "), "x")),
        (HEAD, Slow::new("empty lines", format!("{first}\r\n"), "\r\n")),
        (HEAD, Slow::new("nothing", String::new(), "")),
        (IDLE, Slow::new("nothing more", first.to_owned(), "")),
    ];
    let mut lines = JoinSet::new();
    for (most, slow) in kinds {
        let server = house.address();
        lines.spawn(async move { (slow.name, most, slow.until_cut(server, Ipv4Addr::LOCALHOST).await) });
    }
    while let Some(line) = lines.join_next().await {
        let (name, most, (took, _answer)) = line.unwrap();
        eprintln!("{name}: cut after {took:?}");
        assert!(took < most + BUSY, "{name}: held for {took:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_in_no_answer_is_cut() {
    let house = House::open();
    let mut line = connect(house.address(), Ipv4Addr::LOCALHOST).await;
    let begun = Instant::now();
    let asks = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20);
    // It asks on and on and never reads: writing waits until there is room, and fails once it is cut.
    while !matches!(tokio::time::timeout(Duration::from_secs(1), line.write_all(asks.as_bytes())).await, Ok(Err(_))) {
        assert!(begun.elapsed() < Duration::from_secs(30) + 2 * BUSY, "never cut");
    }
    eprintln!("cut after {:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_client_holds_so_many_connections_and_others_are_not_in_its_way() {
    let house = House::open();
    let request = "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let ask = async |from: Ipv4Addr| {
        let mut line = connect(house.address(), from).await;
        let mut answer = String::new();
        let _closed = line.write_all(request.as_bytes()).await;
        line.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let mut held = Vec::new();
    for _ in 0..1_024 {
        let socket = match TcpSocket::new_v4() {
            Ok(socket) => socket,
            Err(fault) => {
                eprintln!("skipped: this machine opens too few files: {fault}");
                return;
            }
        };
        held.push(socket.connect(house.address()).await.unwrap());
    }
    // The system connects before the server takes the connection: until it has taken them all there is room.
    let begun = Instant::now();
    let refused = loop {
        let answer = ask(Ipv4Addr::LOCALHOST).await;
        if answer.starts_with("HTTP/1.1 503") {
            break answer;
        }
        assert!(begun.elapsed() < 2 * BUSY, "one more is let in: {answer}");
    };
    assert!(refused.contains("retry-after: 5"), "{refused}");
    assert!(refused.contains("application/problem+json") && refused.contains("\"code\":\"unavailable\""), "{refused}");
    let other = Ipv4Addr::new(127, 9, 9, 9);
    assert!(ask(other).await.starts_with("HTTP/1.1 200"), "somebody else comes in");
    drop(held);
    let begun = Instant::now();
    while !ask(Ipv4Addr::LOCALHOST).await.starts_with("HTTP/1.1 200") {
        assert!(begun.elapsed() < Duration::from_secs(20), "places are given back");
    }
}
