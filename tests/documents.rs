//! Holds the documents to the code: every key, signal and metric they list is there, with its value, and
//! every file they name exists; every promise names what shows it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "it reads the project's own files and fails loudly")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use replydesk::scoring::{Group, Rule};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect(path)
}

/// The rows of a page's tables whose first cell is one code span: that span to the other cells.
fn rows(page: &str) -> BTreeMap<String, Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        line.trim().trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
    };
    let rows = page.lines().filter(|line| line.starts_with("| `")).map(cells);
    rows.filter_map(|mut cells| {
        let name = cells.remove(0);
        let name = name.strip_prefix('`')?.strip_suffix('`')?.to_owned();
        (!name.contains('`')).then_some((name, cells))
    })
    .collect()
}

/// The part of a page from this heading to the next of its rank.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n")).expect(heading);
    rest.split("\n## ").next().unwrap()
}

/// What stands between quotes after each `mark`, with the text behind it.
fn quoted_after<'a>(source: &'a str, mark: &str) -> Vec<(&'a str, &'a str)> {
    let found = source.split(mark).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"')?.split_once('"'));
    found.collect()
}

#[test]
fn every_key_of_the_manual_is_listed_with_its_default() {
    let mut keys = BTreeMap::new();
    let mut section_name = String::new();
    for line in read("config/default.toml").lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with('[') {
            section_name = line.trim_matches(['[', ']']).to_owned();
        } else if let Some((key, value)) = line.split_once(" = ") {
            keys.insert(format!("{section_name}.{key}"), format!("`{value}`"));
        }
    }
    let page = read("docs/configuration.md");
    let mut listed: BTreeMap<String, String> = rows(section(&page, "All keys"))
        .into_iter()
        .map(|(key, cells)| (key, cells.first().unwrap().clone()))
        .collect();
    assert_eq!(listed.remove("scoring.weights.*").as_deref(), Some("built in"));
    assert_eq!(listed.remove("captcha.weights.*").as_deref(), Some("built in"));
    assert!(keys.len() > 40, "the keys were not found");
    assert_eq!(listed, keys);
}

#[test]
fn every_signal_is_listed_with_its_weight_and_group() {
    let rules: BTreeMap<String, (f64, String)> = Rule::ALL
        .into_iter()
        .map(|rule| (rule.name().to_owned(), (rule.weight(), rule.group().name().to_owned())))
        .collect();
    let page = read("docs/moderation.md");
    let listed: BTreeMap<String, (f64, String)> = rows(section(&page, "The signals"))
        .into_iter()
        .map(|(name, cells)| (name, (cells.first().unwrap().parse().unwrap(), cells.get(1).unwrap().clone())))
        .collect();
    assert_eq!(listed, rules);
    let caps: Vec<String> = Group::ALL.iter().map(|group| format!("{} {}", group.name(), group.cap())).collect();
    assert!(page.contains(&format!("Caps: {}.", caps.join(", "))), "Caps: {}.", caps.join(", "));
}

#[test]
fn every_signal_of_the_builtin_captcha_is_listed_with_its_weight_and_group() {
    use replydesk::captcha::builtin::{Group, WEIGHTS};
    let page = read("docs/captcha.md");
    let listed: BTreeMap<String, Vec<String>> = rows(section(&page, "The built-in score"));
    let table = WEIGHTS.map(|row| {
        (row.name.to_owned(), vec![format!("{:?}", row.weight), row.group.as_str().to_owned(), row.says.to_owned()])
    });
    assert_eq!(listed, table.into());
    for group in Group::ALL {
        if let Some((least, most)) = group.cap() {
            let bounds = format!("{} from {least:?} to {most:?}", group.as_str());
            assert!(page.contains(&bounds), "docs/captcha.md does not say: {bounds}");
        }
    }
}

