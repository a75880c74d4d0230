//! Opening the file: pragmas for the writer and for readers.

use std::{fs, path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};

use crate::store::{StoreError, transfer};

/// How long one process waits for another's transaction.
pub(in crate::store) const WAIT_FOR_LOCK: Duration = Duration::from_secs(5);

/// How long writers wait while the log cannot be emptied because somebody reads it.
const WAIT_FOR_READERS: Duration = Duration::from_millis(100);

/// Makes the folder that the file is to be in.
pub(in crate::store) fn folder(path: &Path) -> Result<(), StoreError> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    fs::create_dir_all(folder)
        .map_err(|fault| StoreError::Path(format!("cannot make the folder {}: {fault}", folder.display())))
}

/// A copy that has yet to be completed is no store.
pub(in crate::store) fn see_that_it_is_whole(connection: &Connection) -> Result<(), StoreError> {
    match connection.prepare("SELECT 1 FROM meta WHERE key = ?")?.exists([transfer::KEY])? {
        true => Err(transfer::unfinished()),
        false => Ok(()),
    }
}

/// The connection that writes. WAL with `synchronous=FULL`: a commit returns after its sync.
pub(in crate::store) fn writer(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(WAIT_FOR_LOCK)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is deleted is overwritten, pages that become free among it, so that no copy of the file tells it.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    // The log grows to 64 MB before it is worked into the file: pages that many comments share are written once.
    connection.pragma_update(None, "wal_autocheckpoint", 16_000)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

/// Works the whole log into the file and empties it; false where somebody reads it for longer than writers may wait.
pub(super) fn clear_log(connection: &Connection) -> rusqlite::Result<bool> {
    connection.busy_timeout(WAIT_FOR_READERS)?;
    let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
    connection.busy_timeout(WAIT_FOR_LOCK)?;
    Ok(!busy?)
}

/// A connection that only reads.
pub(in crate::store) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(WAIT_FOR_LOCK)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -2_048)?;
    connection.pragma_update(None, "mmap_size", 268_435_456)?;
    // Its files are opened now: later there may be no descriptor left for them.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_tables| Ok(()))?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}
