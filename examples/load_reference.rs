//! What `scripts/load` measures Replydesk against: the bare framework, and a bare durable insert on it.
//!
//! `GET /hello` answers a word. `POST /insert` parses a small JSON object and inserts it as one row: one
//! thread writes, takes along what waits, commits once with `synchronous=FULL`, and answers after the
//! sync. Nothing is checked, limited or scored. Usage: `load_reference FILE.db`; prints its address.

use std::{io::Write as _, net::TcpListener, thread};

use actix_web::{
    App, HttpResponse, HttpServer, get, post,
    web::{Data, Json},
};
use anyhow::Context as _;
use crossbeam_channel::{Receiver, Sender, bounded};
use rusqlite::{Connection, params};
use serde::Deserialize;
use tokio::sync::oneshot;

/// Rows in one transaction at most, as in the store.
const BATCH: usize = 256;
/// Rows that may wait, as in the store.
const WAITING: usize = 2_048;

#[derive(Deserialize)]
struct Row {
    page: String,
    name: String,
    email: String,
    body: String,
}

struct Job {
    row: Row,
    done: oneshot::Sender<bool>,
}

#[get("/hello")]
async fn hello() -> &'static str {
    "Hello, world!"
}

#[post("/insert")]
async fn insert(row: Json<Row>, writer: Data<Sender<Job>>) -> HttpResponse {
    let (done, answer) = oneshot::channel();
    let job = Job { row: row.into_inner(), done };
    if writer.try_send(job).is_err() || !answer.await.unwrap_or(false) {
        return HttpResponse::ServiceUnavailable().finish();
    }
    HttpResponse::Accepted().content_type("application/json").body("{\"status\":\"pending\"}")
}

fn open(path: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    connection.execute_batch(
        "CREATE TABLE comment (id BLOB PRIMARY KEY, page TEXT, name TEXT, email TEXT, body TEXT) WITHOUT ROWID",
    )?;
    Ok(connection)
}

/// Writes until the last sender is gone.
fn write(mut connection: Connection, jobs: &Receiver<Job>) {
    let mut batch = Vec::with_capacity(BATCH);
    while let Ok(first) = jobs.recv() {
        batch.push(first);
        batch.extend(jobs.try_iter().take(BATCH - 1));
        let stored = commit(&mut connection, &batch).is_ok();
        for job in batch.drain(..) {
            // A client that went away does not need the answer.
            let _gone = job.done.send(stored);
        }
    }
}

fn commit(connection: &mut Connection, batch: &[Job]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    {
        let mut statement = transaction.prepare_cached("INSERT INTO comment VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for Job { row, .. } in batch {
            let id = uuid::Uuid::now_v7().into_bytes();
            statement.execute(params![id, row.page, row.name, row.email, row.body])?;
        }
    }
    transaction.commit()
}

fn main() -> anyhow::Result<()> {
    let path = std::env::args().nth(1).context("usage: load_reference FILE.db")?;
    let connection = open(&path)?;
    let (writer, jobs) = bounded(WAITING);
    thread::spawn(move || write(connection, &jobs));
    let listener = TcpListener::bind("127.0.0.1:0")?;
    writeln!(std::io::stdout(), "http://{}", listener.local_addr()?)?;
    let writer = Data::new(writer);
    let server = HttpServer::new(move || App::new().app_data(writer.clone()).service(hello).service(insert))
        .listen(listener)?
        .run();
    tokio::runtime::Runtime::new()?.block_on(server)?;
    Ok(())
}
