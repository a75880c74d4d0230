//! How a template says something: in the page's language, by the keys of the catalogues.

use std::str::FromStr as _;

use minijinja::{
    Error, ErrorKind, context,
    value::{Kwargs, Value},
};

use super::super::texts::{self, Slot};
use crate::domain::{Timestamp, Tongue};

/// What every page is given beside its own values: `lang`, `dir`, `say`, `around`, `number`, `date` and `moment`.
pub(super) fn of(tongue: Tongue) -> Value {
    context! {
        lang => tongue.tag(),
        dir => tongue.direction(),
        say => Value::from_function(move |key: &str, values: Kwargs| say(tongue, key, &values)),
        around => Value::from_function(move |key: &str, name: &str| {
            known(key)?;
            let (before, after) = texts::around(tongue, key, name);
            Ok::<_, Error>(vec![before, after])
        }),
        number => Value::from_function(move |number: u64| texts::number(tongue, number)),
        date => Value::from_function(move |at: &str| Ok::<_, Error>(texts::date(tongue, time(at)?))),
        moment => Value::from_function(move |at: &str| Ok::<_, Error>(texts::moment(tongue, time(at)?))),
    }
}

fn say(tongue: Tongue, key: &str, values: &Kwargs) -> Result<String, Error> {
    known(key)?;
    let given: Vec<(&str, Value)> =
        values.args().map(|name| Ok((name, values.peek(name)?))).collect::<Result<_, Error>>()?;
    let slot = |value: &Value| match u64::try_from(value.clone()) {
        Ok(number) if value.is_number() => Ok(Slot::Number(number)),
        _ => Err(value.to_string()),
    };
    let slots: Vec<(&str, Result<Slot<'_>, String>)> = given.iter().map(|(name, value)| (*name, slot(value))).collect();
    let slots: Vec<(&str, Slot<'_>)> =
        slots.iter().map(|(name, slot)| (*name, slot.as_ref().copied().unwrap_or_else(Slot::from))).collect();
    Ok(texts::say(tongue, key, &slots))
}

fn known(key: &str) -> Result<(), Error> {
    let unknown = || Error::new(ErrorKind::InvalidOperation, format!("the catalogues have no {key}"));
    texts::has(key).then_some(()).ok_or_else(unknown)
}

fn time(text: &str) -> Result<Timestamp, Error> {
    let moment = jiff::Timestamp::from_str(text);
    let moment = moment.map_err(|_odd| Error::new(ErrorKind::InvalidOperation, "this is no time"))?;
    Ok(Timestamp(moment.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use minijinja::Environment;

    use super::*;

    fn said(tongue: Tongue, template: &str) -> String {
        let values = context! { who => "{n} <b>", at => "2027-01-15T08:00:00Z", ..of(tongue) };
        Environment::new().render_named_str("page.html", template, values).unwrap()
    }

    #[test]
    fn a_page_says_words_numbers_and_dates_in_its_language_and_escapes_what_it_is_given() {
        for (template, english, german) in [
            ("{{ lang }} {{ dir }}", "en ltr", "de ltr"),
            ("{{ say('form.name') }}", "Name", "Name"),
            (
                "{{ say('form.wait_seconds', n=1) }}",
                "You can send it again in 1 second.",
                "Sie können ihn in 1 Sekunde noch einmal senden.",
            ),
            ("{{ say('thread.count', n=1234) }}", "1,234 comments", "1.234 Kommentare"),
            ("{{ say('act.reply_to', name=who) }}", "Reply to {n} &lt;b&gt;", "{n} &lt;b&gt; antworten"),
            (
                "{% set words = around('act.reply_to', 'name') %}{{ words[0] }}<b>{{ who }}</b>{{ words[1] }}",
                "Reply to <b>{n} &lt;b&gt;</b>",
                "<b>{n} &lt;b&gt;</b> antworten",
            ),
            ("{{ number(1234) }} {{ date(at) }}", "1,234 15 January 2027", "1.234 15. Januar 2027"),
            ("{{ moment(at) }}", "15 January 2027, 08:00 UTC", "15. Januar 2027 um 08:00 UTC"),
            ("{% macro m() %}{{ say('form.body') }} {{ lang }}{% endmacro %}{{ m() }}", "Comment en", "Kommentar de"),
        ] {
            assert_eq!(said(Tongue::English, template), english);
            assert_eq!(said(Tongue::German, template), german);
        }
        let unknown = Environment::new().render_str("{{ say('no.such') }}", of(Tongue::English));
        assert!(unknown.is_err());
    }

    #[test]
    fn every_key_that_a_template_names_is_in_the_catalogues() {
        let mut n_keys = 0;
        for (name, source) in super::super::TEMPLATES {
            for call in ["say(\"", "around(\""] {
                for key in source.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
                    assert!(texts::has(key), "{name} says {key}");
                    n_keys += 1;
                }
            }
        }
        assert!(n_keys > 30, "the keys were not found");
    }
}
