//! Which files an attempt read and what was in them, so that a look at the disk tells whether
//! another attempt can come out differently.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    time::SystemTime,
};

use sha2::{Digest, Sha256};

use crate::keys::Tag;

/// Bytes from which on a file is read again only where its length or time of change has moved.
const LARGE: u64 = 1 << 20;

/// Files in the order they were first read, each with the digest of its content.
#[derive(Clone, Default)]
pub(in crate::config) struct Seen {
    env: Tag,
    files: Vec<SeenFile>,
}

#[derive(Clone)]
struct SeenFile {
    path: PathBuf,
    content: Tag,
    most: u64,
    /// As it was before it was read; none for a small file.
    stamp: Option<(u64, SystemTime)>,
}

impl SeenFile {
    fn differs_on_disk(&self) -> bool {
        let untouched = self.stamp.is_some() && self.stamp == stamp_of(&self.path);
        !untouched && digest_of(&read(&self.path, self.most)) != self.content
    }
}

/// Length and time of change of a large file.
fn stamp_of(path: &Path) -> Option<(u64, SystemTime)> {
    let about = std::fs::metadata(path).ok().filter(|about| about.is_file() && about.len() >= LARGE)?;
    Some((about.len(), about.modified().ok()?))
}

impl Seen {
    pub(super) fn new(env: &[(String, String)]) -> Self {
        let mut hash = Sha256::new();
        for part in env.iter().flat_map(|(name, value)| [name, value]) {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        Self { env: hash.finalize().into(), files: Vec::new() }
    }

    /// Reads a file of at most `most` bytes and remembers what was there, or that nothing was.
    pub(super) fn read(&mut self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        let stamp = stamp_of(path);
        let content = read(path, most);
        if !self.files.iter().any(|known| known.path == path) {
            self.files.push(SeenFile { path: path.to_owned(), content: digest_of(&content), most, stamp });
        }
        content
    }

    pub(in crate::config) fn paths(&self) -> Vec<PathBuf> {
        self.files.iter().map(|file| file.path.clone()).collect()
    }

    /// One digest over the environment and every file.
    pub(in crate::config) fn digest(&self) -> Tag {
        let mut hash = Sha256::new_with_prefix(self.env);
        for file in &self.files {
            hash.update(file.path.as_os_str().as_encoded_bytes());
            hash.update(file.content);
        }
        hash.finalize().into()
    }

    /// Whether a file reads differently now.
    pub(in crate::config) fn differs_on_disk(&self) -> bool {
        self.files.iter().any(SeenFile::differs_on_disk)
    }
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.files.iter().map(|file| &file.path)).finish()
    }
}

fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut content)?;
    if u64::try_from(content.len()).is_ok_and(|length| length <= most) {
        return Ok(content);
    }
    Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {most} bytes")))
}

/// Why a file could not be read, in plain words.
pub(super) fn reason(fault: &io::Error) -> String {
    match fault.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not read it".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::FileTooLarge => fault.to_string(),
        other => other.to_string(),
    }
}

fn digest_of(content: &io::Result<Vec<u8>>) -> Tag {
    match content {
        Ok(bytes) => Sha256::new_with_prefix(b"+").chain_update(bytes).finalize().into(),
        Err(fault) => Sha256::new_with_prefix(b"-").chain_update(fault.kind().to_string()).finalize().into(),
    }
}
