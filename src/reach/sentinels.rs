//! One server, by its address or as the master that Sentinels name at present.
//!
//! When it is lost, or turns out to be a replica, it is let go, and whoever is master by then is asked instead.

use std::{
    sync::{Arc, Mutex, PoisonError, atomic::AtomicU64},
    time::Duration,
};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use redis::Value;
use tokio::time::Instant;

use super::{
    address::{Address, Place, Shape},
    ask::{Answer, Ask, Deadline, Patience},
    health::Health,
    line::{Dialer, Line, Said},
    outage::Outage,
};

/// How often the Sentinels are asked while all is well: a master that was cut off from them does not know it.
const LOOK: Duration = Duration::from_secs(5);

/// The one server, however it is found.
pub(super) struct Sentinels {
    /// The name of the master; none where the place is the server's own.
    master: Option<String>,
    places: Vec<Place>,
    dialer: Dialer,
    to_sentinels: Dialer,
    line: Mutex<Option<Arc<Line>>>,
    finding: tokio::sync::Mutex<()>,
    looked: Mutex<Instant>,
    pub(super) health: Health,
}

impl Sentinels {
    pub(super) fn new(address: &Address, dialer: Dialer, returns: Arc<AtomicU64>) -> Self {
        let master = match &address.shape {
            Shape::Sentinel(master) => Some(master.clone()),
            Shape::Single | Shape::Cluster => None,
        };
        Self {
            master,
            places: address.places.clone(),
            to_sentinels: dialer.to_sentinels(address),
            dialer,
            line: Mutex::new(None),
            finding: tokio::sync::Mutex::new(()),
            looked: Mutex::new(Instant::now()),
            health: Health::new(address.places.first().map(Place::to_string).unwrap_or_default(), returns),
        }
    }

    /// Serves all of them or none.
    pub(super) async fn serve(&self, asks: &[Ask], patience: Patience, now_ms: i64) -> Vec<Answer> {
        if !patience.insists && !self.health.permits(now_ms) {
            return asks.iter().map(|_| None).collect();
        }
        if patience.insists {
            self.look_again().await;
        }
        let deadline = Deadline::of(patience);
        let mut said = deadline.hold(self.send(asks)).await;
        if matches!(&said, Ok(said) if said.iter().any(|said| matches!(said, Said::Out(Outage::ReadOnly)))) {
            // Nothing was written there. By now another is the master, or the name leads to another.
            self.let_go();
            said = deadline.hold(self.send(asks)).await;
        }
        let answers: Vec<Answer> = match said {
            Ok(said) => said.into_iter().map(|said| Some(plain(said))).collect(),
            Err(outage) => asks.iter().map(|_| Some(Err(outage))).collect(),
        };
        let outage = answers.iter().flatten().find_map(|answer| answer.as_ref().err().copied());
        if outage.is_some() {
            self.let_go();
        }
        self.health.note(outage, now_ms);
        answers
    }

    async fn send(&self, asks: &[Ask]) -> Result<Vec<Said>, Outage> {
        self.line().await?.send(asks, false).await
    }

    /// The server's line, of whoever it is at present.
    async fn line(&self) -> Result<Arc<Line>, Outage> {
        let kept = || self.line.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(line) = kept() {
            return Ok(line);
        }
        let _only_one_looks = self.finding.lock().await;
        if let Some(line) = kept() {
            return Ok(line);
        }
        let line = Arc::new(self.find().await?);
        *self.line.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&line));
        Ok(line)
    }

    /// Asks something that concerns no key, within a time.
    pub(super) async fn ask(&self, command: &redis::Cmd, within: Duration) -> Result<Value, Outage> {
        self.or_let_go(within, async { self.line().await?.ask(command).await }).await
    }

    /// A connection of its own to whoever it is at present.
    pub(super) async fn listen(&self, within: Duration) -> Result<redis::aio::PubSub, Outage> {
        self.or_let_go(within, async { self.line().await?.listen().await }).await
    }

    async fn or_let_go<T>(&self, within: Duration, work: impl Future<Output = Result<T, Outage>>) -> Result<T, Outage> {
        let outcome = tokio::time::timeout(within, work).await.unwrap_or(Err(Outage::NoAnswer));
        // That our user may not do this says nothing of the line.
        if !matches!(outcome, Ok(_) | Err(Outage::Denied)) {
            self.let_go();
        }
        outcome
    }

    fn let_go(&self) {
        *self.line.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Sees that the Sentinels still name the master that is kept.
    async fn look_again(&self) {
        let due = |looked: &mut Instant| {
            looked.elapsed() >= LOOK && {
                *looked = Instant::now();
                true
            }
        };
        if self.master.is_none() || !due(&mut self.looked.lock().unwrap_or_else(PoisonError::into_inner)) {
            return;
        }
        let kept = self.line.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let found = tokio::time::timeout(Duration::from_secs(1), self.find()).await;
        if let (Some(kept), Ok(Ok(found))) = (kept, found)
            && kept.place != found.place
        {
            *self.line.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(found));
        }
    }

    async fn find(&self) -> Result<Line, Outage> {
        let Some(master) = &self.master else {
            return self.places.first().ok_or(Outage::Unreachable).and_then(|place| self.dialer.line(place));
        };
        // All at once: one that hangs, or names a master that does, must not use up the time of the others.
        let mut asked: FuturesUnordered<_> = self.places.iter().map(|place| self.found_by(place, master)).collect();
        let mut why = Outage::NoSentinel;
        while let Some(found) = asked.next().await {
            match found {
                Ok(line) => return Ok(line),
                // What is known of a master says more than that a Sentinel is away.
                Err(outage) if why == Outage::NoSentinel => why = outage,
                Err(_another) => {}
            }
        }
        Err(why)
    }

    /// The master that one Sentinel names, if it is one.
    async fn found_by(&self, sentinel: &Place, master: &str) -> Result<Line, Outage> {
        let line = self.dialer.line(&self.named_by(sentinel, master).await?)?;
        if is_master(&line).await? { Ok(line) } else { Err(Outage::ReadOnly) }
    }

    /// The master as one Sentinel knows it.
    async fn named_by(&self, sentinel: &Place, master: &str) -> Result<Place, Outage> {
        let line = self.to_sentinels.line(sentinel)?;
        let mut command = redis::cmd("SENTINEL");
        command.arg("GET-MASTER-ADDR-BY-NAME").arg(master);
        let answer = line.ask(&command).await.map_err(|outage| match outage {
            Outage::Unreachable => Outage::NoSentinel,
            outage => outage,
        })?;
        let (host, port): (String, u16) = match &answer {
            Value::Nil => return Err(Outage::NoMaster),
            answer => redis::from_redis_value_ref(answer).map_err(|_odd| Outage::Garbled)?,
        };
        Ok(Place { host, port })
    }
}

/// Whether it says so. A server that does not tell is taken at the Sentinels' word.
async fn is_master(line: &Line) -> Result<bool, Outage> {
    match line.ask(&redis::cmd("ROLE")).await {
        Ok(Value::Array(role)) => Ok(role.first().is_none_or(|role| *role == Value::BulkString(b"master".to_vec()))),
        Ok(_) | Err(Outage::Denied | Outage::Failing) => Ok(true),
        Err(outage) => Err(outage),
    }
}

fn plain(said: Said) -> Result<Value, Outage> {
    match said {
        Said::Value(value) => Ok(value),
        Said::Moved(..) | Said::Ask(_) => Err(Outage::Clustered),
        Said::Out(outage) => Err(outage),
    }
}
