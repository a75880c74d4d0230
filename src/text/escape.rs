//! Text as HTML: what every surface uses to show what a stranger typed.

/// Appends `text` so that it is text in an element and in a quoted attribute alike. Control and
/// non-characters, which no HTML or XML may hold, are left out.
pub fn push_escaped(html: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(is_special) {
        let (plain, from) = rest.split_at(at);
        html.push_str(plain);
        let mut chars = from.chars();
        html.push_str(match chars.next() {
            Some('&') => "&amp;",
            Some('<') => "&lt;",
            Some('>') => "&gt;",
            Some('"') => "&quot;",
            Some('\'') => "&#39;",
            _ => "",
        });
        rest = chars.as_str();
    }
    html.push_str(rest);
}

/// The same as a new string.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    push_escaped(&mut html, text);
    html
}

/// The text without what no XML 1.0 document may hold, for a writer that escapes by itself.
#[must_use]
pub fn holdable(text: &str) -> String {
    text.chars().filter(|c| !is_unholdable(*c)).collect()
}

fn is_special(c: char) -> bool {
    matches!(c, '&' | '<' | '>' | '"' | '\'') || is_unholdable(c)
}

fn is_unholdable(c: char) -> bool {
    matches!(c, '\u{FFFE}' | '\u{FFFF}') || (c.is_control() && c != '\n' && c != '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_document_holds_is_left_out() {
        assert_eq!(holdable("a<\u{0}\u{b}\u{1b}\u{85}\u{FFFE}\r>\n\té"), "a<>\n\té");
    }

    #[test]
    fn markup_becomes_text_and_controls_go() {
        assert_eq!(escaped("a<b> & \"c\" 'd'\u{1}\u{FFFF}\n\té"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;\n\té");
    }
}
