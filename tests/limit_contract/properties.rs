//! The limiter in the process held to the arithmetic of `gcra`: whatever is charged to whom, in whatever order and at
//! whatever time, it decides and says what a model of a few lines does. Exact counts hold when many ask at once too.

use std::{collections::HashMap, sync::Arc, time::Duration};

use proptest::prelude::*;
use replydesk::{
    config::{Limits, Rate},
    domain::{Clock, SiteId, Timestamp},
    limit::{Admission, Bucket, Charge, Limiter, Rule, ceilings, gcra, refusing, unverified},
};
use tokio::{sync::Barrier, task::JoinSet};

use crate::{granted, limits, rate};

/// Every bucket's arrival time by its key: all that a limiter has to know.
#[derive(Default)]
struct Model(HashMap<String, i64>);

/// What the model says of a charge.
struct Said {
    /// The longest wait; zero where it is granted.
    wait_us: i64,
    /// The rules that impose it.
    rules: Vec<Rule>,
    /// The fewest requests left in any bucket after it.
    left: u32,
}

impl Model {
    fn charge(&mut self, buckets: &[Bucket], now_us: i64) -> Said {
        let step = |bucket: &Bucket| gcra::step(bucket.rate, self.0.get(&bucket.key).copied(), now_us);
        let steps: Vec<gcra::Step> = buckets.iter().map(step).collect();
        let wait_us = steps.iter().map(|step| step.retry_us).max().unwrap_or(0);
        let both = || std::iter::zip(buckets, &steps);
        if wait_us == 0 {
            let charged = both().map(|(bucket, step)| (bucket.key.clone(), step.charged_us));
            self.0.extend(charged);
        }
        let longest = both().filter(|(_, step)| wait_us > 0 && step.retry_us == wait_us);
        let left = both().map(|(bucket, step)| {
            let arrival = if wait_us == 0 { step.charged_us } else { step.standing_us };
            gcra::level(bucket.rate, arrival, now_us, step.retry_us).remaining
        });
        Said { wait_us, rules: longest.map(|(bucket, _)| bucket.rule).collect(), left: left.min().unwrap_or(u32::MAX) }
    }
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Deed {
    /// A comment of an address of a network, with a token or without.
    Comment(u8, u8, bool),
    /// One that is found unverified afterwards.
    Unverified(u8, u8),
    /// What holds and marks: an email's and a page's.
    Ceilings(u8, u8),
    /// Time goes by, in milliseconds.
    Wait(u64),
    /// The minute's housekeeping.
    Sweep,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let gap = prop_oneof![0..50u64, 0..5_000u64, 0..700_000u64];
    let deed = prop_oneof![
        8 => (0..4u8, 0..2u8, any::<bool>()).prop_map(|(address, network, token)| Deed::Comment(address, network, token)),
        2 => (0..4u8, 0..2u8).prop_map(|(address, network)| Deed::Unverified(address, network)),
        2 => (0..2u8, 0..3u8).prop_map(|(email, page)| Deed::Ceilings(email, page)),
        3 => gap.prop_map(Deed::Wait),
        1 => Just(Deed::Sweep),
    ];
    prop::collection::vec(deed, 1..120)
}

/// Up to two windows a rule, from one request in a minute to thirty in a tenth of a second.
fn rates() -> impl Strategy<Value = Vec<Rate>> {
    prop::collection::vec((1u32..30, 100i64..60_000).prop_map(|(burst, period_ms)| rate(burst, period_ms)), 0..3)
}

fn all_limits() -> impl Strategy<Value = Limits> {
    (rates(), rates(), rates(), rates(), rates(), rates()).prop_map(
        |(ip, network, plain, plain_network, email, page)| {
            let mut limits = limits(ip, network);
            (limits.without_token, limits.without_token_network) = (plain, plain_network);
            (limits.per_email, limits.per_page) = (email, page);
            limits
        },
    )
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

/// Charges both and compares.
async fn compare(limiter: &Limiter, model: &mut Model, charge: &Charge, now_us: i64) -> Result<(), TestCaseError> {
    let said = model.charge(&charge.buckets, now_us);
    let standing = match limiter.admit(charge).await {
        Admission::Granted(standing) => {
            prop_assert_eq!(said.wait_us, 0);
            standing
        }
        Admission::Refused { rule, retry_after, standing } => {
            prop_assert_eq!(retry_after, Duration::from_micros(u64::try_from(said.wait_us).unwrap()));
            prop_assert!(said.rules.contains(&rule), "{:?} of {:?}", rule, said.rules);
            standing
        }
        Admission::Unavailable => return Err(TestCaseError::fail("the process is always there")),
    };
    let told = standing.limit();
    prop_assert_eq!(told.is_none(), charge.buckets.is_empty());
    if let Some(told) = told {
        prop_assert!(told.contains(&format!(";r={};t=", said.left)) || said.wait_us > 0, "{} for {}", told, said.left);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Decisions, waits and what is left are the model's; a refusal costs nothing anywhere, or the next would differ.
    #[test]
    fn in_the_process_every_sequence_of_charges_is_decided_as_the_model_decides(
        limits in all_limits(), deeds in deeds(),
    ) {
        let clock = Clock::standing_at(Timestamp(1_790_000_000_123));
        let (limiter, mut model) = (Limiter::local(clock.clone()), Model::default());
        let site = SiteId::new("news");
        runtime().block_on(async {
            for deed in deeds {
                let now_us = clock.now().0 * 1000;
                let who = |address: u8, network: u8| (format!("a{address}"), format!("n{network}"));
                match deed {
                    Deed::Comment(address, network, token) => {
                        let (address, network) = who(address, network);
                        let charge = refusing(&limits, &address, &network, !token);
                        compare(&limiter, &mut model, &charge, now_us).await?;
                    }
                    Deed::Unverified(address, network) => {
                        let (address, network) = who(address, network);
                        compare(&limiter, &mut model, &unverified(&limits, &address, &network), now_us).await?;
                    }
                    Deed::Ceilings(email, page) => {
                        let buckets = ceilings(&limits, Some(&format!("e{email}")), &format!("/{page}"), &site);
                        let mut over = Vec::new();
                        for bucket in &buckets {
                            if model.charge(std::slice::from_ref(bucket), now_us).wait_us > 0 {
                                over.push(bucket.rule);
                            }
                        }
                        over.dedup();
                        prop_assert_eq!(limiter.over(&buckets).await, over);
                    }
                    Deed::Wait(ms) => clock.advance(Duration::from_millis(ms)),
                    Deed::Sweep => limiter.sweep(),
                }
            }
            // When every bucket is empty again nothing is kept.
            clock.advance(Duration::from_secs(3_600));
            limiter.sweep();
            prop_assert_eq!(limiter.n_buckets(), 0);
            Ok(())
        })?;
    }

    /// A wait that was told is neither too short nor too long, if nobody else comes.
    #[test]
    fn in_the_process_who_waits_as_told_is_admitted_and_no_moment_sooner(
        ip in rates(), network in rates(), attempts in 1usize..80,
    ) {
        let clock = Clock::standing_at(Timestamp(1_790_000_000_000));
        let limiter = Limiter::local(clock.clone());
        let charge = refusing(&limits(ip, network), "a", "n", false);
        runtime().block_on(async {
            for _ in 0..attempts {
                let Admission::Refused { retry_after, .. } = limiter.admit(&charge).await else { continue };
                let whole = Duration::from_millis(u64::try_from(retry_after.as_micros().div_ceil(1000)).unwrap());
                if whole > Duration::from_millis(1) {
                    clock.advance(whole - Duration::from_millis(1));
                    prop_assert!(!granted(&limiter, &charge).await);
                    clock.advance(Duration::from_millis(1));
                } else {
                    clock.advance(whole);
                }
                prop_assert!(granted(&limiter, &charge).await);
            }
            Ok(())
        })?;
    }
}

/// Who asks how often, and what they may.
#[derive(Clone, Debug)]
pub(crate) struct Crowd {
    /// Attempts of each address of one network.
    attempts: Vec<u32>,
    per_ip: u32,
    per_network: u32,
}

impl Crowd {
    /// Some crowds that use up the network, that don't, and that just do.
    pub(crate) fn some() -> Vec<Self> {
        let crowd = |attempts: &[u32], per_ip, per_network| Self { attempts: attempts.to_vec(), per_ip, per_network };
        vec![
            crowd(&[20, 20, 20], 5, 12),
            crowd(&[20, 3, 1], 5, 100),
            crowd(&[9, 9, 9, 9], 3, 12),
            crowd(&[60], 1, 1),
            crowd(&[1; 40], 2, 25),
        ]
    }

    /// With time as good as standing still so many are admitted, in whatever order they come: a refusal of one bucket
    /// leaves the others whole for whoever comes next.
    fn admitted(&self) -> u32 {
        let each: u32 = self.attempts.iter().map(|attempts| (*attempts).min(self.per_ip)).sum();
        each.min(self.per_network)
    }

    /// All at once over these limiters; how many were admitted, and the most of one address.
    async fn comes(&self, limiters: &[Arc<Limiter>], round: usize) -> (u32, u32) {
        let limits = limits(vec![rate(self.per_ip, 36_000_000)], vec![rate(self.per_network, 36_000_000)]);
        let total: u32 = self.attempts.iter().sum();
        let start = Arc::new(Barrier::new(usize::try_from(total).unwrap()));
        let mut requests = JoinSet::new();
        for (address, attempts) in self.attempts.iter().enumerate() {
            for nth in 0..*attempts {
                let limiter = Arc::clone(&limiters[usize::try_from(nth).unwrap() % limiters.len()]);
                let charge = refusing(&limits, &format!("{round}-{address}"), &format!("crowd-{round}"), false);
                let start = Arc::clone(&start);
                requests.spawn(async move {
                    start.wait().await;
                    (address, u32::from(granted(&limiter, &charge).await))
                });
            }
        }
        let mut each: HashMap<usize, u32> = HashMap::new();
        for (address, admitted) in requests.join_all().await {
            *each.entry(address).or_default() += admitted;
        }
        (each.values().sum(), each.into_values().max().unwrap_or(0))
    }

    /// Holds the exact count over these limiters.
    pub(crate) async fn is_counted_exactly(&self, limiters: &[Arc<Limiter>], round: usize) {
        let (all, most) = self.comes(limiters, round).await;
        assert_eq!(all, self.admitted(), "{self:?}");
        assert!(most <= self.per_ip, "{self:?}: {most} of one address");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_the_process_a_crowd_over_several_keys_is_counted_exactly() {
    for round in 0..10 {
        for (nth, crowd) in Crowd::some().into_iter().enumerate() {
            let limiter = Arc::new(Limiter::local(Clock::system()));
            crowd.is_counted_exactly(&[limiter], round * 100 + nth).await;
        }
    }
}
