//! How long a page of the queue takes with so many comments waiting (100,000, or as many as are named: `cargo bench --bench queue -- 1000000`).
//!
//! Prints the median and the 95th percentile for each way of asking, and the ratio to fifty rows fetched one by
//! one by their numbers, on the same store in the same minutes. The store is a file made anew in a temporary folder, or an
//! empty database: `scripts/with-postgres cargo bench --bench queue`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measuring program that fails loudly"
)]

use std::time::{Duration, Instant};

use replydesk::{
    domain::{
        AuthorId, CaptchaOutcome, CaptchaRecord, CommentId, PageAddress, Signal, SiteId, Status, Timestamp, Verdict,
    },
    store::{NewComment, QueueAuthor, QueueOrder, QueueQuery, Store},
};

const START: Timestamp = Timestamp(1_800_000_000_000);
const WORDS: [&str; 12] =
    ["bridge", "council", "never", "mayor", "water", "because", "street", "paid", "vote", "again", "school", "night"];
const ROUNDS: u32 = 60;

/// A comment like many: one in twenty belongs to one of 500 clusters, one in ten to a busy author.
fn comment(n: u64) -> NewComment {
    let at = START.plus(Duration::from_secs(n));
    let (site, page) = (if n.is_multiple_of(10) { "sport" } else { "news" }, n % 1_000);
    let address = PageAddress::parse(&format!("https://{site}.example/article-{page}")).unwrap();
    let mixed = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let body: Vec<&str> = (0..50).map(|k| WORDS[((mixed >> (k % 30)) as usize + k) % WORDS.len()]).collect();
    let of = |number: u64| CommentId::new(START.plus(Duration::from_secs(number)));
    let founder = (n.is_multiple_of(20)).then(|| founders(mixed % 500));
    let mut duplicate = [0; 32];
    duplicate[..8].copy_from_slice(&n.to_be_bytes());
    NewComment {
        id: of(n),
        page: address.identity(&SiteId::new(site), &[]),
        title: None,
        parent: None,
        status: Status::Pending,
        name: format!("Reader {}", mixed % 5_000),
        email: Some(format!("reader-{}@example.org", mixed % 5_000)),
        url: None,
        body: format!("{} {n}", body.join(" ")),
        post_id: None,
        created_at: at,
        edit_until: at,
        author: author(if n.is_multiple_of(10) { 0 } else { mixed % 5_000 }),
        proven: false,
        email_key: Some((mixed % 5_000) as i64),
        sketch: Some(mixed as i64),
        cluster: founder,
        founder: None,
        address: None,
        network_key: format!("n{}", mixed % 3_000),
        captcha: CaptchaRecord {
            provider: "builtin".into(),
            outcome: CaptchaOutcome::Pass,
            score: Some((mixed % 100) as f64 / 100.0),
            raw_score: None,
        },
        sampled: None,
        risk: (mixed % 1_000) as f64 / 1_000.0,
        verdict: Verdict::Hold,
        signals: vec![
            Signal::new("link_foreign", 1.2, "Links to another site."),
            Signal::new("capitals", 0.6, "Mostly in capitals."),
        ],
        duplicate: (duplicate, Timestamp(0)),
        claim: None,
        unverified: None,
        idempotency: None,
        staff: None,
    }
}

