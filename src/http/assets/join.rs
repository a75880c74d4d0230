//! Modules that import each other, as one file.
//!
//! Lines go in, a text comes out: in the order in which a browser would run the modules, with `import` lines left out, and
//! the word `export` in all but the entry, whose exports are the whole's. So all names at the top are names of one file,
//! and have to be unique; what else may stand in such a module is checked here. Knows no files, and nothing of what the modules do.

use std::{collections::HashSet, sync::Arc};

use super::slim::Line;

/// A module's lines without comments, by its path.
pub(super) type Lines = Arc<Vec<Line>>;

/// Why modules cannot be joined: a fault of the program.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum JoinError {
    /// Imported, and not there.
    #[error("there is no module {0}")]
    Missing(String),
    /// An import or export that a join has no place for.
    #[error("{module} cannot be joined because of: {line}")]
    Odd {
        /// The module's path.
        module: String,
        /// The line.
        line: String,
    },
}

/// The entry with all that it imports, each once, what is imported before what imports it.
///
/// # Errors
/// See [`JoinError`].
pub(super) fn join(entry: &str, read: impl Fn(&str) -> Option<Lines>) -> Result<String, JoinError> {
    let mut joined = Joined { entry, read, seen: HashSet::new(), text: String::new() };
    joined.add(entry)?;
    Ok(joined.text)
}

struct Joined<'a, R> {
    entry: &'a str,
    read: R,
    seen: HashSet<String>,
    text: String,
}

impl<R: Fn(&str) -> Option<Lines>> Joined<'_, R> {
    fn add(&mut self, module: &str) -> Result<(), JoinError> {
        // Of two that import each other, the one that is met first runs last, as in a browser.
        if !self.seen.insert(module.to_owned()) {
            return Ok(());
        }
        let lines = (self.read)(module).ok_or_else(|| JoinError::Missing(module.to_owned()))?;
        let odd = |line: &Line| JoinError::Odd { module: module.to_owned(), line: line.text.clone() };
        let mut own = Vec::with_capacity(lines.len());
        for line in lines.iter() {
            if let Some(import) = line.text.strip_prefix("import ").filter(|_| line.is_code) {
                let from = imported(import).and_then(|from| beside(module, from)).ok_or_else(|| odd(line))?;
                self.add(&from)?;
            } else if let Some(declared) = line.text.strip_prefix("export ").filter(|_| line.is_code) {
                let stands_here = ["function ", "class ", "const ", "async function "];
                if !stands_here.iter().any(|kind| declared.starts_with(kind)) {
                    return Err(odd(line));
                }
                own.push(if module == self.entry { &line.text } else { declared });
            } else {
                own.push(&line.text);
            }
        }
        for line in own {
            self.text.push_str(line);
            self.text.push('\n');
        }
        Ok(())
    }
}

/// The path in `{ a, b } from './x.js';`; none where names are changed on the way or the line has another form.
fn imported(import: &str) -> Option<&str> {
    let (names, from) = import.strip_prefix("{ ")?.split_once(" } from '")?;
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'));
    names.split(", ").all(is_name).then(|| from.strip_suffix("';")).flatten()
}

/// The path of what a module imports relatively; none where it leads out of the folder.
fn beside(module: &str, from: &str) -> Option<String> {
    let mut parts: Vec<&str> = module.split('/').collect();
    parts.pop();
    if !from.starts_with("./") && !from.starts_with("../") {
        return None;
    }
    for part in from.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::{super::slim::script, *};

    fn joined(entry: &str, files: &[(&str, &str)]) -> Result<String, JoinError> {
        join(entry, |path| files.iter().find(|(name, _)| *name == path).map(|(_, source)| Arc::new(script(source))))
    }

    #[test]
    fn what_is_imported_stands_before_what_imports_it_and_once() {
        let files = [
            ("a.js", "// Begins.\nimport { b } from './in/b.js';\nimport { c } from './c.js';\nb(c);\n"),
            ("in/b.js", "import { c } from '../c.js';\n\n/** Says it. */\nexport function b() {\n  return c;\n}\n"),
            ("c.js", "export const c = '// not a comment';\nconst d = `\nimport { x } from './x.js';\n`;\n"),
        ];
        let expected = "const c = '// not a comment';\nconst d = `\nimport { x } from './x.js';\n`;\n\
             function b() {\nreturn c;\n}\nb(c);\n";
        assert_eq!(joined("a.js", &files).unwrap(), expected);
    }

    #[test]
    fn what_the_entry_exports_the_whole_exports() {
        let files = [("a.js", "import { b } from './b.js';\nexport const a = b;\n"), ("b.js", "export const b = 1;\n")];
        assert_eq!(joined("a.js", &files).unwrap(), "const b = 1;\nexport const a = b;\n");
    }

    #[test]
    fn two_that_import_each_other_are_joined_as_a_browser_runs_them() {
        let files = [
            ("a.js", "import { b } from './b.js';\nexport function a() { return b; }\n"),
            ("b.js", "import { a } from './a.js';\nexport const b = () => a;\n"),
        ];
        assert_eq!(joined("a.js", &files).unwrap(), "const b = () => a;\nexport function a() { return b; }\n");
    }

    #[test]
    fn what_a_join_has_no_place_for_is_named() {
        for line in [
            "import a from './b.js';",
            "import * as a from './b.js';",
            "import { a as c } from './b.js';",
            "import { a } from 'b';",
            "import { a } from './../../b.js';",
            "import { a } from \"./b.js\";",
            "import './b.js';",
            "import {",
            "export { a };",
            "export default a;",
            "export * from './b.js';",
            "export let a = 1;",
        ] {
            let odd = JoinError::Odd { module: "a.js".to_owned(), line: line.to_owned() };
            assert_eq!(joined("a.js", &[("a.js", line), ("b.js", "")]), Err(odd), "{line}");
        }
        let missing = joined("a.js", &[("a.js", "import { b } from './b.js';")]);
        assert_eq!(missing, Err(JoinError::Missing("b.js".to_owned())));
    }

    #[test]
    fn what_is_loaded_later_stays_as_it_is() {
        let source =
            "const later = () => import('./later.js');\nimport('./at-once.js');\nconst here = import.meta.url;\n";
        assert_eq!(joined("a.js", &[("a.js", source)]).unwrap(), source);
    }
}
