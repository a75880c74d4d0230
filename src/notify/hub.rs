//! The hub: one reader of the store's events for all listeners of this process.
//!
//! It keeps the last events in memory and a number up to which they are known. A listener goes on from its own
//! number, in memory where that reaches, else in the store: it misses nothing between, and is told where it has.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::places::{Crowd, Place, Places, Who};
use crate::store::{EventRow, Store, StoreError};

/// How often the store is asked what other instances did.
const PAUSE: Duration = Duration::from_millis(250);
/// Events read at once.
const STRETCH: u32 = 500;
/// Events kept in memory.
const KEPT: usize = 2_000;

/// More listen already than one process should hold.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("too many listen already")]
pub struct TooMany;

/// The last events, in order: all that came after `start`.
#[derive(Default)]
struct Ring {
    start: i64,
    events: VecDeque<Arc<EventRow>>,
}

/// Where listeners are told from.
pub struct Hub {
    store: Store,
    ring: Mutex<Ring>,
    end: watch::Sender<i64>,
    wanted: Notify,
    pause: Duration,
    places: Mutex<Places>,
    ending: CancellationToken,
}

/// What a listener hears.
#[derive(Debug)]
pub enum Heard {
    /// These happened, in this order.
    Events(Vec<Arc<EventRow>>),
    /// Too much happened meanwhile to be told one by one.
    Missed,
    /// The place is wanted for a newer stream of the same listener.
    Displaced,
    /// Nothing more will come.
    Ended,
}

impl Hub {
    /// Over a store.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            store,
            ring: Mutex::default(),
            end: watch::Sender::new(0),
            wanted: Notify::new(),
            pause: PAUSE,
            places: Mutex::default(),
            ending: CancellationToken::new(),
        }
    }

    /// One that asks the store by itself each so often, where nobody stirs it.
    #[must_use]
    pub fn asking_each(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    /// Reads on at once: somebody did something.
    pub fn stir(&self) {
        if self.is_heard() {
            self.wanted.notify_one();
        }
    }

    /// Ends all listening: the process is to end, and open streams would hold it up.
    pub fn end(&self) {
        self.ending.cancel();
    }

    /// Listens for somebody from behind an event on, or from now. One too many of theirs ends their oldest.
    ///
    /// # Errors
    /// Inside, [`TooMany`]; the store's, where it has to say where now is.
    pub async fn listen(
        self: &Arc<Self>,
        crowd: Crowd,
        who: &str,
        after: Option<i64>,
    ) -> Result<Result<Listener, TooMany>, StoreError> {
        let who = (crowd, who.to_owned());
        let Some(place) = self.places().take(&who) else { return Ok(Err(TooMany)) };
        // From here on its drop gives the place back.
        let (hub, end) = (Arc::clone(self), self.end.subscribe());
        let mut listener = Listener { hub, who, place, end, last: after.unwrap_or(0) };
        if after.is_none() {
            listener.last = self.store.events(None, 1).await?.end;
        }
        self.wanted.notify_one();
        Ok(Ok(listener))
    }

    /// One turn: waits a while or until something is done here, and reads on.
    pub async fn turn(&self) {
        if !self.is_heard() {
            self.wanted.notified().await;
            self.begin_anew().await;
            return;
        }
        let _either = tokio::time::timeout(self.pause, self.wanted.notified()).await;
        while self.read_on().await {}
    }

    /// Nobody listened for a while: what happened meanwhile is not kept here.
    async fn begin_anew(&self) {
        let Ok(stretch) = self.store.events(None, 1).await else { return };
        *self.ring() = Ring { start: stretch.end, events: VecDeque::new() };
        self.end.send_replace(stretch.end);
    }

    /// Takes the next events along; whether there may be more.
    async fn read_on(&self) -> bool {
        let after = *self.end.borrow();
        let Ok(stretch) = self.store.events(Some(after), STRETCH).await else { return false };
        if stretch.missed {
            *self.ring() = Ring { start: stretch.end, events: VecDeque::new() };
            self.end.send_replace(stretch.end);
            return false;
        }
        if stretch.events.is_empty() {
            return false;
        }
        let full = stretch.events.len() >= usize::try_from(STRETCH).unwrap_or(usize::MAX);
        let mut ring = self.ring();
        ring.events.extend(stretch.events.into_iter().map(Arc::new));
        while ring.events.len() > KEPT {
            if let Some(oldest) = ring.events.pop_front() {
                ring.start = oldest.id;
            }
        }
        drop(ring);
        self.end.send_replace(stretch.end);
        full
    }

    /// The kept events behind this one; none where they do not reach back so far, nor forward.
    fn kept_behind(&self, last: i64) -> Option<Vec<Arc<EventRow>>> {
        let ring = self.ring();
        let end = ring.events.back().map_or(ring.start, |event| event.id);
        let first = ring.events.partition_point(|event| event.id <= last);
        (ring.start..=end).contains(&last).then(|| ring.events.iter().skip(first).cloned().collect())
    }

    fn is_heard(&self) -> bool {
        !self.places().is_empty()
    }

    fn places(&self) -> std::sync::MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self) -> std::sync::MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who listens.
pub struct Listener {
    hub: Arc<Hub>,
    who: Who,
    place: Place,
    end: watch::Receiver<i64>,
    last: i64,
}

impl Listener {
    /// The number of the last event that was heard.
    #[must_use]
    pub fn last(&self) -> i64 {
        self.last
    }

    /// Waits for what comes next. May be dropped while it waits; nothing is lost by that.
    pub async fn next(&mut self) -> Heard {
        loop {
            if self.hub.ending.is_cancelled() {
                return Heard::Ended;
            }
            if self.place.ended.is_cancelled() {
                return Heard::Displaced;
            }
            self.end.borrow_and_update();
            let events = match self.hub.kept_behind(self.last) {
                Some(events) => events,
                None => match self.hub.store.events(Some(self.last), STRETCH).await {
                    Ok(stretch) if stretch.missed => {
                        self.last = stretch.end.max(*self.end.borrow());
                        return Heard::Missed;
                    }
                    Ok(stretch) => stretch.events.into_iter().map(Arc::new).collect(),
                    // The next turn of the hub tries again.
                    Err(_no_answer) => Vec::new(),
                },
            };
            if let Some(last) = events.last() {
                self.last = last.id;
                return Heard::Events(events);
            }
            let (ending, ended) = (self.hub.ending.clone(), self.place.ended.clone());
            tokio::select! {
                () = ending.cancelled() => {}
                () = ended.cancelled() => {}
                _moved = self.end.changed() => {}
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.hub.places().leave(&self.who, self.place.number);
    }
}
