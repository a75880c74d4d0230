//! What a cluster looks like at present: who tells it, when it is asked for anew, and what follows from another answer.

use std::{
    sync::{Arc, PoisonError, atomic::Ordering},
    time::Duration,
};

use tokio::time::Instant;

use super::Cluster;
use crate::reach::{address::Place, outage::Outage, slots::Map};

/// The map is read this often at most,
const REST: Duration = Duration::from_millis(200);
/// and this often while all is well.
const LOOK: Duration = Duration::from_secs(10);
/// How long one node may take to tell the map before the next is asked.
const EACH: Duration = Duration::from_millis(250);

impl Cluster {
    /// Nobody looked for a while.
    pub(super) fn is_stale(&self) -> bool {
        self.is_due(LOOK)
    }

    fn is_due(&self, rest: Duration) -> bool {
        let read = *self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.is_none_or(|read| read.elapsed() >= rest)
    }

    /// Reads the map anew beside the requests, unless that was just done.
    pub(super) fn read_soon(self: &Arc<Self>) {
        if self.is_due(REST) {
            let cluster = Arc::clone(self);
            tokio::spawn(async move { cluster.read_map().await });
        }
    }

    /// Asks one node after the other for the map, each time another first: some may be cut off and not know it.
    pub(super) async fn read_map(&self) -> Result<(), Outage> {
        let _only_one_reads = self.reading.lock().await;
        if !self.is_due(REST) && !self.map.load().is_empty() {
            return Ok(());
        }
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        let (mut why, mut command) = (Outage::Unreachable, redis::cmd("CLUSTER"));
        command.arg("SLOTS");
        for place in self.everybody() {
            match self.ask(&place, &command).await.map(|answer| Map::read(&answer, &place)) {
                Ok(Some(map)) => {
                    self.take(map);
                    return Ok(());
                }
                Ok(None) => why = Outage::ClusterDown,
                Err(outage) => why = outage,
            }
        }
        Err(why)
    }

    /// All nodes that are known: those that serve first.
    fn everybody(&self) -> Vec<Place> {
        let map = self.map.load();
        let mut places: Vec<Place> = map.masters().into_iter().chain(map.replicas()).cloned().collect();
        places.extend(self.seeds.iter().filter(|seed| !places.contains(seed)).cloned().collect::<Vec<_>>());
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % places.len().max(1);
        places.rotate_left(turn);
        let nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        places.sort_by_key(|place| nodes.get(place).is_some_and(|node| node.health.outage().is_some()));
        places
    }

    /// Puts a map in force, and forgets nodes that are no longer on it.
    fn take(&self, map: Map) {
        let was_out = self.outage().is_some();
        let kept = |place: &Place| {
            map.masters().contains(&place) || map.replicas().contains(place) || self.seeds.contains(place)
        };
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner).retain(|place, _| kept(place));
        self.map.store(Arc::new(map));
        if was_out && self.outage().is_none() {
            self.returns.fetch_add(1, Ordering::Relaxed);
            tracing::info!("other nodes of the Redis cluster took over");
        }
    }

    /// A key for each master.
    pub(in crate::reach) fn key_for_each(&self, name: impl Fn(u32) -> String) -> Vec<String> {
        self.map.load().key_for_each(name)
    }

    /// The lines of all masters.
    pub(in crate::reach) fn masters(&self) -> Vec<Place> {
        self.map.load().masters().into_iter().cloned().collect()
    }

    /// Asks one node something that concerns no key.
    pub(in crate::reach) async fn ask(&self, place: &Place, command: &redis::Cmd) -> Result<redis::Value, Outage> {
        let node = self.node(place)?;
        let answer = tokio::time::timeout(EACH, node.line.ask(command)).await.unwrap_or(Err(Outage::NoAnswer));
        // That our user may not do this says nothing of the line.
        if !matches!(answer, Ok(_) | Err(Outage::Denied)) {
            node.line.hang_up();
        }
        answer
    }

    /// Asks the first node that answers something that concerns no key.
    pub(in crate::reach) async fn ask_anybody(&self, command: &redis::Cmd) -> Result<redis::Value, Outage> {
        let mut why = Outage::Unreachable;
        for place in self.everybody() {
            match self.ask(&place, command).await {
                Ok(answer) => return Ok(answer),
                Err(outage) => why = outage,
            }
        }
        Err(why)
    }

    /// Listens at the first node that lets us.
    pub(in crate::reach) async fn listen(&self) -> Result<redis::aio::PubSub, Outage> {
        let mut why = Outage::Unreachable;
        for place in self.everybody() {
            let node = self.node(&place)?;
            match tokio::time::timeout(EACH * 2, node.line.listen()).await.unwrap_or(Err(Outage::NoAnswer)) {
                Ok(ears) => return Ok(ears),
                Err(outage) => why = outage,
            }
        }
        Err(why)
    }
}
