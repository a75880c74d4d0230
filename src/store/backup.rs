//! A store as one file, made while it is served, and such a file made a store again.
//!
//! The file is a SQLite store of its own, whichever kind it was made from, and becomes one of either kind. It is written
//! under another name beside its place, examined, synced and only then put there: what has the name is whole. Nothing
//! that is there already is written over.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};
use tokio::task::spawn_blocking;

#[cfg(feature = "postgres")]
use super::transfer;
use super::{Kind, StoreError, migrate, sqlite::open};

/// How every SQLite file begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// What a backup holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Held {
    /// Comments, of whatever status.
    pub comments: u64,
    /// Rows of the audit.
    pub deeds: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

/// The name under which a file is written before it has its own: what is there after a kill may be removed.
#[must_use]
pub fn draft_of(file: &Path) -> PathBuf {
    let mut name = file.file_name().map(OsString::from).unwrap_or_default();
    name.push(format!(".partial-{}", std::process::id()));
    file.with_file_name(name)
}

/// Writes all that the store at an address holds at this moment to a file that is not there yet.
///
/// # Errors
/// [`StoreError::Path`] with what to do, where a side is unfit; what the database says. Nothing is left then.
pub async fn backup(url: &str, file: &Path) -> Result<Held, StoreError> {
    see_that_nothing_is_there(file)?;
    let draft = Draft::beside(file)?;
    let into = draft.path.clone();
    match Kind::of(url)? {
        Kind::Sqlite(path) => {
            let from = path.to_owned();
            see_that_it_is_there(&from)?;
            blocking(move || snapshot(&from, &into)).await?;
        }
        #[cfg(feature = "postgres")]
        Kind::Postgres => transfer::to_file(url, &into).await.map_err(|fault| full(fault, &into))?,
    }
    let into = draft.path.clone();
    let held = blocking(move || examine(&into)).await?;
    draft.becomes(file)?;
    Ok(held)
}

/// Makes a store of a backup at an address where there is none yet.
///
/// # Errors
/// As for [`backup`]. A restore into PostgreSQL that was broken off goes on when it is asked for again.
pub async fn restore(file: &Path, url: &str) -> Result<Held, StoreError> {
    let from = file.to_owned();
    let (held, _schema) = blocking(move || look(&from)).await?;
    match Kind::of(url)? {
        Kind::Sqlite(path) => {
            see_that_nothing_is_there(path)?;
            open::folder(path)?;
            let draft = Draft::beside(path)?;
            let (from, into) = (file.to_owned(), draft.path.clone());
            blocking(move || snapshot(&from, &into).and_then(|()| examine(&into).map(|_held| ()))).await?;
            draft.becomes(path)?;
        }
        #[cfg(feature = "postgres")]
        Kind::Postgres if _schema == migrate::known() => carry(file, url).await?,
        #[cfg(feature = "postgres")]
        Kind::Postgres => {
            // One of an older program is brought up to date before its rows can go.
            let draft = Draft::beside(file)?;
            let (from, into) = (file.to_owned(), draft.path.clone());
            blocking(move || {
                snapshot(&from, &into)?;
                migrate::sqlite(&mut open::writer(&into)?)?;
                examine(&into)
            })
            .await?;
            carry(&draft.path, url).await?;
        }
    }
    Ok(held)
}

/// Copies the rows of a file to another store.
#[cfg(feature = "postgres")]
async fn carry(file: &Path, url: &str) -> Result<(), StoreError> {
    let from = format!("sqlite:{}", file.to_str().ok_or_else(|| StoreError::Path(odd_name(file)))?);
    let carried = transfer(&from, url, transfer::ROWS, &mut |_told| {}).await;
    // It speaks of the options of another command.
    carried.map_err(|fault| match fault {
        StoreError::Path(what) => {
            StoreError::Path(what.replace("--from", "the backup").replace("--to", "the address to restore to"))
        }
        other => other,
    })
}

#[cfg(feature = "postgres")]
fn odd_name(file: &Path) -> String {
    format!("the name {} is not UTF-8: give the backup another one", file.display())
}

/// Runs what waits for the disk beside everything else.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    spawn_blocking(work).await.map_err(|_panicked| StoreError::BrokeOff)?
}

fn see_that_it_is_there(path: &Path) -> Result<(), StoreError> {
    if path.is_file() { Ok(()) } else { Err(StoreError::Path(format!("there is no {}", path.display()))) }
}

/// A file that is there is left alone, and so is what a store left beside its place: it would be taken for the new one's.
fn see_that_nothing_is_there(file: &Path) -> Result<(), StoreError> {
    for (end, what) in
        [("", "a file"), ("-wal", "the rest of another store"), ("-journal", "the rest of another store")]
    {
        let mut path = OsString::from(file);
        path.push(end);
        if fs::symlink_metadata(&path).is_ok() {
            return Err(StoreError::Path(format!(
                "there is {what} already, which is not written over: {}; move it away once nothing uses it, or give another place",
                PathBuf::from(path).display()
            )));
        }
    }
    Ok(())
}

