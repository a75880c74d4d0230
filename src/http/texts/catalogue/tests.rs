use std::collections::BTreeSet;

use super::*;

fn said(tongue: Tongue, key: &str, values: &[(&str, Slot<'_>)]) -> String {
    say(tongue, key, values)
}

#[test]
fn a_number_picks_its_form_and_is_written_as_the_language_does() {
    for (n, english, german) in [
        (0, "0 comments", "0 Kommentare"),
        (1, "One comment", "Ein Kommentar"),
        (1200, "1,200 comments", "1.200 Kommentare"),
    ] {
        assert_eq!(said(Tongue::English, "thread.count", &[("n", Slot::Number(n))]), english);
        assert_eq!(said(Tongue::German, "thread.count", &[("n", Slot::Number(n))]), german);
    }
}

#[test]
fn what_is_put_into_a_text_is_not_looked_into() {
    let name = "{n} {name} {";
    assert_eq!(said(Tongue::English, "act.reply_to", &[("name", name.into())]), "Reply to {n} {name} {");
    assert_eq!(fill("{a} {b {c}", |name| (name == "c").then(|| "x".to_owned())), "{a} {b x");
}

#[test]
fn what_is_nowhere_stands_for_itself() {
    assert_eq!(said(Tongue::German, "no.such.key", &[]), "no.such.key");
    assert!(!has("no.such.key") && has("form.body"));
}

#[test]
fn a_text_parts_around_a_placeholder() {
    assert_eq!(around(Tongue::English, "form.reference", "reference"), ("Reference: ", ""));
    assert_eq!(around(Tongue::German, "act.reply_to", "name"), ("", " antworten"));
    assert_eq!(around(Tongue::English, "form.body", "name"), ("Comment", ""));
}

/// A language's files, each by key.
fn files(tongue: Tongue) -> [Catalogue; 2] {
    sources(tongue).map(|source| serde_json::from_str(source).unwrap())
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).map(|rest| rest.split_once('}').unwrap().0).collect()
}

#[test]
fn every_catalogue_has_every_key_in_the_same_order_and_file_and_no_other() {
    for tongue in Tongue::ALL {
        for (source, english) in sources(tongue).iter().zip(sources(Tongue::English)) {
            let keys = |source: &str| -> Vec<String> {
                let lines = source.lines().filter_map(|line| line.trim_start().strip_prefix('"')?.split_once("\": "));
                lines.map(|(key, _)| key.to_owned()).collect()
            };
            assert_eq!(keys(source), keys(english), "{tongue:?}");
        }
        for (file, english) in files(tongue).iter().zip(files(Tongue::English)) {
            assert!(file.keys().eq(english.keys()), "{tongue:?}");
        }
    }
    let [server, widget] = files(Tongue::English);
    assert!(server.len() > 100 && widget.len() > 50);
    let both: Vec<&String> = server.keys().filter(|key| widget.contains_key(*key)).collect();
    assert!(both.is_empty(), "one of the files hides the other's {both:?}");
}

#[test]
fn every_text_says_something_with_the_placeholders_and_forms_that_it_should_have() {
    let english: Catalogue = files(Tongue::English).into_iter().flatten().collect();
    for tongue in Tongue::ALL {
        for (key, text) in files(tongue).iter().flatten() {
            let wanted = match &english[key] {
                Text::One(text) => placeholders(text),
                Text::Forms(forms) => placeholders(&forms["other"]),
            };
            match (text, &english[key]) {
                (Text::One(text), Text::One(_)) => {
                    assert!(!text.trim().is_empty() && text.trim() == text, "{tongue:?} {key}");
                    assert_eq!(placeholders(text), wanted, "{tongue:?} {key}");
                }
                (Text::Forms(forms), Text::Forms(_)) => {
                    assert!(forms.keys().eq(&numbers::categories(tongue)), "{tongue:?} {key} has {:?}", forms.keys());
                    for (category, form) in forms {
                        assert!(!form.trim().is_empty(), "{tongue:?} {key} {category}");
                        let mut said = placeholders(form);
                        // "One comment" is right where the form is for one number alone, and for no other.
                        if numbers::is_of_one_number(tongue, category) {
                            said.insert("n");
                        }
                        assert_eq!(said, wanted, "{tongue:?} {key} {category}");
                    }
                }
                _ => panic!("{tongue:?} {key} is not of the form of the English one"),
            }
        }
    }
}

#[test]
fn every_code_and_every_built_in_reason_has_its_words() {
    use crate::http::error::Code;
    let reasons: toml::Value = toml::from_str(include_str!("../../../../config/reasons.toml")).unwrap();
    let reasons = reasons["reason"].as_array().unwrap();
    for code in Code::ALL {
        assert!(has(&format!("code.{}.title", code.as_str())) && has(&format!("code.{}.detail", code.as_str())));
    }
    for (reason, part) in reasons.iter().flat_map(|reason| [(reason, "label"), (reason, "text")]) {
        let key = format!("reason.{}.{part}", reason["id"].as_str().unwrap());
        assert_eq!(said(Tongue::English, &key, &[]), reason[part].as_str().unwrap(), "{key}");
    }
    let known = |prefix: &str| sources(Tongue::English)[0].matches(&format!("\"{prefix}.")).count();
    assert_eq!(
        (known("code"), known("reason")),
        (2 * Code::ALL.len(), 2 * reasons.len()),
        "words for what is not there"
    );
}

#[test]
fn every_script_is_its_languages_own() {
    let has_letter_in = |text: &str, range: std::ops::RangeInclusive<char>| text.chars().any(|c| range.contains(&c));
    let foreign = ["page.api", "statement.reason", "feed.entry", "date", "moment"];
    for (tongue, range) in [
        (Tongue::Russian, 'а'..='я'),
        (Tongue::Chinese, '\u{4e00}'..='\u{9fff}'),
        (Tongue::Arabic, '\u{621}'..='\u{64a}'),
    ] {
        for (key, text) in files(tongue).iter().flatten().filter(|(key, _)| !foreign.contains(&key.as_str())) {
            let forms: Vec<&String> = match text {
                Text::One(text) => vec![text],
                Text::Forms(forms) => forms.values().collect(),
            };
            assert!(forms.iter().all(|form| has_letter_in(&form.to_lowercase(), range.clone())), "{tongue:?} {key}");
        }
    }
}

#[test]
fn the_words_of_the_contract_stand_letter_for_letter() {
    for (key, words) in [
        ("field.body.required", "Please enter your comment!"),
        ("field.name.required", "Please enter your name here"),
        ("field.email.required", "Please enter your email address here"),
        ("field.email.invalid", "You have entered an incorrect email address!"),
        ("code.captcha_failed.detail", "Captcha verification failed!"),
        ("code.captcha_score_low.detail", "CAPTCHA user score failed. Please contact us!"),
    ] {
        assert_eq!(said(Tongue::English, key, &[]), words);
    }
}
