//! Thresholds for a promise as text, with what the promise is worth.

use std::io::{self, Write};

use super::{
    Head,
    print::{about, heading, paragraph},
};
use crate::lab::{Advice, Notes, Suggestion};

/// Writes them.
///
/// # Errors
/// Where `out` takes nothing more.
pub(super) fn suggestions(
    head: &Head<'_>,
    suggestions: &[Suggestion],
    past: &Notes,
    max_lost: f64,
    out: &mut dyn Write,
) -> io::Result<()> {
    heading("Suggested thresholds", head, out)?;
    let promise = format!("{} %", (max_lost * 1e8).round() / 1e6);
    let approved = suggestions.first().map_or(0, |suggestion| suggestion.approved);
    writeln!(out, "To lose at most {promise} of what moderators approve, judged by {approved} approvals")?;
    about(past, head, out)?;
    for suggestion in suggestions {
        one(suggestion, &promise, out)?;
    }
    if suggestions.iter().any(|suggestion| matches!(suggestion.advice, Advice::Value { .. })) {
        let means = format!(
            "What it means: if comments go on to come in as they did, each value by itself loses at most {promise} of \
             those that moderators would approve. Of such promises 95 in 100 are kept (one-sided Clopper-Pearson \
             bound). Both values together may lose the sum of their bounds. Nothing was changed."
        );
        paragraph(&means, out)?;
    }
    caveats(head, suggestions, out)
}

fn one(suggestion: &Suggestion, promise: &str, out: &mut dyn Write) -> io::Result<()> {
    let Suggestion { threshold, in_force, lost_in_force, bound_in_force, approved, .. } = suggestion;
    let does = if *threshold == "captcha.reject_below" { "refused" } else { "marked" };
    writeln!(out)?;
    match &suggestion.advice {
        Advice::Value { value, lost, bound, caught, stopped_by } => {
            writeln!(out, "{threshold} = {value}")?;
            let bound = percent(*bound);
            writeln!(out, "  would have lost {lost} of {approved} approved: at most {bound} of those to come")?;
            if let Some(rate) = caught.rate {
                let (low, high) = (caught.interval.low * 100.0, caught.interval.high * 100.0);
                let rate = rate * 100.0;
                writeln!(out, "  would have {does} {rate:.1} % of the spam ({low:.1} to {high:.1})")?;
            }
            if let Some(other) = stopped_by {
                writeln!(out, "  and could go on if {other} let it")?;
            }
        }
        Advice::Missing { decisions } => {
            writeln!(out, "{threshold}: no value can promise that yet")?;
            let needed = approved + decisions;
            writeln!(out, "  it takes {needed} approvals if none of them is lost: {decisions} are missing")?;
        }
        Advice::None => {
            writeln!(out, "{threshold}: no value keeps that")?;
            writeln!(out, "  the first that does anything would have lost more than {promise} allows")?;
        }
    }
    let bound = percent(*bound_in_force);
    writeln!(out, "  in force, {in_force} would have lost {lost_in_force}: at most {bound}")
}

fn caveats(head: &Head<'_>, suggestions: &[Suggestion], out: &mut dyn Write) -> io::Result<()> {
    let (captcha, scoring) = (&head.site.captcha, &head.site.scoring);
    if let Some((count, share)) = suggestions.first().and_then(|suggestion| suggestion.sampled) {
        let like = 1.0 / share;
        let dear = "which is what makes a promise dear: without them nobody would know.";
        let told =
            format!("{count} of the approvals are samples, each of which may stand for {like:.0} comments, {dear}");
        return paragraph(&told, out);
    }
    for (is_blind, what, key) in [
        (captcha.explore == 0.0 && captcha.reject_below > 0.0, "the captcha refuses", "captcha.explore"),
        (scoring.explore == 0.0 && scoring.spam_at < 1.0, "is marked as spam", "scoring.explore"),
    ] {
        if is_blind {
            let told = format!(
                "No sample is taken of what {what} today. How much of that is good nobody knows, and the promise is \
                 about the rest; {key} lets a share of it wait."
            );
            paragraph(&told, out)?;
        }
    }
    Ok(())
}

/// Two digits or more, and rounded up: it is told as the most.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let places = if percent >= 1.0 { 1 } else { 3 };
    let scale = 10_f64.powi(places);
    format!("{} %", (percent * scale).ceil() / scale)
}
