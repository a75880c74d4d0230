//! The figures of an evaluation, and how they are printed.

use std::io::Write;

use serde::Serialize;

use crate::measure;

/// Bins of the calibration error.
const BINS: u16 = 15;

/// How scores agree with labels. What rows of one kind alone do not tell is absent.
#[derive(Serialize)]
pub(super) struct Report {
    n: usize,
    spam: usize,
    auc: Option<f64>,
    average_precision: Option<f64>,
    /// At false positives of 0.1 %.
    recall_at_0_1_percent: Option<f64>,
    /// At false positives of 1 %.
    recall_at_1_percent: Option<f64>,
    brier: Option<f64>,
    ece: Option<f64>,
}

impl Report {
    pub(super) fn of(scored: &[(f64, bool)]) -> Self {
        let recall = |rate| measure::recall_at(scored, rate).map(|caught| caught.recall);
        Self {
            n: scored.len(),
            spam: scored.iter().filter(|(_, spam)| *spam).count(),
            auc: measure::auc(scored),
            average_precision: measure::average_precision(scored),
            recall_at_0_1_percent: recall(0.001),
            recall_at_1_percent: recall(0.01),
            brier: measure::brier(scored),
            ece: measure::calibration_error(scored, BINS),
        }
    }

    pub(super) fn print(&self, json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
        if json {
            serde_json::to_writer_pretty(&mut *out, self)?;
            writeln!(out)?;
            return Ok(());
        }
        writeln!(out, "{:<22}{:>8}", "n", self.n)?;
        writeln!(out, "{:<22}{:>8}", "spam", self.spam)?;
        for (name, figure) in [
            ("AUC", self.auc),
            ("average precision", self.average_precision),
            ("recall at 0.1 % FP", self.recall_at_0_1_percent),
            ("recall at 1 % FP", self.recall_at_1_percent),
            ("Brier", self.brier),
            ("ECE", self.ece),
        ] {
            let figure = figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.4}"));
            writeln!(out, "{name:<22}{figure:>8}")?;
        }
        Ok(())
    }
}
