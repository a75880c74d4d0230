//! A provider of sorts: one thread a connection, raw bytes, no manners.

use std::{
    collections::VecDeque,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// How it behaves once it has read a request.
#[derive(Clone, Debug)]
pub(crate) enum Conduct {
    /// Sends these bytes.
    Raw(String),
    /// Never answers.
    Hang,
    /// Sends a head and half a body, then nothing.
    HangInBody,
    /// Sends a byte now and then, so that no single read takes long.
    Drip,
    /// Closes without an answer.
    HangUp,
    /// Promises more than it sends.
    Truncate,
    /// Sends 50 MB.
    Flood,
}

impl Conduct {
    pub(crate) fn answer(status: &str, body: &str) -> Self {
        Self::Raw(format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()))
    }
    pub(crate) fn json(body: &str) -> Self {
        Self::answer("200 OK", body)
    }
}

pub(crate) struct Stub {
    pub(crate) url: String,
    conduct: Arc<Mutex<VecDeque<Conduct>>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Stub {
    pub(crate) fn start(conduct: Conduct) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/siteverify", listener.local_addr().unwrap());
        let (conduct, requests) = (Arc::new(Mutex::new([conduct].into())), Arc::new(Mutex::new(Vec::new())));
        let (shared, log) = (conduct.clone(), requests.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, log) = (shared.clone(), log.clone());
                thread::spawn(move || serve(stream, &shared, &log));
            }
        });
        Self { url, conduct, requests }
    }

    /// Behaves like this from now on.
    pub(crate) fn turn(&self, conduct: Conduct) {
        self.turn_in_order([conduct]);
    }

    /// Behaves like each of these once, and like the last from then on.
    pub(crate) fn turn_in_order(&self, conducts: impl IntoIterator<Item = Conduct>) {
        *self.conduct.lock().unwrap() = conducts.into_iter().collect();
    }

    /// All requests so far, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, conduct: &Mutex<VecDeque<Conduct>>, log: &Mutex<Vec<String>>) {
    let Some(request) = read(&mut stream) else { return };
    log.lock().unwrap().push(request);
    let conduct = {
        let mut conducts = conduct.lock().unwrap();
        if conducts.len() > 1 { conducts.pop_front() } else { conducts.front().cloned() }
    };
    let Some(conduct) = conduct else { return };
    // The client going away midway is what many of these are for.
    let _gone = answer(&mut stream, conduct);
}

fn answer(stream: &mut TcpStream, conduct: Conduct) -> std::io::Result<()> {
    match conduct {
        Conduct::Raw(bytes) => stream.write_all(bytes.as_bytes()),
        Conduct::HangUp => Ok(()),
        Conduct::Hang => wait_for_end(stream),
        Conduct::HangInBody => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"success\":")?;
            wait_for_end(stream)
        }
        Conduct::Truncate => stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"success\":true}"),
        Conduct::Drip => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
            stream.set_read_timeout(Some(Duration::from_millis(100)))?;
            loop {
                stream.write_all(b"1\r\n \r\n")?;
                // Nothing ever comes: the read's time limit paces the drip.
                let _nothing = stream.read(&mut [0]);
            }
        }
        Conduct::Flood => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 52428800\r\n\r\n")?;
            (0..800).try_for_each(|_| stream.write_all(&[b' '; 65536]))
        }
    }
}

fn wait_for_end(stream: &mut TcpStream) -> std::io::Result<()> {
    while stream.read(&mut [0; 64])? > 0 {}
    Ok(())
}

fn read(stream: &mut TcpStream) -> Option<String> {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let n = stream.read(&mut buffer).ok().filter(|n| *n > 0)?;
        seen.extend_from_slice(&buffer[..n]);
        let text = String::from_utf8_lossy(&seen).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?.parse::<usize>().ok()?;
        if body.len() >= length {
            return Some(text);
        }
    }
}
