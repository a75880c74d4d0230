//! What is wrong with a configuration: one line a fault, with its place, its key and the cure.

use std::{
    fmt::{self, Write as _},
    path::PathBuf,
};

use super::seen::Seen;

/// Where a value was given.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    /// Nowhere that has a line: the file as a whole, or a file that is not there.
    File(PathBuf),
    /// A line of the file, counted from 1.
    Line(PathBuf, usize),
    /// A character of the file, line and column counted from 1.
    Column(PathBuf, usize, usize),
    /// An environment variable, by its name.
    Variable(String),
    /// The compiled-in defaults.
    Defaults,
    /// No single place: the settings as a whole.
    Whole,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Line(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Column(path, line, column) => write!(f, "{}:{line}:{column}", path.display()),
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::Defaults => f.write_str("defaults"),
            Self::Whole => f.write_str("settings"),
        }
    }
}

/// One fault. Its text holds no secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigFault {
    /// The key's path, e.g. `site[0].captcha.reject_below`; empty where no key is meant.
    pub key: String,
    /// Where it was given.
    pub place: Place,
    /// What is wrong.
    pub wrong: String,
    /// What would be right.
    pub right: String,
}

impl ConfigFault {
    /// The line in the file, where it has one.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        match self.place {
            Place::Line(_, line) | Place::Column(_, line, _) => Some(line),
            Place::File(_) | Place::Variable(_) | Place::Defaults | Place::Whole => None,
        }
    }
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = if self.key.is_empty() { String::new() } else { format!("{}: ", self.key) };
        let told = format!("{}: {key}{}; {}", self.place, self.wrong, self.right);
        // A key may be called anything, and this is read at a terminal.
        told.chars().try_for_each(|c| match c {
            '\n' => f.write_char(c),
            _ if c.is_control() => write!(f, "{}", c.escape_default()),
            _ => f.write_char(c),
        })
    }
}

/// Every fault of one attempt, in the order of the file, then of the environment.
#[derive(Clone, Debug)]
pub struct ConfigFaults {
    faults: Vec<ConfigFault>,
    pub(in crate::config) seen: Seen,
}

impl ConfigFaults {
    pub(super) fn new(mut faults: Vec<ConfigFault>, seen: Seen) -> Self {
        // Stable, so that faults of one line stay in the order of the checks.
        faults.sort_by_key(|fault| match &fault.place {
            Place::File(_) => (0, 0, String::new()),
            Place::Line(_, line) | Place::Column(_, line, _) => (1, *line, String::new()),
            Place::Variable(name) => (2, 0, name.clone()),
            Place::Defaults | Place::Whole => (3, 0, String::new()),
        });
        let mut told = Vec::new();
        for fault in faults {
            if !told.contains(&fault) {
                told.push(fault);
            }
        }
        Self { faults: told, seen }
    }

    /// The caller's own refusal of settings that are sound in themselves.
    pub(in crate::config) fn refusal(reason: &str, seen: Seen) -> Self {
        let (wrong, right) = reason.rsplit_once("; ").unwrap_or((reason, "change the settings and reload"));
        let (wrong, right) = (wrong.to_owned(), right.to_owned());
        Self { faults: vec![ConfigFault { key: String::new(), place: Place::Whole, wrong, right }], seen }
    }

    /// All of them; never empty.
    #[must_use]
    pub fn all(&self) -> &[ConfigFault] {
        &self.faults
    }
}

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, fault) in self.faults.iter().enumerate() {
            let end = if n == 0 { "" } else { "\n" };
            write!(f, "{end}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigFaults {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_key_is_called_does_nothing_to_a_terminal() {
        let (wrong, right) = ("there is no such key".to_owned(), "leave it out".to_owned());
        let fault = ConfigFault { key: "a\u{1b}[31m\0".to_owned(), place: Place::Whole, wrong, right };
        assert_eq!(fault.to_string(), "settings: a\\u{1b}[31m\\u{0}: there is no such key; leave it out");
    }
}
