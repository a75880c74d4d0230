//! Files of one entry a line: UTF-8, `#` starts a comment line, blank lines are skipped.

use std::path::Path;

use super::seen::{Seen, reason};
use crate::keys::{Tag, digest};

/// Most faults told of one file.
pub(super) const MOST_TOLD: usize = 10;

/// A file's entries.
pub(super) struct Entries {
    /// Each with the number of its line.
    pub(super) lines: Vec<(usize, String)>,
    /// Of the whole file.
    pub(super) digest: Tag,
}

/// Reads a file of at most `most` bytes; what is wrong names the file.
pub(super) fn read(seen: &mut Seen, file: &Path, most: u64) -> Result<Entries, String> {
    let name = file.display();
    let bytes = seen.read(file, most).map_err(|fault| format!("{name} cannot be read: {}", reason(&fault)))?;
    let text = std::str::from_utf8(&bytes).map_err(|fault| {
        let line = bytes.iter().take(fault.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
        format!("{name}, line {line}, is not UTF-8")
    })?;
    let lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines().map(str::trim).enumerate();
    let entries = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let lines = entries.map(|(n, line)| (n + 1, line.to_owned())).collect();
    Ok(Entries { lines, digest: digest(&bytes) })
}
