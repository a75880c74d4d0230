//! Prometheus reads the alerts and their tests, and every question of the dashboard; Grafana's file is laid out well.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    asking::{self, alerts, dashboard, panels, read},
    done, root, tool,
};

#[test]
fn promtool_finds_nothing_wrong_and_each_alert_does_what_its_test_says() {
    if tool("promtool", "prometheus").is_none() {
        return;
    }
    let promtool = || {
        let mut promtool = tool("promtool", "prometheus").unwrap();
        promtool.current_dir(root().join("deploy/prometheus"));
        promtool
    };
    done(promtool().args(["check", "rules", "--lint=all", "--lint-fatal", "alerts.yml"]));
    done(promtool().args(["check", "config", "prometheus.yml"]));
    done(promtool().args(["test", "rules", "alerts_test.yml", "alerts_week_test.yml"]));
}

#[test]
fn promtool_reads_every_question_of_the_dashboard() {
    let Some(mut promtool) = tool("promtool", "prometheus") else { return };
    let folder = tempfile::tempdir().unwrap();
    let rules: Vec<Value> = asking::asked_by_the_dashboard()
        .iter()
        .enumerate()
        .map(|(n, question)| {
            let plain = question.text.replace("$__rate_interval", "1m").replace("$__interval", "1m");
            serde_json::json!({"record": format!("question:{n}"), "expr": plain})
        })
        .collect();
    let file = folder.path().join("rules.yml");
    // JSON is YAML.
    std::fs::write(&file, serde_json::json!({"groups": [{"name": "dashboard", "rules": rules}]}).to_string()).unwrap();
    let said = done(promtool.args(["check", "rules"]).arg(&file));
    assert!(said.contains(&format!("{} rules found", rules.len())), "{said}");
}

#[test]
fn every_alert_is_shown_to_fire_and_to_stay_quiet() {
    let (mut fires, mut stays_quiet) = (BTreeSet::new(), BTreeSet::new());
    let tests = ["alerts_test.yml", "alerts_week_test.yml"]
        .map(|file| -> Value { serde_yaml_ng::from_str(&read(&format!("deploy/prometheus/{file}"))).unwrap() });
    for test in tests.iter().flat_map(|tests| tests["tests"].as_array().unwrap()) {
        for look in test["promql_expr_test"].as_array().into_iter().flatten() {
            let name = look["expr"].as_str().unwrap().split('"').nth(1).unwrap().to_owned();
            let quiet = look["exp_samples"].as_array().unwrap().is_empty();
            if quiet { &mut stays_quiet } else { &mut fires }.insert(name);
        }
    }
    let all: BTreeSet<String> = alerts().iter().map(|alert| alert["alert"].as_str().unwrap().to_owned()).collect();
    assert!(all.len() > 15, "the alerts were not found");
    assert_eq!((&fires, &stays_quiet), (&all, &all));
}

#[test]
fn every_alert_says_how_bad_it_is_and_what_to_do_and_the_manual_lists_it() {
    let page = read("docs/operations.md");
    let listed = page.split_once("\n### Alerts").unwrap().1.split("\n## ").next().unwrap();
    for alert in alerts() {
        let name = alert["alert"].as_str().unwrap();
        let severity = alert["labels"]["severity"].as_str().unwrap();
        assert!(["critical", "warning", "info"].contains(&severity), "{name}: {severity}");
        assert!(
            listed.contains(&format!("| `{name}` | {severity} |")),
            "{name} is not in docs/operations.md as {severity}"
        );
        for part in ["summary", "description", "runbook"] {
            let said = alert["annotations"][part].as_str().unwrap_or_default();
            assert!(said.len() > 20, "{name} has no {part}");
        }
        let runbook = alert["annotations"]["runbook"].as_str().unwrap();
        let (file, heading) = runbook.split(':').next().unwrap().split_once('#').unwrap();
        let is_there = read(file).lines().any(|line| {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            line.starts_with('#') && words.replace(' ', "-").replace(',', "") == heading
        });
        assert!(is_there, "{name}: {file} has no heading {heading}");
        assert!(runbook.split_once(": ").is_some_and(|(_, text)| text.len() > 20), "{name} does not say what to do");
    }
}

#[test]
fn every_panel_explains_itself_and_none_lies_over_another() {
    let dashboard = dashboard();
    let mut taken = BTreeSet::new();
    for panel in panels(&dashboard) {
        let title = panel["title"].as_str().unwrap();
        assert!(panel["description"].as_str().unwrap().len() > 20, "{title} explains nothing");
        let (x, y) = (panel["gridPos"]["x"].as_u64().unwrap(), panel["gridPos"]["y"].as_u64().unwrap());
        let (w, h) = (panel["gridPos"]["w"].as_u64().unwrap(), panel["gridPos"]["h"].as_u64().unwrap());
        assert!(x + w <= 24, "{title} is wider than the page");
        for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
            assert!(taken.insert(cell), "{title} lies over another panel");
        }
        if ["stat", "timeseries"].contains(&panel["type"].as_str().unwrap()) {
            assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{title} has no unit");
        }
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
        for target in panel["targets"].as_array().unwrap() {
            assert_eq!(target["datasource"]["uid"], "${datasource}", "{title}");
        }
    }
    let variables: Vec<&str> =
        dashboard["templating"]["list"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(variables, ["datasource", "job", "instance", "site"]);
}
