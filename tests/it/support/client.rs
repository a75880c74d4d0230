//! Somebody who speaks HTTP: requests by small steps, answers looked at by small questions.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use reqwest::{Client, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

use super::PAGE;

/// A comment that is good in every way.
pub(crate) fn comment(body: &str) -> Value {
    json!({"page": PAGE, "name": "Ada Reader", "email": "ada@readers.example", "body": body})
}

/// One server as its clients see it.
#[derive(Clone)]
pub(crate) struct Http {
    pub(crate) address: SocketAddr,
    client: Client,
}

impl Http {
    pub(crate) fn to(address: SocketAddr) -> Self {
        // As in the server: whoever is second finds it installed.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .no_proxy()
            .build()
            .unwrap();
        Self { address, client }
    }

    pub(crate) fn ask(&self, method: &str, path: &str) -> Ask {
        let url = format!("http://{}{path}", self.address);
        Ask(self.client.request(method.parse().unwrap(), url))
    }

    /// Sends these very bytes and reads one answer.
    pub(crate) async fn raw(&self, bytes: impl Into<Vec<u8>>) -> String {
        self.exchange(bytes.into(), is_whole).await
    }

    /// Sends these very bytes and reads until the server closes.
    pub(crate) async fn raw_to_the_end(&self, bytes: impl Into<Vec<u8>>) -> String {
        self.exchange(bytes.into(), |_so_far| false).await
    }

    async fn exchange(&self, bytes: Vec<u8>, is_enough: fn(&[u8]) -> bool) -> String {
        let address = self.address;
        tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
            // The server may close before it has read everything.
            let _refused_early = stream.write_all(&bytes);
            let mut answer = Vec::new();
            let mut chunk = [0; 4096];
            while let Ok(n @ 1..) = stream.read(&mut chunk) {
                answer.extend_from_slice(&chunk[..n]);
                if is_enough(&answer) {
                    break;
                }
            }
            String::from_utf8_lossy(&answer).into_owned()
        })
        .await
        .unwrap()
    }
}

/// Whether the bytes hold a head and as much body as it says.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer).to_lowercase();
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    length.is_some_and(|length| answer.len() >= head.len() + 4 + length)
}

/// A request in the making.
pub(crate) struct Ask(RequestBuilder);

impl Ask {
    pub(crate) fn header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        Self(self.0.header(name, reqwest::header::HeaderValue::from_bytes(value.as_ref()).unwrap()))
    }
    /// Comes from this address, as the trusted proxy says.
    pub(crate) fn from(self, address: &str) -> Self {
        self.header("X-Forwarded-For", address)
    }
    /// Comes from a page of this origin; replaces what was said before.
    pub(crate) fn origin(self, origin: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert("Origin", origin.parse().unwrap());
        Self(self.0.headers(headers))
    }
    pub(crate) fn key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }
    pub(crate) fn json(self, value: &Value) -> Self {
        self.body("application/json", value.to_string())
    }
    pub(crate) fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body("application/x-www-form-urlencoded", body)
    }
    pub(crate) fn body(self, media: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self(self.header("Content-Type", media).0.body(bytes.into()))
    }
    pub(crate) async fn answer(self) -> Answer {
        self.try_answer().await.unwrap()
    }
    /// An answer that goes on.
    pub(crate) async fn open(self) -> reqwest::Response {
        self.0.send().await.unwrap()
    }
    /// For servers that may be gone.
    pub(crate) async fn try_answer(self) -> reqwest::Result<Answer> {
        let response = self.0.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, bytes: response.bytes().await?.to_vec() })
    }
}

/// What came back.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_no| panic!("{} {}", self.status, self.text()))
    }
    /// A header's value; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
    /// The status and the problem's code, empty where it is no problem.
    pub(crate) fn told(&self) -> (u16, String) {
        let code = match self.header("content-type") {
            "application/problem+json" => self.json()["code"].as_str().unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        (self.status, code)
    }
    /// Panics with the whole answer unless it has this status.
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }
    /// Panics unless it is this problem.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: u16, code: &str) -> Self {
        assert_eq!(self.told(), (status, code.to_owned()), "{}", String::from_utf8_lossy(&self.bytes));
        self
    }
    /// Each fault as `field code`, in the order told.
    pub(crate) fn faults(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        let text = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
        errors.iter().map(|error| format!("{} {}", text(error, "field"), text(error, "code"))).collect()
    }
    /// The id of the comment that was taken.
    pub(crate) fn id(&self) -> String {
        self.json()["id"].as_str().unwrap_or_else(|| panic!("{}", self.text())).to_owned()
    }
    pub(crate) fn edit_token(&self) -> String {
        self.json()["edit_token"].as_str().unwrap().to_owned()
    }
}
