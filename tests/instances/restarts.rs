//! Parts go away and come back while readers post.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{
    PAGE,
    client::{Http, comment},
    fleet::Fleet,
    until,
};

/// Limits that every submission is held against, in all slots of the cluster, and that none exceeds.
const WIDE: &str = "[site.limits]
per_ip = ['100000/1m']
per_network = ['100000/1m']
per_email = ['100000/1m']
per_page = ['100000/1m']
per_site = ['100000/1m']";
/// Posts of the long test, at least.
const POSTS: u32 = 10_000;
/// Readers at once.
const READERS: u32 = 48;

/// What was sent and acknowledged.
#[derive(Default)]
struct Told {
    next: AtomicU32,
    taken: AtomicU32,
    refused: AtomicU32,
    ids: Mutex<HashMap<String, u32>>,
    /// All that was to go away has.
    over: AtomicBool,
}

impl Told {
    async fn reaches(&self, count: u32) {
        until(&format!("{count} comments are taken"), || async { self.taken.load(Ordering::SeqCst) >= count }).await;
    }

    /// Waits until somebody is told to come back.
    async fn is_refused(&self) {
        let before = self.refused.load(Ordering::SeqCst);
        until("somebody is refused", || async { self.refused.load(Ordering::SeqCst) > before }).await;
    }
}

/// One reader, who sends each comment with its key until it is acknowledged, as the widget does.
async fn read_and_post(http: Http, told: Arc<Told>) {
    loop {
        let n = told.next.fetch_add(1, Ordering::SeqCst);
        if n >= POSTS && told.over.load(Ordering::SeqCst) {
            return;
        }
        let mut body = comment(&format!("Number {n}: everybody has their own view of the bridge, and this is mine."));
        body["email"] = serde_json::json!(format!("reader-{n}@readers.example"));
        loop {
            let ask = http.ask("POST", "/api/comments").origin("http://news.example").key(&format!("key-{n}"));
            let answer = ask.json(&body).answer().await;
            match answer.status {
                202 => {
                    let id = answer.json()["id"].as_str().unwrap().to_owned();
                    let before = told.ids.lock().unwrap().insert(id, n);
                    assert_eq!(before, None, "two comments with one id");
                    told.taken.fetch_add(1, Ordering::SeqCst);
                    break;
                }
                503 => {
                    assert!(
                        !answer.header("retry-after").is_empty(),
                        "a 503 says when to come back: {}",
                        answer.text()
                    );
                    told.refused.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                other => panic!("{other}: {}", answer.text()),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_posts_lose_nothing_while_an_instance_a_redis_node_and_postgresql_go_away() {
    let Some(mut redis) = crate::redis().await else { return };
    let Some(mut fleet) = Fleet::start(&redis.url(), WIDE).await else { return };
    let told = Arc::new(Told::default());
    let readers: Vec<_> =
        (0..READERS).map(|_| tokio::spawn(read_and_post(fleet.proxy.clone(), Arc::clone(&told)))).collect();
    told.reaches(1_000).await;
    fleet.restart(0).await;
    let stand = told.taken.load(Ordering::SeqCst);
    redis.lose_one().await;
    told.reaches(stand + 500).await;
    let page = format!("/api/comments?page={PAGE}");
    for n in [0, 1] {
        fleet.direct(n).ask("GET", &page).answer().await.expect(200);
    }
    fleet.postgres.down();
    told.is_refused().await;
    until("no instance takes comments", || async { !fleet.is_ready(0).await && !fleet.is_ready(1).await }).await;
    // The proxy has noticed, or will within a second: either way readers keep the page.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(1) {
        fleet.proxy.ask("GET", &page).answer().await.expect(200);
    }
    fleet.postgres.up();
    told.reaches(told.taken.load(Ordering::SeqCst) + 500).await;
    fleet.kill(1).await;
    told.over.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.unwrap();
    }
    let sql = |sql: &str| fleet.postgres.sql("postgres", sql);
    let taken = told.taken.load(Ordering::SeqCst);
    assert!(taken >= POSTS, "{taken}");
    assert_eq!(sql("SELECT count(*) || ' ' || count(DISTINCT body) FROM comments"), format!("{taken} {taken}"));
    let kept = sql("SELECT id FROM comments");
    let ids = std::mem::take(&mut *told.ids.lock().unwrap());
    assert_eq!(kept.lines().filter(|id| ids.contains_key(*id)).count(), usize::try_from(taken).unwrap());
    for n in [0, 1] {
        until("the limits are Redis' again", || fleet.counts_in_redis(n)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_behind_the_proxy_fails_no_request() {
    rolling_restart("haproxy").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_behind_nginx_fails_nothing_that_may_be_sent_twice() {
    rolling_restart("nginx").await;
}

async fn rolling_restart(proxy: &str) {
    let Some(redis) = crate::redis().await else { return };
    let Some(mut fleet) = Fleet::behind(proxy, &redis.url(), WIDE).await else { return };
    let has_key = proxy == "nginx";
    let over = Arc::new(AtomicBool::new(false));
    let sent = Arc::new(AtomicU32::new(0));
    let readers: Vec<_> = (0..8)
        .map(|reader| {
            let (http, over, sent) = (fleet.proxy.clone(), Arc::clone(&over), Arc::clone(&sent));
            tokio::spawn(async move {
                let mut n = 0;
                while !over.load(Ordering::SeqCst) {
                    n += 1;
                    // Without a key HAProxy may not send it twice, so it must never have to; nginx has to.
                    let mut ask = http.ask("POST", "/api/comments").origin("http://news.example");
                    if has_key {
                        ask = ask.key(&format!("key-{reader}-{n}"));
                    }
                    ask.json(&comment(&format!("Reader {reader} says {n} things."))).answer().await.expect(202);
                    http.ask("GET", "/api/comments?page=http://news.example/2026/town/bridge")
                        .answer()
                        .await
                        .expect(200);
                    sent.fetch_add(2, Ordering::SeqCst);
                }
            })
        })
        .collect();
    until("readers are there", || async { sent.load(Ordering::SeqCst) > 50 }).await;
    for n in [0, 1, 0, 1] {
        fleet.restart(n).await;
        // HAProxy asks each half second, and nginx tries again after one.
        let before = sent.load(Ordering::SeqCst);
        until("the proxy sends readers there again", || async {
            sent.load(Ordering::SeqCst) > before && fleet.has_served(n).await
        })
        .await;
    }
    over.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.unwrap();
    }
}
