//! Whether a PostgreSQL server and database are fit to keep comments in, said before anything is written there.

use std::{error::Error, io};

use deadpool_postgres::{Object, Pool, PoolError};
use rustls::CertificateError;

use super::no_connection;
use crate::store::StoreError;

/// The oldest version that we know of: 13.
const OLDEST: i32 = 130_000;

/// The first connection.
///
/// # Errors
/// [`StoreError::Path`] with what to do where no encrypted line comes about; else what the server or the network says.
pub(in crate::store) async fn reach(pool: &Pool) -> Result<Object, StoreError> {
    pool.get().await.map_err(|fault| match &fault {
        PoolError::Backend(said) => unencrypted(said).map_or_else(|| no_connection(fault), StoreError::Path),
        _ => no_connection(fault),
    })
}

/// Why no encrypted line comes about, where that is the fault.
fn unencrypted(fault: &tokio_postgres::Error) -> Option<String> {
    let cause = fault.source()?;
    if cause.to_string() == "server does not support TLS" {
        return Some(
            "the PostgreSQL server speaks no TLS, and sslmode in store.url asks for it: set ssl = on there, or write sslmode=disable where nobody else is on the line"
                .to_owned(),
        );
    }
    let cause = cause.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref::<rustls::Error>()?;
    let rustls::Error::InvalidCertificate(why) = cause else { return None };
    Some(match why {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => format!(
            "the certificate of the PostgreSQL server is for another host than store.url names: name the host as the certificate does, or give the server one for this name ({why})"
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("the certificate of the PostgreSQL server has expired: give the server a new one ({why})")
        }
        _ => format!(
            "the certificate of the PostgreSQL server is not from an authority that is believed: name the authority's with sslrootcert=FILE in store.url, or leave it out for a public one ({why})"
        ),
    })
}

/// Looks at version, encoding, and whether it can be written to. The time zone does not matter: times are numbers.
///
/// # Errors
/// [`StoreError::Path`] with what to do.
pub(in crate::store) async fn fit(client: &Object) -> Result<(), StoreError> {
    let row = client
        .query_one(
            "SELECT current_setting('server_version_num')::int4, current_setting('server_version'),
               current_setting('server_encoding'), pg_is_in_recovery(),
               current_setting('default_transaction_read_only')::bool, current_database()::text,
               current_setting('fsync')::bool",
            &[],
        )
        .await?;
    let (number, version, encoding): (i32, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let (replica, read_only, name, synced): (bool, bool, String, bool) =
        (row.try_get(3)?, row.try_get(4)?, row.try_get(5)?, row.try_get(6)?);
    let unfit = |what: String| Err(StoreError::Path(what));
    if number < OLDEST {
        return unfit(format!("PostgreSQL {version} is too old: version 13 or newer is needed"));
    }
    if encoding != "UTF8" {
        return unfit(format!(
            "the database {name} has the encoding {encoding}, which cannot hold every comment: make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
        ));
    }
    if replica {
        return unfit(format!(
            "the PostgreSQL server of {name} is a read-only replica: point store.url at the primary, or name all servers and add ?target_session_attrs=read-write"
        ));
    }
    if read_only {
        return unfit(format!(
            "the database {name} is read-only for this user: ALTER ROLE or DATABASE … SET default_transaction_read_only = off"
        ));
    }
    if !synced {
        tracing::warn!("PostgreSQL runs with fsync = off: what it acknowledges may be lost with its machine");
    }
    Ok(())
}
