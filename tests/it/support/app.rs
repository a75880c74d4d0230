//! A server in this process: the real parts, a store in a temporary folder, a clock that stands.

use std::{net::TcpListener, sync::Arc, time::Duration};

use replydesk::{
    app::{self, Running},
    auth::Right,
    captcha::challenge::{Binding, mint_solved},
    config::{
        Live,
        load::{Sources, load},
    },
    domain::{Clock, PageAddress, Timestamp},
    keys::Keyring,
};
use serde_json::Value;

use super::{
    PAGE,
    client::{Answer, Ask, Http},
    database::Home,
    moderator::Moderator,
    settings,
};

/// 2027-01-15T08:00:00Z
pub(crate) const START: Timestamp = Timestamp(1_800_000_000_000);

pub(crate) struct App {
    pub(crate) http: Http,
    pub(crate) clock: Clock,
    pub(crate) folder: Arc<Home>,
    pub(crate) running: Running,
}

impl App {
    /// With the quiet settings.
    pub(crate) async fn start() -> Self {
        Self::with("").await
    }

    /// With these settings over the quiet ones.
    pub(crate) async fn with(wanted: &str) -> Self {
        Self::within(Arc::new(Home::new()), Clock::standing_at(START), wanted).await
    }

    /// On a store that is already there.
    pub(crate) async fn within(folder: Arc<Home>, clock: Clock, wanted: &str) -> Self {
        let file = settings::write(&folder, wanted);
        let sources = Sources { file: Some(file), env: Vec::new() };
        let loaded = load(&sources).unwrap_or_else(|faults| panic!("{faults}"));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let http = Http::to(listener.local_addr().unwrap());
        let live = Live::with_clock(loaded, sources, clock.clone());
        let running = app::start(live, clock.clone(), listener).await.unwrap();
        Self { http, clock, folder, running }
    }

    /// A second instance on the same store.
    pub(crate) async fn beside(&self, wanted: &str) -> Self {
        Self::within(Arc::clone(&self.folder), self.clock.clone(), wanted).await
    }

    /// Ends it and starts it again on the same store.
    pub(crate) async fn restarted(self, wanted: &str) -> Self {
        let Self { clock, folder, running, .. } = self;
        running.stop().await;
        Self::within(folder, clock, wanted).await
    }

    pub(crate) fn get(&self, path: &str) -> Ask {
        self.http.ask("GET", path)
    }

    pub(crate) fn post(&self, path: &str) -> Ask {
        self.http.ask("POST", path)
    }

    /// Posts a comment as a script on the news page would.
    pub(crate) async fn submit(&self, comment: &Value) -> Answer {
        self.submission(comment).answer().await
    }

    /// The same, to be changed before it goes out.
    pub(crate) fn submission(&self, comment: &Value) -> Ask {
        self.post("/api/comments").origin("http://news.example").json(comment)
    }

    /// Posts a form as a browser without JavaScript would.
    pub(crate) async fn submit_form(&self, fields: &[(&str, &str)]) -> Answer {
        self.form("/comments", fields).answer().await
    }

    pub(crate) fn form(&self, path: &str, fields: &[(&str, &str)]) -> Ask {
        self.post(path).origin("http://news.example").form(fields)
    }

    /// A stretch of the page's comments.
    pub(crate) async fn thread(&self, query: &str) -> Answer {
        self.get(&format!("/api/comments?page={PAGE}{query}")).answer().await
    }

    /// Somebody who may do everything.
    pub(crate) async fn moderator(&self) -> Moderator {
        let name = format!("tests-{}", self.running.services.auth.people.tokens().await.unwrap().len());
        let made = self.running.services.auth.people.add_token(&name, Right::Admin, None, "operator").await;
        Moderator { http: self.http.clone(), token: made.unwrap().0 }
    }

    pub(crate) fn keys(&self) -> &Keyring {
        &self.running.services.keys
    }

    /// A solved proof of work for this page, minted so long ago.
    pub(crate) fn solved(&self, page: &str, ago: Duration) -> String {
        let config = self.running.services.live.get();
        let site = &config.sites[0];
        let page = PageAddress::parse(page).unwrap().identity(&site.id, &site.keep_query);
        let mark = "00000000";
        let binding = Binding { site: &site.id, page_key: &page.key, action: &site.captcha.action, network_mark: mark };
        mint_solved(self.keys(), binding, self.clock.now().minus(ago)).unwrap()
    }

    /// What became of every comment: the number of rows this query counts in the store's file.
    pub(crate) fn count(&self, sql: &str) -> i64 {
        self.folder.number(sql)
    }

    /// The rows of a query as text, one a line.
    pub(crate) fn dump(&self, sql: &str) -> String {
        self.folder.lines(sql)
    }

    /// Runs statements in the store as somebody at its prompt would.
    pub(crate) fn run(&self, sql: &str) {
        self.folder.run(sql);
    }
}
