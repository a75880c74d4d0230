//! The Redis script held to the reference, step by step, on a time that the test gives.

use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use replydesk::{
    config::Rate,
    limit::gcra::{self, Level},
};

use crate::server::RedisServer;

const SCRIPT: &str = include_str!("../../src/limit/gcra.lua");
const START_US: i64 = 1_790_000_000_123_456;

/// What the reference says of all buckets together.
fn reference(rates: &[Rate], kept: &mut [Option<i64>], now_us: i64) -> Vec<i64> {
    let steps: Vec<_> =
        std::iter::zip(rates, kept.iter()).map(|(rate, kept)| gcra::step(*rate, *kept, now_us)).collect();
    let granted = steps.iter().all(|step| step.retry_us == 0);
    let mut numbers = Vec::new();
    for ((rate, step), kept) in std::iter::zip(rates, &steps).zip(kept) {
        let arrival = if granted { step.charged_us } else { step.standing_us };
        if granted {
            *kept = Some(arrival);
        }
        let Level { remaining, next_us, retry_us } = gcra::level(*rate, arrival, now_us, step.retry_us);
        numbers.extend([i64::from(remaining), next_us, retry_us]);
    }
    numbers
}

fn script(connection: &mut redis::Connection, case: u64, rates: &[Rate], now_us: i64) -> Vec<i64> {
    script_over(connection, case, &(0..rates.len()).collect::<Vec<_>>(), rates, now_us)
}

/// The script over these buckets of the case.
fn script_over(
    connection: &mut redis::Connection,
    case: u64,
    buckets: &[usize],
    rates: &[Rate],
    now_us: i64,
) -> Vec<i64> {
    let mut command = redis::cmd("EVAL");
    command.arg(SCRIPT).arg(rates.len());
    for n in buckets {
        command.arg(format!("rd:{{{case}}}:{n}"));
    }
    command.arg(now_us);
    for rate in rates {
        command.arg(rate.emission_us()).arg(rate.burst);
    }
    command.query(connection).unwrap()
}

/// An emission of a minute at least, so that no key expires in real time within a case.
fn rates() -> impl Strategy<Value = Vec<Rate>> {
    let rate = (1u32..40, 60_000_000i64..100_000_000_000)
        .prop_map(|(burst, emission)| Rate { burst, period_us: emission * i64::from(burst) });
    prop::collection::vec(rate, 1..5)
}

fn gaps() -> impl Strategy<Value = Vec<i64>> {
    let gap = prop_oneof![4 => Just(0i64), 3 => 0..200_000_000i64, 1 => 0..100_000_000_000i64, 1 => -1_000_000..0i64];
    prop::collection::vec(gap, 1..60)
}

#[tokio::test]
async fn the_script_and_the_reference_agree_to_the_microsecond() {
    let Some(redis) = RedisServer::start().await else { return };
    let url = redis.url();
    let outcome = tokio::task::spawn_blocking(move || {
        let mut connection = redis::Client::open(url).unwrap().get_connection().unwrap();
        let cases = AtomicU64::new(0);
        let connection = std::cell::RefCell::new(&mut connection);
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(100));
        runner.run(&(rates(), gaps()), |(rates, gaps)| {
            let case = cases.fetch_add(1, Ordering::Relaxed);
            let (mut kept, mut now_us) = (vec![None; rates.len()], START_US);
            for gap in gaps {
                now_us += gap;
                let expected = reference(&rates, &mut kept, now_us);
                prop_assert_eq!(script(&mut connection.borrow_mut(), case, &rates, now_us), expected);
            }
            Ok(())
        })
    });
    outcome.await.unwrap().unwrap();
}

/// The pool of buckets that a sequence of charges picks from, each with a rate of its own.
fn pool() -> impl Strategy<Value = Vec<Rate>> {
    let rate = (1u32..8, 60_000_000i64..10_000_000_000)
        .prop_map(|(burst, emission)| Rate { burst, period_us: emission * i64::from(burst) });
    prop::collection::vec(rate, 4..7)
}

/// Charges, each of some buckets of the pool, and how much later it comes.
fn charges() -> impl Strategy<Value = Vec<(Vec<prop::sample::Index>, i64)>> {
    let gap = prop_oneof![5 => Just(0i64), 3 => 0..2_000_000_000i64, 1 => -60_000_000..0i64];
    prop::collection::vec((prop::collection::vec(any::<prop::sample::Index>(), 1..4), gap), 1..50)
}

/// The kept arrival time of each bucket and the time it has to live, as Redis has them.
fn kept(connection: &mut redis::Connection, case: u64, n: usize) -> (Option<i64>, i64) {
    let key = format!("rd:{{{case}}}:{n}");
    let arrival: Option<String> = redis::cmd("GET").arg(&key).query(connection).unwrap();
    let life = redis::cmd("PTTL").arg(&key).query(connection).unwrap();
    (arrival.map(|text| text.parse().unwrap()), life)
}

#[tokio::test]
async fn charges_over_several_buckets_are_taken_whole_or_not_at_all_and_their_keys_go_in_time() {
    let Some(redis) = RedisServer::start().await else { return };
    let url = redis.url();
    let outcome = tokio::task::spawn_blocking(move || {
        let mut connection = redis::Client::open(url).unwrap().get_connection().unwrap();
        let cases = AtomicU64::new(1_000_000);
        let connection = std::cell::RefCell::new(&mut connection);
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(60));
        runner.run(&(pool(), charges()), |(pool, charges)| {
            let case = cases.fetch_add(1, Ordering::Relaxed);
            let (mut model, mut now_us) = (vec![None; pool.len()], START_US);
            for (picks, gap) in charges {
                now_us += gap;
                let mut picked: Vec<usize> = picks.iter().map(|pick| pick.index(pool.len())).collect();
                picked.sort_unstable();
                picked.dedup();
                let rates: Vec<Rate> = picked.iter().map(|n| pool[*n]).collect();
                let mut some: Vec<Option<i64>> = picked.iter().map(|n| model[*n]).collect();
                let expected = reference(&rates, &mut some, now_us);
                let mut connection = connection.borrow_mut();
                prop_assert_eq!(script_over(&mut connection, case, &picked, &rates, now_us), expected.clone());
                let granted = expected.chunks(3).all(|numbers| numbers[2] == 0);
                for (n, arrival) in std::iter::zip(&picked, some) {
                    model[*n] = arrival;
                }
                // Every bucket of the pool, charged or not, is as the model has it: a refusal moved none.
                for (n, expected) in model.iter().enumerate() {
                    let (arrival, life) = kept(&mut connection, case, n);
                    prop_assert_eq!(arrival, *expected, "bucket {}", n);
                    let Some(arrival) = arrival.filter(|_| granted && picked.contains(&n)) else { continue };
                    // It lives until it is empty, and no longer.
                    let until_empty = (arrival - now_us + 999) / 1000;
                    prop_assert!((until_empty - 20_000..=until_empty).contains(&life), "{} of {}", life, until_empty);
                }
            }
            Ok(())
        })
    });
    outcome.await.unwrap().unwrap();
}
