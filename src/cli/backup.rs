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
        let gone = thin(&asked.to, keep).context("the backup is made, and older ones could not be removed")?;
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

/// Removes all but the newest backups of a folder; how many.
fn thin(folder: &Path, keep: u32) -> std::io::Result<usize> {
    let mut names: Vec<String> = fs::read_dir(folder)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| is_ours(name))
        .collect();
    names.sort_unstable();
    let older = names.len().saturating_sub(usize::try_from(keep).unwrap_or(usize::MAX));
    for name in names.iter().take(older) {
        fs::remove_file(folder.join(name))?;
    }
    Ok(older)
}

#[cfg(test)]
mod tests {
    use super::*;

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
