//! Which keys there are: those of `default.toml`, and the `_file` twins of the secrets.
//!
//! What is not known is taken out of the layer and named with the nearest known key.

use strsim::normalized_damerau_levenshtein;
use toml::{Table, Value};

use super::{
    faults::{ConfigFault, Place},
    layer::{Layer, join},
};
use crate::config::{CaptchaSignal, Rule};

/// Keys whose value is masked everywhere, and that may be given as a file: section and key.
pub(super) const SECRETS: [(&str, &str); 5] =
    [("server", "secret"), ("captcha", "secret"), ("captcha", "siteverify_secret"), ("redis", "url"), ("store", "url")];

/// Sections that a site may override.
pub(super) const OVERRIDABLE: [&str; 4] = ["limits", "captcha", "scoring", "moderation"];

/// Whether this section's key is a secret.
pub(super) fn is_secret(section: &str, key: &str) -> bool {
    SECRETS.contains(&(section, key))
}

/// The tree of known keys, with their defaults as examples.
pub(super) struct Known {
    /// Every section but `site`.
    pub(super) sections: Table,
    /// The default site, without sections.
    pub(super) site: Table,
}

impl Known {
    pub(super) fn new(defaults: &Table) -> Self {
        let mut sections = defaults.clone();
        let site = sections.remove("site").as_ref().and_then(Value::as_array).and_then(|sites| sites.first()).cloned();
        Self { sections, site: site.and_then(|site| site.as_table().cloned()).unwrap_or_default() }
    }

    /// What a site may hold: its own keys and the overridable sections.
    fn of_site(&self) -> Table {
        let mut tree = self.site.clone();
        for name in OVERRIDABLE {
            tree.extend(self.sections.get(name).map(|section| (name.to_owned(), section.clone())));
        }
        tree
    }

    /// The default of `section.key…`, or of a site's key.
    pub(super) fn default_at(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        let start = self.sections.get(*first)?;
        rest.iter().try_fold(start, |value, key| value.as_table()?.get(*key))
    }

    /// Takes unknown keys and misshapen sections out of the layer.
    pub(super) fn sift(&self, layer: &mut Layer, faults: &mut Vec<ConfigFault>) {
        let mut table = std::mem::take(&mut layer.table);
        let sites = table.remove("site");
        let mut sieve = Sieve { layer, faults };
        let (sections, of_site) = (with_weights(&self.sections), with_weights(&self.of_site()));
        sieve.table(&mut table, &sections, "", &with_paths(&sections, "", &of_site));
        if let Some(sites) = sites.and_then(|sites| sieve.sites(sites, &of_site)) {
            table.insert("site".to_owned(), Value::Array(sites));
        }
        layer.table = table;
    }
}

/// The names that the two tables of weights may hold stand in no default, for they have their weight elsewhere.
fn with_weights(tree: &Table) -> Table {
    let mut tree = tree.clone();
    let mut add = |section: &str, names: &[&str]| {
        let weights =
            tree.get_mut(section).and_then(|section| section.get_mut("weights")).and_then(Value::as_table_mut);
        if let Some(weights) = weights {
            weights.extend(names.iter().map(|name| ((*name).to_owned(), Value::Float(0.0))));
        }
    };
    add("captcha", &CaptchaSignal::ALL.map(CaptchaSignal::as_str));
    add("scoring", &Rule::ALL.map(Rule::name));
    tree
}

/// Every known path below a prefix, sections and keys alike; `site` joins at the top.
fn with_paths(tree: &Table, prefix: &str, site: &Table) -> Vec<String> {
    let mut paths = Vec::new();
    collect(tree, prefix, &mut paths);
    if prefix.is_empty() {
        paths.push("site".to_owned());
        collect(site, "site", &mut paths);
    }
    paths
}

fn collect(tree: &Table, prefix: &str, paths: &mut Vec<String>) {
    for (key, value) in tree {
        let path = join(prefix, key);
        if let Value::Table(below) = value {
            collect(below, &path, paths);
        }
        paths.push(path);
    }
}

struct Sieve<'l, 'f> {
    layer: &'l Layer,
    faults: &'f mut Vec<ConfigFault>,
}

impl Sieve<'_, '_> {
    fn fault(&mut self, path: &str, wrong: String, right: String) {
        let place = self.layer.place(path).cloned().unwrap_or(Place::Whole);
        self.faults.push(ConfigFault { key: path.to_owned(), place, wrong, right });
    }

