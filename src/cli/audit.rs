//! `replydesk audit …`: whether the audit is as it was written, and a copy of it.
//!
//! It reads, beside a server or without one, and takes no lock that the server could wait for.

use std::io::{ErrorKind, Write};

use anyhow::{Context as _, anyhow};
use clap::Subcommand;
use secrecy::ExposeSecret as _;

use crate::{
    config::Config,
    domain::Timestamp,
    keys::hex,
    moderation::{
        Export, Format,
        chain::{Noted, verify},
    },
    store::Store,
};

/// `replydesk audit …`
#[derive(Subcommand)]
pub(super) enum AuditCommand {
    /// Say whether every row is as it was written and none is missing, and print the number of rows and the head;
    /// exit 0, or 1 with the first row that is not
    ///
    /// Note the head elsewhere, on paper or another machine: who can write the store can also make the whole chain
    /// anew, and only a head that was noted before tells.
    Verify {
        /// A head that was printed before: its row must still be there, with this very hash
        #[arg(long, value_name = "ID:HASH", value_parser = noted)]
        head: Option<Noted>,
    },
    /// Print the audit, oldest first
    ///
    /// JSON Lines bear each row's hash, so that the chain can be checked without this program: docs/operations.md has
    /// the recipe. In CSV, a cell that a spreadsheet would run begins with an apostrophe.
    Export {
        /// jsonl, one JSON object a line, or csv
        #[arg(long, value_name = "FORMAT", default_value = "jsonl", value_parser = format)]
        format: Format,
        /// Only what was done from then on, e.g. 2027-01-15T08:00:00Z
        #[arg(long, value_name = "TIME", value_parser = moment)]
        since: Option<Timestamp>,
        /// Only what was done up to then; its second counts to the end
        #[arg(long, value_name = "TIME", value_parser = moment)]
        until: Option<Timestamp>,
    },
}

/// Runs one of `replydesk audit`.
///
/// # Errors
/// A broken chain, a store that cannot be read.
pub(super) async fn run(command: AuditCommand, config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    let store = Store::open_to_read(config.store.url.expose_secret()).await.context("the store cannot be read")?;
    match command {
        AuditCommand::Verify { head } => {
            let end = verify(&store, head).await?.map_err(|fault| anyhow!("the audit is not whole: {fault}"))?;
            let rows = if end.rows == 1 { "1 row".to_owned() } else { format!("{} rows", end.rows) };
            writeln!(out, "The audit is whole: {rows}, head {}:{}", end.id, hex(&end.hash))?;
        }
        AuditCommand::Export { format, since, until } => {
            let mut export = Export::new(store, None, format, since, until);
            while let Some(text) = export.next().await? {
                match out.write_all(text.as_bytes()) {
                    // Who reads only the beginning has got it.
                    Err(fault) if fault.kind() == ErrorKind::BrokenPipe => return Ok(()),
                    written => written?,
                }
            }
            out.flush()?;
        }
    }
    Ok(())
}

fn noted(text: &str) -> Result<Noted, String> {
    text.parse().map_err(str::to_owned)
}

fn format(text: &str) -> Result<Format, String> {
    text.parse().map_err(str::to_owned)
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let moment: Result<jiff::Timestamp, _> = text.parse();
    let moment = moment.map_err(|_odd| "give a moment such as 2027-01-15T08:00:00Z".to_owned())?;
    Ok(Timestamp(moment.as_millisecond()))
}
