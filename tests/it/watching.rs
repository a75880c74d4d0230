//! The dashboard and the alerts of `deploy/` against what a server really tells on `/metrics`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Duration,
};

use replydesk::notify::By;
use serde_json::json;

use crate::{
    asking::{self, Question, names},
    captcha_provider::{self, send},
    support::{App, app::START, captcha_stub::CaptchaStub, comment, until},
};

/// Labels that Prometheus itself adds.
const ADDED: [&str; 2] = ["job", "instance"];
/// What grows and is no counter by its name: it starts anew with the process, as a counter does.
const GROWING: [&str; 1] = ["replydesk_limit_fallbacks"];
/// Documented, and on purpose on no panel.
const NOT_SHOWN: [&str; 0] = [];

/// A server that has met everything it counts: by name as told, the labels.
async fn told() -> BTreeMap<String, BTreeSet<String>> {
    let stub = CaptchaStub::start(START);
    let app = captcha_provider::app(&stub, "[limits]\nwithout_token = ['2/1h']").await;
    let moderator = app.moderator().await;
    stub.is_out(true);
    send(&app, "Nobody can verify me.", "ok:0.9").await.expect(202);
    let id = app.submit(&comment("I bring no token.")).await.expect(202).id();
    app.submit(&comment("Nor do I, and that is one too many.")).await.expect_problem(429, "rate_limited");
    moderator.approve(&id).await;
    stub.is_out(false);
    app.clock.advance(Duration::from_secs(11));
    app.running.services.bell.hear(By::Redis);
    let series = || async {
        let text = app.get("/metrics").answer().await.expect(200).text();
        read_metrics(&text)
    };
    until("a lesson is learned and a captcha checked again", || async {
        let told = series().await;
        told.contains_key("replydesk_lessons_total") && rechecked(&app).await
    })
    .await;
    series().await
}

/// The counter is there from the start, at zero.
async fn rechecked(app: &App) -> bool {
    let text = app.get("/metrics").answer().await.text();
    text.lines().any(|line| line.starts_with("replydesk_captcha_rechecks_total{") && !line.ends_with(" 0"))
}

fn read_metrics(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, rest) = line.split_once(['{', ' ']).unwrap();
        let labels = told.entry(name.to_owned()).or_default();
        if line.contains('{') {
            let inside = rest.rsplit_once('}').unwrap().0;
            labels
                .extend(inside.split("\",").filter_map(|pair| pair.split_once('=')).map(|(label, _)| label.to_owned()));
        }
    }
    told
}

/// What a question names and no server tells.
fn faults(question: &Question, told: &BTreeMap<String, BTreeSet<String>>, sources: &str) -> Vec<String> {
    let (found, mut faults) = (names(&question.text), Vec::new());
    let mut known: BTreeSet<String> = ADDED.map(str::to_owned).into();
    known.extend(found.made.iter().cloned());
    if found.series.is_empty() {
        faults.push("asks for no metric".to_owned());
    }
    for series in &found.series {
        let Some(labels) = labels_of(&series.metric, told) else {
            faults.push(format!("no server tells {}", series.metric));
            continue;
        };
        known.extend(labels.iter().cloned());
        for (label, how, value) in &series.matchers {
            if !labels.contains(label) && !ADDED.contains(&label.as_str()) {
                faults.push(format!("{} has no label {label}", series.metric));
            }
            faults.extend(unknown_values(how, value, sources).map(|value| format!("nothing is called {value}")));
        }
        faults.extend(misused(series));
    }
    let asked = found.grouped.iter().chain(&question.shown).filter(|label| !label.is_empty());
    faults.extend(asked.filter(|label| !known.contains(*label)).map(|label| format!("no metric there has {label}")));
    faults
}

fn labels_of(metric: &str, told: &BTreeMap<String, BTreeSet<String>>) -> Option<BTreeSet<String>> {
    match metric {
        "up" => Some(BTreeSet::new()),
        "ALERTS" => Some(["alertname", "alertstate", "severity"].map(str::to_owned).into()),
        _ => told.get(metric).cloned(),
    }
}

