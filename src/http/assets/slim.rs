//! What of a script or a style sheet is sent: its code, without what is there only for people who read the source.
//!
//! Comments, blank lines and indentation go; nothing inside a string, a template or a regular expression is touched.
//! Where a line ends stays as it is, since JavaScript may read an end of line as the end of a statement. Knows neither
//! files nor modules.

use std::{mem::take, str::Chars};

/// Words behind which a slash begins a regular expression and does not divide.
const BEFORE_A_VALUE: [&str; 12] =
    ["return", "typeof", "case", "in", "of", "delete", "void", "instanceof", "new", "do", "else", "await"];

/// One line of what is left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Line {
    /// Its text, without the end of line.
    pub(super) text: String,
    /// It begins outside of a string or template that began in a line before.
    pub(super) is_code: bool,
}

/// The lines as they are sent.
pub(super) fn written<'a>(lines: impl IntoIterator<Item = &'a Line>) -> String {
    lines.into_iter().fold(String::new(), |all, line| all + &line.text + "\n")
}

/// A script's lines without comments, blank lines and indentation.
pub(super) fn script(source: &str) -> Vec<Line> {
    let mut scanner = Scanner::of(source);
    scanner.code();
    scanner.end_line(true);
    scanner.lines
}

/// A style sheet's lines without comments, blank lines and indentation.
pub(super) fn style(source: &str) -> Vec<Line> {
    let mut scanner = Scanner::of(source);
    while let Some(next) = scanner.rest.next() {
        match next {
            '/' if scanner.peek() == Some('*') => scanner.skip_block(),
            '"' | '\'' => scanner.quoted(next),
            '\n' => scanner.end_line(true),
            next => scanner.put(next),
        }
    }
    scanner.end_line(true);
    scanner.lines
}

/// Reads along and keeps what is code.
struct Scanner<'a> {
    rest: Chars<'a>,
    lines: Vec<Line>,
    line: String,
    is_code: bool,
    /// The last character that is no space, and the word that it ends.
    last: char,
    word: String,
    /// Open braces; true where one is the start of a value inside a template.
    braces: Vec<bool>,
}

