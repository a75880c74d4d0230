//! A running server with an empty store, and people who talk to it.

use std::{net::TcpListener, time::Duration};

use crate::database::Home;
use replydesk::{
    app::{self, Running},
    auth::{NewPerson, Right},
    config::{
        Live,
        load::{Sources, load},
    },
    domain::{
        AuthorId, CaptchaOutcome, CaptchaRecord, Clock, CommentId, PageAddress, Signal, SiteId, Status, Timestamp,
        Verdict,
    },
    store::{Accepted, AuditFrom, AuditQuery, NewComment, Store},
};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

/// 2027-01-15T08:00:00Z
pub(crate) const NOW: Timestamp = Timestamp(1_800_000_000_000);
/// A password that no rule minds.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A server of two sites, `news` and `sport`, behind a proxy on this machine.
pub(crate) struct Desk {
    pub(crate) running: Running,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    base: String,
    client: reqwest::Client,
    count: std::sync::atomic::AtomicU64,
    folder: Home,
}

/// How somebody proves who they are, and what else they send.
#[derive(Clone, Default)]
pub(crate) struct Who {
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Who {
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(given, _)| *given != name);
        self
    }
}

/// Nobody.
pub(crate) fn nobody() -> Who {
    Who::default()
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
    pub(crate) fn field(&self) -> &str {
        self.body["errors"][0]["field"].as_str().unwrap_or_default()
    }
    #[track_caller]
    pub(crate) fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.body);
    }
}

impl Desk {
    pub(crate) async fn start() -> Self {
        Self::with("", &[]).await
    }

    /// With more settings behind those of `sport`, and files beside the settings.
    pub(crate) async fn with(more: &str, files: &[(&str, &str)]) -> Self {
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let folder = Home::new();
        let file = folder.path().join("replydesk.toml");
        let settings = format!(
            r#"
            [server]
            workers = 1
            public_url = "http://desk.example"
            trusted_proxies = ["127.0.0.1/32"]
            secret = "a secret of the operator's own"
            [store]
            url = "{}"
            [[site]]
            id = "news"
            origins = ["https://news.example"]
            [[site]]
            id = "sport"
            origins = ["https://sport.example"]
            {more}
            "#,
            folder.url()
        );
        std::fs::write(&file, settings).unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let sources = Sources { file: Some(file), ..Sources::default() };
        let loaded = load(&sources).unwrap_or_else(|faults| panic!("{faults}"));
        let clock = Clock::standing_at(NOW);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let live = Live::with_clock(loaded, sources, clock.clone());
        let running = app::start(live, clock.clone(), listener).await.unwrap();
        // What the command line does beside a running server.
        let store = Store::open(&folder.url()).await.unwrap();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { running, store, clock, base, client, count: 0.into(), folder }
    }

    pub(crate) async fn stop(self) {
        self.store.close();
        self.running.stop().await;
    }

    /// Somebody with a token of this scope.
    pub(crate) async fn token(&self, scope: Right) -> Who {
        let name = format!("{}-{}", scope.scope(), self.next());
        let made = self.running.services.auth.people.add_token(&name, scope, None, "operator").await;
        nobody().with("authorization", format!("Bearer {}", made.unwrap().0))
    }

    pub(crate) async fn person(&self, name: &str, role: &str, sites: &[&str]) {
        let new = NewPerson {
            username: name.into(),
            role: role.into(),
            email: None,
            sites: (!sites.is_empty()).then(|| sites.iter().map(|site| (*site).to_owned()).collect()),
            password: Some(PASSWORD.into()),
        };
        self.running.services.auth.people.add(new, "operator").await.unwrap();
    }

    /// Somebody who was added and signed in.
    pub(crate) async fn signed_in(&self, name: &str, role: &str, sites: &[&str]) -> Who {
        self.person(name, role, sites).await;
        self.back(name).await
    }

    /// The same person, signed in anew.
    pub(crate) async fn back(&self, name: &str) -> Who {
        signed_in_by(self.sign_in(&nobody(), name, PASSWORD).await)
    }

    pub(crate) async fn sign_in(&self, who: &Who, username: &str, password: &str) -> Answer {
        self.post(who, "/api/session", json!({ "username": username, "password": password })).await
    }

    pub(crate) async fn get(&self, who: &Who, path: &str) -> Answer {
        self.send(Method::GET, who, path, None).await
    }
    pub(crate) async fn post(&self, who: &Who, path: &str, body: Value) -> Answer {
        let who = who.clone().with("content-type", "application/json");
        self.send(Method::POST, &who, path, Some(body.to_string().into_bytes())).await
    }
    pub(crate) async fn patch(&self, who: &Who, path: &str, body: Value) -> Answer {
        let who = who.clone().with("content-type", "application/json");
        self.send(Method::PATCH, &who, path, Some(body.to_string().into_bytes())).await
    }
    pub(crate) async fn delete(&self, who: &Who, path: &str) -> Answer {
        self.send(Method::DELETE, who, path, None).await
    }

