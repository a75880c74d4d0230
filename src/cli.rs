//! The command line: what can be said, and what each command does with the rooms.
//!
//! Results go to stdout, all else to stderr; a failure is one clear line. Exit 0 done, 1 failed, 2 wrong
//! use or wrong settings.

mod audit;
mod backup;
mod calibrate;
mod captcha;
mod evaluate;
mod migrate;
mod model;
mod people;
mod serve;
mod thresholds;
mod tokens;

use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::{
    app,
    config::{
        Config, Site,
        load::{self, Sources},
    },
    domain::Clock,
    http::openapi,
    telemetry::{self, LogFormat},
};

/// The backend behind the comment form of a news page.
///
/// Without a file it runs on its defaults: SQLite in ./data, limits in the process, the built-in captcha.
#[derive(Parser)]
#[command(
    name = "replydesk",
    version,
    arg_required_else_help = true,
    after_help = "\
Begin:
  replydesk moderator add ada --role admin     the first person who may sign in
  replydesk serve                              then open http://127.0.0.1:8080/demo"
)]
struct Cli {
    /// The settings' file; every key is explained in config/default.toml
    #[arg(long, global = true, value_name = "FILE", env = "REPLYDESK_CONFIG")]
    config: Option<PathBuf>,
    /// What is logged, e.g. info, debug, replydesk=debug
    #[arg(long, global = true, value_name = "FILTER", default_value = "info", env = "REPLYDESK_LOG")]
    log: String,
    /// How log lines look
    #[arg(long, global = true, value_enum, default_value_t, env = "REPLYDESK_LOG_FORMAT")]
    log_format: LogFormat,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server; SIGTERM drains, SIGHUP reads the settings anew
    Serve {
        /// The seed that models begin with, to compare: a file, or none; the shipped one where absent
        #[arg(long, value_name = "SEED")]
        seed: Option<String>,
    },
    /// Say every fault of a settings' file at once; exit 0 or 2
    CheckConfig {
        /// The file; the one of --config where absent
        file: Option<PathBuf>,
    },
    /// People who may sign in
    #[command(subcommand)]
    Moderator(people::ModeratorCommand),
    /// Tokens for programs
    #[command(subcommand)]
    Token(tokens::TokenCommand),
    /// Check the captcha's keys, judge its score by what moderators decided; payloads for load tests and seeding
    #[command(subcommand)]
    Captcha(captcha::CaptchaCommand),
    /// Say how well the content score tells spam in labelled comments, by the first site's weights and lists
    Evaluate(evaluate::Evaluate),
    /// Make the seed of the content score anew
    #[command(hide = true)]
    SeedModel(evaluate::SeedModel),
    /// Say what thresholds and weights make of the recorded past, and which keep a promise; changes nothing
    Thresholds(thresholds::Thresholds),
    /// What the sites' models have learned from their moderators, and how to take it back
    #[command(subcommand)]
    Model(model::ModelCommand),
    /// The record of what was done: whether it is as it was written, and a copy of it
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Bring the store's schema up to date, or copy a store between SQLite and PostgreSQL
    ///
    /// With --from and --to, everything that the one store holds is copied to the other: comments, people, the audit
    /// with its chain, what the models learned. Stop every server on the source first. A copy that was killed goes on
    /// where it stood when it is started again with the same addresses; until it is complete, no server starts on it.
    /// At the end every table is read back from both sides and compared. An address may hold a password: it can be
    /// given by the environment instead of the command line, where others on the machine could read it.
    Migrate(migrate::Migrate),
    /// Write all that the store holds at this moment to one file, while it is served
    ///
    /// The file is a SQLite store, also where the store is a PostgreSQL database, and `replydesk restore` makes either of
    /// it. Every comment that was acknowledged before the command began is in it, and so is everything else but
    /// server.secret where that stands in the settings. It appears under its name once it is whole, checked and synced,
    /// readable by its owner alone; a file that is there is not written over.
    Backup(backup::Backup),
    /// Make a store of a backup, at an address where there is none yet
    ///
    /// Nothing is written over: move the old store away first, once no server uses it. One of an older program is taken
    /// and brought up to date. A SQLite file appears once it is whole; a restore into PostgreSQL that was killed goes on
    /// when the same command is given again, and until it is complete no server starts on it.
    Restore(backup::Restore),
    /// Print the API's description
    Openapi,
    /// Ask a running server whether it is ready; exit 0 or 1
    Health {
        /// Its address; the one of the settings where absent
        url: Option<String>,
    },
}

