//! What `deploy/`, `compose.yaml` and the Dockerfile hold, put before the programs that will read it.
//!
//! A test whose program is not installed prints a line that starts with "skipped:" and passes.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "this is a test")]

#[expect(dead_code, reason = "these tests need some of it")]
#[path = "../support/watching.rs"]
mod asking;
mod compose;
mod image;
mod proxies;
mod units;
mod watching;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A program of this machine, also where only root's path leads. None, and a line that says so, where it is missing.
pub(crate) fn tool(name: &str, package: &str) -> Option<Command> {
    let path = std::env::var_os("PATH").unwrap();
    let found = std::env::split_paths(&path)
        .chain(["/usr/sbin".into()])
        .map(|folder| folder.join(name))
        .find(|file| file.exists());
    if found.is_none() {
        eprintln!("skipped: there is no {name}; on Debian: apt-get install {package}");
    }
    found.map(Command::new)
}

/// Runs it; what it said on both ways. It must end well.
pub(crate) fn done(command: &mut Command) -> String {
    let ended = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{command:?}: {said}");
    said
}

/// The program itself, without any setting of this machine's.
pub(crate) fn replydesk(settings: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_replydesk"));
    command.env_clear().env("REPLYDESK_CONFIG", settings);
    command
}
