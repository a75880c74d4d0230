//! What a single key may say beyond its type: the functions that the structs' `validate` names.
//!
//! A rule that looks at two keys lives in `load::rules`. No message here repeats a secret.

use std::{collections::BTreeMap, time::Duration};

use secrecy::ExposeSecret;
use validator::ValidationError;

use super::{
    Redis, Rule, Store,
    scoring::HEAVIEST,
    values::{Misfit, http_url, quoted},
};
use crate::{domain::PageAddress, reach::Address, text};

type Verdict = Result<(), ValidationError>;

/// Longest entry of a word list, in characters.
pub(super) const LONGEST_WORD: usize = 200;

fn refuse(wrong: impl Into<String>, right: impl Into<String>) -> Verdict {
    let misfit = Misfit::new(wrong, right);
    Err(ValidationError::new("misfit").with_message(misfit.to_string().into()))
}

// These two judge the whole section: a check of the field would copy the secret into its error.

pub(super) fn store(store: &Store) -> Verdict {
    store_url(store.url.expose_secret())
}

pub(super) fn redis(redis: &Redis) -> Verdict {
    redis_url(redis.url.expose_secret())
}

fn store_url(url: &str) -> Verdict {
    const RIGHT: &str =
        "write \"sqlite:PATH\", e.g. \"sqlite:data/replydesk.db\", or \"postgres://USER:PASSWORD@HOST:PORT/DATABASE\"";
    if let Some(path) = url.strip_prefix("sqlite:") {
        return if path.trim().is_empty() { refuse("it names no file", RIGHT) } else { Ok(()) };
    }
    let Some(place) = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://")) else {
        return refuse("it names no store", RIGHT);
    };
    if !cfg!(feature = "postgres") {
        return refuse("this program was built without PostgreSQL", "write \"sqlite:PATH\", or use another build");
    }
    // Several hosts make no URL; only the database's name is asked for here, the rest when it is opened.
    let place = place.split('?').next().unwrap_or(place);
    match place.rsplit_once('/') {
        Some((host, database)) if !host.is_empty() && !database.is_empty() => Ok(()),
        _ => refuse("the host or the name of the database is missing", RIGHT),
    }
}

fn redis_url(url: &str) -> Verdict {
    match Address::read(url) {
        _ if url.is_empty() => Ok(()),
        Ok(_) => Ok(()),
        Err(fault) => refuse(fault.wrong, fault.right),
    }
}

/// Weights that can be added up, and a learned part that is not turned round.
pub(super) fn weights(weights: &BTreeMap<Rule, f64>) -> Verdict {
    for (rule, weight) in weights {
        let least = if *rule == Rule::Learned { 0.0 } else { -HEAVIEST };
        if !(least..=HEAVIEST).contains(weight) {
            let wrong = format!("{} = {weight:e} is out of range", rule.name());
            return refuse(wrong, format!("give {least} to {HEAVIEST}"));
        }
    }
    Ok(())
}

fn between(span: Duration, least: Duration, most: Duration, right: &str) -> Verdict {
    if (least..=most).contains(&span) { Ok(()) } else { refuse("the time is too short or too long", right) }
}

const DAY: Duration = Duration::from_secs(86_400);
const SECOND: Duration = Duration::from_secs(1);

pub(super) fn timeout(span: &Duration) -> Verdict {
    between(*span, Duration::from_millis(50), Duration::from_secs(60), "give \"50ms\" to \"60s\"")
}

pub(super) fn max_age(span: &Duration) -> Verdict {
    between(*span, SECOND, DAY, "give \"1s\" to \"1d\"")
}

pub(super) fn edit_window(span: &Duration) -> Verdict {
    between(*span, Duration::ZERO, DAY * 30, "give \"0\" (no editing) to \"30d\"")
}

pub(super) fn close_after(span: &Duration) -> Verdict {
    between(*span, SECOND * 60, DAY * 3660, "give \"1m\" to \"3660d\", or \"\" to leave threads open")
}

pub(super) fn attack_for(span: &Duration) -> Verdict {
    between(*span, SECOND, DAY * 7, "give \"1s\" to \"7d\"")
}

pub(super) fn retain_ip(span: &Duration) -> Verdict {
    between(*span, Duration::ZERO, DAY * 366, "give \"0\" (never kept) to \"366d\"")
}

pub(super) fn retain_words(span: &Duration) -> Verdict {
    between(*span, DAY, DAY * 3660, "give \"1d\" to \"3660d\", or \"\" to keep them for good")
}

pub(super) fn verify_url(url: &str) -> Verdict {
    let right = "write the provider's http or https address, or \"\" for its public one";
    match http_url(url) {
        _ if url.is_empty() => Ok(()),
        // Not repeated: what is no address may hold a password all the same.
        None => refuse("it is no http or https address", right),
        Some(url) if url.username() != "" || url.password().is_some() => {
            refuse("it holds a user name or password", "leave that part out, and put the key in captcha.secret")
        }
        Some(_) => Ok(()),
    }
}

