//! `replydesk evaluate` as an operator types it: what it prints and writes, and that it judges as the server does.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy knows no helper of an integration test for a test"
)]

use std::{fs, path::Path, process};

use assert_cmd::{Command, assert::Assert, cargo::cargo_bin_cmd};
use serde_json::{Value, json};
use tempfile::TempDir;

struct Shell(TempDir);

impl Shell {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    fn evaluate(&self, words: &[&str]) -> Assert {
        let mut command: Command = cargo_bin_cmd!("replydesk");
        command.env_clear().current_dir(self.0.path()).arg("evaluate").args(words).assert()
    }
    fn write(&self, name: &str, lines: &[Value]) {
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        fs::write(self.0.path().join(name), lines.join("\n")).unwrap();
    }
    /// The lines of a scores' file: id, label, score.
    fn scores(&self, name: &str) -> Vec<(Value, u64, f64)> {
        let text = fs::read_to_string(self.0.path().join(name)).unwrap();
        let row = |line: &str| -> (Value, u64, f64) {
            let row: Value = serde_json::from_str(line).unwrap();
            (row["id"].clone(), row["label"].as_u64().unwrap(), row["score"].as_f64().unwrap())
        };
        text.lines().map(row).collect()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn stdout(done: &Assert) -> String {
    text(&done.get_output().stdout)
}

fn complaint(failed: &Assert) -> String {
    let told = text(&failed.get_output().stderr);
    assert_eq!(told.lines().count(), 1, "{told}");
    told
}

const SPAM: [&str; 4] = [
    "Win free money now, visit my channel",
    "Cheap pills and free money",
    "Subscribe to my channel, friends",
    "Make money at home now",
];
const HAM: [&str; 4] = [
    "The mayor should answer the council",
    "I read the report on the bridge",
    "Thank you for this clear article",
    "Why did nobody ask at the meeting",
];

/// A stream in which a third is spam.
fn stream(rows: usize) -> Vec<Value> {
    let row = |n: usize| {
        let (label, texts) = if n.is_multiple_of(3) { (1, SPAM) } else { (0, HAM) };
        let text = format!("{} {}", texts[n % 4], ["today", "again", "indeed", "really", "so"][n % 5]);
        json!({"id": format!("row-{n}"), "label": label, "text": text, "name": "Ida", "group": {"any": "thing"}})
    };
    (0..rows).map(row).collect()
}

#[test]
fn each_line_is_scored_and_then_learned() {
    let shell = Shell::new();
    shell.write("data.jsonl", &stream(120));
    let told = stdout(&shell.evaluate(&["data.jsonl", "--out", "scores.jsonl", "--seed", "none"]).success());
    let names: Vec<&str> = told.lines().map(|line| line.get(..22).unwrap().trim()).collect();
    let wanted = ["n", "spam", "AUC", "average precision", "recall at 0.1 % FP", "recall at 1 % FP", "Brier", "ECE"];
    assert_eq!(names, wanted);
    let scores = shell.scores("scores.jsonl");
    assert_eq!((scores[0].0.as_str(), scores[0].1), (Some("row-0"), 1));
    assert!(scores.iter().all(|(.., score)| (0.0..=1.0).contains(score)));
    let mean = |label| {
        let later: Vec<f64> = scores[80..].iter().filter(|row| row.1 == label).map(|row| row.2).collect();
        later.iter().sum::<f64>() / later.len() as f64
    };
    assert!(mean(1) > 0.9 && mean(0) < 0.1, "it learned: {} and {}", mean(1), mean(0));
    let again = stdout(&shell.evaluate(&["data.jsonl", "--out", "again.jsonl", "--seed", "none"]).success());
    assert_eq!(told, again);
    assert_eq!(scores, shell.scores("again.jsonl"), "the same labels in the same order give the same scores");
}

#[test]
fn what_was_trained_is_frozen() {
    let shell = Shell::new();
    shell.write("train.jsonl", &stream(60));
    let mut rows = stream(90).split_off(60);
    shell.write("forth.jsonl", &rows);
    rows.reverse();
    shell.write("back.jsonl", &rows);
    for (data, out) in [("forth.jsonl", "forth"), ("back.jsonl", "back")] {
        shell.evaluate(&[data, "--train", "train.jsonl", "--out", out]).success();
    }
    let mut back = shell.scores("back");
    back.reverse();
    assert_eq!(shell.scores("forth"), back);
    assert!(shell.scores("forth").iter().all(|(_, label, score)| (*label == 1) == (*score > 0.5)));
}

#[test]
fn a_bad_line_is_told_with_its_number_and_what_it_should_be() {
    let shell = Shell::new();
    let good = r#"{"label": 1, "body": "Buy now"}"#;
    for (bad, why) in [
        ("{\"label\": 1, \"text\": \"cut", "not a JSON object"),
        ("[1, 2]", "not a JSON object"),
        (r#"{"label": 1}"#, "there is no text"),
        (r#"{"text": "x"}"#, "there is no label"),
        (r#"{"text": "x", "label": 2}"#, "label is 2, not 0 or 1"),
        (r#"{"text": "x", "label": "spam"}"#, "label is \"spam\", not 0 or 1"),
    ] {
        fs::write(shell.0.path().join("data.jsonl"), format!("{good}\n\n{bad}\n{good}\n")).unwrap();
        let told = complaint(&shell.evaluate(&["data.jsonl"]).code(2));
        assert!(told.contains("data.jsonl, line 3") && told.contains(why), "{told}");
        assert!(told.contains(r#"{"label": 1, "text": "…"}"#), "the cure: {told}");
    }
    fs::write(shell.0.path().join("data.jsonl"), "\n").unwrap();
    assert!(complaint(&shell.evaluate(&["data.jsonl"]).code(1)).contains("holds no labelled comment"));
    assert!(complaint(&shell.evaluate(&["nowhere.jsonl"]).code(1)).contains("nowhere.jsonl cannot be read"));
    shell.evaluate(&[]).code(2);
}

#[test]
fn rows_of_one_kind_have_no_ranking() {
    let shell = Shell::new();
    shell.write("data.jsonl", &[json!({"label": 0, "text": "Thanks"}), json!({"label": false, "body": "Indeed"})]);
    let told = stdout(&shell.evaluate(&["data.jsonl", "--json"]).success());
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["n"], &told["spam"], &told["auc"]), (&json!(2), &json!(0), &Value::Null));
    assert!(told["brier"].as_f64().unwrap() < 0.1);
}

#[test]
fn a_seed_is_a_choice() {
    let shell = Shell::new();
    shell.write("data.jsonl", &[json!({"label": 1, "text": "Check out my channel and subscribe for free money"})]);
    shell.write("pages.jsonl", &stream(60));
    let mut make: Command = cargo_bin_cmd!("replydesk");
    make.env_clear().current_dir(shell.0.path());
    make.args(["seed-model", "--out", "own.seed", "pages.jsonl", "--good", "pages.jsonl"]).assert().success();
    let score = |seed: &[&str]| {
        shell.evaluate(&[&["data.jsonl", "--out", "out"], seed].concat()).success();
        shell.scores("out")[0].2
    };
    let (none, own, shipped) = (score(&["--seed", "none"]), score(&["--seed", "own.seed"]), score(&[]));
    assert!(own > none && shipped > none, "{none}, {own}, {shipped}");
    let told = complaint(&shell.evaluate(&["data.jsonl", "--seed", "data.jsonl"]).code(1));
    assert!(told.contains("data.jsonl is no seed"), "{told}");
}

#[test]
fn the_weights_are_those_of_the_settings() {
    let shell = Shell::new();
    shell.write("data.jsonl", &[json!({"label": 1, "text": "See http://shop.example"})]);
    let score = |settings: &str| {
        fs::write(shell.0.path().join("settings.toml"), settings).unwrap();
        shell.evaluate(&["data.jsonl", "--out", "out", "--seed", "none", "--config", "settings.toml"]).success();
        shell.scores("out")[0].2
    };
    assert!(score("[scoring.weights]\nlink_foreign = 5.0\n") > score("[scoring.weights]\nlink_foreign = 0.0\n") + 0.5);
}

#[test]
fn the_figures_are_those_of_the_scoring_tool_beside_the_project() {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tools/evaluate_scores.py");
    if !tool.exists() {
        eprintln!("not run: there is no {}", tool.display());
        return;
    }
    let shell = Shell::new();
    // Some labels are wrong, so that no figure is 0 or 1.
    let mut rows = stream(200);
    for row in rows.iter_mut().step_by(13) {
        row["label"] = json!(1 - row["label"].as_u64().unwrap());
    }
    shell.write("data.jsonl", &rows);
    let ours = stdout(&shell.evaluate(&["data.jsonl", "--out", "scores.jsonl", "--json"]).success());
    let ours: Value = serde_json::from_str(&ours).unwrap();
    let mut told = process::Command::new("python3");
    let Ok(told) = told.arg(tool).args(["scores.jsonl", "--json"]).current_dir(shell.0.path()).output() else {
        eprintln!("not run: there is no python3");
        return;
    };
    let theirs: Value = serde_json::from_slice(&told.stdout).unwrap();
    for (name, tool_name) in [
        ("n", "n"),
        ("spam", "spam"),
        ("auc", "auc"),
        ("average_precision", "ap"),
        ("recall_at_0_1_percent", "r@.1%"),
        ("recall_at_1_percent", "r@1%"),
        ("brier", "brier"),
        ("ece", "ece"),
    ] {
        let (one, other) = (ours[name].as_f64().unwrap(), theirs["all"][tool_name].as_f64().unwrap());
        assert!((one - other).abs() < 1e-12, "{name}: {one} and {other}");
    }
}