    fn table(&mut self, given: &mut Table, known: &Table, path: &str, paths: &[String]) {
        given.retain(|key, value| {
            let here = join(path, key);
            match (known.get(key), value) {
                (Some(Value::Table(open)), Value::Table(_)) if open.is_empty() => true,
                (Some(Value::Table(known)), Value::Table(given)) => {
                    self.table(given, known, &here, paths);
                    true
                }
                (Some(Value::Table(_)), _) => {
                    self.fault(
                        &here,
                        "it is a section".to_owned(),
                        format!("write [{}] and its keys below", bare(&here)),
                    );
                    false
                }
                (None, value) if !is_twin(path, key, known) => {
                    let what = if value.is_table() { "there is no such section" } else { "there is no such key" };
                    let right = nearest(&here, value.is_table(), paths);
                    self.fault(&here, what.to_owned(), right);
                    false
                }
                _ => true,
            }
        });
    }

    fn sites(&mut self, sites: Value, known: &Table) -> Option<Vec<Value>> {
        let right = "write [[site]] with id and origins, then [site.captcha] and the like below it";
        let Value::Array(mut sites) = sites else {
            self.fault("site", "it is no list of sites".to_owned(), right.to_owned());
            return None;
        };
        if sites.is_empty() {
            self.fault("site", "there is no site".to_owned(), right.to_owned());
            return None;
        }
        let mut paths = Vec::new();
        collect(known, "site", &mut paths);
        for (n, site) in sites.iter_mut().enumerate() {
            match site {
                Value::Table(given) => self.table(given, known, &format!("site[{n}]"), &paths),
                other => {
                    self.fault(&format!("site[{n}]"), "it is no site".to_owned(), right.to_owned());
                    *other = Value::Table(Table::new());
                }
            }
        }
        Some(sites)
    }
}

/// A path without list positions, as one writes a section's head.
pub(super) fn bare(path: &str) -> String {
    path.split('.').map(|part| part.split('[').next().unwrap_or(part)).collect::<Vec<_>>().join(".")
}

/// Whether the key is a secret's `_file` form.
fn is_twin(path: &str, key: &str, known: &Table) -> bool {
    let section = path.rsplit('.').next().unwrap_or(path);
    key.strip_suffix("_file").is_some_and(|secret| known.contains_key(secret) && is_secret(section, secret))
}

/// Names the nearest known key: by spelling, a neighbour before a namesake elsewhere.
fn nearest(path: &str, is_section: bool, paths: &[String]) -> String {
    let path = bare(path);
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", &path));
    let closeness = |candidate: &&String| {
        let (its_parent, its_name) = candidate.rsplit_once('.').unwrap_or(("", candidate));
        let neighbour = if its_parent == parent { 0.25 } else { 0.0 };
        let of_a_site = if candidate.starts_with("site.") && !parent.starts_with("site") { -0.05 } else { 0.0 };
        let holds_keys = paths.iter().any(|longer| longer.starts_with(&format!("{candidate}.")));
        let kind = if holds_keys == is_section { 0.3 } else { 0.0 };
        normalized_damerau_levenshtein(its_name, name) + neighbour + of_a_site + kind
    };
    match paths.iter().max_by(|a, b| closeness(a).total_cmp(&closeness(b))) {
        Some(known) => format!("the nearest known one is {known}"),
        None => "remove it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_finds_its_neighbour_and_a_misplaced_one_its_section() {
        let tree: Table = toml::from_str(
            "[captcha]\nreject_below = 1\nhold_below = 1\n[scoring]\nhold_at = 1\n[server]\nlisten = 1\n[moderation.words]\nhold = 1",
        )
        .unwrap();
        let paths = with_paths(&tree, "", &Table::new());
        let told = |path: &str, section: bool| nearest(path, section, &paths).rsplit(' ').next().unwrap().to_owned();
        assert_eq!(told("captcha.rejct_below", false), "captcha.reject_below");
        assert_eq!(told("captcha.hold_at", false), "scoring.hold_at");
        assert_eq!(told("listen", false), "server.listen");
        assert_eq!(told("captha", true), "captcha");
        assert_eq!(told("words", true), "moderation.words");
        assert_eq!(bare("site[0].captcha.x"), "site.captcha.x");
    }
}
