//! Fills a store with so many comments, as years would: for `scripts/load`, which measures how answers slow down as a store grows.
//!
//! Usage: `fill_store STORE FROM TO`, STORE as in `store.url`; comment FROM (from 0) up to TO. Each goes in by the one way
//! there is, so all that hangs on a comment is there. Nearly all are approved; one in a hundred waits, one is spam and one
//! rejected, all of the last days, as retention leaves them.

#![expect(clippy::print_stdout, reason = "it is there to print")]

use std::time::{Duration, Instant};

use anyhow::Context as _;
use replydesk::{
    domain::{
        AuthorId, CaptchaOutcome, CaptchaRecord, Clock, CommentId, PageAddress, Signal, SiteId, Status, Timestamp,
        Verdict,
    },
    keys,
    store::{Accepted, NewComment, Store},
};
use tokio::task::JoinSet;

/// Submissions under way at once.
const AT_ONCE: usize = 1_024;
/// Comments of an ordinary page. One page in fifty is read by everybody and has ten times as many.
const ON_A_PAGE: u64 = 50;
/// Approved comments come from so many seconds, two years.
const YEARS_S: u64 = 63_000_000;
/// The others from so many, five days.
const DAYS_S: u64 = 432_000;
/// So many marks of what was sent lately stay; a server drops those of more than a day ago.
const LATELY: u64 = 4_096;
const WORDS: [&str; 24] = [
    "bridge", "council", "never", "mayor", "water", "because", "street", "paid", "vote", "again", "school", "night",
    "report", "oak", "lamp", "traffic", "winter", "market", "engine", "budget", "repair", "ramp", "summer", "cycle",
];

/// Numbers that look drawn and are the same each time.
struct Dice(u64);

impl Dice {
    fn of(n: u64) -> Self {
        Self(n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % below
    }
}

fn text(dice: &mut Dice, n: u64) -> String {
    let said: Vec<&str> = (0..50).filter_map(|_| WORDS.get(usize::try_from(dice.roll(24)).ok()?).copied()).collect();
    format!("{} {n}.", said.join(" "))
}

/// What the built-in check found of a reader.
fn captcha() -> CaptchaRecord {
    CaptchaRecord { provider: "builtin".to_owned(), outcome: CaptchaOutcome::Pass, score: Some(0.9), raw_score: None }
}

/// Comment number `n` of so many, sent over the two years before `now`.
fn comment(n: u64, of: u64, now: Timestamp) -> anyhow::Result<NewComment> {
    let mut dice = Dice::of(n);
    let status = match dice.roll(100) {
        0 => Status::Pending,
        1 => Status::Rejected,
        2 => Status::Spam,
        _ => Status::Approved,
    };
    let age = match status {
        Status::Approved => YEARS_S.saturating_mul(of.saturating_sub(n)) / of.max(1),
        _ => dice.roll(DAYS_S),
    };
    let at = now.minus(Duration::from_secs(DAYS_S + age));
    let page = if dice.roll(5) == 0 { n / ON_A_PAGE / 50 * 50 } else { n / ON_A_PAGE };
    let address = PageAddress::parse(&format!("/article-{page}")).ok().context("no page")?;
    let person = dice.roll(1 + of / 8);
    let verdict = match status {
        Status::Approved => Verdict::Publish,
        Status::Spam => Verdict::Spam,
        Status::Rejected | Status::Deleted => Verdict::Reject,
        Status::Pending => Verdict::Hold,
    };
    let number = |what: &[u8], value: u64| keys::digest_of(&[what, &value.to_be_bytes()]);
    let [eight, sixteen] = [number(b"email", person), number(b"author", person)];
    let email_key = eight.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes));
    Ok(NewComment {
        id: CommentId::new(at),
        page: address.identity(&SiteId::new("default"), &[]),
        title: None,
        parent: None,
        status,
        name: format!("Reader {person}"),
        email: Some(format!("reader-{person}@example.org")),
        url: None,
        body: text(&mut dice, n),
        post_id: None,
        created_at: at,
        edit_until: at,
        author: AuthorId::from_bytes(sixteen.first_chunk().copied().unwrap_or_default()),
        proven: false,
        email_key: Some(email_key),
        sketch: Some(dice.roll(u64::MAX >> 12).cast_signed()),
        cluster: None,
        founder: None,
        address: None,
        network_key: keys::encode(number(b"network", dice.roll(50_000)).first_chunk::<16>().map_or(&[], |half| half)),
        captcha: captcha(),
        sampled: None,
        risk: f64::from(u32::try_from(dice.roll(1_000)).unwrap_or(0)) / 1_000.0,
        verdict,
        signals: vec![
            Signal::new("link_foreign", 1.2, "Links to another site."),
            Signal::new("no_origin", 0.6, "The request does not say where it comes from."),
        ],
        duplicate: (number(b"body", n % LATELY), now),
        claim: None,
        unverified: None,
        idempotency: None,
        staff: None,
    })
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let [url, from, to] =
        std::env::args().skip(1).collect::<Vec<_>>().try_into().ok().context("usage: fill_store STORE FROM TO")?;
    let (from, to): (u64, u64) = (from.parse().context("FROM is a number")?, to.parse().context("TO is a number")?);
    let (store, now, begun) = (Store::open(&url).await?, Clock::system().now(), Instant::now());
    let mut under_way = JoinSet::new();
    for n in from..to {
        if under_way.len() >= AT_ONCE {
            stored(under_way.join_next().await)?;
        }
        let (store, comment) = (store.clone(), comment(n, to, now)?);
        under_way.spawn(async move { store.accept(comment).await });
    }
    while let Some(done) = under_way.join_next().await {
        stored(Some(done))?;
    }
    store.close();
    println!("{} comments in {:.0} s", to - from, begun.elapsed().as_secs_f64());
    Ok(())
}

fn stored<F: Into<anyhow::Error>, G: Into<anyhow::Error>>(
    done: Option<Result<Result<Accepted, F>, G>>,
) -> anyhow::Result<()> {
    match done.transpose().map_err(Into::into)?.transpose().map_err(Into::into)? {
        None | Some(Accepted::Stored(_)) => Ok(()),
        Some(_) => anyhow::bail!("a comment was not stored: the store must be empty where it is filled"),
    }
}
