//! `[scoring]`: where risk holds and where it is spam, and what each rule weighs.

mod rule;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use serde::Deserialize;
use validator::Validate;

pub use rule::Rule;

use super::{checks, values::domains};

/// No weight, for or against, is more than this: beyond it, nothing else would count.
pub const HEAVIEST: f64 = 100.0;

/// `[scoring]`
#[derive(Clone, PartialEq, Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains each key")]
pub struct Scoring {
    #[validate(range(min = 0.0, max = 1.0, message = "a risk is in [0, 1]"))]
    pub hold_at: f64,
    #[validate(range(min = 0.0, max = 1.0, message = "a risk is in [0, 1]"))]
    pub spam_at: f64,
    #[validate(range(min = 0.0, max = 1.0, message = "a share is in [0, 1]"))]
    pub explore: f64,
    /// A rule and its log-odds; 0 switches it off.
    #[validate(custom(function = "checks::weights"))]
    pub weights: BTreeMap<Rule, f64>,
    pub lists: Lists,
}

/// `[scoring.lists]`; `load` reads the files' entries into the lists. Domains are as links have them, sorted.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains each key")]
pub struct Lists {
    #[serde(deserialize_with = "domains")]
    pub link_domains: Arc<[String]>,
    #[serde(deserialize_with = "domains")]
    pub mail_domains: Arc<[String]>,
    pub link_domain_files: Vec<PathBuf>,
    pub mail_domain_files: Vec<PathBuf>,
}
