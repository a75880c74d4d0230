//! Holds the house to its plan: who may import whom, how long a file may be, where printing and signing
//! live, and that no log field is personal.
//!
//! It reads the sources as text, so it sees what the compiler does not mind. The table of imports is
//! read from `docs/architecture.md`: the document and the code cannot part ways.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "it reads the project's own files and fails loudly"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Most lines of a file, its tests not counted.
const LONGEST: usize = 300;
/// Rooms that put the others together, and so may know them all.
const ROOTS: [&str; 2] = ["app", "cli"];

/// Room to the rooms it names, each with the files that do.
type Edges = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

struct Source {
    /// Relative to `src`, e.g. `store/sqlite.rs`.
    path: String,
    raw: String,
    /// Without comments, literals' contents and test modules.
    code: String,
}

impl Source {
    fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap();
        first.strip_suffix(".rs").unwrap_or(first)
    }
}

/// Every file of `src` but those that only tests compile.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut files, mut only_tests) = (Vec::new(), BTreeSet::new());
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let raw = fs::read_to_string(&path).unwrap();
                let (code, declared) = without_tests(&blanked(&raw));
                let beside = match path.file_stem().unwrap().to_str().unwrap() {
                    "lib" | "main" => root.clone(),
                    stem => path.with_file_name(stem),
                };
                only_tests.extend(declared.iter().map(|name| beside.join(format!("{name}.rs"))));
                files.push((path, raw, code));
            }
        }
    }
    files.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    let told = |path: &PathBuf| path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
    files
        .into_iter()
        .filter(|(path, ..)| !only_tests.contains(path))
        .map(|(path, raw, code)| Source { path: told(&path), raw, code })
        .collect()
}

/// The text with comments and the insides of literals turned to blanks, lines kept.
fn blanked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    let blank = |out: &mut String, from: usize, to: usize| {
        out.extend(chars[from..to.min(chars.len())].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
    };
    while at < chars.len() {
        let end = end_of_literal(&chars, at);
        blank(&mut out, at, end);
        if end == at {
            out.push(chars[at]);
        }
        at = end.max(at + 1);
    }
    out
}

/// Where the comment or literal that starts here ends; `at` itself where none does.
fn end_of_literal(chars: &[char], at: usize) -> usize {
    let is = |offset: usize, wanted: char| chars.get(at + offset) == Some(&wanted);
    let past = |from: usize, wanted: &str| {
        let wanted: Vec<char> = wanted.chars().collect();
        let found = chars[from..].windows(wanted.len()).position(|window| *window == *wanted);
        found.map_or(chars.len(), |n| from + n + wanted.len())
    };
    match chars[at] {
        '/' if is(1, '/') => chars[at..].iter().position(|c| *c == '\n').map_or(chars.len(), |n| at + n),
        '/' if is(1, '*') => past(at + 2, "*/"),
        'r' if (is(1, '"') || is(1, '#')) && !(at > 0 && chars[at - 1].is_alphanumeric()) => {
            let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
            if is(1 + hashes, '"') { past(at + 2 + hashes, &format!("\"{}", "#".repeat(hashes))) } else { at }
        }
        '"' => {
            let mut end = at + 1;
            while end < chars.len() && chars[end] != '"' {
                end += if chars[end] == '\\' { 2 } else { 1 };
            }
            end + 1
        }
        '\'' if is(1, '\\') => past(at + 3, "'"),
        '\'' if is(2, '\'') => at + 3,
        _ => at,
    }
}

/// The code without `#[cfg(test)]` modules, and the names of those that are files of their own.
fn without_tests(code: &str) -> (String, Vec<String>) {
    const MARK: &str = "#[cfg(test)]";
    let (mut out, mut rest, mut declared) = (String::new(), code, Vec::new());
    while let Some(at) = rest.find(MARK) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        rest = &after[MARK.len()..];
        let Some(module) = rest.trim_start().strip_prefix("mod ") else { continue };
        let end = module.find(['{', ';']).unwrap();
        if module.as_bytes()[end] == b';' {
            declared.push(module[..end].trim().to_owned());
            rest = &module[end + 1..];
        } else {
            rest = &module[end + closed(&module[end..])..];
        }
    }
    out.push_str(rest);
    (out, declared)
}

