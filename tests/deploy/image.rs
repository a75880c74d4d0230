//! The Dockerfile ends in nothing but what is laid out, and lets a build see all it needs. `scripts/image-check` runs it.

use std::{collections::BTreeSet, fs, path::Path};

use crate::{asking::read, root};

#[test]
fn the_image_is_what_was_laid_out_and_runs_without_rights() {
    let dockerfile = read("Dockerfile");
    let last = dockerfile.split_once("\nFROM scratch\n").unwrap().1;
    assert!(!last.contains("FROM "), "scratch is not the last stage");
    let copies: Vec<&str> = last.lines().filter(|line| line.starts_with("COPY") || line.starts_with("ADD")).collect();
    assert_eq!(copies, ["COPY --from=build /out /"]);
    assert!(!last.contains("\nRUN"), "there is no shell to run it");
    assert!(last.contains("\nUSER 10001:10001\n"));
    assert!(read("deploy/image/lay-out").contains("id=10001"));
    // No `sh -c` before the program: signals reach it.
    assert!(last.contains("ENTRYPOINT [\"replydesk\"]\nCMD [\"serve\"]"));
}

/// What .dockerignore lets through.
fn let_through() -> Vec<String> {
    let ignore = read(".dockerignore");
    assert!(ignore.lines().any(|line| line == "*"), "all else is kept from the build");
    ignore.lines().filter_map(|line| line.strip_prefix('!')).map(str::to_owned).collect()
}

/// `src/http/../../web/x` is `web/x`.
fn plain(path: &str) -> String {
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/') {
        if step == ".." {
            steps.pop();
        } else {
            steps.push(step);
        }
    }
    steps.join("/")
}

#[test]
fn the_build_sees_every_file_that_is_compiled_in() {
    let through = let_through();
    assert!(through.contains(&"deploy/image".to_owned()));
    // The compiler writes of which files it made the program and its library.
    let folder = Path::new(env!("CARGO_BIN_EXE_replydesk")).with_file_name("deps");
    let notes: String = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "d"))
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("replydesk-")))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let here = format!("{}/", root().display());
    let files: BTreeSet<String> = notes
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
        .map(|file| file.trim_end_matches(':'))
        .map(|file| file.strip_prefix(&here).unwrap_or(file))
        .filter(|file| !file.starts_with('/') && !file.starts_with("target/"))
        .map(plain)
        // Clippy's own settings are noted where it looked, and what the library's own tests read.
        .filter(|file| file != "clippy.toml" && !file.starts_with("tests/"))
        .collect();
    assert!(files.len() > 100, "the files were not found");
    let kept: Vec<_> = files
        .iter()
        .filter(|file| !through.iter().any(|folder| *file == folder || file.starts_with(&format!("{folder}/"))))
        .collect();
    assert!(kept.is_empty(), "kept from the build: {kept:?}");
}

#[test]
fn the_build_sees_every_target_that_the_manifest_names() {
    let through = let_through();
    for (kind, folder) in [("bench", "benches"), ("example", "examples"), ("test", "tests")] {
        let is_named = read("Cargo.toml").contains(&format!("[[{kind}]]"));
        assert!(
            !is_named || through.iter().any(|one| one == folder),
            "cargo looks for {folder}/, which .dockerignore keeps"
        );
    }
}
