//! Every statement that the PostgreSQL back end can send is one that the database understands: each text in its source
//! that begins as a statement does is prepared against the schema as it is, with whatever may stand at its open places.
//!
//! What is put in there is read from the source as well. Where that cannot be seen it is said in [`ELSEWHERE`]; a text
//! that neither tells fails the test.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

#[cfg(feature = "postgres")]
use tokio_postgres::types::Type;

#[cfg(feature = "postgres")]
use crate::File;

/// What stands at an open place, where that is none of its own file's: file, place, texts.
const ELSEWHERE: &[(&str, &str, &[&str])] = &[
    ("recorded.rs", "direction", &["ASC", "DESC"]),
    ("listing.rs", "", &["true"]),
    ("listing.rs", "column", &["#.captcha_score", "#.risk"]),
    ("listing.rs", "sign", &[">=", "<="]),
];

/// A text of the source.
struct Text {
    /// What stands before it, without the blanks at its end.
    before: String,
    value: String,
}

impl Text {
    /// Its name, where it is a constant.
    fn name(&self) -> Option<&str> {
        let (_, rest) = self.before.strip_suffix(": &str =")?.rsplit_once("const ")?;
        Some(rest)
    }

    fn is_template(&self) -> bool {
        ["format!(", "write!("]
            .iter()
            .any(|call| self.before.rsplit_once(call).is_some_and(|(_, rest)| !rest.contains([')', ';', '"'])))
    }

    /// The names between its braces.
    fn places(&self) -> Vec<String> {
        if !self.is_template() {
            return Vec::new();
        }
        let parts = self.value.split('{').skip(1);
        parts.filter_map(|part| part.split_once('}')).map(|(name, _)| name.to_owned()).collect()
    }
}

/// The texts of a file's code, without those of its tests.
fn texts(code: &str) -> Vec<Text> {
    let code: Vec<char> = code.split("#[cfg(test)]").next().unwrap().chars().collect();
    let (mut found, mut before, mut at) = (Vec::new(), String::new(), 0);
    while let Some(&c) = code.get(at) {
        let next = code.get(at + 1).copied();
        match (c, next) {
            ('/', Some('/')) => at += code[at..].iter().position(|c| *c == '\n').unwrap_or(code.len() - at),
            ('\'', Some('\\')) => at += 2 + code[at + 2..].iter().position(|c| *c == '\'').unwrap() + 1,
            ('\'', _) if code.get(at + 2) == Some(&'\'') => at += 3,
            ('r', Some('#' | '"')) if !before.ends_with(|c: char| c.is_alphanumeric() || c == '_') => {
                let hashes = code[at + 1..].iter().take_while(|c| **c == '#').count();
                let end: Vec<char> = format!("\"{}", "#".repeat(hashes)).chars().collect();
                let from = at + 2 + hashes;
                let length = code[from..].windows(end.len()).position(|window| window == end).unwrap();
                let value = code[from..from + length].iter().collect();
                found.push(Text { before: before.trim_end().to_owned(), value });
                before.push_str("\"\"");
                at = from + length + end.len();
            }
            ('"', _) => {
                let (value, length) = literal(&code[at + 1..]);
                found.push(Text { before: before.trim_end().to_owned(), value });
                before.push_str("\"\"");
                at += length + 2;
            }
            _ => {
                before.push(c);
                at += 1;
            }
        }
    }
    found
}

/// The value of a literal behind its first quotation mark, and how long it is in the source.
fn literal(code: &[char]) -> (String, usize) {
    let (mut value, mut at) = (String::new(), 0);
    while code[at] != '"' {
        if code[at] == '\\' {
            at += 1;
            match code[at] {
                '\n' => {
                    while code[at + 1].is_whitespace() {
                        at += 1;
                    }
                }
                'n' => value.push('\n'),
                other => value.push(other),
            }
        } else {
            value.push(code[at]);
        }
        at += 1;
    }
    (value, at)
}

struct Source {
    name: String,
    code: String,
    texts: Vec<Text>,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let (mut found, mut folders) = (Vec::new(), vec![root]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else {
                found.push(entry);
            }
        }
    }
    found.retain(|path: &PathBuf| !path.components().any(|part| part.as_os_str() == "sqlite"));
    let source = |path: PathBuf| {
        let code = fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(concat!(env!("CARGO_MANIFEST_DIR"), "/src/store")).unwrap();
        Source { name: name.to_str().unwrap().to_owned(), texts: texts(&code), code }
    };
    found.into_iter().map(source).collect()
}

/// Constants, and functions that give one of some texts, by name, each with its file; a name may be used more than once.
struct Constants(BTreeMap<String, Vec<(String, String)>>);

impl Constants {
    fn of(sources: &[Source]) -> Self {
        let mut found: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for source in sources {
            for text in &source.texts {
                if let Some(name) = text.name() {
                    found.entry(name.to_owned()).or_default().push((source.name.clone(), text.value.clone()));
                }
            }
        }
        let functions = sources.iter().flat_map(|source| {
            let heads = source.code.match_indices(") -> &'static str {");
            heads.map(|(at, head)| {
                let (_, name) = source.code[..at].rsplit_once("fn ").unwrap();
                let body = &source.code[at + head.len()..];
                let texts = texts(&body[..body.find("\n}").unwrap()]);
                (source.name.clone(), format!("{}(", name.split('(').next().unwrap()), texts)
            })
        });
        for (file, name, texts) in functions {
            found.entry(name).or_default().extend(texts.into_iter().map(|text| (file.clone(), text.value)));
        }
        Self(found)
    }

