//! Instances wake each other: what one stored is told on another at once, and not because it looks now and then.

use std::{sync::Arc, time::Duration};

#[cfg(feature = "postgres")]
use replydesk::notify::By;
use replydesk::{
    notify::{Bell, Crowd, Heard, Hub, Listener},
    store::Store,
    telemetry::Metrics,
};
use tokio::task::JoinSet;

use crate::support::database::Home;
#[cfg(feature = "redis")]
use crate::support::{App, comment, redis::RedisServer, until};

/// An instance that never looks at the store by itself, with somebody who listens there.
struct Sleeper {
    bell: Arc<Bell>,
    listener: Listener,
    loops: JoinSet<()>,
}

impl Sleeper {
    async fn beside(home: &Home) -> Self {
        let store = Store::open(&home.url()).await.unwrap();
        let hub = Arc::new(Hub::new(store).asking_each(Duration::from_secs(24 * 3600)));
        let stirred = Arc::clone(&hub);
        let bell = Arc::new(Bell::new(Arc::new(Metrics::default()), move || stirred.stir()));
        let listener = hub.listen(Crowd::Desk, "somebody", None).await.unwrap().unwrap();
        let (mut loops, looking) = (JoinSet::new(), Arc::clone(&bell));
        loops.spawn(async move {
            loop {
                hub.turn().await;
            }
        });
        loops.spawn(async move {
            loop {
                looking.turn().await;
            }
        });
        Self { bell, listener, loops }
    }

    /// What is heard next, each by its kind.
    async fn hears(&mut self) -> Vec<String> {
        match tokio::time::timeout(Duration::from_secs(20), self.listener.next()).await {
            Ok(Heard::Events(events)) => events.iter().map(|event| event.kind.clone()).collect(),
            other => panic!("{other:?}"),
        }
    }
}

#[cfg(feature = "redis")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_instance_stores_is_told_on_another_that_never_looks_by_itself() {
    let Some(redis) = RedisServer::start().await else { return };
    let app = App::with(&format!("[redis]\nurl = '{}'", redis.url())).await;
    let mut sleeper = Sleeper::beside(&app.folder).await;
    let reach = Arc::new(replydesk::reach::Reach::open(&redis.url()).unwrap());
    let hearing = Arc::clone(&sleeper.bell);
    sleeper.loops.spawn(async move { hearing.listen(&reach).await });
    let both_listen = async || redis.command::<(String, i64)>(&["PUBSUB", "NUMSUB", "rd:changed"]).await.1 == 2;
    until("both listen", both_listen).await;

    let id = app.submit(&comment("Told to the others.")).await.expect(202).id();
    assert_eq!(sleeper.hears().await, ["comment.received"]);
    app.moderator().await.approve(&id).await;
    let told = sleeper.hears().await;
    assert!(told.iter().all(|kind| kind.starts_with("comment.")) && !told.is_empty(), "{told:?}");
}

#[cfg(feature = "redis")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_instances_the_other_counts_the_ring_and_readers_there_see_an_approval_at_once() {
    let Some(redis) = RedisServer::start().await else { return };
    let settings = format!("[redis]\nurl = '{}'", redis.url());
    let one = App::with(&settings).await;
    let other = one.beside(&settings).await;
    let both_listen = async || redis.command::<(String, i64)>(&["PUBSUB", "NUMSUB", "rd:changed"]).await.1 == 2;
    until("both listen", both_listen).await;
    let wakes = async |app: &App| {
        let text = app.get("/metrics").answer().await.text();
        let line = text.lines().find_map(|line| line.strip_prefix("replydesk_wakes_total{by=\"redis\"} "));
        line.map_or(0, |count| count.parse::<u64>().unwrap())
    };
    let id = one.submit(&comment("Soon on both.")).await.expect(202).id();
    until("the other hears of it", || async { wakes(&other).await > 0 }).await;
    assert_eq!(other.thread("").await.expect(200).json()["total"], 0);
    let before = wakes(&other).await;
    one.moderator().await.approve(&id).await;
    until("the other hears of the decision", || async { wakes(&other).await > before }).await;
    until("readers there see it", || async { other.thread("").await.json()["total"] == 1 }).await;
    assert_eq!(wakes(&one).await, 0, "nobody hears oneself");
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_tells_of_each_event_and_is_listened_to_again_after_it_cut_the_line() {
    let home = Home::new();
    if !home.is_postgres() {
        eprintln!("skipped: TEST_DATABASE_URL names no PostgreSQL");
        return;
    }
    let store = Store::open(&home.url()).await.unwrap();
    let mut listening = store.listening().unwrap();
    let soon = Duration::from_secs(20);
    tokio::time::timeout(soon, listening.told()).await.expect("it is connected");
    let waits = tokio::time::timeout(Duration::from_millis(300), listening.told()).await;
    assert!(waits.is_err(), "nobody did anything");
    for _ in 0..2 {
        home.run("INSERT INTO outbox (at, kind, subject) VALUES (0, 'comment.received', 'x')");
        tokio::time::timeout(soon, listening.told()).await.expect("an event is told");
        home.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()");
        tokio::time::timeout(soon, listening.told()).await.expect("it is connected again");
    }
    let mut sleeper = Sleeper::beside(&home).await;
    let hearing = Arc::clone(&sleeper.bell);
    sleeper.loops.spawn(async move {
        loop {
            listening.told().await;
            hearing.hear(By::Database);
        }
    });
    home.run("INSERT INTO outbox (at, kind, subject) VALUES (0, 'comment.received', 'x')");
    assert_eq!(sleeper.hears().await, ["comment.received"]);
}
