//! Why the store gave no answer. What it means for a request is decided at the rim.

#[cfg(feature = "postgres")]
use std::fmt;
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
    Postgres(#[source] PostgresFault),
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
        Self::Postgres(PostgresFault(Arc::new(fault)))
    }
}

/// What PostgreSQL or the connection said. It tells neither a row nor a value, which the server's own words may quote.
#[cfg(feature = "postgres")]
#[derive(Clone)]
pub struct PostgresFault(Arc<tokio_postgres::Error>);

#[cfg(feature = "postgres")]
impl PostgresFault {
    /// The SQLSTATE, where the server said no.
    #[must_use]
    pub fn code(&self) -> Option<&tokio_postgres::error::SqlState> {
        self.0.code()
    }
}

#[cfg(feature = "postgres")]
impl fmt::Display for PostgresFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_db_error() {
            // A message of this class quotes what it could not read.
            Some(said) if said.code().code().starts_with("22") => write!(f, "SQLSTATE {}", said.code().code()),
            Some(said) => write!(f, "SQLSTATE {}: {}", said.code().code(), said.message()),
            None => self.0.fmt(f),
        }
    }
}

#[cfg(feature = "postgres")]
impl fmt::Debug for PostgresFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "postgres")]
impl std::error::Error for PostgresFault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        if self.0.as_db_error().is_some() { None } else { std::error::Error::source(&*self.0) }
    }
}
