//! PostgreSQL fails: submissions are answered within the time that is promised, none that was acknowledged is lost, and
//! all goes on by itself.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use replydesk::domain::Clock;

use crate::{
    postgres_server::PostgresServer,
    support::{App, client::Http, comment, database::Home, until},
};

/// What a submission waits at most before it is told to come back: the promise is 2 s, and a loaded machine takes time to
/// say so.
const PROMPT: Duration = Duration::from_millis(3_500);

/// With one comment on the page, which readers have in memory.
async fn over(server: &PostgresServer) -> App {
    let settings = format!("[store]\nurl = \"{}\"\n[moderation]\nmode = \"pre\"", server.url("postgres"));
    let app = App::within(Arc::new(Home::new()), Clock::system(), &settings).await;
    let first = app.submit(&comment("The first, that readers see.")).await.expect(202);
    app.moderator().await.approve(&first.id()).await;
    app.thread("").await.expect(200);
    app
}

/// The comments that are kept, but for the first.
fn rows(server: &PostgresServer) -> u32 {
    server.sql("postgres", "SELECT count(*) - 1 FROM comments").parse().unwrap()
}

/// As an operator does who wants settings to hold for everybody at once.
fn end_sessions(server: &PostgresServer) {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'replydesk'";
    server.sql("template1", sql);
}

/// Readers who post one comment after the other until they are told to stop; each sends the same again, with its key,
/// until it is acknowledged.
struct Load {
    taken: Arc<AtomicU32>,
    refused: Arc<AtomicU32>,
    over: Arc<AtomicBool>,
    readers: Vec<tokio::task::JoinHandle<Duration>>,
}

impl Load {
    fn start(http: &Http) -> Self {
        let (taken, refused, over) = (Arc::default(), Arc::default(), Arc::default());
        let readers = (0..8)
            .map(|reader| {
                tokio::spawn(post_on(http.clone(), reader, Arc::clone(&taken), Arc::clone(&refused), Arc::clone(&over)))
            })
            .collect();
        Self { taken, refused, over, readers }
    }

    async fn takes_more(&self, more: u32) {
        let from = self.taken.load(Ordering::SeqCst);
        until("comments are taken", || async { self.taken.load(Ordering::SeqCst) >= from + more }).await;
    }

    /// How many were refused so far; to be asked before the fault.
    fn refusals(&self) -> u32 {
        self.refused.load(Ordering::SeqCst)
    }

    /// More than these were refused.
    async fn is_refused(&self, before: u32) {
        until("comments are refused", || async { self.refusals() > before }).await;
    }

    /// How many were acknowledged, and the longest that anybody waited for any answer.
    async fn end(self) -> (u32, Duration) {
        self.over.store(true, Ordering::SeqCst);
        let mut longest = Duration::ZERO;
        for reader in self.readers {
            longest = longest.max(reader.await.unwrap());
        }
        (self.taken.load(Ordering::SeqCst), longest)
    }
}

