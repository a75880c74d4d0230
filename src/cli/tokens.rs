//! `replydesk token`: tokens for programs. A new one is the one line on stdout.

use std::{io::Write, time::Duration};

use anyhow::Context as _;
use clap::{Subcommand, ValueEnum};

use super::people::OPERATOR;
use crate::{
    auth::{Passwords, People, Right},
    domain::{Clock, Timestamp},
    store::Store,
};

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

/// Runs one of `replydesk token`.
///
/// # Errors
/// A rule that is broken or a store that gives no answer, in words that say what to do.
pub(super) async fn run(
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
