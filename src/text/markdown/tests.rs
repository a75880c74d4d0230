//! What the renderer shows, and that nothing gets past it: read back tag by tag, as a browser would.

use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

/// Reads `html` as tags and text; fails on any tag or attribute outside the allow-list, on
/// unbalanced tags, on nesting beyond the cap and on a stray `<`, `>` or quote.
fn check(html: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '>']) {
        let (text, tag) = rest.split_at(at);
        if text.contains(['"', '\'']) || !tag.starts_with('<') {
            return Err(format!("unescaped: {text}{tag}"));
        }
        let (inside, after) = tag.strip_prefix('<').and_then(|tag| tag.split_once('>')).ok_or("unclosed tag")?;
        rest = after;
        match inside.strip_prefix('/') {
            Some(name) if open.pop() != Some(name) => return Err(format!("unbalanced </{name}>")),
            Some(_) | None if inside.starts_with('/') || inside == "br" => {}
            _ => open.push(opened(inside)?),
        }
        if open.len() > 40 {
            return Err("too deep".into());
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("left open: {open:?}")) }
}

fn opened(inside: &str) -> Result<&str, String> {
    if let Some(rest) = inside.strip_prefix("a href=\"") {
        let (address, rel) = rest.split_once('"').ok_or("no address")?;
        let plain = (address.starts_with("https://") || address.starts_with("http://"))
            && !address.contains(|c: char| c.is_whitespace() || c.is_control());
        return if plain && rel == " rel=\"nofollow ugc noopener\"" {
            Ok("a")
        } else {
            Err(format!("bad link {inside}"))
        };
    }
    if let Some(number) = inside.strip_prefix("ol start=\"").and_then(|rest| rest.strip_suffix('"')) {
        return number.parse::<u32>().map(|_| "ol").map_err(|e| e.to_string());
    }
    let known = ["p", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li"];
    if known.contains(&inside) { Ok(inside) } else { Err(format!("tag <{inside}>")) }
}

fn safe(body: &str) -> String {
    let html = render(body);
    if let Err(fault) = check(&html) {
        panic!("{fault}\n{body:?}\n{html}");
    }
    html
}

#[test]
fn the_subset_is_rendered() {
    for (body, html) in [
        ("one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"),
        ("*a* **b** `c<`", "<p><em>a</em> <strong>b</strong> <code>c&lt;</code></p>"),
        ("> q\n\n1. x\n2. y", "<blockquote><p>q</p></blockquote><ol><li>x</li><li>y</li></ol>"),
        ("3. x\n\n- a", "<ol start=\"3\"><li>x</li></ol><ul><li>a</li></ul>"),
        ("```\na <b>\n```", "<pre><code>a &lt;b&gt;\n</code></pre>"),
        ("# Head\n\ntext & \"more\"", "<p>Head</p><p>text &amp; &quot;more&quot;</p>"),
        ("a\n\n---\n\nb", "<p>a</p><p>---</p><p>b</p>"),
        ("| a | b |\n|---|---|", "<p>| a | b |<br>|---|---|</p>"),
    ] {
        assert_eq!(safe(body), html);
    }
}

#[test]
fn links_lead_to_the_web_only_and_vouch_for_nothing() {
    let to = |url: &str, text: &str| format!("<p><a href=\"{url}\" rel=\"nofollow ugc noopener\">{text}</a></p>");
    assert_eq!(safe("[t](http://a.example/?x=1&y='2')"), to("http://a.example/?x=1&amp;y=%272%27", "t"));
    assert_eq!(safe("https://a.example/b_c_d&e"), to("https://a.example/b_c_d&amp;e", "https://a.example/b_c_d&amp;e"));
    assert_eq!(safe("<https://a.example>"), to("https://a.example/", "https://a.example"));
    assert_eq!(safe("![alt *x*](https://a.example/i.png)"), to("https://a.example/i.png", "alt <em>x</em>"));
    assert_eq!(safe("[](https://a.example)"), to("https://a.example/", "https://a.example/"));
    assert_eq!(safe("[![i](http://b.example)](http://a.example)"), to("http://a.example/", "i"));
    for typed in
        ["[t](javascript:alert)", "[t](//a.example)", "[t](mailto:a@b.example)", "http://u@a.example", "www.a.example"]
    {
        assert_eq!(safe(typed), format!("<p>{typed}</p>"));
    }
    assert_eq!(safe("![x](data:a)"), "<p>![x](data:a)</p>");
}

#[test]
fn html_is_shown_as_typed() {
    assert_eq!(safe("<b>x</b> <!-- y -->"), "<p>&lt;b&gt;x&lt;/b&gt; &lt;!-- y --&gt;</p>");
    assert_eq!(safe("<div>\n*x*\n</div>"), "<p>&lt;div&gt;<br>*x*<br>&lt;/div&gt;</p>");
    assert_eq!(safe("&lt;script&gt; &#0;"), "<p>&lt;script&gt; \u{FFFD}</p>");
}

#[test]
fn nothing_typed_vanishes() {
    assert_eq!(safe("[a]: http://x.example 'hidden'\n[a]: b"), {
        let link = "<a href=\"http://x.example/\" rel=\"nofollow ugc noopener\">http://x.example</a>";
        format!("<p>[a]: {link} &#39;hidden&#39;<br>[a]: b</p>")
    });
}

#[test]
fn hostile_nesting_stays_shallow_and_short() {
    for unit in [
        "> ",
        "- ",
        "1. ",
        "[",
        "[a](",
        "![[]()",
        "*a_ ",
        "**a *a ",
        "`a``b```c",
        "<!--",
        "<http://",
        "&#x",
        "http://a ",
        "*a*",
        "-\n",
        ">\n",
        "\"",
        "[](http://a)",
        "> - ",
        "<a b ",
        "http://é.ü/ö ",
    ] {
        let body = unit.repeat(10_000 / unit.chars().count());
        let html = safe(&body);
        assert!(html.len() <= 20 * body.len(), "{unit}: {} of {}", html.len(), body.len());
    }
}

#[test]
fn published_attacks_come_out_as_text() {
    let corpora = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let Ok(payloads) = std::fs::read_to_string(corpora.join("xss/core.jsonl")) else {
        eprintln!("skipped: no ../shared/corpora");
        return;
    };
    let mut count = 0;
    for line in payloads.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let payload = case["payload"].as_str().unwrap();
        for body in
            [payload.to_owned(), format!("[x]({payload})"), format!("[x](<{payload}>)"), format!("> - *a* {payload}")]
        {
            safe(&body);
        }
        count += 1;
    }
    assert!(count > 2_000);
    let pathological = std::fs::read_to_string(corpora.join("markdown/pathological.json")).unwrap();
    let cases: Vec<serde_json::Value> = serde_json::from_str(&pathological).unwrap();
    for case in cases {
        let repeat = usize::try_from(case["repeat"].as_u64().unwrap()).unwrap();
        let body: String = case["unit"].as_str().unwrap().repeat(repeat).chars().take(10_000).collect();
        assert!(safe(&body).len() <= 20 * body.len(), "{}", case["name"]);
    }
}

proptest! {
    #[test]
    fn whatever_is_typed_the_output_keeps_to_the_allow_list(
        body in r#"([\[\]()<>!*_`~&;:"'#=\\ \n\t.-]|> |- |1\. |http://|https://a\.b/|javascript:|<a href=|</a>|&lt;|&#|[a-z]|\PC){0,80}"#
    ) {
        prop_assert_eq!(check(&render(&body)), Ok(()));
    }
}
