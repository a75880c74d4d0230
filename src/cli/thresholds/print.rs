//! The lab's figures as text: at most 80 columns, in characters that every terminal knows.

use std::io::{self, Write};

use super::Head;
use crate::{
    config::Site,
    lab::{ByOutcome, Compared, Figures, Histograms, InForce, Judged, Notes, Rate},
};

/// Columns of a text.
const WIDTH: usize = 76;
/// Columns of the words that begin a line, and of each figure behind them.
const WORDS: usize = 26;
const FIGURE: usize = 24;

/// A line's words, and its figure.
type Line<T, V> = (&'static str, fn(&T) -> V);

/// The settings in force, and how scores and risks are spread.
///
/// # Errors
/// Where `out` takes nothing more.
pub(super) fn in_force(head: &Head<'_>, found: &InForce, out: &mut dyn Write) -> io::Result<()> {
    let judged = &found.in_force;
    heading("Thresholds", head, out)?;
    past(&judged.figures, &found.notes, head, out)?;
    if judged.figures.submissions == 0 {
        return Ok(());
    }
    writeln!(out, "\n{:WORDS$}{:>FIGURE$}", "", "in force")?;
    table(&[*judged], out)?;
    notes(&judged.figures, &found.notes, head, out)?;
    histograms(&found.histograms, out)
}

/// Two settings side by side.
///
/// # Errors
/// Where `out` takes nothing more.
pub(super) fn compared(head: &Head<'_>, proposed: &Site, found: &Compared, out: &mut dyn Write) -> io::Result<()> {
    let both = [found.in_force, found.proposed];
    heading("Thresholds", head, out)?;
    past(&found.proposed.figures, &found.notes, head, out)?;
    if found.proposed.figures.submissions == 0 {
        return Ok(());
    }
    writeln!(out, "\n{:WORDS$}{:>FIGURE$}{:>FIGURE$}", "", "in force", "proposed")?;
    table(&both, out)?;
    changed(head.site, proposed, out)?;
    notes(&found.proposed.figures, &found.notes, head, out)
}

pub(super) fn heading(what: &str, head: &Head<'_>, out: &mut dyn Write) -> io::Result<()> {
    let of = head.named.map_or_else(|| "all sites".to_owned(), |site| format!("site {site}"));
    let days = head.since.as_secs_f64() / 86_400.0;
    writeln!(out, "{what}: {of}, comments of the last {days} days, mode {}", head.site.moderation.mode.as_str())
}

fn past(figures: &Figures, past: &Notes, head: &Head<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (approved, spam) = (figures.approved_lost.of, figures.spam_let_through.of);
    writeln!(out, "{} came in; moderators approved {approved} of them and marked {spam} as spam", figures.submissions)?;
    about(past, head, out)
}

/// What to know of the past before believing figures about it.
pub(super) fn about(past: &Notes, head: &Head<'_>, out: &mut dyn Write) -> io::Result<()> {
    if past.by_programs > 0 && head.people_only {
        writeln!(out, "  {} decisions are of programs and left out", past.by_programs)?;
    }
    if past.other_provider > 0 {
        let count = past.other_provider;
        writeln!(out, "  {count} were checked by another captcha: their scores are left out")?;
    }
    if past.samples > 0 {
        let count = past.samples;
        writeln!(out, "  {count} of the decisions are on samples, each of which stands for all of its like")?;
    }
    if past.cut {
        writeln!(out, "  More came in; these are the newest. A shorter --since looks at all of its own")?;
    }
    Ok(())
}

fn line(words: &str, figures: impl Iterator<Item = String>, out: &mut dyn Write) -> io::Result<()> {
    let cells: String = figures.map(|figure| format!("{figure:>FIGURE$}")).collect();
    writeln!(out, "{words:<WORDS$}{cells}")
}

fn table(judged: &[Judged], out: &mut dyn Write) -> io::Result<()> {
    let thresholds: [Line<Judged, f64>; 4] = [
        ("captcha.reject_below", |it| it.thresholds.captcha.reject_below),
        ("captcha.hold_below", |it| it.thresholds.captcha.hold_below),
        ("scoring.hold_at", |it| it.thresholds.scoring.hold_at),
        ("scoring.spam_at", |it| it.thresholds.scoring.spam_at),
    ];
    for (name, value) in thresholds {
        line(name, judged.iter().map(|it| value(it).to_string()), out)?;
    }
    writeln!(out)?;
    let counts: [Line<Figures, u64>; 5] = [
        ("published", |it| it.published),
        ("held", |it| it.held),
        ("marked as spam", |it| it.spam),
        ("rejected by a word", |it| it.rejected),
        ("refused by the captcha", |it| it.refused),
    ];
    for (name, count) in counts {
        let cell = |it: &Judged| {
            let n = count(&it.figures);
            format!("{n}  {:>5.1} %", percent(n, it.figures.submissions))
        };
        line(name, judged.iter().map(cell), out)?;
    }
    writeln!(out)?;
    let rates: [Line<Figures, Rate>; 2] =
        [("approved, and lost", |it| it.approved_lost), ("spam, and let through", |it| it.spam_let_through)];
    for (name, rate) in rates {
        line(name, judged.iter().map(|it| of(rate(&it.figures))), out)?;
        line("  95 % sure to be between", judged.iter().map(|it| sure(rate(&it.figures))), out)?;
    }
    Ok(())
}

/// `3 of 701   0.4 %`
fn of(rate: Rate) -> String {
    let told = rate.rate.map_or_else(|| "-".to_owned(), |rate| format!("{:.1} %", rate * 100.0));
    format!("{} of {}  {told:>7}", rate.count, rate.of)
}

/// `0.1 and 1.2 %`
fn sure(rate: Rate) -> String {
    match rate.rate {
        Some(_) => format!("{:.1} and {:.1} %", rate.interval.low * 100.0, rate.interval.high * 100.0),
        None => "-".to_owned(),
    }
}

/// Weights that are another than in force.
fn changed(old: &Site, new: &Site, out: &mut dyn Write) -> io::Result<()> {
    let (old, new) = (&old.scoring.weights, &new.scoring.weights);
    let mut names: Vec<_> = old.keys().chain(new.keys()).filter(|rule| old.get(rule) != new.get(rule)).collect();
    names.sort();
    names.dedup();
    for (n, rule) in names.into_iter().enumerate() {
        if n == 0 {
            writeln!(out, "\nchanged weights")?;
        }
        let told = |weight: Option<&f64>| weight.map_or_else(|| "as shipped".to_owned(), ToString::to_string);
        line(&format!("  {}", rule.name()), [told(old.get(rule)), told(new.get(rule))].into_iter(), out)?;
    }
    Ok(())
}

fn notes(figures: &Figures, past: &Notes, head: &Head<'_>, out: &mut dyn Write) -> io::Result<()> {
    if figures.unseen > 0 {
        let unseen = figures.unseen;
        let why = "were refused when they came: their text was not kept, so nobody knows what else would have become \
                   of them.";
        paragraph(&format!("{unseen} of the held {why}"), out)?;
    }
    if past.samples == 0 && figures.refused > 0 && head.site.captcha.explore == 0.0 {
        let blind = "No moderator saw what the captcha refused, so what it lost is not counted; captcha.explore lets a \
                     share of it wait.";
        paragraph(blind, out)?;
    }
    Ok(())
}

/// A blank line, and a text broken into lines.
pub(super) fn paragraph(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut line = String::new();
    writeln!(out)?;
    for word in text.split_whitespace() {
        if line.len() + word.len() >= WIDTH {
            writeln!(out, "{line}")?;
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    writeln!(out, "{line}")
}

fn histograms(histograms: &Histograms, out: &mut dyn Write) -> io::Result<()> {
    spread("captcha score", &histograms.captcha, out)?;
    spread("risk", &histograms.risk, out)
}

/// Two bins a line.
fn spread(what: &str, counts: &ByOutcome, out: &mut dyn Write) -> io::Result<()> {
    let columns = [
        ("approved", &counts.approved),
        ("spam", &counts.spam),
        ("rejected", &counts.rejected),
        ("undecided", &counts.undecided),
        ("refused", &counts.refused),
    ];
    let shown: Vec<_> = columns.into_iter().filter(|(_, counts)| counts.iter().any(|count| *count > 0)).collect();
    if shown.is_empty() {
        return Ok(());
    }
    let names: String = shown.iter().map(|(name, _)| format!("{name:>11}")).collect();
    writeln!(out, "\n{what:<18}{names}")?;
    let lines = counts.approved.chunks(2).enumerate();
    for (n, _) in lines {
        let low = f64::from(u32::try_from(n).unwrap_or(0)) / 10.0;
        let cells = shown.iter().map(|(_, counts)| {
            let sum: u64 = counts.iter().skip(2 * n).take(2).sum();
            if sum == 0 { format!("{:>11}", ".") } else { format!("{sum:>11}") }
        });
        writeln!(out, "  {low:.1} to {:.1}      {}", low + 0.1, cells.collect::<String>())?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts of comments are far below 2^53")]
fn percent(n: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { n as f64 / of as f64 * 100.0 }
}
