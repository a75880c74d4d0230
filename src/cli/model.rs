//! `replydesk model …`: what the sites' models have learned, and how to take it back.
//!
//! It reads and writes the store alone; a server beside it follows within a second.

use std::io::Write;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use secrecy::ExposeSecret as _;

use super::people::{OPERATOR, known_sites};
use crate::{
    app,
    config::Config,
    domain::{Clock, Timestamp},
    learning,
    store::{LessonKind, RollbackTo, SnapshotMark, Store},
};

/// `replydesk model …`
#[derive(Subcommand)]
pub(super) enum ModelCommand {
    /// Say what each site's moderators have taught, and which snapshots are kept; changes nothing
    Show,
    /// Put a site's model back to what it was, as if nothing had been decided since; the decisions themselves stand.
    /// A running server follows within a second, and a roll-back can be rolled back
    Rollback {
        /// The site whose model it is
        #[arg(long, value_name = "ID")]
        site: String,
        /// The last lesson that is to count, by its number in `model show` or the moment it was taught, e.g. 2027-01-15T08:00:00Z; 0 is none
        #[arg(long, value_name = "SEQ|TIME", value_parser = rollback_to)]
        to: RollbackTo,
    },
}

/// Runs one of `replydesk model`.
///
/// # Errors
/// A site that is not there, nothing to roll back, a store that gives no answer.
pub(super) async fn run(
    command: ModelCommand,
    config: &Config,
    clock: &Clock,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    match command {
        ModelCommand::Show => {
            let store =
                Store::open_to_read(config.store.url.expose_secret()).await.context("the store cannot be read")?;
            show(&store, out).await
        }
        ModelCommand::Rollback { site, to } => {
            known_sites(config, std::slice::from_ref(&site))?;
            let (store, _) = app::open_store(config).await?;
            let done = store.roll_back(site.clone(), to, OPERATOR.to_owned(), clock.now()).await?;
            let Some(done) = done else { bail!("nothing was taught to {site} after that") };
            writeln!(
                out,
                "The model of {site} is as it was after lesson {}; {} in the log behind it no longer count.",
                done.to, done.undone
            )?;
            writeln!(out, "To take that back: replydesk model rollback --site {site} --to {}", done.seq - 1)?;
            Ok(())
        }
    }
}

async fn show(store: &Store, out: &mut dyn Write) -> anyhow::Result<()> {
    let (logs, snapshots) = (store.lesson_logs().await?, store.snapshots(None).await?);
    if logs.is_empty() {
        writeln!(out, "Nobody has taught anything yet: approve a comment, or mark one as spam.")?;
    }
    for log in logs {
        let holding = learning::effective(&store.lesson_log(log.site.clone(), 0).await?);
        let spam = holding.iter().filter(|row| row.kind == LessonKind::Spam).count();
        let site = &log.site;
        writeln!(
            out,
            "{site}: {} approved, {spam} spam; last lesson {} at {}",
            holding.len() - spam,
            log.last,
            log.at
        )?;
        for SnapshotMark { seq, labels, at, .. } in snapshots.iter().filter(|mark| mark.site == *site) {
            writeln!(out, "  snapshot after lesson {seq}, {labels} labels, kept {at}")?;
        }
    }
    Ok(())
}

/// A lesson's number, or a moment in RFC 3339.
fn rollback_to(text: &str) -> Result<RollbackTo, String> {
    if let Ok(seq) = text.parse::<u32>() {
        return Ok(RollbackTo::Seq(i64::from(seq)));
    }
    let moment: Result<jiff::Timestamp, _> = text.parse();
    let moment =
        moment.map_err(|_odd| "give a lesson's number, or a moment such as 2027-01-15T08:00:00Z".to_owned())?;
    Ok(RollbackTo::Time(Timestamp(moment.as_millisecond())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_lesson_and_a_moment_is_a_time() {
        assert_eq!(rollback_to("0"), Ok(RollbackTo::Seq(0)));
        assert_eq!(rollback_to("2027-01-15T08:00:00Z"), Ok(RollbackTo::Time(Timestamp(1_800_000_000_000))));
        for wrong in ["", "-1", "yesterday", "2027-01-15", "2027-13-01T00:00:00Z"] {
            assert!(rollback_to(wrong).is_err(), "{wrong}");
        }
    }
}
