//! Certificates as an operator of a private network would make them.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A folder with `ca.pem`, and `server` and `client` with their keys, signed by it; gone with the test.
pub(crate) struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    /// None, and a line that says so, where there is no `openssl`.
    pub(crate) fn make() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let certificates = Self { folder };
        let ca = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=private \
                  -keyout ca.key -out ca.pem -addext basicConstraints=critical,CA:TRUE";
        if openssl(ca, certificates.folder.path()).is_none() {
            eprintln!("skipped: openssl is not installed");
            return None;
        }
        std::fs::write(certificates.path("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n").unwrap();
        for name in ["server", "client"] {
            let ask = format!(
                "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr"
            );
            openssl(&ask, certificates.folder.path()).unwrap();
            let sign = format!(
                "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out {name}.pem"
            );
            openssl(&sign, certificates.folder.path()).unwrap();
        }
        Some(certificates)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn openssl(words: &str, folder: &Path) -> Option<()> {
    let made = Command::new("openssl").args(words.split_whitespace()).current_dir(folder).output().ok()?;
    assert!(made.status.success(), "openssl {words}: {}", String::from_utf8_lossy(&made.stderr));
    Some(())
}
