//! `replydesk moderator` and `replydesk token`: people and tokens of a store that may have a server
//! beside it.
//!
//! Passwords come from a terminal without echo or from stdin, never from the command line, where
//! every process could read them. A new token is the one line on stdout.

use std::{
    io::{self, IsTerminal as _, Read as _, Write},
    time::Duration,
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};

use crate::{
    auth::{NewPerson, Passwords, People, Right},
    config::Config,
    domain::{Clock, Timestamp},
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
    },
    /// List who may sign in
    List,
    /// Remove somebody; their sessions end at once
    Remove {
        /// Their name
        name: String,
    },
    /// Give somebody another password; their sessions end at once
    Password {
        /// Their name
        name: String,
        #[command(flatten)]
        password: PasswordFrom,
    },
}

/// `replydesk token …`
#[derive(Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token and print it, this once
    Create {
        /// What to call it
        name: String,
        /// What it may do
        #[arg(long)]
        scope: Scope,
        /// How long it holds, e.g. 12h, 90d, 2w; for good without
        #[arg(long, value_name = "SPAN", value_parser = span)]
        expires: Option<Duration>,
    },
    /// List the tokens, without what they say
    List,
    /// End a token at once
    Revoke {
        /// Its name
        name: String,
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

/// What a token may do.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Scope {
    /// Looks
    Read,
    /// Also decides and bans
    Decide,
    /// Also manages people, tokens and settings
    Admin,
}

impl From<Scope> for Right {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Read => Self::Read,
            Scope::Decide => Self::Decide,
            Scope::Admin => Self::Admin,
        }
    }
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
        ModeratorCommand::Add { name, role, email, sites, password } => {
            known_sites(config, &sites)?;
            let password = password.get()?;
            let role = match role {
                Role::Moderator => "moderator",
                Role::Admin => "admin",
            };
            let sites = (!sites.is_empty()).then_some(sites);
            let new = NewPerson { username: name, role: role.to_owned(), email, sites, password };
            let person = people.add(new, OPERATOR).await?;
            writeln!(out, "{} may sign in as {role}.", person.username)?;
        }
        ModeratorCommand::List => {
            for person in people.list().await? {
                let sites = person.sites.map_or_else(|| "all sites".to_owned(), |sites| sites.join(", "));
                writeln!(out, "{:<24} {:<10} {sites:<20} since {}", person.username, person.role, person.created_at)?;
            }
        }
        ModeratorCommand::Remove { name } => {
            people.remove(&name, OPERATOR).await.with_context(|| format!("{name} was not removed"))?;
            writeln!(out, "{name} may not sign in any more.")?;
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

/// Runs one of `replydesk token`.
///
/// # Errors
/// A rule that is broken or a store that gives no answer, in words that say what to do.
pub(super) async fn token(
    command: TokenCommand,
    store: &Store,
    clock: &Clock,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let people = People::new(store.clone(), clock.clone(), Passwords::default());
    match command {
        TokenCommand::Create { name, scope, expires } => {
            let (text, _row) = people.add_token(&name, scope.into(), expires, OPERATOR).await?;
            writeln!(out, "{text}")?;
        }
        TokenCommand::List => {
            for token in people.tokens().await? {
                let until = expiry(token.expires_at, clock.now());
                writeln!(out, "{:<24} {:<8} since {} {until}", token.name, token.scope, token.created_at)?;
            }
        }
        TokenCommand::Revoke { name } => {
            people.revoke(&name, OPERATOR).await.with_context(|| format!("{name} was not revoked"))?;
            writeln!(out, "{name} holds no longer.")?;
        }
    }
    Ok(())
}

fn expiry(until: Option<Timestamp>, now: Timestamp) -> String {
    match until {
        None => "for good".to_owned(),
        Some(until) if until <= now => format!("expired {until}"),
        Some(until) => format!("until {until}"),
    }
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

/// A span such as `90d`: a whole number and s, m, h, d or w.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    let wrong = || "give a number and s, m, h, d or w, such as 90d".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = text.strip_suffix(unit).and_then(|digits| digits.parse().ok()).ok_or_else(wrong)?;
    number
        .checked_mul(seconds)
        // A hundred years, so that no sum overflows.
        .filter(|total| (1..=100 * 366 * 86_400).contains(total))
        .map(Duration::from_secs)
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        for (text, seconds) in [("90d", 90 * 86_400), ("12h", 43_200), ("2w", 1_209_600), ("5m", 300), ("1s", 1)] {
            assert_eq!(span(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in ["", "d", "90", "-1d", "0d", "1.5h", "99999999999999999999d", "9999999999d", "90 d", "1é"] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }
}