/// Length of the bracketed text that starts here, both brackets counted.
fn closed(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' | '(' => depth += 1,
            '}' | ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    text.len()
}

/// The first names of every `crate::…` path, groups taken apart.
fn named_rooms(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for (at, mark) in code.match_indices("crate::") {
        let rest = &code[at + mark.len()..];
        if !rest.starts_with('{') {
            rooms.insert(name(rest));
            continue;
        }
        let (mut depth, mut expects) = (0, true);
        for (n, c) in rest[..closed(rest)].char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' => expects = depth == 1,
                c if c.is_whitespace() => {}
                _ if depth == 1 && expects => {
                    rooms.insert(name(&rest[n..]));
                    expects = false;
                }
                _ => {}
            }
        }
    }
    rooms
}

fn name(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn edges(sources: &[Source]) -> Edges {
    let mut edges = Edges::new();
    for source in sources.iter().filter(|source| !matches!(source.room(), "lib" | "main")) {
        let room = edges.entry(source.room().to_owned()).or_default();
        for named in named_rooms(&source.code).into_iter().filter(|named| named != source.room()) {
            room.entry(named).or_default().insert(source.path.clone());
        }
    }
    edges
}

/// The table of `docs/architecture.md`: room to the rooms it may import; none is all.
fn table() -> BTreeMap<String, Option<BTreeSet<String>>> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md")).unwrap();
    let start = page.find("<!-- imports -->").expect("the mark before the table");
    let end = page.find("<!-- /imports -->").expect("the mark after the table");
    let rows = page[start..end].lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut cells = row.split('|').skip(1);
        let room = cells.next().unwrap().trim().trim_matches('`').to_owned();
        let may = cells.next().unwrap().trim();
        let rooms = may.split(',').map(|room| room.trim().trim_matches('`').to_owned());
        match may {
            "all" => (room, None),
            "nothing" => (room, Some(BTreeSet::new())),
            _ => (room, Some(rooms.collect())),
        }
    })
    .collect()
}

#[test]
fn every_import_is_in_the_table() {
    let (table, sources) = (table(), sources());
    let mut faults = Vec::new();
    for (room, named) in edges(&sources) {
        match table.get(&room) {
            None => faults.push(format!("{room} is not in the table of docs/architecture.md")),
            Some(None) => {}
            Some(Some(may)) => {
                let strange = named.iter().filter(|(other, _)| !may.contains(*other));
                faults.extend(strange.map(|(other, files)| format!("{room} imports {other}: {files:?}")));
            }
        }
    }
    assert!(faults.is_empty(), "not in the table of docs/architecture.md:\n{}", faults.join("\n"));
}

#[test]
fn the_table_permits_nothing_that_nobody_does() {
    let edges = edges(&sources());
    let mut faults = Vec::new();
    for (room, may) in table() {
        let Some(named) = edges.get(&room) else {
            faults.push(format!("there is no room {room}"));
            continue;
        };
        let idle = may.into_iter().flatten().filter(|other| !named.contains_key(other));
        faults.extend(idle.map(|other| format!("{room} may import {other} and does not")));
    }
    assert!(faults.is_empty(), "the table of docs/architecture.md is out of date:\n{}", faults.join("\n"));
}

#[test]
fn imports_run_one_way() {
    let mut left = edges(&sources());
    // A room that names none of those left is at the bottom; taking it away must end with none.
    while !left.is_empty() {
        let known: BTreeSet<String> = left.keys().cloned().collect();
        let before = left.len();
        left.retain(|_, named| named.keys().any(|other| known.contains(other)));
        assert!(left.len() < before, "these rooms import each other in a circle: {known:?}");
    }
}

#[test]
fn the_rim_reaches_no_room_behind_the_pipeline_and_siblings_never_meet() {
    let table = table();
    let may = |room: &str| table[room].clone().unwrap_or_default();
    for behind in ["store", "limit", "captcha", "scoring"] {
        assert!(!may("http").contains(behind), "http may import {behind}");
    }
    let siblings = ["limit", "captcha", "scoring"];
    for (one, other) in siblings.iter().flat_map(|one| siblings.map(|other| (*one, other))) {
        assert!(!may(one).contains(other), "{one} may import {other}");
    }
    let all: Vec<&String> = table.iter().filter(|(_, may)| may.is_none()).map(|(room, _)| room).collect();
    assert_eq!(all, ROOTS);
}