/// It becomes a part of an address.
pub(super) fn project(id: &str) -> Verdict {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-.:_".contains(c);
    let dots = id.chars().all(|c| c == '.');
    if id.is_empty() || (id.len() <= 100 && id.chars().all(fits) && !dots) {
        return Ok(());
    }
    refuse(format!("{} is no project's id", quoted(id)), "write the Google Cloud project's id or number")
}

pub(super) fn words(entries: &[String]) -> Verdict {
    match entries.iter().find_map(|entry| word(entry).err()) {
        Some(wrong) => refuse(wrong, format!("an entry has 1 to {LONGEST_WORD} characters")),
        None => Ok(()),
    }
}

/// One entry of a word list.
///
/// # Errors
/// What is wrong with it.
pub(super) fn word(entry: &str) -> Result<(), String> {
    match entry.chars().count() {
        _ if entry.trim().is_empty() => Err("an entry is empty".to_owned()),
        length if length > LONGEST_WORD => Err(format!("{} has {length} characters", quoted(entry))),
        _ if !text::is_findable(entry) => Err(format!("{} shows nothing that could be found", quoted(entry))),
        _ => Ok(()),
    }
}

pub(super) fn site_id(id: &str) -> Verdict {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (1..=64).contains(&id.len()) && id.chars().all(fits) {
        return Ok(());
    }
    refuse(format!("{} is no site's id", quoted(id)), "use 1 to 64 of a-z, 0-9 and -")
}

pub(super) fn lang(tag: &str) -> Verdict {
    let part = |part: &str| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
    let primary = tag.split('-').next().unwrap_or_default();
    let letters = (2..=3).contains(&primary.len()) && primary.chars().all(|c| c.is_ascii_alphabetic());
    if letters && tag.len() <= 35 && tag.split('-').all(part) {
        return Ok(());
    }
    refuse(format!("{} is no language tag", quoted(tag)), "write e.g. \"en\", \"de\" or \"pt-BR\"")
}

pub(super) fn keep_query(keys: &[String]) -> Verdict {
    match keys.iter().find(|key| key.is_empty() || key.contains(['&', '=', '#', '?'])) {
        Some(bad) => refuse(format!("{} is no query key", quoted(bad)), "write the bare key, e.g. \"id\" of ?id=7"),
        None => Ok(()),
    }
}

pub(super) fn page_by_id(template: &str) -> Verdict {
    if template.is_empty() {
        return Ok(());
    }
    let right = "write the page's address with {id} in it, e.g. \"https://news.example/?p={id}\"";
    if !template.contains("{id}") {
        return refuse(format!("{} has no {{id}}", quoted(template)), right);
    }
    match PageAddress::parse(&template.replace("{id}", "1")) {
        Ok(_) => Ok(()),
        Err(_) => refuse(format!("{} makes no page's address", quoted(template)), right),
    }
}

pub(super) fn contact(to: &str) -> Verdict {
    let mail = to.strip_prefix("mailto:").is_some_and(|address| {
        let plain = !address.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"".contains(c));
        plain && address.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
    });
    if to.is_empty() || mail || http_url(to).is_some() {
        return Ok(());
    }
    let right = "write an http or https address, or e.g. \"mailto:desk@news.example\", or \"\"";
    refuse(format!("{} is no way to reach you", quoted(to)), right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_none_is_refused_without_its_password() {
        let wrong = |verdict: Verdict| verdict.unwrap_err().message.unwrap().into_owned();
        for bad in ["", "sqlite:", "mysql://u:hunter2@db/x", "postgres://u:hunter2@db", "postgres://u:hunter2@db/"] {
            let text = wrong(store_url(bad));
            assert!(text.contains("postgres://USER") && !text.contains("hunter2"), "{bad}: {text}");
        }
        for good in ["sqlite:x.db", "postgres://u:p@db/news?sslmode=require", "postgresql://u@a:1,b:2/news"] {
            assert_eq!(store_url(good).is_ok(), good.starts_with("sqlite") || cfg!(feature = "postgres"), "{good}");
        }
        for bad in ["redis+cluster://:hunter2@", "redis+cluster://:hunter2@a,b/4"] {
            assert!(!wrong(redis_url(bad)).contains("hunter2"), "{bad}");
        }
        assert!(!wrong(redis_url("hunter2")).contains("hunter2"));
        for good in ["", "redis://127.0.0.1/", "rediss://u:p@cache.example:6380/1"] {
            assert_eq!(redis_url(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn contacts_languages_and_templates_are_told_apart_from_nonsense() {
        for good in ["", "https://news.example/contact", "mailto:desk@news.example"] {
            assert_eq!(contact(good), Ok(()), "{good}");
        }
        for bad in ["desk@news.example", "javascript:alert(1)", "mailto:", "mailto:a b@c"] {
            assert!(contact(bad).is_err(), "{bad}");
        }
        assert!(lang("pt-BR").is_ok() && lang("english please").is_err() && lang("").is_err() && lang("en-").is_err());
        assert!(page_by_id("/?p={id}").is_ok() && page_by_id("/?p=1").is_err() && page_by_id("news/{id}").is_err());
        assert!(site_id("news-2").is_ok() && site_id("News").is_err() && site_id("").is_err());
    }
}
