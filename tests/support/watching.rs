//! What the dashboard and the alerts ask Prometheus for: every question with the names in it.

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::Value;

pub(crate) fn read(path: &str) -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&file).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

pub(crate) fn dashboard() -> Value {
    serde_json::from_str(&read("deploy/grafana/replydesk.json")).unwrap()
}

/// Its panels that ask something.
pub(crate) fn panels(dashboard: &Value) -> Vec<&Value> {
    dashboard["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "row").collect()
}

/// The rules of the alerts, one after the other.
pub(crate) fn alerts() -> Vec<Value> {
    let file: Value = serde_yaml_ng::from_str(&read("deploy/prometheus/alerts.yml")).unwrap();
    let groups = file["groups"].as_array().unwrap();
    groups.iter().flat_map(|group| group["rules"].as_array().unwrap().clone()).collect()
}

/// One question, and what its answers are called by.
pub(crate) struct Question {
    /// Where it stands, for whoever mends it.
    pub(crate) at: String,
    /// In PromQL, with the dashboard's own variables in it.
    pub(crate) text: String,
    /// Labels that a legend or a sentence shows.
    pub(crate) shown: BTreeSet<String>,
}

/// What the panels, notes and variables of the dashboard ask.
pub(crate) fn asked_by_the_dashboard() -> Vec<Question> {
    let dashboard = dashboard();
    let mut questions = Vec::new();
    for panel in panels(&dashboard) {
        for target in panel["targets"].as_array().unwrap() {
            questions.push(Question {
                at: format!("panel {}", panel["title"]),
                text: target["expr"].as_str().unwrap().to_owned(),
                shown: between(target["legendFormat"].as_str().unwrap_or_default(), "{{", "}}"),
            });
        }
    }
    for note in dashboard["annotations"]["list"].as_array().unwrap() {
        if let Some(text) = note["expr"].as_str() {
            let shown = between(&format!("{}{}", note["titleFormat"], note["textFormat"]), "{{", "}}");
            questions.push(Question { at: format!("annotation {}", note["name"]), text: text.to_owned(), shown });
        }
    }
    for variable in dashboard["templating"]["list"].as_array().unwrap() {
        if let Some(text) = variable["definition"].as_str() {
            let (series, label) = text.strip_prefix("label_values(").unwrap().rsplit_once(", ").unwrap();
            questions.push(Question {
                at: format!("variable {}", variable["name"]),
                text: series.to_owned(),
                shown: [label.trim_end_matches(')').to_owned()].into(),
            });
        }
    }
    questions
}

/// What the alerts ask.
pub(crate) fn asked_by_the_alerts() -> Vec<Question> {
    let question = |alert: &Value| Question {
        at: format!("alert {}", alert["alert"]),
        text: alert["expr"].as_str().unwrap().to_owned(),
        shown: between(&alert["annotations"].to_string(), "$labels.", " "),
    };
    alerts().iter().map(question).collect()
}

/// Every stretch between these two marks, trimmed.
fn between(text: &str, from: &str, to: &str) -> BTreeSet<String> {
    let stretches = text.split(from).skip(1).filter_map(|rest| rest.split(to).next());
    stretches.map(|found| found.trim_matches(|c: char| !c.is_alphanumeric() && c != '_').to_owned()).collect()
}

/// A series as a question names it.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) metric: String,
    /// Label, comparison, value.
    pub(crate) matchers: Vec<(String, String, String)>,
    /// The function it stands in directly, empty where there is none.
    pub(crate) within: String,
}

/// The names in a question.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) series: Vec<Series>,
    /// Labels that are grouped or matched by.
    pub(crate) grouped: BTreeSet<String>,
    /// Labels that the question makes itself.
    pub(crate) made: BTreeSet<String>,
}

/// Reads PromQL as far as names go.
pub(crate) fn names(text: &str) -> Names {
    let tokens = tokens(text);
    let mut found = Names::default();
    let at = |n: usize| tokens.get(n).map_or("", String::as_str);
    let mut n = 0;
    while n < tokens.len() {
        let token = at(n);
        if let Some(literal) = token.strip_prefix('"') {
            found.made.insert(literal.trim_end_matches('"').to_owned());
        } else if ["by", "on", "without", "ignoring", "group_left", "group_right"].contains(&token) && at(n + 1) == "("
        {
            n += 2;
            while at(n) != ")" {
                if at(n) != "," {
                    found.grouped.insert(at(n).to_owned());
                }
                n += 1;
            }
        } else if token.starts_with("replydesk_") || token == "up" || token == "ALERTS" {
            let within = if n >= 2 && at(n - 1) == "(" { at(n - 2).to_owned() } else { String::new() };
            let mut series = Series { metric: token.to_owned(), matchers: Vec::new(), within };
            if at(n + 1) == "{" {
                n += 2;
                while at(n) != "}" {
                    if at(n) == "," {
                        n += 1;
                        continue;
                    }
                    let value = at(n + 2).trim_matches('"').to_owned();
                    series.matchers.push((at(n).to_owned(), at(n + 1).to_owned(), value));
                    n += 3;
                }
            }
            found.series.push(series);
        }
        n += 1;
    }
    found
}

/// Words, strings with their quotes, comparisons, and single signs.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        let mut token = String::from(sign);
        if sign.is_whitespace() {
            continue;
        } else if sign == '"' {
            for next in signs.by_ref() {
                token.push(next);
                if next == '"' {
                    break;
                }
            }
        } else if sign.is_alphanumeric() || sign == '_' {
            while let Some(next) = signs.next_if(|next| next.is_alphanumeric() || "_:".contains(*next)) {
                token.push(next);
            }
        } else if "=!<>".contains(sign) {
            while let Some(next) = signs.next_if(|next| "=~".contains(*next)) {
                token.push(next);
            }
        }
        tokens.push(token);
    }
    tokens
}