/// Those of the values that the program's sources do not hold as a text; patterns are left alone.
fn unknown_values<'a>(how: &str, value: &'a str, sources: &str) -> impl Iterator<Item = &'a str> {
    let is_pattern = how.contains('~') && value.contains(['.', '*', '[', '(', '+', '$']);
    let values = if is_pattern || value.starts_with('$') { "" } else { value };
    let ours = ["replydesk", "firing", "info"];
    values
        .split('|')
        .filter(|value| !value.is_empty() && !ours.contains(value) && !sources.contains(&format!("\"{value}\"")))
        .collect::<Vec<_>>()
        .into_iter()
}

/// A counter is looked at by how it grows, and nothing else is.
fn misused(series: &asking::Series) -> Option<String> {
    let is_counter = ["_total", "_bucket", "_sum", "_count"].iter().any(|end| series.metric.ends_with(end))
        || GROWING.contains(&series.metric.as_str());
    let is_growth = ["rate", "increase", "resets"].contains(&series.within.as_str());
    (is_counter != is_growth).then(|| format!("{} within {:?}", series.metric, series.within))
}

fn sources() -> String {
    fn gather(folder: &Path, into: &mut String) {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                gather(&entry, into);
            } else {
                into.push_str(&fs::read_to_string(&entry).unwrap_or_default());
            }
        }
    }
    let mut text = String::new();
    gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_dashboard_and_alerts_name_is_told_by_a_server() {
    let (told, sources) = (told().await, sources());
    let questions: Vec<Question> =
        asking::asked_by_the_dashboard().into_iter().chain(asking::asked_by_the_alerts()).collect();
    assert!(questions.len() > 50, "the questions were not found");
    let faults: Vec<String> = questions
        .iter()
        .flat_map(|question| {
            let of = move |fault| format!("{}: {fault}: {}", question.at, question.text);
            faults(question, &told, &sources).into_iter().map(of)
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_documented_metric_is_on_the_dashboard() {
    let page = asking::read("docs/operations.md");
    let table = page.split_once("\n## Metrics").unwrap().1.split("\n## ").next().unwrap();
    let documented: BTreeSet<&str> =
        table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert!(documented.len() > 15, "the metrics were not found");
    let shown: BTreeSet<String> = asking::asked_by_the_dashboard()
        .iter()
        .flat_map(|question| names(&question.text).series)
        .map(|series| series.metric.trim_end_matches("_bucket").to_owned())
        .collect();
    let missing: Vec<&&str> =
        documented.iter().filter(|name| !shown.contains(**name) && !NOT_SHOWN.contains(*name)).collect();
    assert!(missing.is_empty(), "on no panel: {missing:?}");
}

#[test]
fn names_are_read_out_of_a_question_and_its_faults_are_found() {
    let told = read_metrics("replydesk_a_total{outcome=\"x\",why=\"y,z\"} 1\nreplydesk_b 2\n# EOF\n");
    assert_eq!(json!(told), json!({"replydesk_a_total": ["outcome", "why"], "replydesk_b": []}));
    let found = |text: &str| {
        let shown = BTreeSet::new();
        faults(&Question { at: String::new(), text: text.to_owned(), shown }, &told, "\"x\"")
    };
    let empty: Vec<String> = Vec::new();
    assert_eq!(found("sum by (why) (rate(replydesk_a_total{outcome=\"x\", job=~\"$job\"}[5m])) > 0.5"), empty);
    for (text, fault) in [
        ("rate(replydesk_c_total[5m])", "no server tells replydesk_c_total"),
        ("rate(replydesk_a_total{site=\"x\"}[5m])", "replydesk_a_total has no label site"),
        ("rate(replydesk_a_total{outcome=~\"x|q\"}[5m])", "nothing is called q"),
        ("max by (site) (replydesk_b)", "no metric there has site"),
        ("rate(replydesk_b[5m])", "replydesk_b within \"rate\""),
        ("sum(replydesk_a_total)", "replydesk_a_total within \"sum\""),
        ("vector(1)", "asks for no metric"),
    ] {
        assert_eq!(found(text), [fault], "{text}");
    }
}
