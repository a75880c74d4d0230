//! A comment's Markdown as HTML that is safe to insert.
//!
//! The output is built from parser events over an allow-list (`p br em strong code pre blockquote ul
//! ol li a`), never by cleaning: raw HTML and everything else unknown is shown as it was typed.
//! Links lead to http and https only and vouch for nothing. Nesting is capped, so that no input
//! makes deep or much output.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::{
    escape::push_escaped,
    links::{addresses as addresses_in, web_address},
};

/// Quotes and lists within each other that are shown as such.
const DEEPEST: usize = 12;

/// Emphasis within emphasis that is shown as such.
const DEEPEST_INLINE: usize = 4;

/// Renders a body. The result holds no tag and no attribute but the allowed (`href`, `rel`,
/// `start`), is balanced, and is at most twenty times as long as the body and 32 bytes more.
#[must_use]
pub fn render(body: &str) -> String {
    rendered(body).0
}

/// Where the links of the rendered body lead: normalised URLs, in order.
#[must_use]
pub fn addresses(body: &str) -> Vec<String> {
    rendered(body).1
}

fn rendered(body: &str) -> (String, Vec<String>) {
    let parser = Parser::new_ext(body, Options::empty());
    if parser.reference_definitions().iter().next().is_none() {
        return Renderer::new(body).run(parser);
    }
    // A reference definition would vanish from sight; a link in this subset bears its own address.
    let shown = body.replace("]:", "]\\:");
    Renderer::new(&shown).run(Parser::new_ext(&shown, Options::empty()))
}

