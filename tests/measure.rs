//! The measures beside the script that others judge scores with: the same lines, the same figures.

#![expect(clippy::unwrap_used, reason = "clippy knows no helper of an integration test for a test")]

use std::{fmt::Write as _, path::Path, process::Command};

use replydesk::measure::{auc, average_precision, brier, calibration_error, recall_at};
use serde_json::Value;

/// Numbers that look random and are the same each time (`SplitMix64`).
struct Dice(u64);

impl Dice {
    /// In `[0,1)`.
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        f64::from(u32::try_from((z ^ (z >> 31)) >> 32).unwrap()) / 4_294_967_296.0
    }
}

#[test]
fn the_measures_are_those_of_the_script() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tools/evaluate_scores.py");
    if !script.exists() || Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: there is no {} or no python3", script.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut dice = Dice(7);
    for (n_rows, ties) in [(5, 10.0), (40, 10.0), (700, 100.0), (3_000, 1e6)] {
        let mut rows: Vec<(f64, bool)> = vec![(1.0, true), (0.0, false)];
        rows.extend((2..n_rows).map(|_| {
            let bad = dice.roll() < 0.3;
            let score = dice.roll() * 0.8 + if bad { 0.2 } else { 0.0 };
            ((score * ties).round() / ties, bad)
        }));
        let mut lines = String::new();
        for (n, (score, bad)) in rows.iter().enumerate() {
            writeln!(lines, "{{\"id\": \"{n}\", \"label\": {}, \"score\": {score}}}", u8::from(*bad)).unwrap();
        }
        let file = folder.path().join("scores.jsonl");
        std::fs::write(&file, lines).unwrap();
        let told = Command::new("python3").arg(&script).arg("--json").arg(&file).output().unwrap();
        let told: Value = serde_json::from_slice(&told.stdout).unwrap();
        let recall = |rate: f64| recall_at(&rows, rate).map(|caught| caught.recall);
        for (name, ours) in [
            ("auc", auc(&rows)),
            ("ap", average_precision(&rows)),
            ("r@.1%", recall(0.001)),
            ("r@1%", recall(0.01)),
            ("r@5%", recall(0.05)),
            ("brier", brier(&rows)),
            ("ece", calibration_error(&rows, 15)),
        ] {
            let theirs = told["all"][name].as_f64().unwrap();
            assert!((ours.unwrap() - theirs).abs() < 1e-9, "{name} of {n_rows}: {ours:?} and {theirs}");
        }
    }
}