#[test]
fn files_open_with_what_they_decide_and_are_short() {
    let mut faults = Vec::new();
    for source in sources() {
        if !source.raw.starts_with("//! ") {
            faults.push(format!("{} does not open with //! lines", source.path));
        }
        let (code, _) = without_tests(&source.raw);
        let lines = code.trim_end().lines().count();
        if lines > LONGEST {
            faults.push(format!("{} has {lines} lines without its tests", source.path));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn only_the_command_line_prints() {
    let prints = ["println!", "print!", "eprintln!", "eprint!", "dbg!", "stdout()"];
    for source in sources().iter().filter(|source| source.room() != "cli") {
        let found = prints.iter().find(|print| source.code.contains(**print));
        assert!(found.is_none(), "{} prints with {found:?}", source.path);
    }
}

#[test]
fn only_the_key_room_signs_and_compares_secrets_and_each_purpose_has_its_own_label() {
    let sources = sources();
    for source in sources.iter().filter(|source| source.path != "keys.rs") {
        let strange = ["hmac::", "subtle::"].into_iter().find(|name| source.code.contains(name));
        assert!(strange.is_none(), "{} uses {strange:?}; ask keys", source.path);
    }
    let keys = sources.iter().find(|source| source.path == "keys.rs").unwrap();
    let labels: Vec<&str> = keys.raw.split("=> b\"").skip(1).map(|label| label.split('"').next().unwrap()).collect();
    let different: BTreeSet<&&str> = labels.iter().collect();
    assert!(labels.len() > 5, "the labels were not found");
    assert_eq!(labels.len(), different.len(), "two purposes share a label: {labels:?}");
}

#[test]
fn no_two_shapes_of_the_wire_share_a_name() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for source in sources() {
        for (at, _) in source.code.match_indices("ToSchema)]") {
            let after = &source.code[at..];
            let begins = |kind: &str| after.find(kind).map(|found| (found, found + kind.len()));
            let (declared, named) = [begins("struct "), begins("enum ")].into_iter().flatten().min().unwrap();
            // One that is called otherwise in the description says so before its declaration.
            let shape = name(&after[named..]);
            let other =
                seen.insert(shape.clone(), source.path.clone()).filter(|_| !after[..declared].contains("as = "));
            assert!(other.is_none(), "{} and {other:?} describe {shape}: one hides the other", source.path);
        }
    }
    assert!(seen.len() > 30, "the shapes were not found");
}

#[test]
fn no_log_line_has_a_personal_field() {
    let personal = [
        "email",
        "name",
        "username",
        "author",
        "body",
        "text",
        "address",
        "ip",
        "peer",
        "password",
        "url",
        "page",
        "path",
        "user_agent",
        "token",
        "cookie",
        "secret",
    ];
    let mut n_macros = 0;
    for source in sources() {
        for level in ["trace", "debug", "info", "warn", "error", "trace_span", "debug_span", "info_span"] {
            let mark = format!("tracing::{level}!");
            for (at, _) in source.code.match_indices(&mark) {
                n_macros += 1;
                let call = &source.code[at + mark.len()..];
                let fields = fields_of(&call[1..closed(call) - 1]);
                let strange = fields.iter().find(|field| personal.contains(&field.as_str()));
                assert!(strange.is_none(), "{} logs {strange:?}", source.path);
            }
        }
    }
    assert!(n_macros > 10, "the log lines were not found");
}

/// The field names of a tracing macro's arguments; `%x` and `?x` are fields called `x`.
fn fields_of(arguments: &str) -> Vec<String> {
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in arguments.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(c);
    }
    let key = |part: &String| {
        let key = part.split('=').next().unwrap_or_default().trim().trim_start_matches(['%', '?']);
        key.rsplit('.').next().unwrap_or_default().trim().to_owned()
    };
    parts.iter().map(key).filter(|field| !field.is_empty()).collect()
}

#[test]
fn nobody_believes_the_frameworks_idea_of_who_asks() {
    for source in sources() {
        for believed in ["realip_remote_addr", ".connection_info(", "dev::ConnectionInfo", "PeerAddr"] {
            assert!(!source.code.contains(believed), "{} asks {believed}; net::client_address knows", source.path);
        }
    }
}

#[test]
fn the_reader_of_sources_reads_them_as_the_compiler_does() {
    let text = "// crate::comment\nuse crate::{a, b::{c, d::e}, f};\nlet x = \"crate::text\"; crate::g::h(); '\"'; \
                r#\"crate::raw \"q\" \"#;\n#[cfg(test)]\nmod tests { use crate::hidden; }\n#[cfg(test)]\nmod away;\n&'a crate::last";
    let (code, declared) = without_tests(&blanked(text));
    let names: Vec<String> = named_rooms(&code).into_iter().collect();
    assert_eq!(names, ["a", "b", "f", "g", "last"]);
    assert_eq!(declared, ["away"]);
    assert_eq!(
        fields_of("id = %id, %site, count = rows.len(), self.address, \"   \""),
        ["id", "site", "count", "address", "\"   \""]
    );
}
