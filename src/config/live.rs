//! The settings in force while the server runs, and how new ones take their place.
//!
//! Whoever needs settings asks [`Live::get`] once a request and keeps the answer that long. A broken
//! change leaves everything as it was. When to look at the disk is the caller's business.

mod boot;
mod change;

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use serde_json::Value;

pub use change::Change;

use super::{
    Config,
    load::{ConfigFaults, Loaded, Seen, Sources, load},
};
use crate::{
    domain::{Clock, Timestamp},
    keys,
};

/// What came of a reload.
#[derive(Debug)]
pub enum Reload {
    /// The settings say what they said before.
    Unchanged,
    /// New settings are in force from now on.
    Changed {
        /// What is different now, secrets masked; empty where only restart keys differ.
        changes: Vec<Change>,
        /// Keys that differ in the sources but keep their old value until a restart.
        needs_restart: Vec<String>,
    },
    /// The old settings stay in force.
    Refused(ConfigFaults),
}

/// How the settings fare, for `/readyz`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigStatus {
    /// Whether the sources say what is in force.
    pub ok: bool,
    /// One sentence for the operator; holds no secret.
    pub detail: String,
}

/// What is in force, whole.
struct Force {
    loaded: Loaded,
    config: Arc<Config>,
    version: u64,
    since: Timestamp,
}

/// What is in force, and what became of the last attempt to change it.
#[derive(Clone)]
struct State {
    force: Arc<Force>,
    seen: Seen,
    waiting: Vec<String>,
    refused: Option<ConfigFaults>,
}

/// The holder of the settings. Reading takes no lock.
pub struct Live {
    state: ArcSwap<State>,
    reloading: Mutex<()>,
    sources: Sources,
    clock: Clock,
}

impl Live {
    /// Puts loaded settings in force; reloads will read the same sources.
    #[must_use]
    pub fn new(loaded: Loaded, sources: Sources) -> Self {
        Self::with_clock(loaded, sources, Clock::system())
    }

    /// As [`Live::new`], with a clock that a test turns.
    #[must_use]
    pub fn with_clock(loaded: Loaded, sources: Sources, clock: Clock) -> Self {
        let seen = loaded.seen.clone();
        let force = Arc::new(Force::new(loaded, 1, clock.now()));
        let state = State { force, seen, waiting: Vec::new(), refused: None };
        Self { state: ArcSwap::from_pointee(state), reloading: Mutex::new(()), sources, clock }
    }

    /// The settings in force now.
    #[must_use]
    pub fn get(&self) -> Arc<Config> {
        Arc::clone(&self.state.load().force.config)
    }

    /// Everything in force as JSON, secrets masked.
    #[must_use]
    pub fn settings(&self) -> Value {
        self.state.load().force.loaded.settings.clone()
    }

    /// Counts from 1; grows with each change that came into force.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.state.load().force.version
    }

    /// Everything in force that instances of one service have in common, as text: all but where this one listens and
    /// keeps its things. Secrets are masked.
    #[must_use]
    pub fn common(&self) -> String {
        let state = self.state.load();
        let loaded = &state.force.loaded;
        let mut settings = loaded.settings.clone();
        if let Some(whole) = settings.as_object_mut() {
            whole.remove("store");
            whole.remove("redis");
            if let Some(server) = whole.get_mut("server").and_then(Value::as_object_mut) {
                server.remove("listen");
                server.remove("workers");
            }
        }
        let files: Vec<(usize, String)> =
            loaded.files.values().map(|(count, tag)| (*count, keys::encode(tag))).collect();
        format!("{settings} {files:?}")
    }

    /// Whether a file reads differently than at the last attempt, good or bad. Reads every file.
    #[must_use]
    pub fn changed_on_disk(&self) -> bool {
        self.state.load().seen.differs_on_disk()
    }

    /// Reloads if the disk changed since the last attempt, so that a broken file is told once.
    pub fn looked(&self) -> Reload {
        self.looked_with(|_candidate| Ok(()))
    }

    /// As [`Live::looked`], with a guard as in [`Live::reload_with`].
    pub fn looked_with(&self, guard: impl FnOnce(&Config) -> Result<(), String>) -> Reload {
        if self.changed_on_disk() { self.reload_with(guard) } else { Reload::Unchanged }
    }

    /// Loads anew and puts the outcome in force, unless it is broken.
    pub fn reload(&self) -> Reload {
        self.reload_with(|_candidate| Ok(()))
    }

    /// Loads anew; the guard may refuse sound settings, with the reason and, after `"; "`, the cure.
    /// It is asked only where something would change.
    pub fn reload_with(&self, guard: impl FnOnce(&Config) -> Result<(), String>) -> Reload {
        let _one_at_a_time = self.reloading.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.state.load_full();
        let mut loaded = match load(&self.sources) {
            Ok(loaded) => loaded,
            Err(faults) => return self.refuse(&before, faults),
        };
        let seen = loaded.seen.clone();
        let waiting = boot::keep(&before.force.loaded, &mut loaded);
        let changes = change::between(&before.force.loaded, &loaded);
        if changes.is_empty() && waiting == before.waiting {
            self.state.store(Arc::new(State { seen, refused: None, ..State::clone(&before) }));
            return Reload::Unchanged;
        }
        let force = if changes.is_empty() {
            Arc::clone(&before.force)
        } else {
            if let Err(reason) = guard(&loaded.config) {
                return self.refuse(&before, ConfigFaults::refusal(&reason, seen));
            }
            Arc::new(Force::new(loaded, before.force.version + 1, self.clock.now()))
        };
        self.state.store(Arc::new(State { force, seen, waiting: waiting.clone(), refused: None }));
        Reload::Changed { changes, needs_restart: waiting }
    }

    fn refuse(&self, before: &State, faults: ConfigFaults) -> Reload {
        let seen = faults.seen.clone();
        self.state.store(Arc::new(State { seen, refused: Some(faults.clone()), ..before.clone() }));
        Reload::Refused(faults)
    }

    /// Whether the sources are in force, and if not why.
    #[must_use]
    pub fn status(&self) -> ConfigStatus {
        let state = self.state.load();
        let since = state.force.since;
        let Some(faults) = &state.refused else {
            let mut detail = format!("settings of {since}");
            if !state.waiting.is_empty() {
                detail = format!("{detail}; a restart is needed for {}", state.waiting.join(", "));
            }
            return ConfigStatus { ok: true, detail };
        };
        let count = match faults.all().len() {
            1 => "1 fault".to_owned(),
            n => format!("{n} faults"),
        };
        let first = faults.all().first().map(ToString::to_string).unwrap_or_default();
        let detail = format!("the new settings have {count}; the settings of {since} stay in force: {first}");
        ConfigStatus { ok: false, detail }
    }
}

impl Force {
    fn new(loaded: Loaded, version: u64, since: Timestamp) -> Self {
        Self { config: Arc::new(loaded.config.clone()), loaded, version, since }
    }
}