    /// What a name stands for in a file: its own one, or any.
    fn named(&self, source: &Source, name: &str) -> BTreeSet<String> {
        let all = self.0.get(name).map_or(&[][..], Vec::as_slice);
        let own: BTreeSet<String> =
            all.iter().filter(|(file, _)| *file == source.name).map(|(_, text)| text.clone()).collect();
        if own.is_empty() { all.iter().map(|(_, text)| text.clone()).collect() } else { own }
    }
}

/// What may stand at an open place of a file's text.
fn choices(source: &Source, place: &str, constants: &Constants) -> BTreeSet<String> {
    let named = constants.named(source, place);
    if !named.is_empty() {
        return named;
    }
    let elsewhere = ELSEWHERE.iter().filter(|(file, name, _)| source.name.ends_with(file) && *name == place);
    let mut found: BTreeSet<String> =
        elsewhere.flat_map(|(_, _, texts)| texts.iter().map(|text| (*text).to_owned())).collect();
    match place {
        "clause" | "rows" => return conditions(source, constants),
        "limit" => return BTreeSet::from(["10".to_owned()]),
        _ => {}
    }
    for statement in assignments(source, place) {
        let mut texts = texts(statement);
        // What is made longer was seen before it was.
        texts.retain(|text| !text.places().iter().any(|open| open == place));
        // The name of a row is part of a condition, and none.
        texts.retain(|text| text.value.len() != 1 || !text.value.contains(char::is_alphabetic));
        let pairs = statement.starts_with("let (") && texts.len().is_multiple_of(2) && {
            texts.iter().skip(1).step_by(2).all(|text| text.before.ends_with("\"\","))
        };
        // Of two names that get their values together each has every other text.
        let (from, step) = match pairs {
            true => (usize::from(!statement.starts_with(&format!("let ({place},"))), 2),
            false => (0, 1),
        };
        found.extend(texts.iter().skip(from).step_by(step).flat_map(|text| completed(source, text, constants)));
        let code: String = statement.split('"').step_by(2).collect();
        let words = code.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_');
        let words = words.map(|word| word.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_' && c != '('));
        found.extend(words.flat_map(|word| constants.named(source, word)));
    }
    found
}

/// The statements that give a name its value.
fn assignments<'a>(source: &'a Source, name: &str) -> Vec<&'a str> {
    let code = &source.code;
    let lets = code.match_indices("let ").filter(|(at, _)| {
        let Some((pattern, _)) = code[at + 4..].split_once('=') else { return false };
        let mut names = pattern.split(|c: char| !c.is_alphanumeric() && c != '_');
        !pattern.contains('\n') && names.any(|part| part == name)
    });
    let again = format!(" {name} = ");
    let anew = code.match_indices(&again).filter(|(at, _)| !code[..*at].ends_with(['t', 'm']));
    let starts: BTreeSet<usize> = lets.map(|(at, _)| at).chain(anew.map(|(at, _)| at)).collect();
    let whole = |at| &code[at..at + statement(&code[at..])];
    if name.is_empty() { Vec::new() } else { starts.into_iter().map(whole).collect() }
}

/// Conditions that are put together to a clause, each alone: their marks bear no numbers yet, and their row no name.
fn conditions(source: &Source, constants: &Constants) -> BTreeSet<String> {
    let literal =
        source.texts.iter().filter(|text| text.before.ends_with(".and(") || text.before.ends_with(".and(&format!("));
    let mut found: BTreeSet<String> = literal.flat_map(|text| completed(source, text, constants)).collect();
    for (at, call) in source.code.match_indices(".and(") {
        let argument =
            source.code[at + call.len()..].trim_start_matches('&').split_once(',').map_or("", |(name, _)| name);
        found.extend(choices(source, argument, constants).into_iter().filter(|_| !argument.is_empty()));
    }
    let numbered = |condition: String| {
        let condition = condition.replace('#', "c");
        let mut parts = condition.split('@').enumerate();
        let first = parts.next().map_or("", |(_, part)| part).to_owned();
        parts.fold(first, |sql, (nth, part)| format!("{sql}${nth}{part}"))
    };
    found.into_iter().map(numbered).chain(["true".to_owned()]).collect()
}

/// Where a statement of Rust that starts here ends.
fn statement(code: &str) -> usize {
    let (mut depth, mut quoted) = (0, false);
    for (at, c) in code.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '{' | '(' | '[' if !quoted => depth += 1,
            '}' | ')' | ']' if !quoted => depth -= 1,
            ';' if !quoted && depth == 0 => return at,
            _ => {}
        }
    }
    code.len()
}

