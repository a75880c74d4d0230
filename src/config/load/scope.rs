//! Which of several places a value in force comes from: the site's own section, or the global one.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::{
    faults::{ConfigFault, Place},
    layer::Layer,
};

/// All layers as one, and the keys that were found bad on the way.
pub(super) struct Merged {
    pub(super) layer: Layer,
    pub(super) bad: BTreeSet<String>,
    /// The file as a whole, for what has no line.
    pub(super) whole: Place,
}

/// The global settings, or those of the site at this position.
pub(super) type Scope = Option<usize>;

impl Merged {
    pub(super) fn sites(&self) -> impl Iterator<Item = &Table> {
        self.layer.table.get("site").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table)
    }

    /// The key's path where it is in force: `site[0].captcha.secret` where the site has its own.
    pub(super) fn path(&self, scope: Scope, key: &str) -> String {
        let Some(n) = scope else { return key.to_owned() };
        let own = format!("site[{n}].{key}");
        let site = self.sites().nth(n);
        let given = key.split('.').try_fold(site, |table, part| match table?.get(part)? {
            Value::Table(below) => Some(Some(below)),
            _ => Some(None),
        });
        if given.is_some() || self.bad.contains(&own) { own } else { key.to_owned() }
    }

    /// Whether the value in force is what was meant, so that a rule may judge it.
    pub(super) fn sound(&self, scope: Scope, key: &str) -> bool {
        let path = self.path(scope, key);
        let twin = format!("{path}_file");
        !self.bad.contains(&path) && (self.layer.gives(&path) || !self.layer.gives(&twin))
    }

    /// Whether some layer above the defaults gives the value in force.
    pub(super) fn given(&self, scope: Scope, key: &str) -> bool {
        self.layer.gives(&self.path(scope, key))
            || self.layer.place(&self.path(scope, key)).is_some_and(|place| matches!(place, Place::Variable(_)))
    }

    /// A fault of the value in force.
    pub(super) fn fault(&self, scope: Scope, key: &str, wrong: String, right: String) -> ConfigFault {
        let path = self.path(scope, key);
        let place = self.layer.place(&path).cloned().unwrap_or_else(|| self.whole.clone());
        let twin = format!("{path}_file");
        let from_file = self.layer.places.get(&twin).is_some_and(|at| *at == place);
        ConfigFault { key: if from_file { twin } else { path }, place, wrong, right }
    }

    /// A fault of one item of a list in force.
    pub(super) fn item_fault(&self, scope: Scope, key: &str, n: usize, wrong: String, right: String) -> ConfigFault {
        let path = self.path(scope, key);
        let place = self.layer.place(&format!("{path}[{n}]")).cloned().unwrap_or_else(|| self.whole.clone());
        ConfigFault { key: path, place, wrong, right }
    }
}
