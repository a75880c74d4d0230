//! How the layers become one [`Config`]: `default.toml`, the file, the environment.
//!
//! Everything that is wrong is told at once, each fault with its key, its place and the cure. This
//! is the only room that reads the environment. It decides nothing about when to load.

mod alone;
mod entries;
mod env;
mod explain;
mod faults;
mod known;
mod layer;
mod lists;
mod reasons;
mod rules;
mod scope;
mod secrets;
mod seen;
mod settings;
mod words;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use toml::{Table, Value};
use validator::Validate;

pub use faults::{ConfigFault, ConfigFaults, Place};

pub(super) use seen::Seen;
pub(super) use settings::{MASK, site_path};

use alone::check;
use known::{Known, OVERRIDABLE};
use layer::{Layer, overlay};
use lists::ListFiles;
use reasons::ReasonFiles;
use scope::Merged;
use words::WordFiles;

use super::{Captcha, Config, Limits, Moderation, Scoring, Site, site::Basics};
use crate::keys::Tag;

/// The manual, which is also the lowest layer.
pub const DEFAULT_TOML: &str = include_str!("../../config/default.toml");

/// Largest settings file, in bytes.
const MOST_BYTES: u64 = 4 << 20;

/// Where settings come from. The default is the compiled-in layer alone.
#[derive(Clone, Default)]
pub struct Sources {
    /// The settings file, if there is one.
    pub file: Option<PathBuf>,
    /// Variables by name; those that do not start with `REPLYDESK__` are passed over.
    pub env: Vec<(String, String)>,
}

impl Sources {
    /// The file given, else the one that `REPLYDESK_CONFIG` names; and the process's environment.
    #[must_use]
    pub fn from_process(file: Option<PathBuf>) -> Self {
        let named = || std::env::var_os("REPLYDESK_CONFIG").filter(|name| !name.is_empty()).map(PathBuf::from);
        Self { file: file.or_else(named), env: env::of_process() }
    }

    /// Where relative paths in the settings start: beside the file, else in the working directory.
    fn base(&self) -> &Path {
        self.file.as_deref().and_then(Path::parent).unwrap_or(Path::new(""))
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.env.iter().map(|(name, _)| name).collect::<Vec<_>>();
        f.debug_struct("Sources").field("file", &self.file).field("env", &names).finish()
    }
}

