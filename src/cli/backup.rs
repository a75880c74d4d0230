//! `replydesk backup` and `replydesk restore`: a store as one file, and a store of such a file.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::{Instant, interval_at};

use crate::{
    config::Config,
    domain::{Clock, Timestamp},
    store::{self, Held, StoreError},
};

/// How often somebody who waits is told how far it is.
const PROGRESS: Duration = Duration::from_secs(10);
/// How the names of backups in a folder begin and end.
const NAME: (&str, &str) = ("replydesk-", ".db");

/// `replydesk backup`
#[derive(Args)]
pub(super) struct Backup {
    /// A file that is not there yet; or a folder, in which the backup is named by its moment
    #[arg(value_name = "FILE-OR-FOLDER")]
    to: PathBuf,
    /// In a folder: remove older backups that were named so, all but this many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
}

/// `replydesk restore`
#[derive(Args)]
pub(super) struct Restore {
    /// The backup
    file: PathBuf,
    /// Where to, in place of store.url: a file that is not there yet, or an empty database
    #[arg(long, value_name = "URL", env = "REPLYDESK_RESTORE_TO", hide_env_values = true)]
    to: Option<SecretString>,
}

/// Backs the store of these settings up.
///
/// # Errors
/// What the store says, and a folder that cannot be read.
pub(super) async fn backup(asked: &Backup, config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    let now = Clock::system().now();
    let in_folder = asked.to.is_dir();
    if asked.keep.is_some() && !in_folder {
        anyhow::bail!("--keep goes with a folder, and {} is none", asked.to.display());
    }
    let file = if in_folder { asked.to.join(named_by(now)) } else { asked.to.clone() };
    let work = Box::pin(store::backup(config.store.url.expose_secret(), &file));
    let held = watched(work, &file).await.context("the store was not backed up")?;
    let moment = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%SZ");
    writeln!(out, "Backed up to {}: {}, as of {moment}.", file.display(), told(held))?;
    if !config.server.secret.expose_secret().is_empty() {
        let note = "note: server.secret stands in the settings and is not in the backup: keep it too, elsewhere";
        writeln!(std::io::stderr(), "{note}")?;
    }
    if let Some(keep) = asked.keep {
        let gone = thin(&asked.to, &file, keep).context("the backup is made, and older ones could not be removed")?;
        if gone > 0 {
            writeln!(out, "Removed {gone} older.")?;
        }
    }
    Ok(())
}

/// Makes a store of a backup.
///
/// # Errors
/// What the store says.
pub(super) async fn restore(asked: &Restore, config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    let url = asked.to.as_ref().unwrap_or(&config.store.url).expose_secret();
    let path = url.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
    let work = Box::pin(store::restore(&asked.file, url));
    let held = watched(work, path.map_or(asked.file.as_path(), Path::new)).await.context("nothing was restored")?;
    let next = if asked.to.is_some() { "Set store.url to it and start the server." } else { "Start the server." };
    writeln!(out, "The restore is complete: {}. {next}", told(held))?;
    Ok(())
}

/// Waits, and says now and then on stderr how large the file has grown.
async fn watched(
    mut work: impl Future<Output = Result<Held, StoreError>> + Unpin,
    file: &Path,
) -> Result<Held, StoreError> {
    let (draft, mut ticks) = (store::draft_of(file), interval_at(Instant::now() + PROGRESS, PROGRESS));
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = ticks.tick() => {
                let so_far = fs::metadata(&draft).map(|file| format!(", {} so far", size(file.len()))).unwrap_or_default();
                // Nobody who reads along is needed.
                let _closed = writeln!(std::io::stderr(), "still at work{so_far}");
            }
        }
    }
}

fn told(held: Held) -> String {
    let counted = |n: u64, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
    let deeds =
        if held.deeds == 1 { "1 row of the audit".to_owned() } else { format!("{} rows of the audit", held.deeds) };
    format!("{}, {deeds}, {}", counted(held.comments, "comment"), size(held.bytes))
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_048_576 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{}.{} MiB", bytes >> 20, ((bytes % (1 << 20)) * 10) >> 20),
    }
}

