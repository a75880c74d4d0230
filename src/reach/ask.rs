//! What can be asked: a command that goes to where its key lies, as itself or as a script; and how long that may take.

use std::time::Duration;

use redis::{Arg, Cmd, Value};
use tokio::time::Instant;

use super::outage::Outage;

/// What came of one command; none within the pause after a failure, when nobody was asked.
pub type Answer = Option<Result<Value, Outage>>;

/// How long the answers may take, connecting included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// When no answer is waited for any longer,
    pub budget: Duration,
    /// but for this, in which what was read meanwhile is still taken: a machine may have been too busy to look.
    pub grace: Duration,
    /// Asks also whoever just failed.
    pub insists: bool,
}

/// Until when answers may come.
#[derive(Clone, Copy)]
pub(super) struct Deadline {
    at: Instant,
    grace: Duration,
}

impl Deadline {
    pub(super) fn of(patience: Patience) -> Self {
        Self { at: Instant::now() + patience.budget, grace: patience.grace }
    }

    /// Does the work by then.
    pub(super) async fn hold<T>(self, work: impl Future<Output = Result<T, Outage>>) -> Result<T, Outage> {
        let mut work = std::pin::pin!(work);
        if let Ok(outcome) = tokio::time::timeout_at(self.at, &mut work).await {
            return outcome;
        }
        tokio::time::timeout(self.grace, work).await.unwrap_or(Err(Outage::NoAnswer))
    }
}

/// One command.
#[derive(Clone)]
pub struct Ask {
    pub(super) key: String,
    pub(super) command: Cmd,
    script: Option<&'static str>,
    /// How many numbers the answer is to be; none where it may be anything.
    numbers: Option<usize>,
}

impl Ask {
    /// A command on a key.
    #[must_use]
    pub fn command(key: &str, command: Cmd) -> Self {
        Self { key: key.to_owned(), command, script: None, numbers: None }
    }

    /// A script on keys that share a slot: by its hash, and in full where the server does not know it. It answers so
    /// many numbers, or the server is not believed.
    #[must_use]
    pub fn script(text: &'static str, hash: &str, keys: &[&str], values: &[String], numbers: usize) -> Self {
        let mut command = redis::cmd("EVALSHA");
        command.arg(hash).arg(keys.len()).arg(keys).arg(values);
        let key = keys.first().map_or_else(String::new, |key| (*key).to_owned());
        Self { key, command, script: Some(text), numbers: Some(numbers) }
    }

    /// Whether this can be an answer to it.
    pub(super) fn fits(&self, answer: &Value) -> bool {
        self.numbers.is_none_or(|wanted| match answer {
            Value::Array(numbers) => {
                numbers.len() == wanted && numbers.iter().all(|number| matches!(number, Value::Int(_)))
            }
            _ => false,
        })
    }

    /// The same with the script in full, where it is one.
    pub(super) fn in_full(&self) -> Option<Cmd> {
        let mut command = redis::cmd("EVAL");
        command.arg(self.script?);
        // Behind EVALSHA and the hash all is the same.
        for arg in self.command.args_iter().skip(2) {
            if let Arg::Simple(bytes) = arg {
                command.arg(bytes);
            }
        }
        Some(command)
    }
}
