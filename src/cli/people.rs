//! `replydesk moderator`: people of a store that may have a server beside it.
//!
//! Passwords come from a terminal without echo or from stdin, never from the command line, where
//! every process could read them. A new link is the one line on stdout. Who may run this can do what the
//! API refuses: remove the last admin.

use std::io::{self, IsTerminal as _, Read as _, Write};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};

use crate::{
    auth::{Invitation, LastAdmin, NewPerson, Passwords, People, Person},
    config::Config,
    domain::Clock,
    store::Store,
};

/// Who did it, as the audit names whoever may run commands here.
pub(super) const OPERATOR: &str = "operator";
/// Most bytes that are read as a password.
const MOST_BYTES: u64 = 4_096;

/// `replydesk moderator …`
#[derive(Subcommand)]
pub(super) enum ModeratorCommand {
    /// Add somebody who may sign in
    Add {
        /// Under which name they sign in
        name: String,
        /// What they may do
        #[arg(long)]
        role: Role,
        /// Where to reach them
        #[arg(long)]
        email: Option<String>,
        /// A site they may see; repeat it for several; all sites without
        #[arg(long = "site", value_name = "ID")]
        sites: Vec<String>,
        #[command(flatten)]
        password: PasswordFrom,
        /// Let them choose their password: print a link for it, which holds for 72 hours
        #[arg(long, conflicts_with = "password_stdin")]
        invite: bool,
    },
    /// List who may sign in
    List,
    /// Remove somebody; their sessions end at once
    Remove {
        /// Their name
        name: String,
    },
    /// Print a link to choose a password with, once within 72 hours; the password they have, an earlier link and
    /// their sessions hold no longer
    Invite {
        /// Their name
        name: String,
    },
    /// Take the second factor away from somebody who lost their phone
    SecondFactor {
        /// Their name
        name: String,
        /// A password is enough again
        #[arg(long, required = true)]
        off: bool,
    },
    /// Give somebody another password; their sessions end at once
    Password {
        /// Their name
        name: String,
        #[command(flatten)]
        password: PasswordFrom,
    },
}

/// Where a password comes from.
#[derive(Args)]
pub(super) struct PasswordFrom {
    /// Read the password from stdin instead of asking for it
    #[arg(long)]
    password_stdin: bool,
}

/// What a person may do.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Role {
    /// Decides and bans
    Moderator,
    /// Also manages people, tokens and settings
    Admin,
}

/// Runs one of `replydesk moderator`.
///
/// # Errors
/// A rule that is broken or a store that gives no answer, in words that say what to do.
pub(super) async fn moderator(
    command: ModeratorCommand,
    store: &Store,
    config: &Config,
    clock: &Clock,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let people = People::new(store.clone(), clock.clone(), Passwords::default());
    match command {
        ModeratorCommand::Add { name, role, email, sites, password, invite } => {
            known_sites(config, &sites)?;
            let password = if invite { None } else { Some(password.get()?) };
            let role = match role {
                Role::Moderator => "moderator",
                Role::Admin => "admin",
            };
            let sites = (!sites.is_empty()).then_some(sites);
            let added =
                people.add(NewPerson { username: name, role: role.to_owned(), email, sites, password }, OPERATOR);
            let added = added.await?;
            match added.invitation {
                Some(link) => print_link(&link, config, out)?,
                None => writeln!(out, "{} may sign in as {role}.", added.person.username)?,
            }
        }
        ModeratorCommand::List => {
            for person in people.list().await? {
                writeln!(out, "{}", line(person))?;
            }
        }
        ModeratorCommand::Remove { name } => {
            let removed = people.remove(&name, LastAdmin::MayGo, OPERATOR).await;
            removed.with_context(|| format!("{name} was not removed"))?;
            writeln!(out, "{name} may not sign in any more.")?;
        }
        ModeratorCommand::Invite { name } => {
            let link = people.invite(&name, OPERATOR).await.with_context(|| format!("{name} was not invited"))?;
            print_link(&link, config, out)?;
        }
        ModeratorCommand::SecondFactor { name, off: _ } => {
            let ended = people.end_second_factor(&name, OPERATOR).await;
            ended.with_context(|| format!("the second factor of {name} was not taken away"))?;
            writeln!(out, "{name} signs in with the password alone.")?;
        }
        ModeratorCommand::Password { name, password } => {
            let password = password.get()?;
            let set = people.set_password(&name, password, OPERATOR).await;
            set.with_context(|| format!("the password of {name} was not changed"))?;
            writeln!(out, "{name} has a new password.")?;
        }
    }
    Ok(())
}

/// The link alone, so that a script can take it.
fn print_link(link: &Invitation, config: &Config, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", link.url(&config.server.public_url))
}

fn line(person: Person) -> String {
    let sites = person.sites.map_or_else(|| "all sites".to_owned(), |sites| sites.join(", "));
    let mut line = format!("{:<24} {:<10} {sites:<20} since {}", person.username, person.role, person.created_at);
    if person.password.is_none() {
        line.push_str(", invited");
    }
    if person.second_factor {
        line.push_str(", second factor");
    }
    line
}

/// Refuses a site that the settings do not have.
pub(super) fn known_sites(config: &Config, named: &[String]) -> anyhow::Result<()> {
    let known: Vec<&str> = config.sites.iter().map(|site| site.id.as_str()).collect();
    match named.iter().find(|name| !known.contains(&name.as_str())) {
        Some(name) => bail!("there is no site {name:?}; the settings have {}", known.join(", ")),
        None => Ok(()),
    }
}

impl PasswordFrom {
    fn get(&self) -> anyhow::Result<String> {
        if self.password_stdin {
            return from_stdin();
        }
        if !io::stdin().is_terminal() {
            bail!("there is no terminal to ask for the password; send it on stdin with --password-stdin");
        }
        let first = rpassword::prompt_password("Password: ").context("the password could not be read")?;
        let again = rpassword::prompt_password("Once more: ").context("the password could not be read")?;
        if first != again {
            bail!("the two passwords differ; try again");
        }
        Ok(first)
    }
}

/// Everything on stdin but the line break at its end.
fn from_stdin() -> anyhow::Result<String> {
    let mut text = String::new();
    io::stdin().take(MOST_BYTES).read_to_string(&mut text).context("the password on stdin could not be read")?;
    let line = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if line.is_empty() {
        bail!("there is no password on stdin");
    }
    Ok(line.to_owned())
}