    /// A file that is offered for download, as it comes.
    pub(crate) async fn file(&self, who: &Who, path: &str) -> (reqwest::header::HeaderMap, String) {
        let mut request = self.client.get(format!("{}{path}", self.base));
        for (name, value) in &who.headers {
            request = request.header(*name, value);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        (answer.headers().clone(), answer.text().await.unwrap())
    }

    /// Whether the store is a PostgreSQL database.
    pub(crate) fn is_postgres(&self) -> bool {
        self.folder.is_postgres()
    }

    /// What somebody does who can write to the store by hand.
    pub(crate) fn tamper(&self, sql: &str) {
        self.folder.run(sql);
    }

    /// Any request. No answer to a signed-in person may be kept by a cache.
    pub(crate) async fn send(&self, method: Method, who: &Who, path: &str, body: Option<Vec<u8>>) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        for (name, value) in &who.headers {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let answer = read(request.send().await.unwrap()).await;
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        answer
    }

    /// The API's description.
    pub(crate) async fn document(&self) -> Value {
        let answer = self.client.get(format!("{}/openapi.json", self.base)).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    /// An open stream, past its greeting.
    pub(crate) async fn listen(&self, who: &Who, path: &str) -> Stream {
        let mut request = self.client.get(format!("{}{path}", self.base));
        for (name, value) in &who.headers {
            request = request.header(*name, value);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        let mut stream = Stream { answer, text: String::new() };
        let first = stream.block().await;
        let retry = first.lines().next().and_then(|line| line.strip_prefix("retry: ")).map(str::parse::<u32>);
        assert!(retry.unwrap().is_ok_and(|wait| (2000..5000).contains(&wait)), "{first}");
        stream
    }

    /// What the audit says, oldest first: who did what to whom, and the rest.
    pub(crate) async fn audit(&self) -> Vec<(String, String, String, Value)> {
        // The server's store writes in order: once this is answered, what was noted by the way is there.
        let _nothing = self.running.services.auth.people.revoke("no such token", "operator").await;
        let rows = self.store.audit(AuditQuery::all(AuditFrom::Oldest(None), 1_000)).await.unwrap().rows;
        let detail = |text: &str| serde_json::from_str(text).unwrap();
        rows.into_iter().map(|row| (row.actor, row.action, row.subject, detail(&row.detail))).collect()
    }

    /// One number out of the store.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        self.folder.number(sql)
    }

    /// An id as a statement spells it.
    pub(crate) fn id(&self, id: CommentId) -> String {
        self.folder.id(id)
    }

    fn next(&self) -> u64 {
        self.count.fetch_add(1, std::sync::atomic::Ordering::SeqCst)
    }

    /// A comment that waits on the site's `/article`.
    pub(crate) async fn comment(&self, site: &str, body: &str) -> CommentId {
        self.accept(self.draft(site, body)).await
    }

    /// A comment before it is stored, for a test to change.
    pub(crate) fn draft(&self, site: &str, body: &str) -> NewComment {
        self.clock.advance(Duration::from_secs(1));
        let (now, n) = (self.clock.now(), self.next());
        let page = PageAddress::parse(&format!("https://{site}.example/article")).unwrap();
        let mut duplicate = [0; 32];
        duplicate[..8].copy_from_slice(&n.to_be_bytes());
        NewComment {
            id: CommentId::new(now),
            page: page.identity(&SiteId::new(site), &[]),
            title: None,
            parent: None,
            status: Status::Pending,
            name: "Bob".into(),
            email: Some("bob@reader.example".into()),
            url: None,
            body: body.into(),
            post_id: None,
            created_at: now,
            edit_until: now.plus(Duration::from_secs(300)),
            author: AuthorId::new(now),
            proven: false,
            email_key: Some(self.running.services.keys.email("bob@reader.example")),
            sketch: None,
            cluster: None,
            founder: None,
            address: Some("2001:db8:1:2::3".into()),
            network_key: "n".into(),
            captcha: CaptchaRecord {
                provider: "builtin".into(),
                outcome: CaptchaOutcome::Low,
                score: Some(0.4),
                raw_score: None,
            },
            sampled: None,
            risk: 0.25,
            verdict: Verdict::Hold,
            signals: vec![Signal::new("captcha_low", 0.5, "The captcha score is low.").at(0, 5)],
            duplicate: (duplicate, Timestamp(0)),
            claim: None,
            unverified: None,
            idempotency: None,
            staff: None,
        }
    }

    pub(crate) async fn accept(&self, comment: NewComment) -> CommentId {
        match self.store.accept(comment).await.unwrap() {
            Accepted::Stored(receipt) => receipt.id,
            other => panic!("{other:?}"),
        }
    }
}

/// Server-sent events as they come.
pub(crate) struct Stream {
    answer: Response,
    text: String,
}

/// One event.
#[derive(Debug)]
pub(crate) struct Happened {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) data: Value,
}

impl Stream {
    /// The next event; a stream that ends is an error.
    pub(crate) async fn event(&mut self) -> Happened {
        loop {
            let block = self.block().await;
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
            if let Some(name) = field("event: ") {
                let data = serde_json::from_str(&field("data: ").unwrap()).unwrap();
                return Happened { id: field("id: ").unwrap(), name, data };
            }
        }
    }

    /// Whether nothing more comes.
    pub(crate) async fn has_ended(&mut self) -> bool {
        // A last word may come before the end.
        while let Some(chunk) = self.answer.chunk().await.unwrap() {
            if chunk.windows(6).any(|part| part == b"event:") {
                return false;
            }
        }
        true
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
}

/// Who a sign-in opened a session for.
#[track_caller]
pub(crate) fn signed_in_by(answer: Answer) -> Who {
    let cookie = answer.headers.get("set-cookie").map(|cookie| cookie.to_str().unwrap().to_owned()).unwrap_or_default();
    let csrf = answer.ok(200)["csrf_token"].as_str().unwrap().to_owned();
    nobody().with("cookie", cookie.split(';').next().unwrap()).with("x-csrf-token", csrf)
}

async fn read(response: Response) -> Answer {
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.bytes().await.unwrap();
    let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
    if status.is_client_error() || status.is_server_error() {
        assert_eq!(headers["content-type"], "application/problem+json", "{body}");
        assert_eq!(body["status"], status.as_u16());
    }
    assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{body}");
    Answer { status: status.as_u16(), headers, body }
}

/// The ids of a list, in order.
pub(crate) fn ids(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}
