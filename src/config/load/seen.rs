//! Which files an attempt read and what was in them, so that a look at the disk tells whether
//! another attempt can come out differently.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::keys::Tag;

/// Files in the order they were first read, each with the digest of its content.
#[derive(Clone, Default)]
pub(in crate::config) struct Seen {
    env: Tag,
    files: Vec<(PathBuf, Tag, u64)>,
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
        let content = read(path, most);
        if !self.files.iter().any(|(known, ..)| known == path) {
            self.files.push((path.to_owned(), digest_of(&content), most));
        }
        content
    }

    pub(in crate::config) fn paths(&self) -> Vec<PathBuf> {
        self.files.iter().map(|(path, ..)| path.clone()).collect()
    }

    /// One digest over the environment and every file.
    pub(in crate::config) fn digest(&self) -> Tag {
        let mut hash = Sha256::new_with_prefix(self.env);
        for (path, content, _) in &self.files {
            hash.update(path.as_os_str().as_encoded_bytes());
            hash.update(content);
        }
        hash.finalize().into()
    }

    /// Whether a file reads differently now.
    pub(in crate::config) fn differs_on_disk(&self) -> bool {
        self.files.iter().any(|(path, content, most)| digest_of(&read(path, *most)) != *content)
    }
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.files.iter().map(|(path, ..)| path)).finish()
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
