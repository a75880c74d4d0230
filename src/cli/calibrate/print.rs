//! The report as text: tables that line up, and sentences that say what the figures mean.

use std::io::{self, Write};

use super::{
    propose::{ENOUGH, FOLDS},
    report::{Advice, Effect, Judged, Platt, Quality, Rate, Report},
};

/// Characters of a line that lists names.
const WIDTH: usize = 100;

/// Writes the report.
///
/// # Errors
/// Where `out` takes nothing more.
pub(super) fn print(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    head(report, out)?;
    if report.spam + report.approved == 0 {
        return Ok(());
    }
    signals(report, out)?;
    let title = "The built-in score with the weights in force";
    quality(title, &report.builtin, report, report.builtin_decides, out)?;
    if let Some(recorded) = &report.recorded {
        let title = format!("The score of {}, as it was recorded", report.provider);
        quality(&title, recorded, report, !report.builtin_decides, out)?;
    }
    match &report.advice {
        Advice::TooFew { spam_missing, approved_missing, platt } => {
            too_few(*spam_missing, *approved_missing, platt.as_ref(), out)
        }
        Advice::Weights { old, new, weights } => proposal(report, old, new, weights, out),
    }
}

fn head(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let notes = &report.notes;
    let of = report.site.as_ref().map_or_else(|| "all sites".to_owned(), |site| format!("site {site}"));
    writeln!(
        out,
        "Captcha calibration: {of}, comments of the last {} days, provider {}",
        report.days, report.provider
    )?;
    writeln!(out, "{} decisions: {} spam, {} approved", report.spam + report.approved, report.spam, report.approved)?;
    let told = [
        (notes.by_tokens, "decided by a program's token are left out; --tokens counts them"),
        (notes.other_provider, "checked by another provider are left out"),
        (notes.without_token, "came without a captcha token: they wait whatever their score, and count here with it"),
        (notes.samples, "are samples of what a threshold keeps from the queue; each counts for all it stands for"),
        (notes.samples_of_unknown_share, "are samples of which is not known how many they stand for; each counts once"),
        (notes.rescored, "had another score when they came; all scores here are computed anew from their signals"),
    ];
    for (count, what) in told.iter().filter(|(count, _)| *count > 0) {
        writeln!(out, "  {count} {what}")?;
    }
    if notes.samples == 0 && report.reject_below > 0.0 {
        let at = report.reject_below;
        writeln!(
            out,
            "  What scored below {at} was refused and reached no moderator; captcha.explore lets a share of it wait"
        )?;
    }
    for (name, count) in &notes.unknown {
        writeln!(out, "  {count} times fired {name}, which this version does not know")?;
    }
    Ok(())
}

fn signals(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let is_proposed = matches!(report.advice, Advice::Weights { .. });
    let last = if is_proposed { "  proposed" } else { "" };
    writeln!(
        out,
        "\n{:<22} {:>15} {:>15} {:>6} {:>8} {:>9}{last}",
        "signal", "spam", "approved", "S/O", "shipped", "in force"
    )?;
    for line in report.signals.iter().filter(|line| line.s_o.is_some()) {
        let hits = |n: u64, rate: f64| format!("{n:>6} {:>6.1} %", rate * 100.0);
        let (spam, approved) = (hits(line.spam, line.spam_rate), hits(line.approved, line.approved_rate));
        let s_o = line.s_o.unwrap_or_default();
        let proposed = line.proposed.map_or_else(String::new, |weight| format!(" {weight:>9.2}"));
        writeln!(
            out,
            "{:<22} {spam:>15} {approved:>15} {s_o:>6.3} {:>8.2} {:>9.2}{proposed}",
            line.name, line.shipped, line.in_force
        )?;
    }
    let silent: Vec<&str> = report.signals.iter().filter(|line| line.s_o.is_none()).map(|line| line.name).collect();
    if !silent.is_empty() {
        wrapped("Never seen: ", &silent, out)?;
    }
    let off: Vec<&str> = report.signals.iter().filter(|line| line.in_force == 0.0).map(|line| line.name).collect();
    if !off.is_empty() {
        wrapped("Switched off, and left so; while it is off a signal leaves no trace: ", &off, out)?;
    }
    Ok(())
}

/// Names behind a heading, in lines of [`WIDTH`].
fn wrapped(heading: &str, names: &[&str], out: &mut dyn Write) -> io::Result<()> {
    let mut line = heading.to_owned();
    for (n, name) in names.iter().enumerate() {
        if line.len() + name.len() > WIDTH {
            writeln!(out, "{}", line.trim_end())?;
            line = "  ".to_owned();
        }
        line.push_str(name);
        line.push_str(if n + 1 < names.len() { ", " } else { "" });
    }
    writeln!(out, "{line}")
}