#[test]
fn every_metric_is_listed() {
    let source = read("src/telemetry/metrics.rs");
    let metrics: BTreeSet<String> =
        quoted_after(&source, "registry.register(").into_iter().map(|(name, _)| format!("replydesk_{name}")).collect();
    let page = read("docs/operations.md");
    let listed: BTreeSet<String> = rows(section(&page, "Metrics"))
        .into_keys()
        .map(|name| name.strip_suffix("_total").unwrap_or(&name).to_owned())
        .collect();
    assert!(metrics.len() > 5, "the metrics were not found");
    assert_eq!(listed, metrics);
}

/// Every page for people.
fn pages() -> Vec<PathBuf> {
    let (mut pages, mut folders) = (Vec::new(), vec![root(), root().join("docs")]);
    folders.push(root().join("docs/decisions"));
    for folder in folders {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    assert!(pages.len() > 10, "the pages were not found");
    pages
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let mut faults = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.contains("://") {
                continue;
            }
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            let anchors = |text: String| -> bool {
                text.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == heading)
            };
            if !file.exists() || (!heading.is_empty() && !fs::read_to_string(&file).is_ok_and(anchors)) {
                faults.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(faults.is_empty(), "links that lead nowhere:\n{}", faults.join("\n"));
}

/// A heading as a link names it.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn every_file_that_a_page_names_exists() {
    let folders = ["src/", "tests/", "config/", "scripts/", "docs/", "web/", "migrations/"];
    let mut faults = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for named in text.split('`').skip(1).step_by(2).filter(|named| !named.contains('\n')) {
            let path = named.split_whitespace().next().unwrap_or_default();
            let is_ours = folders.iter().any(|folder| path.starts_with(folder));
            let is_source = path.contains('/') && path.ends_with(".rs");
            // Pages about the code leave the `src/` away.
            let exists = root().join(path).exists() || (is_source && root().join("src").join(path).exists());
            if (is_ours || is_source) && !exists {
                faults.push(format!("{}: {path}", page.display()));
            }
        }
    }
    assert!(faults.is_empty(), "files that are not there:\n{}", faults.join("\n"));
}

#[test]
fn every_promise_of_the_table_names_what_shows_it_and_every_row_of_the_faults_stands_there() {
    let page = read("docs/robustness.md");
    let mut promises = 0;
    for heading in ["Durability and faults", "Hostile input", "Privacy", "Speed"] {
        let lines = section(&page, heading).lines().filter(|line| line.starts_with('|')).skip(2);
        for line in lines {
            let shown_by = line.trim_end_matches('|').rsplit(" | ").next().unwrap();
            let names_a_file = ["tests/", "src/", "scripts/", "benches/", "fuzz/"]
                .iter()
                .any(|folder| shown_by.contains(&format!("`{folder}")));
            assert!(names_a_file, "what shows this? {line}");
            promises += 1;
        }
    }
    assert!(promises > 40, "the promises were not found");
    let mut rows = 0;
    for entry in fs::read_dir(root().join("scripts/lib/faults")).unwrap() {
        let source = fs::read_to_string(entry.unwrap().path()).unwrap();
        for (name, _) in quoted_after(&source, "\n@row(") {
            assert!(page.contains(&format!("`scripts/faults {name}`")), "docs/robustness.md lacks {name}");
            rows += 1;
        }
    }
    assert!(rows > 10, "the rows were not found");
}

#[test]
fn the_readme_says_what_the_command_line_takes() {
    let readme = read("README.md");
    for line in ["moderator add ada --role admin", "token create desk --scope decide"] {
        assert!(readme.contains(&format!("replydesk {line}")), "{line}");
        let words: Vec<&str> = line.split(' ').chain(["--help"]).collect();
        let mut replydesk = assert_cmd::Command::new(env!("CARGO_BIN_EXE_replydesk"));
        let told = replydesk.args(&words).assert().success();
        let told = String::from_utf8_lossy(&told.get_output().stdout).into_owned();
        let (flag, value) = line.split_once("--").unwrap().1.split_once(' ').unwrap();
        assert!(told.contains(&format!("--{flag}")) && told.contains(value), "{line}: {told}");
    }
}
