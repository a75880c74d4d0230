//! A captcha provider of sorts. The token says what happens, so that one run can mix all answers:
//! `ok:SCORE:ACTION:HOST:NONCE` (good once), `reuse:…` (good always), `fail`, `dup`, `expired`, `future`, `badsecret`, `hang`, `slow`, `500`, `502`, `503`, `429`, `html`,
//! `empty`, `trunc`, `huge`, `redirect`, `nullscore`, `strscore`, `nosuccess`, `weird`.

use std::{
    collections::HashSet,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

use replydesk::domain::Timestamp;
use serde_json::{Value, json};

/// The secret that the provider knows the site by.
pub(crate) const SECRET: &str = "the-site's-captcha-secret";

#[derive(Default)]
struct Seen {
    tokens: HashSet<String>,
    asked: Vec<Vec<(String, String)>>,
    lured: usize,
    out: bool,
}

pub(crate) struct CaptchaStub {
    pub(crate) url: String,
    seen: Arc<Mutex<Seen>>,
}

impl CaptchaStub {
    pub(crate) fn start(now: Timestamp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, lure) = (Arc::clone(&shared), format!("http://{address}/steal"));
                // Whoever is asked goes away midway more often than not.
                std::thread::spawn(move || drop(serve(stream, &seen, &lure, now)));
            }
        });
        Self { url: format!("http://{address}/siteverify"), seen }
    }

    /// The fields of every question so far.
    pub(crate) fn asked(&self) -> Vec<Vec<(String, String)>> {
        self.seen.lock().unwrap().asked.clone()
    }

    /// Whatever the token, it answers 502 from now on, or no longer.
    pub(crate) fn is_out(&self, out: bool) {
        self.seen.lock().unwrap().out = out;
    }

    /// How often it was asked about this token.
    pub(crate) fn asked_about(&self, token: &str) -> usize {
        let is_it = |(name, value): &(String, String)| name == "response" && value == token;
        self.asked().iter().filter(|fields| fields.iter().any(is_it)).count()
    }

    /// How often a redirect was followed.
    pub(crate) fn lured(&self) -> usize {
        self.seen.lock().unwrap().lured
    }

    /// Settings that ask it.
    pub(crate) fn settings(&self) -> String {
        format!(
            "[captcha]\nprovider = \"recaptcha-v3\"\nsite_key = \"public\"\nsecret = \"{SECRET}\"\nverify_url = \"{}\"\ntimeout = \"1s\"\n",
            self.url
        )
    }
}

fn serve(mut stream: TcpStream, seen: &Mutex<Seen>, lure: &str, now: Timestamp) -> std::io::Result<()> {
    let Some((path, body)) = read(&mut stream) else { return Ok(()) };
    if path.starts_with("/steal") {
        seen.lock().unwrap().lured += 1;
        return say(&mut stream, "200 OK", "application/json", br#"{"success":true,"score":0.9}"#);
    }
    let fields: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let (token, secret) = (field("response").unwrap_or_default(), field("secret").unwrap_or_default());
    let fresh = {
        let mut seen = seen.lock().unwrap();
        seen.asked.push(fields);
        if seen.out { None } else { Some(seen.tokens.insert(token.clone())) }
    };
    let Some(fresh) = fresh else { return say(&mut stream, "502 Bad Gateway", "text/plain", b"oops") };
    let mut json = |value: &Value| say(&mut stream, "200 OK", "application/json", value.to_string().as_bytes());
    let no = |code: &str| json!({"success": false, "error-codes": [code]});
    let good = json!({"success": true, "score": 0.9, "action": "comment", "hostname": "news.example",
        "challenge_ts": now.to_string()});
    let with = |name: &str, value: Value| {
        let mut good = good.clone();
        good[name] = value;
        good
    };
    match token.split(':').next().unwrap_or_default() {
        _ if secret != SECRET => json(&no("invalid-input-secret")),
        "badsecret" => json(&no("invalid-input-secret")),
        "ok" if !fresh => json(&no("timeout-or-duplicate")),
        "ok" | "reuse" => json(&granted(&token, good)),
        "dup" | "expired" => json(&no("timeout-or-duplicate")),
        "nullscore" => json(&with("score", Value::Null)),
        "strscore" => json(&with("score", json!("0.9"))),
        "nosuccess" => json(&json!({"score": 0.9})),
        "weird" => json(&no("the-moon-is-full")),
        "hang" => wait_for_end(&mut stream),
        "slow" => {
            // Later than anybody waits for it.
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            let _nothing = stream.read(&mut [0; 64]);
            say(&mut stream, "200 OK", "application/json", good.to_string().as_bytes())
        }
        "future" => json(&with("challenge_ts", json!(now.plus(Duration::from_secs(86_400)).to_string()))),
        "500" => say(&mut stream, "500 Internal Server Error", "text/plain", b"oops"),
        "503" => say(&mut stream, "503 Service Unavailable", "text/plain", b"oops"),
        "502" => say(&mut stream, "502 Bad Gateway", "text/plain", b"oops"),
        "429" => say(&mut stream, "429 Too Many Requests", "text/plain", b"oops"),
        "html" => say(&mut stream, "200 OK", "text/html", b"<html>login</html>"),
        "empty" => say(&mut stream, "200 OK", "application/json", b""),
        "trunc" => say(&mut stream, "200 OK", "application/json", br#"{"success": tr"#),
        "huge" => flood(&mut stream),
        "redirect" => {
            write!(stream, "HTTP/1.1 302 Found\r\nLocation: {lure}?secret={SECRET}\r\nContent-Length: 0\r\n\r\n")
        }
        _ => json(&no("invalid-input-response")),
    }
}

/// `ok:SCORE:ACTION:HOST:NONCE`; what is left out is as it should be.
fn granted(token: &str, mut good: Value) -> Value {
    let parts: Vec<&str> = token.split(':').collect();
    let part = |n: usize| parts.get(n).copied().filter(|part| !part.is_empty());
    if let Some(score) = part(1) {
        good["score"] = json!(score.parse::<f64>().unwrap());
    }
    if let Some(action) = part(2) {
        good["action"] = json!(action);
    }
    if let Some(host) = part(3) {
        good["hostname"] = json!(host);
    }
    good
}

fn say(stream: &mut TcpStream, status: &str, media: &str, body: &[u8]) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    stream.write_all(body)
}

/// 50 MB of a good answer.
fn flood(stream: &mut TcpStream) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50000000\r\n\r\n{{\"success\":true,\"x\":\""
    )?;
    (0..800).try_for_each(|_| stream.write_all(&[b'a'; 62_500]))
}

fn wait_for_end(stream: &mut TcpStream) -> std::io::Result<()> {
    while stream.read(&mut [0; 64])? > 0 {}
    Ok(())
}

/// The path and the body.
fn read(stream: &mut TcpStream) -> Option<(String, String)> {
    let (mut whole, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let n = stream.read(&mut buffer).ok().filter(|n| *n > 0)?;
        whole.extend_from_slice(&buffer[..n]);
        let text = String::from_utf8_lossy(&whole).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0usize) {
            let path = head.split_whitespace().nth(1)?.to_owned();
            return Some((path, body.to_owned()));
        }
    }
}