fn quality(title: &str, of: &Quality, report: &Report, decides: bool, out: &mut dyn Write) -> io::Result<()> {
    let figure = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"));
    writeln!(out, "\n{title}")?;
    if !decides {
        writeln!(out, "  (another score is compared with the thresholds here)")?;
    }
    let (auc, brier, error) = (figure(of.auc), figure(of.brier), figure(of.calibration_error));
    writeln!(out, "  AUC {auc}   Brier {brier}   calibration error {error}")?;
    writeln!(out, "\n  {:<13} {:>9} {:>14} {:>12}", "score", "comments", "machine, said", "spam, was")?;
    for bin in of.reliability.iter().rev().filter(|bin| bin.rows > 0.0) {
        let (low, high) = (0.9 - bin.from, 1.0 - bin.from);
        let (mean, share) = (bin.mean * 100.0, bin.share * 100.0);
        writeln!(out, "  {:.1} to {high:.1}    {:>9.0} {mean:>12.1} % {share:>10.1} %", low.abs(), bin.rows)?;
    }
    writeln!(out, "\n  {:<11} {:>25} {:>25}", "score below", "stops of the approved", "lets through of the spam")?;
    for effect in &of.at {
        let stopped = rate(effect.approved_stopped);
        writeln!(out, "  {:<11} {stopped:>25} {:>25}", effect.threshold, rate(effect.spam_through))?;
    }
    writeln!(out)?;
    for (threshold, done) in [(report.reject_below, "refused"), (report.hold_below, "held")] {
        if let Some(effect) = of.at.iter().find(|effect| effect.threshold.total_cmp(&threshold).is_eq()) {
            sentence(effect, done, out)?;
        }
    }
    Ok(())
}

/// What a threshold would have done, in words.
fn sentence(effect: &Effect, done: &str, out: &mut dyn Write) -> io::Result<()> {
    let through = effect.spam_through.rate * 100.0;
    let stopped = rate(effect.approved_stopped);
    let at = effect.threshold;
    writeln!(
        out,
        "  at {at:.2} you would have {done} {stopped} of approved comments and let through {through:.1} % of spam"
    )
}

/// `1.2 % (0.8-1.8)`
fn rate(of: Rate) -> String {
    let percent = |share: f64| share * 100.0;
    format!("{:.1} % ({:.1}-{:.1})", percent(of.rate), percent(of.interval.low), percent(of.interval.high))
}

fn too_few(spam: u64, approved: u64, platt: Option<&Platt>, out: &mut dyn Write) -> io::Result<()> {
    let missing: Vec<String> = [(spam, "spam"), (approved, "approved")]
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, kind)| format!("{count} {kind}"))
        .collect();
    writeln!(
        out,
        "\nNo weights are proposed: that takes {ENOUGH} decisions of each kind, and {} are missing.",
        missing.join(" and ")
    )?;
    let Some(Platt { slope, intercept }) = platt else { return Ok(()) };
    writeln!(
        out,
        "The score as a whole, set right by these decisions (Platt): with L its log-odds of a machine, ln((1 - score) / score),"
    )?;
    writeln!(
        out,
        "  the odds of spam were e^({slope:.2} L {intercept:+.2}); a score that means what it says has 1 and 0"
    )
}

fn proposal(
    report: &Report,
    old: &Judged,
    new: &Judged,
    weights: &[(&str, f64)],
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "\nProposed weights: drawn to the shipped ones, no sign changed, what is off left off")?;
    writeln!(out, "  New weights are judged in {FOLDS} stretches of time, each by weights found without it.\n")?;
    writeln!(out, "  {:<38} {:>20} {:>20}", "", "weights in force", "new weights")?;
    let rows = [
        (
            format!("approved, refused below {}", report.reject_below),
            old.refused.approved_stopped,
            new.refused.approved_stopped,
        ),
        ("spam, not refused".to_owned(), old.refused.spam_through, new.refused.spam_through),
        (format!("approved, held below {}", report.hold_below), old.held.approved_stopped, new.held.approved_stopped),
        ("spam, not held".to_owned(), old.held.spam_through, new.held.spam_through),
    ];
    for (what, old, new) in rows {
        writeln!(out, "  {what:<38} {:>20} {:>20}", rate(old), rate(new))?;
    }
    let figure = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"));
    writeln!(out, "  {:<38} {:>20} {:>20}", "AUC", figure(old.auc), figure(new.auc))?;
    writeln!(out, "  {:<38} {:>20} {:>20}", "Brier", figure(old.brier), figure(new.brier))?;
    let section = if report.site.is_some() { "[site.captcha.weights]" } else { "[captcha.weights]" };
    writeln!(out, "\nNothing was changed. To adopt them, put this in the place of {section} in your settings:\n")?;
    writeln!(out, "{section}")?;
    for (name, weight) in weights {
        writeln!(out, "{name} = {weight}")?;
    }
    Ok(())
}
