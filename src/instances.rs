//! Which instances serve the store now, and whether they all run the same settings and program.
//!
//! Each says of itself every few seconds what it runs; one that has not for a while is gone. What to do about a
//! difference is the operator's business: it is told, and nothing else follows.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use uuid::Uuid;

use crate::{
    config::Live,
    domain::Clock,
    keys::{self, Keyring, Purpose},
    store::{InstanceRow, Store, StoreError},
};

/// How often an instance says that it is there.
pub const EACH: Duration = Duration::from_secs(10);
/// Not having said so for so long, one is gone.
const GONE: Duration = Duration::from_secs(35);
/// Bytes of the settings' hash that are told: enough to tell versions apart, too few to guess at.
const TOLD: usize = 6;

/// This instance among the others.
pub struct Instances {
    store: Store,
    live: Arc<Live>,
    keys: Keyring,
    clock: Clock,
    id: Uuid,
    others: Mutex<Vec<InstanceRow>>,
}

/// How the instances stand to each other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fleet {
    /// How many there are, this one included.
    pub count: usize,
    /// Those of them that run other settings than this one.
    pub other_settings: usize,
    /// Those of them that run another version of the program.
    pub other_program: usize,
    /// What this one's settings come to: the same text wherever the same settings are in force.
    pub settings: String,
}

impl Instances {
    /// This instance, which nobody has heard of yet.
    #[must_use]
    pub fn new(store: Store, live: Arc<Live>, keys: Keyring, clock: Clock) -> Self {
        Self { store, live, keys, clock, id: Uuid::now_v7(), others: Mutex::default() }
    }

    /// Says that it is there and looks who else is.
    ///
    /// # Errors
    /// The store's.
    pub async fn meet(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let row = InstanceRow {
            id: self.id,
            settings: self.settings(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            seen_at: now,
        };
        let mut all = self.store.meet(row, now.minus(GONE)).await?;
        all.retain(|instance| instance.id != self.id);
        let before = self.fleet();
        *self.others.lock().unwrap_or_else(PoisonError::into_inner) = all;
        let fleet = self.fleet();
        if fleet.other_settings > 0 && fleet.other_settings != before.other_settings {
            tracing::warn!(
                instances = fleet.count,
                differ = fleet.other_settings,
                settings = fleet.settings,
                "instances run different settings"
            );
        }
        Ok(())
    }

    /// Takes its leave, so that nobody waits for it.
    ///
    /// # Errors
    /// The store's.
    pub async fn part(&self) -> Result<(), StoreError> {
        self.store.part(self.id).await
    }

    /// How it stood when this instance last looked.
    #[must_use]
    pub fn fleet(&self) -> Fleet {
        let settings = self.settings();
        let others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let differ = |is: &dyn Fn(&InstanceRow) -> bool| others.iter().filter(|other| is(other)).count();
        Fleet {
            count: others.len() + 1,
            other_settings: differ(&|other| other.settings != settings),
            other_program: differ(&|other| other.program != env!("CARGO_PKG_VERSION")),
            settings,
        }
    }

    /// Under the server's secret, for instances with another one do not belong together either.
    fn settings(&self) -> String {
        let tag = self.keys.tag(Purpose::Settings, &[self.live.common().as_bytes()]);
        keys::hex(tag.first_chunk::<TOLD>().map_or(&[], |told| told))
    }
}

impl Fleet {
    /// A sentence where the instances differ.
    #[must_use]
    pub fn difference(&self) -> Option<String> {
        let differ = |count: usize, what: &str| {
            (count > 0).then(|| format!("{count} of {} instances run {what} than this one", self.count))
        };
        differ(self.other_settings, "other settings").or_else(|| differ(self.other_program, "another version"))
    }
}
