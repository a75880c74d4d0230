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
    let mut command = redis::cmd("EVAL");
    command.arg(SCRIPT).arg(rates.len());
    for n in 0..rates.len() {
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