/// Copies a SQLite store as it stands at this moment. Whoever writes to it goes on meanwhile.
fn snapshot(from: &Path, into: &Path) -> Result<(), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(from, flags).map_err(|fault| unreadable(from, fault))?;
    connection.busy_timeout(open::WAIT_FOR_LOCK)?;
    version(&connection, from)?;
    // One statement reads one moment of the log of changes, however many are added to it.
    let name = into.to_str().ok_or_else(|| StoreError::Path(format!("the name {} is not UTF-8", into.display())))?;
    connection.execute("VACUUM INTO ?", [name]).map_err(|fault| full(fault.into(), into))?;
    Ok(())
}

/// What a copy of the store at hand holds, once it is whole, at rest and synced.
fn examine(file: &Path) -> Result<Held, StoreError> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let settled = || -> rusqlite::Result<()> {
        connection.pragma_update(None, "journal_mode", "DELETE")?;
        // Who served the store does not serve the copy.
        if connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'instances'")?.exists([])? {
            connection.execute("DELETE FROM instances", [])?;
        }
        Ok(())
    };
    settled().map_err(|fault| full(fault.into(), file))?;
    let held = held(&connection, file)?;
    drop(connection);
    let synced = File::open(file).and_then(|open| open.sync_all());
    synced.map_err(|fault| at(file, "could not be synced", &fault))?;
    Ok(held)
}

/// What a backup holds, and the schema that it has.
fn look(file: &Path) -> Result<(Held, u32), StoreError> {
    let mut begin = Vec::new();
    let read = File::open(file).and_then(|open| open.take(16).read_to_end(&mut begin));
    read.map_err(|fault| at(file, "cannot be read", &fault))?;
    if begin != MAGIC {
        return Err(no_backup(file));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(|fault| unreadable(file, fault))?;
    let schema = version(&connection, file)?;
    Ok((held(&connection, file)?, schema))
}

/// The schema of a store that this program knows; an older one is brought up to date by whoever starts on it.
fn version(connection: &Connection, file: &Path) -> Result<u32, StoreError> {
    let found = migrate::found(connection).map_err(|fault| unreadable(file, fault))?;
    let known = migrate::known();
    match found {
        0 => return Err(no_backup(file)),
        found if found > known => return Err(StoreError::Newer { found, known }),
        _ => {}
    }
    open::see_that_it_is_whole(connection)?;
    Ok(found)
}

fn held(connection: &Connection, file: &Path) -> Result<Held, StoreError> {
    let count = |sql: &str| -> rusqlite::Result<u64> {
        let n: i64 = connection.query_row(sql, [], |row| row.get(0))?;
        Ok(u64::try_from(n).unwrap_or(0))
    };
    let looked = || -> rusqlite::Result<(String, u64, u64)> {
        let said = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        Ok((said, count("SELECT count(*) FROM comments")?, count("SELECT count(*) FROM audit")?))
    };
    let bytes = fs::metadata(file).map_err(|fault| at(file, "cannot be read", &fault))?.len();
    match looked() {
        Ok((said, comments, deeds)) if said == "ok" => Ok(Held { comments, deeds, bytes }),
        Ok(_) => Err(damaged(file)),
        Err(fault) => Err(unreadable(file, fault)),
    }
}

fn damaged(file: &Path) -> StoreError {
    StoreError::Path(format!("{} is damaged, or was cut off: take another backup", file.display()))
}

fn no_backup(file: &Path) -> StoreError {
    StoreError::Path(format!("{} is no store of Replydesk, nor a backup of one", file.display()))
}

/// Why a file cannot be read: mostly since it is not what it was.
fn unreadable(file: &Path, fault: rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    match fault.sqlite_error_code() {
        Some(DatabaseCorrupt | NotADatabase) => damaged(file),
        _ => fault.into(),
    }
}

/// A disk that is full, said so.
fn full(fault: StoreError, file: &Path) -> StoreError {
    match &fault {
        StoreError::Database(said) if said.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) => {
            let folder = file.parent().unwrap_or(file);
            StoreError::Path(format!("the disk is full at {}: nothing was left there", folder.display()))
        }
        _ => fault,
    }
}

fn at(file: &Path, what: &str, fault: &std::io::Error) -> StoreError {
    StoreError::Path(format!("{} {what}: {fault}", file.display()))
}

/// A file under way, readable by its owner alone; it goes, unless it becomes what it is to be.
struct Draft {
    path: PathBuf,
}

impl Draft {
    fn beside(file: &Path) -> Result<Self, StoreError> {
        let path = draft_of(file);
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        made.map_err(|fault| at(&path, "cannot be made", &fault))?;
        Ok(Self { path })
    }

    /// Puts it where it belongs, in one step, unless something has come there.
    fn becomes(self, file: &Path) -> Result<(), StoreError> {
        let put = match fs::hard_link(&self.path, file) {
            Err(fault) if fault.kind() != ErrorKind::AlreadyExists && !file.exists() => fs::rename(&self.path, file),
            linked => linked,
        };
        put.map_err(|fault| at(file, "cannot be made", &fault))?;
        drop(self);
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let synced = File::open(folder).and_then(|open| open.sync_all());
        synced.map_err(|fault| at(folder, "could not be synced", &fault))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            let mut path = OsString::from(&self.path);
            path.push(end);
            // Mostly it is not there.
            let _gone_already = fs::remove_file(path);
        }
    }
}
