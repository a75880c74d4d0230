//! Why the store gave no answer. What it means for a request is decided at the rim.

use std::sync::Arc;

/// Why the store gave no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// Too much waits already; try again shortly.
    #[error("too many jobs wait for the store")]
    Busy,
    /// The store's threads have ended.
    #[error("the store is closed")]
    Closed,
    /// The job itself broke off; it is a fault of the program and took nobody else's job along.
    #[error("a job of the store broke off")]
    BrokeOff,
    /// A thread could not be started.
    #[error("no thread for the store")]
    Thread(#[source] Arc<std::io::Error>),
    /// The database said no.
    #[error("the database failed")]
    Database(#[source] Arc<rusqlite::Error>),
    /// PostgreSQL said no, or the connection broke.
    #[cfg(feature = "postgres")]
    #[error("PostgreSQL failed")]
    Postgres(#[source] Arc<tokio_postgres::Error>),
    /// PostgreSQL gave no answer in time, or no connection.
    #[error("PostgreSQL {0}")]
    Unreachable(&'static str),
    /// A row holds what this version cannot read.
    #[error("a stored value of {0} cannot be read")]
    Unreadable(&'static str),
    /// The database is newer than the program.
    #[error("the database has schema {found}, this program knows {known}: run the newer program, or restore a backup")]
    Newer {
        /// What the database says.
        found: u32,
        /// The last one this program has.
        known: u32,
    },
    /// The folder, file or database cannot be used as it is; says what to do.
    #[error("{0}")]
    Path(String),
}

impl StoreError {
    pub(in crate::store) fn no_thread(fault: std::io::Error) -> Self {
        Self::Thread(Arc::new(fault))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(fault: rusqlite::Error) -> Self {
        Self::Database(Arc::new(fault))
    }
}

#[cfg(feature = "postgres")]
impl From<tokio_postgres::Error> for StoreError {
    fn from(fault: tokio_postgres::Error) -> Self {
        Self::Postgres(Arc::new(fault))
    }
}
