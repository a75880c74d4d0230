//! Waiting for what must come, and seeing that it came in time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// After which it is clear that it will not come.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until the condition holds; the sentence says what was waited for.
pub(crate) async fn until<F, W>(what: &str, holds: F)
where
    F: Fn() -> W,
    W: Future<Output = bool>,
{
    let started = Instant::now();
    while !holds().await {
        assert!(started.elapsed() < PATIENCE, "still not: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the condition holds, which is promised within a second.
pub(crate) async fn within_a_second<F, W>(what: &str, holds: F)
where
    F: Fn() -> W,
    W: Future<Output = bool>,
{
    in_time(what, Duration::from_secs(1), until(what, holds)).await;
}

/// What comes of the work, which is promised in this time: to that comes what the machine, busy with other things, kept a
/// thread waiting meanwhile.
pub(crate) async fn in_time<T>(what: &str, promised: Duration, work: impl Future<Output = T>) -> T {
    let (nap, stalled) = (Duration::from_millis(10), Arc::new(AtomicU64::new(0)));
    let kept = Arc::clone(&stalled);
    let watch = tokio::spawn(async move {
        loop {
            let asked = Instant::now();
            tokio::time::sleep(nap).await;
            let late = asked.elapsed().saturating_sub(nap).as_micros();
            kept.fetch_add(u64::try_from(late).unwrap(), Ordering::Relaxed);
        }
    });
    let asked = Instant::now();
    let done = work.await;
    let (took, stalled) = (asked.elapsed(), Duration::from_micros(stalled.load(Ordering::Relaxed)));
    watch.abort();
    assert!(took < promised + stalled, "{what}: after {took:?}, the machine itself kept it {stalled:?}");
    done
}
