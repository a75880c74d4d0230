//! A cluster: each command goes to the master that keeps its slot, and to whoever takes over from that one.
//!
//! Each master has a breaker of its own: where one died, what lies with the others is served as ever. The map of slots
//! is read anew, beside the requests, as soon as anybody fails or redirects, until it leads to servers that serve.

mod topology;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize},
    },
};

use arc_swap::ArcSwap;
use futures_util::future::join_all;
use tokio::time::Instant;

use super::{
    address::{Address, Place},
    ask::{Answer, Ask, Deadline, Patience},
    health::Health,
    line::{Dialer, Line, Said},
    outage::Outage,
    slots::{Map, redirected, slot_of},
};

/// One node.
struct Node {
    line: Line,
    health: Health,
}

/// A cluster.
pub(super) struct Cluster {
    seeds: Vec<Place>,
    dialer: Dialer,
    map: ArcSwap<Map>,
    nodes: Mutex<HashMap<Place, Arc<Node>>>,
    /// Of the cluster as a whole, while nobody tells its map.
    whole: Health,
    reading: tokio::sync::Mutex<()>,
    read: Mutex<Option<Instant>>,
    turn: AtomicUsize,
    returns: Arc<AtomicU64>,
}

impl Cluster {
    pub(super) fn new(address: &Address, dialer: Dialer, returns: Arc<AtomicU64>) -> Self {
        Self {
            seeds: address.places.clone(),
            dialer,
            map: ArcSwap::default(),
            nodes: Mutex::default(),
            whole: Health::new("the cluster".to_owned(), Arc::clone(&returns)),
            reading: tokio::sync::Mutex::new(()),
            read: Mutex::new(None),
            turn: AtomicUsize::new(0),
            returns,
        }
    }

    /// Serves each on its own.
    pub(super) async fn serve(self: &Arc<Self>, asks: &[Ask], patience: Patience, now_ms: i64) -> Vec<Answer> {
        let deadline = Deadline::of(patience);
        if self.map.load().is_empty() {
            if !patience.insists && !self.whole.permits(now_ms) {
                return asks.iter().map(|_| None).collect();
            }
            let outcome = deadline.hold(self.read_map()).await;
            self.whole.note(outcome.err(), now_ms);
            if let Err(outage) = outcome {
                return asks.iter().map(|_| Some(Err(outage))).collect();
            }
        }
        let map = self.map.load_full();
        let mut by_master: HashMap<Option<&Place>, Vec<usize>> = HashMap::new();
        for (n, ask) in asks.iter().enumerate() {
            by_master.entry(map.master_of(slot_of(&ask.key))).or_default().push(n);
        }
        let parts = by_master.into_iter().map(|(master, numbers)| async move {
            let part: Vec<Ask> = numbers.iter().filter_map(|n| asks.get(*n).cloned()).collect();
            let answers = match master {
                Some(master) => self.serve_at(master, &part, patience.insists, deadline, now_ms).await,
                None => part.iter().map(|_| Some(Err(Outage::ClusterDown))).collect(),
            };
            std::iter::zip(numbers, answers).collect::<Vec<_>>()
        });
        let mut answers: Vec<(usize, Answer)> = join_all(parts).await.into_iter().flatten().collect();
        answers.sort_by_key(|(n, _)| *n);
        if answers.iter().any(|(_, answer)| !matches!(answer, Some(Ok(_)))) || self.is_stale() {
            self.read_soon();
        }
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    /// Asks a master, and follows where it leads.
    async fn serve_at(
        self: &Arc<Self>,
        master: &Place,
        asks: &[Ask],
        insists: bool,
        deadline: Deadline,
        now_ms: i64,
    ) -> Vec<Answer> {
        let said = self.send(master, asks, insists, deadline, now_ms, false).await;
        let mut answers = Vec::with_capacity(asks.len());
        for (ask, said) in std::iter::zip(asks, said) {
            let (to, moving) = match said {
                Some(Said::Moved(slot, to)) => {
                    let to = redirected(&to, master);
                    if let Some(to) = to.clone() {
                        self.map.rcu(|map| map.with_moved(slot, to.clone()));
                        self.read_soon();
                    }
                    (to, false)
                }
                Some(Said::Ask(to)) => (redirected(&to, master), true),
                other => {
                    answers.push(other.map(plain));
                    continue;
                }
            };
            let Some(to) = to else {
                answers.push(Some(Err(Outage::Garbled)));
                continue;
            };
            let again = self.send(&to, std::slice::from_ref(ask), insists, deadline, now_ms, moving).await;
            answers.push(again.into_iter().next().flatten().map(plain));
        }
        answers
    }

    /// Sends to one node, unless it just failed, and notes how it did.
    async fn send(
        &self,
        place: &Place,
        asks: &[Ask],
        insists: bool,
        deadline: Deadline,
        now_ms: i64,
        asking: bool,
    ) -> Vec<Option<Said>> {
        let all = |outage: Outage| asks.iter().map(|_| Some(Said::Out(outage))).collect();
        let node = match self.node(place) {
            Ok(node) => node,
            Err(outage) => return all(outage),
        };
        if !insists && !node.health.permits(now_ms) {
            return asks.iter().map(|_| None).collect();
        }
        let said = deadline.hold(node.line.send(asks, asking)).await;
        let outage = match &said {
            Ok(said) => said.iter().find_map(|said| match said {
                Said::Out(outage) if !outage.is_passing() => Some(*outage),
                _ => None,
            }),
            Err(outage) => Some(*outage),
        };
        if outage.is_some() {
            node.line.hang_up();
        }
        node.health.note(outage, now_ms);
        match said {
            Ok(said) => said.into_iter().map(Some).collect(),
            Err(outage) => all(outage),
        }
    }

    fn node(&self, place: &Place) -> Result<Arc<Node>, Outage> {
        let mut nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(node) = nodes.get(place) {
            return Ok(Arc::clone(node));
        }
        let node =
            Node { line: self.dialer.line(place)?, health: Health::new(place.to_string(), Arc::clone(&self.returns)) };
        let node = Arc::new(node);
        nodes.insert(place.clone(), Arc::clone(&node));
        Ok(node)
    }

    /// Why a part of it, or all, does not serve at present.
    pub(super) fn outage(&self) -> Option<Outage> {
        let map = self.map.load();
        let nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        let of_master = |place: &&Place| nodes.get(*place).and_then(|node| node.health.outage());
        map.masters().iter().find_map(of_master).or_else(|| self.whole.outage().filter(|_| map.is_empty()))
    }
}

fn plain(said: Said) -> Result<redis::Value, Outage> {
    match said {
        Said::Value(value) => Ok(value),
        // It was sent on already; the map will have settled for the next.
        Said::Moved(..) | Said::Ask(_) => Err(Outage::Moving),
        Said::Out(outage) => Err(outage),
    }
}
