//! Where a test keeps its store: a SQLite file in its folder, or, where `TEST_DATABASE_URL` names a PostgreSQL server on
//! which databases may be made, a database of its own there. `scripts/with-postgres` starts such a server.

use std::{path::Path, sync::mpsc};

use tempfile::TempDir;

/// A folder of the test's own, with its store.
pub(crate) struct Home {
    folder: TempDir,
    database: Option<String>,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = server().map(|server| {
            let name = format!("rd_{}", uuid::Uuid::now_v7().simple());
            run(
                &server,
                &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"),
            );
            name
        });
        Self { folder, database }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// For `store.url`.
    pub(crate) fn url(&self) -> String {
        match &self.database {
            Some(name) => at(&server().unwrap(), name),
            None => format!("sqlite:{}", self.file().display()),
        }
    }

    /// The SQLite file, which is there where this is not PostgreSQL.
    pub(crate) fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("replydesk.db")
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.database.is_some()
    }

    /// Runs statements by a connection of its own, as somebody at the database's prompt would.
    pub(crate) fn run(&self, sql: &str) {
        match &self.database {
            Some(_) => run(&self.url(), sql),
            None => rusqlite::Connection::open(self.file()).unwrap().execute_batch(sql).unwrap(),
        }
    }

    /// One number.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        match &self.database {
            Some(_) => first(&self.url(), sql).unwrap().parse().unwrap(),
            None => rusqlite::Connection::open(self.file()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap(),
        }
    }

    /// The rows of a query as text, one a line.
    pub(crate) fn lines(&self, sql: &str) -> String {
        match &self.database {
            Some(_) => rows(&self.url(), sql),
            None => {
                let file = rusqlite::Connection::open(self.file()).unwrap();
                let mut statement = file.prepare(sql).unwrap();
                let n_columns = statement.column_count();
                let lines = statement.query_map([], |row| {
                    Ok((0..n_columns).map(|n| spelled(row.get_ref(n).unwrap())).collect::<Vec<_>>().join(" "))
                });
                lines.unwrap().collect::<Result<Vec<_>, _>>().unwrap().join("\n")
            }
        }
    }

    /// Keeps everybody from writing, as another instance does, until it is dropped.
    pub(crate) fn held(&self) -> Held {
        let (url, file, is_postgres) = (self.url(), self.file(), self.is_postgres());
        let ((holds, is_held), (release, released)) = (mpsc::channel(), mpsc::channel::<()>());
        let hold = move || match is_postgres {
            true => hold(&url, holds, released),
            false => {
                let file = rusqlite::Connection::open(file).unwrap();
                file.execute_batch("BEGIN IMMEDIATE").unwrap();
                holds.send(()).unwrap();
                let _dropped = released.recv();
            }
        };
        let thread = std::thread::spawn(hold);
        is_held.recv().unwrap();
        Held { release: Some(release), thread: Some(thread) }
    }

    /// An id as a statement of this store spells it.
    pub(crate) fn id(&self, id: replydesk::domain::CommentId) -> String {
        match &self.database {
            Some(_) => format!("'{id}'::uuid"),
            None => format!("x'{}'", id.to_string().replace('-', "")),
        }
    }

    /// One text.
    pub(crate) fn text(&self, sql: &str) -> String {
        match &self.database {
            Some(_) => first(&self.url(), sql).unwrap(),
            None => rusqlite::Connection::open(self.file()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap(),
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Some(name) = &self.database {
            run(&server().unwrap(), &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// What keeps everybody from writing.
pub(crate) struct Held {
    release: Option<mpsc::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.release.take());
        self.thread.take().unwrap().join().unwrap();
    }
}

fn spelled(value: rusqlite::types::ValueRef<'_>) -> String {
    match value {
        rusqlite::types::ValueRef::Text(bytes) | rusqlite::types::ValueRef::Blob(bytes) => {
            String::from_utf8_lossy(bytes).into_owned()
        }
        rusqlite::types::ValueRef::Integer(number) => number.to_string(),
        rusqlite::types::ValueRef::Real(number) => number.to_string(),
        rusqlite::types::ValueRef::Null => "NULL".to_owned(),
    }
}

/// The server that tests may use.
#[expect(clippy::disallowed_methods, reason = "it is told to the tests, and is no setting")]
fn server() -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
}

/// The server's address with another database.
fn at(server: &str, database: &str) -> String {
    let mut url = url::Url::parse(server).unwrap();
    url.set_path(database);
    url.into()
}

#[cfg(not(feature = "postgres"))]
fn run(_url: &str, _sql: &str) {
    panic!("TEST_DATABASE_URL is set, and this build knows no PostgreSQL");
}

#[cfg(not(feature = "postgres"))]
fn first(_url: &str, _sql: &str) -> Option<String> {
    None
}

#[cfg(not(feature = "postgres"))]
fn hold(_url: &str, _holds: mpsc::Sender<()>, _released: mpsc::Receiver<()>) {}

/// Has the lock that whoever writes takes ("replydsk" as a number).
#[cfg(feature = "postgres")]
fn hold(url: &str, holds: mpsc::Sender<()>, released: mpsc::Receiver<()>) {
    with(url, move |client| async move {
        client.batch_execute("SELECT pg_advisory_lock(8243118304166966123)").await.unwrap();
        holds.send(()).unwrap();
        let _dropped = released.recv();
        client.batch_execute("SELECT pg_advisory_unlock(8243118304166966123)").await.unwrap();
    });
}

#[cfg(not(feature = "postgres"))]
fn rows(_url: &str, _sql: &str) -> String {
    String::new()
}

/// Every row's values as text, one row a line.
#[cfg(feature = "postgres")]
fn rows(url: &str, sql: &str) -> String {
    let sql = sql.to_owned();
    with(url, move |client| async move {
        let lines = client.simple_query(&sql).await.unwrap().into_iter().filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|n| row.get(n).unwrap_or("NULL")).collect::<Vec<_>>().join(" "))
            }
            _ => None,
        });
        lines.collect::<Vec<_>>().join("\n")
    })
}

#[cfg(feature = "postgres")]
fn run(url: &str, sql: &str) {
    let sql = sql.to_owned();
    with(url, move |client| async move { client.batch_execute(&sql).await.unwrap() });
}

/// The first value of the first row, as text.
#[cfg(feature = "postgres")]
fn first(url: &str, sql: &str) -> Option<String> {
    let sql = sql.to_owned();
    with(url, move |client| async move {
        client.simple_query(&sql).await.unwrap().into_iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })
    })
}

/// On a thread of its own, since a test may be within a runtime already.
#[cfg(feature = "postgres")]
fn with<T, F, W>(url: &str, work: F) -> T
where
    T: Send + 'static,
    F: FnOnce(tokio_postgres::Client) -> W + Send + 'static,
    W: Future<Output = T>,
{
    let url = url.to_owned();
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
            let _driven = tokio::spawn(connection);
            work(client).await
        })
    };
    std::thread::spawn(run).join().unwrap()
}
