//! How often a changed copy of a text is still near to it, and how often texts that have nothing to do with
//! each other are.
//!
//! Usage: `near_copies [--show] FILE…`, each of lines `{"label": 0, "text": "…"}`. Texts with label 1 are changed
//! in several ways, by length; of those with label 0 each is compared with each, equal skeletons once. `--show`
//! prints the pairs that are near.

#![expect(clippy::print_stdout, reason = "it is there to print")]

use std::collections::BTreeSet;

use anyhow::Context as _;
use replydesk::text::{Sketch, skeleton};
use serde_json::Value;

/// A change of a text's words, given some number.
type Change = fn(&mut Vec<String>, usize);
const NAMES: [&str; 7] = ["Anna", "Bob", "Carlos", "Dmitri", "Henrietta", "Joaquin", "Li"];
const CHANGES: [(&str, Change); 4] =
    [("a name put in", put_in), ("a word left out", leave_out), ("a letter mistyped", mistype), ("three words", three)];
const LENGTHS: [(usize, usize); 4] = [(20, 40), (40, 80), (80, 160), (160, usize::MAX)];

fn main() -> anyhow::Result<()> {
    let (options, files): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|word| word.starts_with('-'));
    let show = options.iter().any(|option| option == "--show");
    for file in files {
        let rows = std::fs::read_to_string(&file).with_context(|| file.clone())?;
        let rows: Vec<Value> = rows.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        let labelled = |label: i64| {
            let mut seen = BTreeSet::new();
            let rows = rows.iter().filter(move |row| row.get("label").and_then(Value::as_i64) == Some(label));
            let texts: Vec<(Sketch, &str)> = rows
                .filter_map(|row| row.get("text")?.as_str())
                .filter_map(|text| Some((Sketch::of(text).filter(|sketch| !sketch.is_short())?, text)))
                .filter(|(_, text)| seen.insert(skeleton(text)))
                .collect();
            texts
        };
        println!("{file}");
        changed(&labelled(1));
        strangers(&labelled(0), show);
    }
    Ok(())
}

fn changed(texts: &[(Sketch, &str)]) {
    for (least, most) in LENGTHS {
        let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
        let some: Vec<_> = texts.iter().filter(|(_, text)| (least..most).contains(&letters(text))).collect();
        for (what, change) in CHANGES.iter().filter(|_| !some.is_empty()) {
            let still = some.iter().enumerate().filter(|(n, (sketch, text))| {
                let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
                change(&mut words, n.wrapping_mul(7919));
                let copy = Sketch::of(&words.join(" "));
                copy.is_some_and(|copy| copy.is_near(*sketch))
            });
            println!("  {least} letters and more, {what}: {} of {} still near", still.count(), some.len());
        }
    }
}

fn put_in(words: &mut Vec<String>, n: usize) {
    let at = n % (words.len() + 1);
    words.insert(at, NAMES.iter().cycle().nth(n % 7).copied().unwrap_or_default().to_owned());
}

fn leave_out(words: &mut Vec<String>, n: usize) {
    let at = n % words.len();
    words.remove(at);
}

#[expect(clippy::ptr_arg, reason = "a change like the others")]
fn mistype(words: &mut Vec<String>, n: usize) {
    let at = n % words.len();
    if let Some(word) = words.get_mut(at) {
        let mut letters: Vec<char> = word.chars().collect();
        let typed = n % letters.len();
        if let Some(letter) = letters.get_mut(typed) {
            *letter = if *letter == 'k' { 'j' } else { 'k' };
        }
        *word = letters.into_iter().collect();
    }
}

fn three(words: &mut Vec<String>, n: usize) {
    put_in(words, n);
    put_in(words, n / 3);
    leave_out(words, n / 5);
    put_in(words, n / 5);
}

fn strangers(texts: &[(Sketch, &str)], show: bool) {
    let (mut near, mut pairs, mut members) = (0_u64, 0_u64, BTreeSet::new());
    for (n, (one, text)) in texts.iter().enumerate() {
        for (m, (other, again)) in texts.iter().enumerate().skip(n + 1) {
            pairs += 1;
            if one.is_near(*other) {
                near += 1;
                members.extend([n, m]);
                if show {
                    println!("  {} of 16: {text:?} / {again:?}", one.shared(*other));
                }
            }
        }
    }
    println!("  {} honest texts, {pairs} pairs: {near} near, {} texts with a neighbour", texts.len(), members.len());
}