impl<'a> Scanner<'a> {
    fn of(source: &'a str) -> Self {
        Self {
            rest: source.chars(),
            lines: Vec::new(),
            line: String::new(),
            is_code: true,
            last: ';',
            word: String::new(),
            braces: Vec::new(),
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn code(&mut self) {
        while let Some(next) = self.rest.next() {
            match (next, self.peek()) {
                ('/', Some('/')) => self.skip_line(),
                ('/', Some('*')) => self.skip_block(),
                ('/', _) if self.expects_a_value() => self.expression(),
                ('"' | '\'', _) => self.quoted(next),
                ('`', _) => self.template(),
                ('\n', _) => self.end_line(true),
                ('{', _) => {
                    self.braces.push(false);
                    self.put(next);
                }
                ('}', _) => {
                    self.put(next);
                    if self.braces.pop() == Some(true) {
                        self.inside_template();
                    }
                }
                _ => self.put(next),
            }
        }
    }

    /// A slash here begins a regular expression.
    fn expects_a_value(&self) -> bool {
        let ends_a_value = self.last.is_alphanumeric() || matches!(self.last, '_' | '$' | ')' | ']' | '}' | '"');
        !ends_a_value || BEFORE_A_VALUE.contains(&self.word.as_str())
    }

    /// Keeps one character of code; space in front of a line is no code.
    fn put(&mut self, next: char) {
        if next.is_whitespace() {
            if !(self.line.is_empty() && self.is_code) {
                self.line.push(next);
            }
            return;
        }
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '#');
        if !(is_word(next) && self.line.chars().last().is_some_and(is_word)) {
            self.word.clear();
        }
        self.word.push(next);
        self.last = next;
        self.line.push(next);
    }

    /// Keeps one character as it is, whatever it is.
    fn keep(&mut self, next: char) {
        if next == '\n' { self.end_line(false) } else { self.line.push(next) }
    }

    /// Everything up to the closing mark, which stands for a value to what follows.
    fn quoted(&mut self, mark: char) {
        self.line.push(mark);
        while let Some(next) = self.rest.next() {
            self.keep(next);
            if next == '\\' {
                self.keep_one();
            } else if next == mark {
                break;
            }
        }
        self.a_value();
    }

    fn expression(&mut self) {
        self.line.push('/');
        let mut in_class = false;
        while let Some(next) = self.rest.next() {
            self.keep(next);
            match next {
                '\\' => self.keep_one(),
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => break,
                _ => {}
            }
        }
        self.a_value();
    }

    fn template(&mut self) {
        self.line.push('`');
        self.inside_template();
    }

    /// Up to the template's end, or to a value in it, whose closing brace leads back here.
    fn inside_template(&mut self) {
        while let Some(next) = self.rest.next() {
            self.keep(next);
            match next {
                '\\' => self.keep_one(),
                '`' => break,
                '$' if self.peek() == Some('{') => {
                    self.keep_one();
                    self.braces.push(true);
                    self.last = '{';
                    self.word.clear();
                    return;
                }
                _ => {}
            }
        }
        self.a_value();
    }

    fn keep_one(&mut self) {
        if let Some(next) = self.rest.next() {
            self.keep(next);
        }
    }

    fn a_value(&mut self) {
        self.last = '"';
        self.word.clear();
    }

    /// Up to the end of the line, which stays.
    fn skip_line(&mut self) {
        while self.peek().is_some_and(|next| next != '\n') {
            self.rest.next();
        }
    }

    /// A comment parts two words as a space or an end of line does.
    fn skip_block(&mut self) {
        self.rest.next();
        let (mut before, mut has_end) = (' ', false);
        for next in self.rest.by_ref() {
            has_end |= next == '\n';
            if before == '*' && next == '/' {
                break;
            }
            before = next;
        }
        if has_end {
            self.end_line(true);
        } else if !self.line.ends_with([' ', '(', '[', ',']) {
            self.put(' ');
        }
        while self.line.ends_with([' ', '(', '[']) && self.peek() == Some(' ') {
            self.rest.next();
        }
    }

    /// Ends the line in code, or inside a string or template, where every space counts.
    fn end_line(&mut self, in_code: bool) {
        let mut text = take(&mut self.line);
        if in_code {
            text.truncate(text.trim_end().len());
        }
        if !(text.is_empty() && self.is_code && in_code) {
            self.lines.push(Line { text, is_code: self.is_code });
        }
        self.is_code = in_code;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slim(source: &str) -> String {
        written(&script(source))
    }

    #[test]
    fn comments_blank_lines_and_indentation_go() {
        let source = "// Says why.\n\n/**\n * @param {string} a\n */\nfunction f(a) {\n  // Here too.\n\n  return a; // And here.\n}\n";
        assert_eq!(slim(source), "function f(a) {\nreturn a;\n}\n");
        assert_eq!(slim("const a = /** @type {X} */ (b);\n"), "const a = (b);\n");
        assert_eq!(slim("f(/** @type {any} */ (a), /* b */ c)"), "f((a), c)\n");
        assert_eq!(slim("const/**/a = 1"), "const a = 1\n");
        assert_eq!(slim("return/*\n*/1"), "return\n1\n", "the end of the line ends the statement, as it did");
    }

    #[test]
    fn what_looks_like_a_comment_inside_a_string_stays() {
        for source in [
            "const a = \"// not a comment\";\n",
            "const a = '/* nor */ this';\n",
            "const a = 'it\\'s // one';\n",
            "const a = `// nor ${b + `/* ${c} */`} // this`;\n",
            "const a = `${ {b: '}'}.b } // still the template`;\n",
            "const a = `one\n\n  // two   \n`;\n",
            "const a = 'over \\\n   two lines';\n",
        ] {
            assert_eq!(slim(source), source);
        }
    }

    #[test]
    fn a_regular_expression_is_told_from_a_division() {
        for source in [
            "const a = /[/'\"`]/g.test(b);\n",
            "if (/\\/\\*'/.test(a)) b();\n",
            "return /'/;\n",
            "const a = b / c; const d = '/';\n",
            "const a = (b) / c / d['x'] / 2; const e = \"'\";\n",
            "const a = b.return / c; const d = '/';\n",
            "a = [/\"/, /'/];\n",
        ] {
            assert_eq!(slim(source), source);
        }
    }

    #[test]
    fn a_line_that_begins_in_a_template_is_not_code() {
        let lines = script("const a = `\nimport { b } from './b.js';\n`;\nexport const c = 1;\n");
        assert_eq!(lines.iter().map(|line| line.is_code).collect::<Vec<_>>(), [true, false, false, true]);
    }

    #[test]
    fn a_style_sheet_loses_its_comments_alone() {
        let source = "/* One. */\n.a {\n  content: '/* kept */';\n}\n\n.b { color: red; /* two */ }\n";
        assert_eq!(written(&style(source)), ".a {\ncontent: '/* kept */';\n}\n.b { color: red; }\n");
    }
}
