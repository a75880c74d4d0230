//! `replydesk migrate`: the schema of the store brought up to date, or a whole store carried to another address.

use std::io::Write;

use anyhow::Context as _;
use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};

use crate::store::{Told, transfer};

/// `replydesk migrate`
#[derive(Args)]
pub(super) struct Migrate {
    /// Copy the store at this address instead, e.g. sqlite:/var/lib/replydesk/replydesk.db; stop its servers first
    #[arg(long, value_name = "URL", requires = "to", env = "REPLYDESK_MIGRATE_FROM", hide_env_values = true)]
    from: Option<SecretString>,
    /// Where to: a file that is not there yet, or an empty database, e.g. postgres://USER:PASSWORD@HOST/DATABASE
    #[arg(long, value_name = "URL", requires = "from", env = "REPLYDESK_MIGRATE_TO", hide_env_values = true)]
    to: Option<SecretString>,
    /// Rows of one transaction at most
    #[arg(long, value_name = "ROWS", default_value_t = 5_000, hide = true, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    batch: u32,
}

impl Migrate {
    /// The two addresses; none where the store of the settings is to be brought up to date.
    pub(super) fn ends(&self) -> Option<(&str, &str)> {
        self.from.as_ref().zip(self.to.as_ref()).map(|(from, to)| (from.expose_secret(), to.expose_secret()))
    }
}

/// Copies one store to another, with a line a table on `out`.
///
/// # Errors
/// What the store says, and an output that is gone once the copy is complete.
pub(super) async fn copy(asked: &Migrate, (from, to): (&str, &str), out: &mut dyn Write) -> anyhow::Result<()> {
    let (mut tables, mut total) = (0_u64, 0);
    let mut written = Ok(());
    let mut told = |what: Told| {
        let line = match what {
            Told::GoesOn => "It goes on where it was broken off.".to_owned(),
            Told::Equal { table, rows } => {
                (tables, total) = (tables + 1, total + rows);
                format!("{table}: {}, equal on both sides", counted(rows))
            }
        };
        // Nobody who reads along is needed for the copy.
        if written.is_ok() {
            written = writeln!(out, "{line}");
        }
    };
    transfer(from, to, asked.batch, &mut told).await.context("the store was not copied")?;
    written?;
    writeln!(
        out,
        "The copy is complete: {tables} tables, {}. Set store.url to it and start the server.",
        counted(total)
    )?;
    Ok(())
}

fn counted(rows: u64) -> String {
    if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") }
}
