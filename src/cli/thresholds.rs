//! `replydesk thresholds`: the threshold lab as a table, and thresholds for a promise.
//!
//! It reads, beside a server or without one, and prints. Nothing here writes to the store or to the settings.

mod print;
mod print_advice;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::tokens::span;
use crate::{
    config::{
        Config, Mode, Site,
        load::{self, Sources},
    },
    domain::Clock,
    lab::{self, Lab, Wanted},
    store::Store,
};

/// `replydesk thresholds`
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Thresholds {
    #[command(subcommand)]
    command: Option<ThresholdsCommand>,
    /// Try this file: a settings file, or just the keys that would change, laid over the settings in force
    #[arg(long, value_name = "FILE")]
    proposed: Option<PathBuf>,
    #[command(flatten)]
    scope: Scope,
}

#[derive(Subcommand)]
enum ThresholdsCommand {
    /// For captcha.reject_below and scoring.spam_at, the furthest value that loses no more than this
    Suggest {
        /// The most that may be lost of approved comments, e.g. 0.1% or 0.001
        #[arg(long, value_name = "SHARE", value_parser = share)]
        max_lost: f64,
        #[command(flatten)]
        scope: Scope,
    },
}

/// Which past is looked at, and how it is told.
#[derive(Args)]
struct Scope {
    /// The site whose comments count; all without, where all are judged by the same settings
    #[arg(long, value_name = "ID")]
    site: Option<String>,
    /// How far back the comments go, e.g. 30d, 12w
    #[arg(long, value_name = "SPAN", default_value = "30d", value_parser = span)]
    since: Duration,
    /// Leave out what programs decided by an API token
    #[arg(long)]
    people_only: bool,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

/// What the tables' headings say.
pub(super) struct Head<'a> {
    site: &'a Site,
    named: Option<&'a str>,
    since: Duration,
    people_only: bool,
}

/// Reads the past and prints what thresholds make of it.
///
/// # Errors
/// A site that is not there, sites that are judged by different settings, a store that cannot be read.
pub(super) async fn run(
    asked: Thresholds,
    config: &Config,
    sources: &Sources,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let (scope, max_lost) = match asked.command {
        Some(ThresholdsCommand::Suggest { max_lost, scope }) => (scope, Some(max_lost)),
        None => (asked.scope, None),
    };
    let candidate = match asked.proposed.as_deref().map(|file| load_proposed(sources, file)).transpose() {
        Ok(candidate) => candidate,
        Err(faults) => {
            writeln!(std::io::stderr(), "{faults}")?;
            return Ok(ExitCode::from(2));
        }
    };
    let site = settings(config, scope.site.as_deref())?;
    let store = Store::open_to_read(config.store.url.expose_secret()).await.context("the store cannot be read")?;
    let wanted = Wanted {
        sites: scope.site.clone().map(|site| vec![site]),
        since: Clock::system().now().minus(scope.since),
        programs: !scope.people_only,
        // The file proposed may bring the mode that asks for them.
        records: is_trusted(site) || candidate.iter().flat_map(|candidate| &candidate.sites).any(is_trusted),
    };
    let head = Head { site, named: scope.site.as_deref(), since: scope.since, people_only: scope.people_only };
    if let Some(max_lost) = max_lost {
        let past = lab::read(&store, &wanted).await?;
        let suggestions = lab::suggest(site, &past.rows, max_lost);
        return tell(scope.json, &suggestions, out, |out| {
            print_advice::suggestions(&head, &suggestions, &past.notes, max_lost, out)
        });
    }
    let lab = Lab::new(store);
    match candidate {
        Some(candidate) => {
            let proposed = settings(&candidate, scope.site.as_deref()).context("in the file proposed")?;
            let found = lab.compared(site, proposed, &wanted).await?;
            tell(scope.json, &found, out, |out| print::compared(&head, proposed, &found, out))
        }
        None => {
            let found = lab.in_force(site, &wanted).await?;
            tell(scope.json, &found, out, |out| print::in_force(&head, &found, out))
        }
    }
}

fn tell(
    json: bool,
    figures: &impl Serialize,
    out: &mut dyn Write,
    print: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> anyhow::Result<ExitCode> {
    if json {
        serde_json::to_writer_pretty(&mut *out, figures)?;
        writeln!(out)?;
    } else {
        print(out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn load_proposed(sources: &Sources, file: &Path) -> Result<Config, load::ConfigFaults> {
    load::load_proposed(sources, file).map(|loaded| loaded.config)
}

/// What the past is judged by: the site's settings, or those that all sites share.
fn settings<'a>(config: &'a Config, named: Option<&str>) -> anyhow::Result<&'a Site> {
    let sites = config.sites.iter().filter(|site| named.is_none_or(|named| site.id.as_str() == named));
    match lab::common(&sites.collect::<Vec<_>>()) {
        Ok(Some(site)) => Ok(site),
        Ok(None) => bail!("there is no site {:?}", named.unwrap_or_default()),
        Err(differing) => bail!("{differing}: name one with --site"),
    }
}

/// Whether publishing takes an author's record.
fn is_trusted(site: &Site) -> bool {
    site.moderation.mode == Mode::Trusted
}

/// `0.1%` or `0.001`.
fn share(text: &str) -> Result<f64, String> {
    let (number, scale) = match text.strip_suffix('%') {
        Some(percent) => (percent.trim(), 100.0),
        None => (text, 1.0),
    };
    let share = number.parse::<f64>().ok().map(|number| number / scale);
    share.filter(|share| *share > 0.0 && *share < 1.0).ok_or_else(|| "give a share such as 0.1% or 0.001".to_owned())
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn a_share_is_a_percentage_or_a_fraction_between_none_and_all() {
        assert_eq!((share("0.1%"), share("5 %"), share("0.001")), (Ok(0.001), Ok(0.05), Ok(0.001)));
        for wrong in ["", "%", "0", "0%", "100%", "1", "-1%", "nan", "inf", "a tenth"] {
            assert!(share(wrong).is_err(), "{wrong}");
        }
    }
}
