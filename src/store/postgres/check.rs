//! Whether a PostgreSQL server and database are fit to keep comments in, said before anything is written there.

use deadpool_postgres::Object;

use crate::store::StoreError;

/// The oldest version that we know of: 13.
const OLDEST: i32 = 130_000;

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
