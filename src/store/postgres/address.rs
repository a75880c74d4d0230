//! What `store.url` says of a PostgreSQL database: where it is, and how far its certificate is believed.
//!
//! `sslmode` follows libpq: `disable`, `prefer`, `require` (encrypted, whoever answers), `verify-ca` and `verify-full`
//! (the certificate must be for the host and from a root we know; the two are one here, the stricter).

use std::{fmt, path::PathBuf, str::FromStr as _};

use tokio_postgres::{Config, config::SslMode};

use crate::store::StoreError;

/// Whose certificate is believed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Trust {
    /// Anybody's: the line is encrypted, and that is all.
    Anybody,
    /// The public roots'.
    PublicRoots,
    /// The roots' in this PEM file.
    Roots(PathBuf),
}

/// An address, taken apart.
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) trust: Trust,
}

/// Never shows a password.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").field("config", &self.config).field("trust", &self.trust).finish()
    }
}

/// Reads an address.
///
/// # Errors
/// [`StoreError::Path`] where it is none; the address itself may hold a password and is not told.
pub(super) fn read(url: &str) -> Result<Address, StoreError> {
    let wrong =
        |what: &str| StoreError::Path(format!("store.url: {what}; give postgres://USER:PASSWORD@HOST:PORT/DATABASE"));
    // Several hosts make no URL, and only the query is of interest here.
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut kept, mut mode, mut roots) = (form_urlencoded::Serializer::new(String::new()), None, None);
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        match key.as_ref() {
            "sslmode" => mode = Some(value.into_owned()),
            "sslrootcert" => roots = Some(PathBuf::from(value.into_owned())),
            _ => {
                kept.append_pair(&key, &value);
            }
        }
    }
    let kept = kept.finish().replace('+', "%20");
    let plain = if kept.is_empty() { place.to_owned() } else { format!("{place}?{kept}") };
    let mut config = Config::from_str(&plain).map_err(|_fault| wrong("this is no address of PostgreSQL"))?;
    if config.get_dbname().is_none_or(str::is_empty) {
        return Err(wrong("the name of the database is missing"));
    }
    let verified = roots.map_or(Trust::PublicRoots, Trust::Roots);
    let (ssl, trust) = match mode.as_deref() {
        Some("disable") => (SslMode::Disable, Trust::Anybody),
        None | Some("prefer" | "allow") => (SslMode::Prefer, Trust::Anybody),
        Some("require") if verified == Trust::PublicRoots => (SslMode::Require, Trust::Anybody),
        Some("require" | "verify-ca" | "verify-full") => (SslMode::Require, verified),
        Some(_) => return Err(wrong("sslmode is one of disable, prefer, require, verify-full")),
    };
    config.ssl_mode(ssl);
    Ok(Address { config, trust })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_says_whose_certificate_is_believed() {
        let trust = |query: &str| read(&format!("postgres://ada:x@db.example/news?{query}")).map(|found| found.trust);
        assert_eq!(trust("").unwrap(), Trust::Anybody);
        assert_eq!(trust("sslmode=require").unwrap(), Trust::Anybody);
        assert_eq!(trust("sslmode=verify-full").unwrap(), Trust::PublicRoots);
        assert_eq!(trust("sslmode=verify-full&sslrootcert=/etc/ca.pem").unwrap(), Trust::Roots("/etc/ca.pem".into()));
        assert!(trust("sslmode=maybe").is_err());
    }

    #[test]
    fn what_is_no_address_is_refused_without_telling_it() {
        for url in ["postgres://", "postgres://ada:s3cret@db.example", "postgres://ada:s3cret@db.example:99999/x"] {
            let fault = read(url).unwrap_err().to_string();
            assert!(fault.contains("store.url") && !fault.contains("s3cret"), "{fault}");
        }
    }

    #[test]
    fn other_parameters_reach_the_driver() {
        let found =
            read("postgres://ada@a.example,b.example/news?target_session_attrs=read-write&sslmode=disable").unwrap();
        assert_eq!(found.config.get_hosts().len(), 2);
        assert_eq!(found.config.get_target_session_attrs(), tokio_postgres::config::TargetSessionAttrs::ReadWrite);
    }
}
