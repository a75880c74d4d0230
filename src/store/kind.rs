//! Which back end an address is of: what is said of one that this program does not know.

use std::path::Path;

use super::StoreError;

/// Which back end an address is of.
pub(super) enum Kind<'a> {
    Sqlite(&'a Path),
    #[cfg(feature = "postgres")]
    Postgres,
}

impl<'a> Kind<'a> {
    pub(super) fn of(url: &'a str) -> Result<Self, StoreError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Ok(Self::Sqlite(Path::new(path.strip_prefix("//").unwrap_or(path))));
        }
        let scheme = url.split(':').next().unwrap_or_default();
        if matches!(scheme, "postgres" | "postgresql") {
            #[cfg(feature = "postgres")]
            return Ok(Self::Postgres);
            #[cfg(not(feature = "postgres"))]
            return Err(StoreError::Path(
                "store.url names PostgreSQL, and this program was built without it: use sqlite:, or another build"
                    .to_owned(),
            ));
        }
        Err(StoreError::Path(format!(
            "store.url must start with \"sqlite:\" or \"postgres:\"; got a URL of scheme {scheme:?}"
        )))
    }
}