/// What is open, and so what its end must put back.
enum Open {
    Plain(&'static str),
    Nested(&'static str),
    Stressed(&'static str),
    Code,
    /// Where the link's text begins, and its address.
    Link(usize, String),
}

struct Renderer<'a> {
    source: &'a str,
    html: String,
    addresses: Vec<String>,
    /// Text that waits for what follows, since the parser splits it within a URL.
    pending: String,
    /// One for every open tag of the parser; its closing text is empty where none was opened.
    open: Vec<Open>,
    nested: usize,
    stressed: usize,
    in_code: bool,
    in_link: bool,
}

impl<'a> Renderer<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            source,
            html: String::with_capacity(source.len() + source.len() / 4 + 16),
            addresses: Vec::new(),
            pending: String::new(),
            open: Vec::new(),
            nested: 0,
            stressed: 0,
            in_code: false,
            in_link: false,
        }
    }

    fn run(mut self, parser: Parser<'_>) -> (String, Vec<String>) {
        // Open tags of something that is shown as typed and whose inside is passed over.
        let mut skipping = 0_usize;
        for (event, range) in parser.into_offset_iter() {
            match event {
                Event::Start(_) if skipping > 0 => skipping += 1,
                Event::End(_) if skipping > 0 => skipping -= 1,
                _ if skipping > 0 => {}
                Event::Text(text) if self.in_code => push_escaped(&mut self.html, &text),
                Event::Text(text) => self.pending.push_str(&text),
                event => {
                    self.flush();
                    if self.refuses(&event) {
                        self.as_typed(range);
                        skipping = 1;
                    } else {
                        self.event(event, range);
                    }
                }
            }
        }
        self.flush();
        (self.html, self.addresses)
    }

    /// A link that leads elsewhere than to the web.
    fn refuses(&self, event: &Event<'_>) -> bool {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                !self.in_link && web_address(dest_url).is_none()
            }
            _ => false,
        }
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => {
                let open = self.start(tag);
                self.open.push(open);
            }
            Event::End(_) => self.end(),
            Event::Code(code) => {
                self.html.push_str("<code>");
                push_escaped(&mut self.html, &code);
                self.html.push_str("</code>");
            }
            Event::SoftBreak | Event::HardBreak => self.html.push_str("<br>"),
            Event::InlineHtml(raw) => self.lines(&raw),
            Event::Html(raw) => {
                if !self.html.ends_with("<p>") {
                    self.html.push_str("<br>");
                }
                self.lines(&raw);
            }
            Event::Rule => {
                self.html.push_str("<p>");
                self.as_typed(range);
                self.html.push_str("</p>");
            }
            // Extensions, all of them off.
            _ => self.as_typed(range),
        }
    }

    fn start(&mut self, tag: Tag<'_>) -> Open {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } | Tag::HtmlBlock => {
                self.html.push_str("<p>");
                Open::Plain("</p>")
            }
            Tag::BlockQuote(_) => self.nest("<blockquote>", "</blockquote>"),
            Tag::List(Some(1)) => self.nest("<ol>", "</ol>"),
            Tag::List(Some(first)) => self.nest(&format!("<ol start=\"{first}\">"), "</ol>"),
            Tag::List(None) => self.nest("<ul>", "</ul>"),
            // An item is shown as one only where its list is.
            Tag::Item if matches!(self.open.last(), Some(Open::Nested("</ul>" | "</ol>"))) => {
                self.html.push_str("<li>");
                Open::Plain("</li>")
            }
            Tag::CodeBlock(_) => {
                self.in_code = true;
                self.html.push_str("<pre><code>");
                Open::Code
            }
            Tag::Emphasis => self.stress("<em>", "</em>"),
            Tag::Strong => self.stress("<strong>", "</strong>"),
            // Within a link an image is only its text.
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } if !self.in_link => self.link(&dest_url),
            _ => Open::Plain(""),
        }
    }

    fn nest(&mut self, tag: &str, close: &'static str) -> Open {
        self.nested += 1;
        let shown = self.nested <= DEEPEST;
        self.html.push_str(if shown { tag } else { "" });
        Open::Nested(if shown { close } else { "" })
    }

    fn stress(&mut self, tag: &str, close: &'static str) -> Open {
        self.stressed += 1;
        let shown = self.stressed <= DEEPEST_INLINE;
        self.html.push_str(if shown { tag } else { "" });
        Open::Stressed(if shown { close } else { "" })
    }

    fn link(&mut self, address: &str) -> Open {
        let Some(url) = web_address(address) else { return Open::Plain("") };
        self.anchor(url.as_str());
        self.in_link = true;
        Open::Link(self.html.len(), url.into())
    }

    fn end(&mut self) {
        let close = match self.open.pop() {
            Some(Open::Plain(close)) => close,
            Some(Open::Nested(close)) => {
                self.nested -= 1;
                close
            }
            Some(Open::Stressed(close)) => {
                self.stressed -= 1;
                close
            }
            Some(Open::Code) => {
                self.in_code = false;
                "</code></pre>"
            }
            Some(Open::Link(start, address)) => {
                if self.html.len() == start {
                    push_escaped(&mut self.html, &address);
                }
                self.in_link = false;
                "</a>"
            }
            None => "",
        };
        self.html.push_str(close);
    }

    /// Writes the waiting text, with its web addresses as links.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.pending);
        let mut written = 0;
        let ranges = if self.in_link { Vec::new() } else { addresses_in(&text) };
        for range in ranges {
            let Some((address, url)) = text.get(range.clone()).and_then(|raw| Some((raw, web_address(raw)?))) else {
                continue;
            };
            push_escaped(&mut self.html, text.get(written..range.start).unwrap_or_default());
            self.anchor(url.as_str());
            push_escaped(&mut self.html, address);
            self.html.push_str("</a>");
            written = range.end;
        }
        push_escaped(&mut self.html, text.get(written..).unwrap_or_default());
    }

    fn lines(&mut self, raw: &str) {
        for (index, line) in raw.lines().enumerate() {
            self.html.push_str(if index == 0 { "" } else { "<br>" });
            push_escaped(&mut self.html, line);
        }
    }

    fn as_typed(&mut self, range: Range<usize>) {
        let typed = self.source.get(range).unwrap_or_default();
        self.lines(typed.trim_end());
    }

    fn anchor(&mut self, url: &str) {
        self.html.push_str("<a href=\"");
        push_escaped(&mut self.html, url);
        self.html.push_str("\" rel=\"nofollow ugc noopener\">");
        self.addresses.push(url.to_owned());
    }
}

#[cfg(test)]
mod tests;
