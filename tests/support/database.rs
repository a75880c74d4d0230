//! Where a test keeps its store: a SQLite file in its folder, or, where `TEST_DATABASE_URL` names a PostgreSQL server on
//! which databases may be made, a database of its own there. `scripts/with-postgres` starts such a server.

use std::path::Path;

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

/// The server that tests may use.
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
