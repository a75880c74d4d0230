//! Thresholds for a promise as text, with what the promise is worth.

use std::io::{self, Write};

use super::{
    Head,
    print::{about, heading},
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
    let promise = percent(max_lost);
    let approved = suggestions.first().map_or(0, |suggestion| suggestion.approved);
    writeln!(out, "To lose at most {promise} of what moderators approve, judged by {approved} approvals")?;
    about(past, head, out)?;
    for suggestion in suggestions {
        one(suggestion, &promise, out)?;
    }
    if suggestions.iter().any(|suggestion| matches!(suggestion.advice, Advice::Value { .. })) {
        writeln!(out, "\nWhat it means: as long as comments come in as they did, each value by itself")?;
        writeln!(out, "loses at most {promise} of those that moderators would approve. Such a promise is")?;
        writeln!(out, "kept 95 times in 100 (one-sided Clopper-Pearson bound). Both values together")?;
        writeln!(out, "may lose the sum of their bounds. Nothing was changed.")?;
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
            writeln!(out, "  would have lost {lost} of {approved} approved comments: {} at most", percent(*bound))?;
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
    writeln!(out, "  in force: {in_force}, which would have lost {lost_in_force}: {bound} at most")
}

fn caveats(head: &Head<'_>, suggestions: &[Suggestion], out: &mut dyn Write) -> io::Result<()> {
    let (captcha, scoring) = (&head.site.captcha, &head.site.scoring);
    if let Some((count, share)) = suggestions.first().and_then(|suggestion| suggestion.sampled) {
        writeln!(out, "\nThresholds keep comments from the queue but for samples: of these {count} were approved,")?;
        writeln!(out, "and each may stand for {:.0}. That is what makes a promise dear.", 1.0 / share)?;
        return Ok(());
    }
    for (is_blind, what, key) in [
        (captcha.explore == 0.0 && captcha.reject_below > 0.0, "the captcha refuses", "captcha.explore"),
        (scoring.explore == 0.0 && scoring.spam_at < 1.0, "is marked as spam", "scoring.explore"),
    ] {
        if is_blind {
            writeln!(out, "\nNo sample is taken of what {what} today: of that, nobody knows how much is")?;
            writeln!(out, "good, and the promise is about the rest. {key} lets a share of it wait.")?;
        }
    }
    Ok(())
}

/// As many places as it takes to tell it from 0.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent >= 1.0 { format!("{percent:.1} %") } else { format!("{percent:.3} %") }
}
