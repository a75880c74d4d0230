//! What moderators' decisions teach, live: a model a site that follows the store's log of lessons.
//!
//! One loop learns, beside the requests, and whoever scores only looks. Every instance reads the same log in
//! the same order and so comes to the same model; a decision that is taken back is unlearned by learning
//! anew, from the newest snapshot before it, what still holds. It knows nothing of what a score leads to.

mod example;
mod log;
mod pupil;
mod rebuild;
mod snapshots;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwap;
use tokio::{
    sync::{Mutex, Notify},
    task::spawn_blocking,
    time::timeout,
};

pub use example::digest;
pub use log::effective;

use crate::{
    config::{Config, Live, Site},
    domain::{Clock, SiteId},
    scoring::learned::{Model, Seed},
    store::{Lesson, LessonQuery, Store, StoreError},
    telemetry::{Metrics, chain},
};
use pupil::{Knowledge, Pupil};

/// How often the log is looked at when nobody here decided: what another instance or a command wrote.
const LOOK: Duration = Duration::from_millis(500);
/// Lessons read at once.
const STRETCH: u32 = 64;

/// The models of all sites.
pub struct Learning {
    live: Arc<Live>,
    store: Store,
    clock: Clock,
    metrics: Arc<Metrics>,
    seed: Arc<Seed>,
    /// For all sites where nobody has decided yet.
    blank: Model,
    pupils: ArcSwap<HashMap<SiteId, Arc<Pupil>>>,
    woken: Notify,
    place: Mutex<Place>,
}

/// How far the log was read.
#[derive(Default)]
struct Place {
    /// The last row; none before the first look.
    seen: Option<i64>,
    /// Sites whose models were made, where there was anything to learn.
    sites: HashSet<SiteId>,
}

impl Learning {
    /// Over a store; nothing is learned before [`Learning::catch_up`].
    #[must_use]
    pub fn new(seed: Arc<Seed>, live: Arc<Live>, store: Store, clock: Clock, metrics: Arc<Metrics>) -> Self {
        let blank = Model::new(Arc::clone(&seed));
        let (pupils, woken, place) = (ArcSwap::default(), Notify::default(), Mutex::default());
        Self { live, store, clock, metrics, seed, blank, pupils, woken, place }
    }

    /// Asks the site's model. It learns nothing meanwhile, so the question should be short.
    pub fn ask<T>(&self, site: &SiteId, question: impl FnOnce(&Model) -> T) -> T {
        match self.pupils.load().get(site) {
            Some(pupil) => question(&pupil.read().model),
            None => question(&self.blank),
        }
    }

    /// A decision was taken here: the next turn begins at once.
    pub fn wake(&self) {
        self.woken.notify_one();
    }

    /// Waits for something to learn, learns it, and keeps snapshots that are due. To be called again and
    /// again.
    pub async fn turn(&self) {
        let _woken_or_not = timeout(LOOK, self.woken.notified()).await;
        if let Err(fault) = self.catch_up().await {
            tracing::debug!(error = chain(&fault), "lessons could not be read; the models stay as they are");
        }
        self.keep_quiet_ones().await;
    }

    /// Learns all that is in the log by now. One at a time.
    ///
    /// # Errors
    /// When the store gives no answer; what was learned stays.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        let mut place = self.place.lock().await;
        let mut seen = match place.seen {
            Some(seen) => seen,
            None => *place.seen.insert(self.store.last_lesson().await?),
        };
        let config = self.live.get();
        // A site that a reload took away learns nothing meanwhile; should it come back, it is made anew.
        place.sites.retain(|id| config.sites.iter().any(|site| site.id == *id));
        self.forget_others(&place.sites);
        for site in &config.sites {
            // At the start, and when a reload brings a site.
            if !place.sites.contains(&site.id) {
                Box::pin(self.rebuild(site)).await?;
                place.sites.insert(site.id.clone());
            }
        }
        loop {
            let query = LessonQuery { site: None, after: seen, limit: STRETCH };
            let lessons = self.store.lessons(query).await?;
            let Some(last) = lessons.last().map(|lesson| lesson.row.seq) else { break };
            self.metrics.lessons_waiting(self.store.last_lesson().await?.saturating_sub(seen));
            self.follow(&config, lessons).await?;
            seen = last;
            place.seen = Some(seen);
        }
        self.metrics.lessons_waiting(0);
        Ok(())
    }

    /// Learns a stretch of the log.
    async fn follow(&self, config: &Config, lessons: Vec<Lesson>) -> Result<(), StoreError> {
        let mut by_site: HashMap<String, Vec<Lesson>> = HashMap::new();
        for lesson in lessons {
            by_site.entry(lesson.site.clone()).or_default().push(lesson);
        }
        for (id, lessons) in by_site {
            // A site that is not configured is made up for when it is.
            if let Some(site) = config.sites.iter().find(|site| site.id.as_str() == id) {
                let kinds: Vec<_> = lessons.iter().map(|lesson| lesson.row.kind).collect();
                self.follow_on(site, lessons).await?;
                kinds.iter().for_each(|kind| self.metrics.lesson(kind.as_str()));
            }
        }
        Ok(())
    }

    async fn follow_on(&self, site: &Site, lessons: Vec<Lesson>) -> Result<(), StoreError> {
        let pupil = self.pupils.load().get(&site.id).cloned();
        let last = lessons.last().map_or(0, |lesson| lesson.row.seq);
        match pupil {
            // A rebuilt model has read further than the stretch that made it necessary.
            Some(pupil) if pupil.read().seq >= last => Ok(()),
            Some(pupil) if lessons.iter().all(|lesson| lesson.row.kind.since().is_none()) => {
                let (hosts, now) = (site.hosts(), self.clock.now());
                let learned = spawn_blocking(move || pupil.learn(&lessons, &hosts, now)).await;
                for snapshot in learned.map_err(broke_off)? {
                    self.keep(&site.id, snapshot).await?;
                }
                Ok(())
            }
            _ => Box::pin(self.rebuild(site)).await,
        }
    }

    /// Lets go of the models of all but these sites.
    fn forget_others(&self, kept: &HashSet<SiteId>) {
        let pupils = self.pupils.load();
        if pupils.keys().any(|site| !kept.contains(site)) {
            let fewer = pupils.iter().filter(|(site, _)| kept.contains(*site));
            self.pupils.store(Arc::new(fewer.map(|(site, pupil)| (site.clone(), Arc::clone(pupil))).collect()));
        }
    }

    /// Puts a model in force.
    fn install(&self, site: &SiteId, knowledge: Knowledge) {
        let pupils = self.pupils.load();
        match pupils.get(site) {
            Some(there) => there.become_another(knowledge),
            None => {
                let mut more = HashMap::clone(&pupils);
                more.insert(site.clone(), Arc::new(Pupil::new(knowledge)));
                self.pupils.store(Arc::new(more));
            }
        }
    }
}

/// A step that ended in the middle; it is our own fault, and is tried again.
#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn broke_off(fault: tokio::task::JoinError) -> StoreError {
    tracing::error!(error = chain(&fault), "a lesson could not be learned");
    StoreError::BrokeOff
}