/// Sorts by its moment.
fn named_by(now: Timestamp) -> String {
    let moment = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default().strftime("%Y%m%dT%H%M%S%3fZ");
    format!("{}{moment}{}", NAME.0, NAME.1)
}

/// Whether [`named_by`] gave a file its name.
fn is_ours(name: &str) -> bool {
    let moment = name.strip_prefix(NAME.0).and_then(|rest| rest.strip_suffix(NAME.1));
    moment.is_some_and(|moment| {
        moment.len() == 19 && moment.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'T' | b'Z'))
    })
}

/// Removes all but the newest backups of a folder, and what killed ones left there; how many. The one that was just made
/// stays whatever its name says: the clock may have been ahead when the others were named.
fn thin(folder: &Path, made: &Path, keep: u32) -> std::io::Result<usize> {
    let all = fs::read_dir(folder)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let (mut names, others): (Vec<String>, Vec<String>) = all.partition(|name| is_ours(name));
    names.retain(|name| made.file_name().is_none_or(|made| made != name.as_str()));
    names.sort_unstable();
    let older = (names.len() + 1).saturating_sub(usize::try_from(keep).unwrap_or(usize::MAX));
    let is_left_over = |name: &&String| is_draft(name) && is_old(&folder.join(name));
    let left: Vec<&String> = others.iter().filter(is_left_over).collect();
    for name in names.iter().take(older).chain(left) {
        fs::remove_file(folder.join(name))?;
    }
    Ok(older)
}

/// Whether it is one of ours that was never completed.
fn is_draft(name: &str) -> bool {
    name.rsplit_once(".partial-").is_some_and(|(name, process)| {
        is_ours(name) && !process.is_empty() && process.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Whether nobody has written to it for a day.
fn is_old(path: &Path) -> bool {
    let age = fs::metadata(path).and_then(|file| file.modified()).ok().and_then(|at| at.elapsed().ok());
    age.is_some_and(|age| age > Duration::from_secs(24 * 3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_backup_just_made_stays_though_others_were_named_by_a_clock_that_was_ahead() {
        let folder = tempfile::tempdir().unwrap();
        let named = |year: i64| named_by(Timestamp(year * 31_556_952_000));
        for name in [named(57), named(58), named(59), "replydesk.db".to_owned()] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let made = folder.path().join(named(50));
        fs::write(&made, "").unwrap();
        let (old, young) = (format!("{}.partial-7", named(49)), format!("{}.partial-8", named(49)));
        fs::write(folder.path().join(&young), "").unwrap();
        let now = fs::metadata(folder.path().join(&young)).unwrap().modified().unwrap();
        let long_ago = now - Duration::from_secs(2 * 24 * 3600);
        fs::File::create(folder.path().join(&old)).unwrap().set_modified(long_ago).unwrap();
        assert_eq!(thin(folder.path(), &made, 2).unwrap(), 2);
        let mut left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort_unstable();
        let mut wanted = vec![named(50), named(59), "replydesk.db".to_owned(), young];
        wanted.sort_unstable();
        assert_eq!(left, wanted);
    }

    #[test]
    fn a_name_tells_the_moment_and_is_known_again() {
        let name = named_by(Timestamp(1_800_000_000_007));
        assert_eq!(name, "replydesk-20270115T080000007Z.db");
        assert!(is_ours(&name));
        for other in
            ["replydesk-.db", "replydesk-20270115.db", "replydesk.db", "replydesk-20270115T080000007Z.db.partial-7"]
        {
            assert!(!is_ours(other), "{other}");
        }
        assert_eq!((size(1), size(1_048_576), size(13_000_000)), ("1 KiB".into(), "1.0 MiB".into(), "12.3 MiB".into()));
    }
}