fn author(number: u64) -> AuthorId {
    let mut bytes = [7; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    AuthorId::from_bytes(bytes)
}

fn founders(number: u64) -> CommentId {
    let mut bytes = [9; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    CommentId::from_bytes(bytes)
}

fn ask() -> QueueQuery {
    QueueQuery {
        status: Some(Status::Pending),
        sites: None,
        page: None,
        words: Vec::new(),
        author: None,
        cluster: None,
        reported: false,
        since: None,
        until: None,
        score: (None, None),
        risk: (None, None),
        collapse: false,
        order: QueueOrder::Oldest,
        after: None,
        limit: 51,
    }
}

/// Median and 95th percentile in milliseconds of what is asked again and again.
async fn time<F: AsyncFn()>(job: F) -> (f64, f64) {
    job().await;
    let mut took = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        job().await;
        took.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    took.sort_by(f64::total_cmp);
    (took[took.len() / 2], took[took.len() * 95 / 100])
}

/// Stores so many comments that wait.
async fn fill(store: &Store, waiting: u64) {
    for stretch in (0..waiting).collect::<Vec<_>>().chunks(1_000) {
        let accept = |n: u64| {
            let store = store.clone();
            tokio::spawn(async move { store.accept(comment(n)).await.unwrap() })
        };
        for job in stretch.iter().map(|n| accept(*n)).collect::<Vec<_>>() {
            job.await.unwrap();
        }
    }
}

/// Pages of the queue in the order of age or risk, from the start and from the middle.
fn orders(waiting: u64) -> Vec<(&'static str, QueueQuery)> {
    let after = Some((i64::try_from(waiting / 2).unwrap(), 0.5));
    let (newest, risk) = (QueueOrder::Newest, QueueOrder::Risk);
    vec![
        ("oldest", ask()),
        ("newest", QueueQuery { order: newest, ..ask() }),
        ("riskiest", QueueQuery { order: risk, ..ask() }),
        ("oldest, near-copies as one", QueueQuery { collapse: true, ..ask() }),
        ("newest, near-copies as one", QueueQuery { collapse: true, order: newest, ..ask() }),
        ("riskiest, near-copies as one", QueueQuery { collapse: true, order: risk, ..ask() }),
        ("the middle", QueueQuery { after, ..ask() }),
        ("the middle by risk", QueueQuery { after, order: risk, collapse: true, ..ask() }),
        ("one of two sites", QueueQuery { sites: Some(vec!["news".into()]), collapse: true, ..ask() }),
        (
            "the small site by risk",
            QueueQuery { sites: Some(vec!["sport".into()]), order: risk, collapse: true, ..ask() },
        ),
    ]
}

/// Searches, whatever the status and the newest first where that is what a person would ask.
fn searches(waiting: u64, page: i64) -> Vec<(&'static str, QueueQuery)> {
    let all = || QueueQuery { status: None, order: QueueOrder::Newest, ..ask() };
    let of = |author| QueueQuery { author: Some(author), ..all() };
    let word = |word: &str| QueueQuery { words: vec![word.into()], ..all() };
    let since = Some(START.plus(Duration::from_secs(waiting / 2)));
    vec![
        ("one page", QueueQuery { page: Some(page), collapse: true, ..ask() }),
        ("one author, by id", of(QueueAuthor::Id(author(3)))),
        ("a busy author, by id", of(QueueAuthor::Id(author(0)))),
        ("one author, by email", of(QueueAuthor::Email(3))),
        ("one author, by name", of(QueueAuthor::Name("reader 3".into()))),
        ("one cluster", QueueQuery { cluster: Some(founders(3)), ..ask() }),
        ("since the middle, oldest", QueueQuery { since, ..ask() }),
        ("a narrow range of scores", QueueQuery { score: (Some(0.42), Some(0.42)), risk: (Some(0.9), None), ..all() }),
        ("reported", QueueQuery { reported: true, ..ask() }),
        ("a common word", word("bridge")),
        ("a rare word", word("77777")),
        ("a word that is nowhere", word("xylophone")),
    ]
}

fn tell(name: &str, (median, late): (f64, f64), reference: f64) {
    println!("{name:<32} {median:>9.2} {late:>9.2} {:>7.2}", median / reference);
}

/// The database that `scripts/with-postgres` made.
#[expect(clippy::disallowed_methods, reason = "a benchmark is told by the environment where to run")]
fn server() -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let waiting: u64 = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(100_000);
    let folder = tempfile::tempdir().unwrap();
    let file = || format!("sqlite:{}", folder.path().join("queue.db").display());
    let url = server().unwrap_or_else(file);
    let store = Store::open(&url).await.unwrap();
    fill(&store, waiting).await;
    let rows = store.queue(ask()).await.unwrap();
    let ids: Vec<CommentId> = rows.iter().map(|row| row.id).take(50).collect();
    let one_by_one = async || {
        for id in &ids {
            store.item(*id).await.unwrap();
        }
    };
    let (reference, late) = time(one_by_one).await;
    println!("{waiting} wait. Fifty comments one by one: {reference:.2} ms, 95 of 100 within {late:.2} ms");
    println!("{:<32} {:>9} {:>9} {:>7}", "a page of fifty", "median ms", "95 % ms", "ratio");
    for (name, query) in orders(waiting).into_iter().chain(searches(waiting, rows[0].page.id)) {
        let ask = async || {
            store.queue(query.clone()).await.unwrap();
        };
        tell(name, time(ask).await, reference);
    }
    for (name, sites) in [("counts a status", None), ("counts a status, one site", Some(vec!["news".to_owned()]))] {
        let count = async || {
            store.totals(sites.clone()).await.unwrap();
        };
        tell(name, time(count).await, reference);
    }
    store.close();
}