/// Reads the command line and runs it.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(fault) => {
            // clap knows which of its messages are errors; a closed pipe is nobody's fault.
            let _closed = fault.print();
            return ExitCode::from(if fault.use_stderr() { 2 } else { 0 });
        }
    };
    telemetry::start(&cli.log, cli.log_format);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(fault) => return fail(&anyhow::Error::new(fault), 1),
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(fault) => fail(&fault, 1),
    }
}

/// One line on stderr with the whole chain of causes.
fn fail(fault: &anyhow::Error, code: u8) -> ExitCode {
    let _closed = writeln!(std::io::stderr(), "replydesk: {fault:#}");
    ExitCode::from(code)
}

/// Data that is not what it should be is wrong use.
fn done_or_misused(done: anyhow::Result<()>) -> anyhow::Result<ExitCode> {
    match done {
        Err(fault) if fault.is::<evaluate::BadRow>() => Ok(fail(&fault, 2)),
        other => other.map(|()| ExitCode::SUCCESS),
    }
}

/// Runs a command that needs no settings; false where it is another.
async fn run_without_settings(command: &Command, out: &mut dyn Write) -> anyhow::Result<bool> {
    match command {
        Command::Openapi => writeln!(out, "{}", serde_json::to_string_pretty(openapi::document())?)?,
        Command::Migrate(asked) => match asked.ends() {
            Some(ends) => migrate::copy(asked, ends, out).await?,
            None => return Ok(false),
        },
        _ => return Ok(false),
    }
    Ok(true)
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout();
    if run_without_settings(&cli.command, &mut out).await? {
        return Ok(ExitCode::SUCCESS);
    }
    let file = match &cli.command {
        Command::CheckConfig { file: Some(file) } => Some(file.clone()),
        _ => cli.config,
    };
    let sources = Sources::from_process(file);
    let loaded = match load::load(&sources) {
        Ok(loaded) => loaded,
        Err(faults) => {
            writeln!(std::io::stderr(), "{faults}")?;
            return Ok(ExitCode::from(2));
        }
    };
    match cli.command {
        Command::Serve { seed } => serve::run(loaded, sources, evaluate::seed_of(seed.as_deref())?).await,
        Command::CheckConfig { .. } => {
            writeln!(out, "The settings are good.")?;
            for remark in loaded.config.sites.iter().filter_map(Site::remark) {
                writeln!(std::io::stderr(), "note: {remark}")?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Captcha(command) => captcha::run(command, &loaded.config, &mut out).await,
        Command::Evaluate(asked) => done_or_misused(evaluate::run(&asked, &loaded.config, &mut out)),
        Command::SeedModel(asked) => done_or_misused(evaluate::train(&asked, &mut out)),
        Command::Thresholds(asked) => thresholds::run(asked, &loaded.config, &sources, &mut out).await,
        Command::Health { url } => serve::health(&loaded.config, url).await,
        other => run_on_store(other, &loaded.config, &mut out).await.map(|()| ExitCode::SUCCESS),
    }
}

/// Runs a command that has to do with the store alone.
async fn run_on_store(command: Command, config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    match command {
        Command::Moderator(command) => {
            let (store, _) = app::open_store(config).await?;
            people::moderator(command, &store, config, &Clock::system(), out).await
        }
        Command::Token(command) => {
            let (store, _) = app::open_store(config).await?;
            tokens::run(command, &store, &Clock::system(), out).await
        }
        Command::Model(command) => model::run(command, config, &Clock::system(), out).await,
        Command::Audit(command) => audit::run(command, config, out).await,
        Command::Backup(asked) => backup::backup(&asked, config, out).await,
        Command::Restore(asked) => backup::restore(&asked, config, out).await,
        Command::Migrate(_) => {
            app::open_store(config).await?;
            Ok(writeln!(out, "The store is up to date.")?)
        }
        _ => Ok(()),
    }
}