/// Settings that hold together, and what they were made of.
pub struct Loaded {
    /// The settings as types.
    pub config: Config,
    /// Everything in force, each site with its complete sections; secrets are `"***"`, empty ones `""`.
    pub settings: serde_json::Value,
    /// SHA-256 over the environment, the file, the word and list files and the secret files.
    pub digest: Tag,
    /// Every file that was read.
    pub watched: Vec<PathBuf>,
    /// As `settings`, but a site holds only the sections it overrides: what changes are told by.
    pub(super) outline: serde_json::Value,
    pub(super) secrets: BTreeMap<String, Tag>,
    /// Files of words, lists and reasons, each with the number of its entries.
    pub(super) files: BTreeMap<String, (usize, Tag)>,
    pub(super) seen: Seen,
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Loads and judges the settings.
///
/// # Errors
/// Every fault at once.
pub fn load(sources: &Sources) -> Result<Loaded, ConfigFaults> {
    load_over(sources, None)
}

/// The settings as they would be with another file laid over theirs: only the keys that would change, or all.
///
/// # Errors
/// Every fault at once.
pub fn load_proposed(sources: &Sources, proposed: &Path) -> Result<Loaded, ConfigFaults> {
    load_over(sources, Some(proposed))
}

fn load_over(sources: &Sources, proposed: Option<&Path>) -> Result<Loaded, ConfigFaults> {
    let mut seen = Seen::new(&sources.env);
    let mut faults = Vec::new();
    let outcome = attempt(sources, proposed, &mut seen, &mut faults);
    match outcome {
        Some(loaded) if faults.is_empty() => {
            Ok(Loaded { digest: seen.digest(), watched: seen.paths(), seen, ..loaded })
        }
        _ => Err(ConfigFaults::new(faults, seen)),
    }
}

fn attempt(
    sources: &Sources,
    proposed: Option<&Path>,
    seen: &mut Seen,
    faults: &mut Vec<ConfigFault>,
) -> Option<Loaded> {
    let mut defaults = Layer::from_toml(DEFAULT_TOML, Path::new("default.toml"), faults)?;
    defaults.places.clear();
    let known = Known::new(&defaults.table);
    let file = match &sources.file {
        Some(path) => from_file(path, seen, faults),
        None => Some(Layer::default()),
    };
    let over = match proposed {
        Some(path) => from_file(path, seen, faults),
        None => Some(Layer::default()),
    };
    let env = env::layer(&sources.env, &known, faults);
    let whole = sources.file.clone().map_or(Place::Defaults, Place::File);
    let readable = file.is_some() && over.is_some();
    let mut merged = Merged { layer: defaults, bad: Default::default(), whole };
    for mut layer in [file.unwrap_or_default(), over.unwrap_or_default(), env] {
        known.sift(&mut layer, faults);
        secrets::resolve(&mut layer, sources.base(), seen, faults);
        merged.bad.extend(alone::sift(&mut layer, &known, faults));
        merged.layer.lay_over(layer);
    }
    // What the rules would say of a file that could not be read is noise.
    if readable { assemble(&merged, &known, sources.base(), seen, faults) } else { None }
}

fn from_file(path: &Path, seen: &mut Seen, faults: &mut Vec<ConfigFault>) -> Option<Layer> {
    let mut refuse = |place: Place, wrong: String, right: &str| {
        faults.push(ConfigFault { key: String::new(), place, wrong, right: right.to_owned() });
        None
    };
    let bytes = match seen.read(path, MOST_BYTES) {
        Ok(bytes) => bytes,
        Err(fault) => {
            let wrong = format!("the file cannot be read: {}", seen::reason(&fault));
            return refuse(
                Place::File(path.to_owned()),
                wrong,
                "name a readable file with --config or REPLYDESK_CONFIG",
            );
        }
    };
    match std::str::from_utf8(&bytes) {
        Ok(text) => Layer::from_toml(text, path, faults),
        Err(fault) => {
            let line = bytes.iter().take(fault.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
            refuse(Place::Line(path.to_owned(), line), "the text is not UTF-8".to_owned(), "save the file as UTF-8")
        }
    }
}

/// Makes the types, reads words and lists, judges the rules.
fn assemble(
    merged: &Merged,
    known: &Known,
    base: &Path,
    seen: &mut Seen,
    faults: &mut Vec<ConfigFault>,
) -> Option<Loaded> {
    let mut builder = Builder { merged, faults };
    let table = &merged.layer.table;
    let (captcha, scoring) = (builder.section(table, "captcha", None), builder.section(table, "scoring", None));
    let mut complete = table.clone();
    let (mut sites, mut outlines, mut completes) = (Vec::new(), Vec::new(), Vec::new());
    for (n, given) in merged.sites().enumerate() {
        let (outline, whole) = complete_site(table, known, given);
        sites.extend(builder.site(&whole, n));
        outlines.push(Value::Table(outline));
        completes.push(Value::Table(whole));
    }
    let mut config = Config {
        server: builder.section(table, "server", None)?,
        store: builder.section(table, "store", None)?,
        redis: builder.section(table, "redis", None)?,
        sites,
    };
    let mut files = WordFiles::new(base, seen);
    for (n, site) in config.sites.iter_mut().enumerate() {
        files.fill(site, merged, Some(n), faults);
    }
    let mut files = files.digests();
    let mut lists = ListFiles::new(base, seen);
    for (n, site) in config.sites.iter_mut().enumerate() {
        lists.fill(&mut site.captcha.lists, merged, Some(n), faults);
    }
    files.extend(lists.digests());
    let mut reasons = ReasonFiles::new(base, seen);
    for (n, site) in config.sites.iter_mut().enumerate() {
        reasons.fill(&mut site.moderation, merged, Some(n), faults);
    }
    files.extend(reasons.digests());
    faults.extend(rules::judge(merged, &config, (&captcha?, &scoring?)));
    let mut outline = table.clone();
    outline.insert("site".to_owned(), Value::Array(outlines));
    complete.insert("site".to_owned(), Value::Array(completes));
    let ((settings, _), (outline, secrets)) = (settings::masked(&complete), settings::masked(&outline));
    let (digest, watched, seen) = (Tag::default(), Vec::new(), Seen::default());
    Some(Loaded { config, settings, digest, watched, outline, secrets, files, seen })
}

/// A site with the default site's keys below its own; and the same with complete sections.
fn complete_site(global: &Table, known: &Known, given: &Table) -> (Table, Table) {
    let mut outline = known.site.clone();
    overlay(&mut outline, given.clone(), "", &mut Vec::new());
    let mut whole: Table =
        OVERRIDABLE.iter().filter_map(|name| Some(((*name).to_owned(), global.get(*name)?.clone()))).collect();
    overlay(&mut whole, outline.clone(), "", &mut Vec::new());
    (outline, whole)
}

struct Builder<'m, 'f> {
    merged: &'m Merged,
    faults: &'f mut Vec<ConfigFault>,
}

impl Builder<'_, '_> {
    /// Every key was judged alone, so this can fail only where sound keys do not go together.
    fn section<T: DeserializeOwned + Validate>(&mut self, table: &Table, name: &str, scope: scope::Scope) -> Option<T> {
        let section = table.get(name).and_then(Value::as_table).cloned().unwrap_or_default();
        self.made(check(section), name, scope)
    }

    fn made<T>(&mut self, outcome: Result<T, explain::Trouble>, name: &str, scope: scope::Scope) -> Option<T> {
        match outcome {
            Ok(made) => Some(made),
            Err(explain::Trouble::Type(wrong) | explain::Trouble::Range(wrong)) => {
                self.faults.push(self.merged.fault(scope, name, wrong, "compare it with default.toml".to_owned()));
                None
            }
        }
    }

    fn site(&mut self, whole: &Table, n: usize) -> Option<Site> {
        let mut basics = whole.clone();
        OVERRIDABLE.iter().for_each(|name| drop(basics.remove(*name)));
        let basics: Basics = self.made(check(basics), "id", Some(n))?;
        let limits: Limits = self.section(whole, "limits", Some(n))?;
        let captcha: Captcha = self.section(whole, "captcha", Some(n))?;
        let scoring: Scoring = self.section(whole, "scoring", Some(n))?;
        let moderation: Moderation = self.section(whole, "moderation", Some(n))?;
        Some(basics.with(limits, captcha, scoring, moderation))
    }
}
