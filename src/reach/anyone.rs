//! The one face over all shapes.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use redis::Cmd;
use tokio::time::{Instant, timeout};

use super::{
    address::{Address, BadAddress, Shape},
    ask::{Answer, Ask, Patience},
    cluster::Cluster,
    ears::Ears,
    fitness,
    line::{BadFile, Dialer},
    outage::Outage,
    sentinels::Sentinels,
};

/// How often servers are asked how fit they are.
const LOOK: Duration = Duration::from_secs(30);
/// What publishing, or beginning to listen, may take.
const TALK: Duration = Duration::from_secs(2);

/// `redis.url` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It is no address.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// It names a file that is none.
    #[error(transparent)]
    File(#[from] BadFile),
}

/// A Redis or Valkey of any shape. It need not be up yet.
pub struct Reach {
    kind: Kind,
    returns: Arc<AtomicU64>,
    caution: Mutex<Option<String>>,
    looked: Mutex<Option<Instant>>,
}

enum Kind {
    One(Box<Sentinels>),
    Cluster(Arc<Cluster>),
}

impl Reach {
    /// From `redis.url`; nothing is sent yet.
    ///
    /// # Errors
    /// Where the address, or a file that it names, cannot be used.
    pub fn open(url: &str) -> Result<Self, Unusable> {
        let address = Address::read(url)?;
        let dialer = Dialer::new(&address)?;
        let returns = Arc::new(AtomicU64::new(0));
        let kind = match address.shape {
            Shape::Cluster => Kind::Cluster(Arc::new(Cluster::new(&address, dialer, Arc::clone(&returns)))),
            Shape::Single | Shape::Sentinel(_) => {
                Kind::One(Box::new(Sentinels::new(&address, dialer, Arc::clone(&returns))))
            }
        };
        Ok(Self { kind, returns, caution: Mutex::new(None), looked: Mutex::new(None) })
    }

    /// Sends each command to where its key lies, those for one server in one round trip, all servers at once. The
    /// answers are in the same order. On one server all are served or none.
    pub async fn ask(&self, asks: &[Ask], patience: Patience, now_ms: i64) -> Vec<Answer> {
        match &self.kind {
            Kind::One(one) => one.serve(asks, patience, now_ms).await,
            Kind::Cluster(cluster) => cluster.serve(asks, patience, now_ms).await,
        }
    }

    /// Keys that lie on each server that keeps any, as far as they are known.
    #[must_use]
    pub fn key_for_each(&self, name: impl Fn(u32) -> String) -> Vec<String> {
        let keys = match &self.kind {
            Kind::One(_) => Vec::new(),
            Kind::Cluster(cluster) => cluster.key_for_each(&name),
        };
        if keys.is_empty() { vec![name(0)] } else { keys }
    }

    /// Why it, or a part of it, does not serve at present, as far as the last exchanges told.
    #[must_use]
    pub fn outage(&self) -> Option<Outage> {
        match &self.kind {
            Kind::One(one) => one.health.outage(),
            Kind::Cluster(cluster) => cluster.outage(),
        }
    }

    /// A number that grows whenever a server serves that did not.
    #[must_use]
    pub fn returns(&self) -> u64 {
        self.returns.load(Ordering::Relaxed)
    }

    /// What an operator should know although it serves.
    #[must_use]
    pub fn caution(&self) -> Option<String> {
        self.caution.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks the servers, now and then, how fit they are, and warns once of what is new. One that does not tell is fit.
    pub async fn look_over(&self) {
        let due = |looked: &mut Option<Instant>| {
            let due = looked.is_none_or(|looked| looked.elapsed() >= LOOK);
            due.then(|| *looked = Some(Instant::now())).is_some()
        };
        if !due(&mut self.looked.lock().unwrap_or_else(PoisonError::into_inner)) {
            return;
        }
        let info = redis::cmd("INFO");
        let asked = async {
            match &self.kind {
                Kind::One(one) => vec![one.ask(&info, TALK).await],
                Kind::Cluster(cluster) => {
                    let masters = cluster.masters();
                    futures_util::future::join_all(masters.iter().map(|place| cluster.ask(place, &info))).await
                }
            }
        };
        let told = timeout(TALK, asked).await.unwrap_or_default().into_iter().flatten();
        let found = told.filter_map(|told| redis::from_redis_value::<String>(told).ok());
        let found = found.filter_map(|info| fitness::caution(&info)).next();
        let mut kept = self.caution.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(caution) = found.as_ref().filter(|_| *kept != found) {
            tracing::warn!("{caution}");
        }
        *kept = found;
    }

    /// Tells all who listen to the channel.
    ///
    /// # Errors
    /// Why nobody could be told.
    pub async fn publish(&self, channel: &str, message: &str) -> Result<(), Outage> {
        let mut command = redis::cmd("PUBLISH");
        command.arg(channel).arg(message);
        let told = async {
            match &self.kind {
                Kind::One(one) => one.ask(&command, TALK).await,
                Kind::Cluster(cluster) => cluster.ask_anybody(&command).await,
            }
        };
        timeout(TALK, told).await.unwrap_or(Err(Outage::NoAnswer)).map(|_how_many| ())
    }

    /// Listens to a channel: at the server itself, or at any node of a cluster, which all hear the same.
    ///
    /// # Errors
    /// Why nobody lets us.
    pub async fn listen(&self, channel: &str) -> Result<Ears, Outage> {
        let begun = async {
            let line = match &self.kind {
                Kind::One(one) => one.listen(TALK).await?,
                Kind::Cluster(cluster) => cluster.listen().await?,
            };
            Ears::on(line, channel).await
        };
        timeout(TALK, begun).await.unwrap_or(Err(Outage::NoAnswer))
    }
}

/// The hash by which a server knows a script.
#[must_use]
pub fn hash_of(script: &str) -> String {
    redis::Script::new(script).get_hash().to_owned()
}

/// A command by its name, for callers that name no driver.
#[must_use]
pub fn command(name: &str, arguments: &[&str]) -> Cmd {
    let mut command = redis::cmd(name);
    command.arg(arguments);
    command
}
