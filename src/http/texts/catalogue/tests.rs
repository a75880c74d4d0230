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