/// Tables that are swept, each with the column that tells the time.
fn swept(sources: &[Source]) -> Vec<[String; 2]> {
    let code = &sources.iter().find(|source| source.name == "tidying.rs").unwrap().code;
    let called = code.split("sweep(\"").skip(1).map(|call| call.split('"').collect::<Vec<_>>());
    called.map(|call| [call[0].to_owned(), call[4].to_owned()]).collect()
}

/// A text with each of what may stand at its open places.
fn completed(source: &Source, text: &Text, constants: &Constants) -> Vec<String> {
    text.places().into_iter().fold(vec![text.value.clone()], |partly, place| {
        let choices = choices(source, &place, constants);
        let file = &source.name;
        assert!(!choices.is_empty(), "{file}: what stands at {{{place}}} of {:?}? Say so in ELSEWHERE", text.value);
        let put = |sql: &String| -> Vec<String> {
            choices.iter().map(|choice| sql.replacen(&format!("{{{place}}}"), choice, 1)).collect()
        };
        partly.iter().flat_map(put).collect()
    })
}

/// As [`completed`]; where table and time are open, with the pairs that are swept.
fn whole(sources: &[Source], source: &Source, text: &Text, constants: &Constants) -> Vec<String> {
    if ["table", "time"].iter().any(|place| !text.places().iter().any(|open| open == place)) {
        return completed(source, text, constants);
    }
    let put = |[table, time]: [String; 2]| text.value.replace("{table}", &table).replace("{time}", &time);
    swept(sources).into_iter().map(put).collect()
}

fn is_statement(sql: &str) -> bool {
    let first = sql.split_whitespace().next().unwrap_or_default();
    ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains(&first) && sql.contains(' ')
}

/// Every statement in the source, with the file it is in.
fn statements() -> BTreeSet<(String, String)> {
    let sources = sources();
    let constants = Constants::of(&sources);
    let mut found = BTreeSet::new();
    for source in sources.iter().filter(|source| source.name.starts_with("postgres")) {
        // What is part of another is complete only there.
        let parts: BTreeSet<String> = source.texts.iter().flat_map(Text::places).collect();
        for text in source.texts.iter().filter(|text| !text.name().is_some_and(|name| parts.contains(name))) {
            let opens =
                text.places().into_iter().next().filter(|place| text.value.starts_with(&format!("{{{place}}}")));
            let begins =
                opens.is_some_and(|place| choices(source, &place, &constants).iter().any(|sql| is_statement(sql)));
            if !begins && !is_statement(&text.value) {
                continue;
            }
            found.extend(whole(&sources, source, text, &constants).into_iter().map(|sql| (source.name.clone(), sql)));
        }
    }
    found
}

#[test]
fn statements_are_found_in_the_source() {
    let all = statements();
    let of = |file: &str| all.iter().filter(|(name, _)| name == file).count();
    // Six orders and places of a thread, the comment it starts at, and those above that.
    assert!(of("postgres/threads.rs") >= 8, "{all:#?}");
    assert!(
        of("postgres/submitting.rs") >= 5 && of("postgres/batch.rs") == 1 && of("postgres/feeds.rs") >= 4,
        "{all:#?}"
    );
    assert!(of("postgres/recorded.rs") >= 3, "{all:#?}");
    assert!(all.iter().all(|(_, sql)| !sql.contains(['{', '@']) || sql.contains('\'')), "{all:#?}");
}

/// What an instance has prepared fails once another one, newer, adds a column to what it lists.
#[test]
fn no_statement_lists_whatever_columns_a_table_has() {
    let listed = |sql: &str| {
        let mut froms = sql.split("SELECT *").skip(1).filter_map(|rest| rest.trim_start().strip_prefix("FROM"));
        let rows = |from: &str| {
            from.trim_start().starts_with(['(']) || from.trim_start().split(' ').next().unwrap().contains('(')
        };
        sql.contains("RETURNING *") || froms.any(|from| !rows(from))
    };
    let all: Vec<_> = statements().into_iter().filter(|(_, sql)| listed(sql)).collect();
    assert!(all.is_empty(), "{all:#?}");
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn every_statement_in_the_source_can_be_prepared() {
    let file = File::fresh().await;
    if !file.home.is_postgres() {
        return;
    }
    let (client, connection) = tokio_postgres::connect(&file.home.url(), tokio_postgres::NoTls).await.unwrap();
    let _driven = tokio::spawn(connection);
    let mut faults = Vec::new();
    for (file, sql) in statements() {
        // The one type that is told beside a statement: of lists of sites.
        let mut types = vec![Type::UNKNOWN; sql.matches('$').count()];
        while let Err(fault) = client.prepare_typed(&sql, &types).await {
            let fault = fault.as_db_error().map_or_else(|| fault.to_string(), |fault| fault.message().to_owned());
            let untold = fault.strip_prefix("could not determine data type of parameter $");
            let untold = untold.and_then(|number| types.get_mut(number.parse::<usize>().unwrap() - 1));
            match untold {
                Some(untold) if *untold == Type::UNKNOWN => *untold = Type::TEXT_ARRAY,
                _ => {
                    faults.push(format!("{file}: {fault}\n{sql}\n"));
                    break;
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