async fn post_on(
    http: Http,
    reader: u32,
    taken: Arc<AtomicU32>,
    refused: Arc<AtomicU32>,
    over: Arc<AtomicBool>,
) -> Duration {
    let mut longest = Duration::ZERO;
    for n in 0.. {
        let body = comment(&format!("Reader {reader} has something to say, and this is number {n} of it."));
        loop {
            let ask = http.ask("POST", "/api/comments").origin("http://news.example").key(&format!("{reader}-{n}"));
            let sent = Instant::now();
            let answer = ask.json(&body).answer().await;
            longest = longest.max(sent.elapsed());
            match answer.status {
                202 => {
                    taken.fetch_add(1, Ordering::SeqCst);
                    break;
                }
                503 => {
                    assert!(!answer.header("retry-after").is_empty());
                    refused.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                other => panic!("{other}: {}", answer.text()),
            }
        }
        if over.load(Ordering::SeqCst) {
            break;
        }
    }
    longest
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_restarted_and_crashed_under_load_loses_nothing() {
    let Some(server) = PostgresServer::start() else { return };
    let app = over(&server).await;
    let load = Load::start(&app.http);
    load.takes_more(50).await;
    for stop in [PostgresServer::down, PostgresServer::crash] {
        let before = load.refusals();
        stop(&server);
        load.is_refused(before).await;
        app.get("/readyz").answer().await.expect(503);
        server.up();
        let up = Instant::now();
        load.takes_more(50).await;
        assert!(up.elapsed() < Duration::from_secs(10), "it took {:?} to go on", up.elapsed());
    }
    let (taken, longest) = load.end().await;
    assert_eq!(rows(&server), taken, "acknowledged and not kept, or kept twice");
    assert!(longest < PROMPT, "somebody waited {longest:?}");
    app.get("/readyz").answer().await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_that_hangs_is_answered_for_and_waited_for_by_nobody() {
    let Some(server) = PostgresServer::start() else { return };
    let app = over(&server).await;
    let load = Load::start(&app.http);
    load.takes_more(20).await;
    let before = load.refusals();
    server.signal("STOP");
    load.is_refused(before).await;
    let asked = Instant::now();
    app.thread("").await.expect(200);
    assert!(asked.elapsed() < PROMPT, "readers wait for nothing that is in memory");
    server.signal("CONT");
    load.takes_more(20).await;
    let (taken, longest) = load.end().await;
    assert_eq!(rows(&server), taken);
    assert!(longest < PROMPT, "somebody waited {longest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_that_are_ended_by_an_operator_are_made_anew() {
    let Some(server) = PostgresServer::start() else { return };
    let app = over(&server).await;
    let load = Load::start(&app.http);
    for _round in 0..5 {
        load.takes_more(10).await;
        end_sessions(&server);
    }
    load.takes_more(10).await;
    let (taken, longest) = load.end().await;
    assert_eq!(rows(&server), taken);
    assert!(longest < PROMPT, "somebody waited {longest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_somebody_holds_is_a_503_in_time_and_no_pile_of_waiting_requests() {
    let Some(server) = PostgresServer::start() else { return };
    let app = over(&server).await;
    let load = Load::start(&app.http);
    load.takes_more(10).await;
    let before = load.refusals();
    let mut holder = std::process::Command::new("psql")
        .args(["-XAtq", "-c", "BEGIN", "-c", "LOCK TABLE comments IN EXCLUSIVE MODE", "-c", "SELECT pg_sleep(60)"])
        .arg(server.url("postgres"))
        .spawn()
        .unwrap();
    load.is_refused(before).await;
    app.thread("").await.expect(200);
    holder.kill().unwrap();
    let _killed = holder.wait();
    // Its session may live on at the server's side.
    server.sql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()");
    load.takes_more(10).await;
    let (taken, longest) = load.end().await;
    assert_eq!(rows(&server), taken);
    assert!(longest < PROMPT, "somebody waited {longest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_becomes_read_only_is_a_503_until_it_is_taken_back() {
    let Some(server) = PostgresServer::start() else { return };
    let app = over(&server).await;
    let load = Load::start(&app.http);
    load.takes_more(20).await;
    let before = load.refusals();
    server.sql("template1", "ALTER DATABASE postgres SET default_transaction_read_only = on");
    end_sessions(&server);
    // The first may be of a session that ended; what comes after a while is of the database.
    load.is_refused(before + 20).await;
    until("it says that it takes nothing", || async { app.get("/readyz").answer().await.status == 503 }).await;
    let said = app.get("/readyz").answer().await.expect(503);
    assert_eq!(said.json()["checks"]["store"]["state"], "down");
    let (kept, shown) = (rows(&server), app.thread("").await.expect(200).json());
    assert_eq!(shown["comments"].as_array().unwrap().len(), 1, "{shown}");
    load.is_refused(load.refusals() + 20).await;
    assert_eq!(rows(&server), kept);

    server.sql("template1", "ALTER DATABASE postgres RESET default_transaction_read_only");
    end_sessions(&server);
    load.takes_more(20).await;
    until("it takes comments again", || async { app.get("/readyz").answer().await.status == 200 }).await;
    let (taken, longest) = load.end().await;
    assert_eq!(rows(&server), taken);
    assert!(longest < PROMPT, "somebody waited {longest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_goes_on_beside_a_newer_one_that_brought_the_schema_up_to_date() {
    let Some(server) = PostgresServer::start() else { return };
    let app = over(&server).await;
    let load = Load::start(&app.http);
    load.takes_more(20).await;
    let before = load.refusals();
    for step in [
        "ALTER TABLE comments ADD COLUMN mood text",
        "ALTER TABLE pages ADD COLUMN mood text NOT NULL DEFAULT 'calm'",
        "INSERT INTO schema_migrations VALUES (999, 'later', 'x')",
    ] {
        // Behind the writers' lock, as every step.
        server.sql("postgres", &format!("BEGIN; SELECT pg_advisory_xact_lock(8243118304166966123); {step}; COMMIT"));
    }
    load.takes_more(50).await;
    let moderator = app.moderator().await;
    for round in ["with sessions that knew the old", "with new sessions"] {
        let id = app.submit(&comment(&format!("Read this, {round}."))).await.expect(202).id();
        moderator.approve(&id).await;
        until(round, || async { app.thread("").await.text().contains(&id) }).await;
        app.get("/readyz").answer().await.expect(200);
        if round.contains("old") {
            assert_eq!(load.refusals(), before, "nobody met the change");
            end_sessions(&server);
            load.takes_more(20).await;
        }
    }
    let (taken, longest) = load.end().await;
    assert_eq!(rows(&server), taken + 2);
    assert!(longest < PROMPT, "somebody waited {longest:?}");
}
