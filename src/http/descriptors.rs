//! How many connections may stand at once: as many as the process has descriptors for, less what the rest of it needs.
//!
//! At this many the next ones wait in the system's queue. Without it a crowd would take the last descriptor, and the
//! store, the provider and the settings' files could not be opened. Which client is one too many is not decided here.

use std::thread::available_parallelism;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Kept for everything but clients: the store, Redis, the captcha's provider, files.
const RESERVE: u64 = 128;
/// Most of one worker, however many descriptors there are.
const MOST: usize = 20_000;

/// Most connections of one worker, at least one, and of all together. It first asks for all the descriptors that the
/// process may have.
pub(super) fn connections(workers: usize) -> (usize, usize) {
    let workers = if workers > 0 { workers } else { available_parallelism().map_or(1, usize::from) };
    let each = share(raised(), workers);
    (each, each.saturating_mul(workers))
}

/// The limit in force from now on; none where there is none.
fn raised() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum,
        Err(_refused) => current,
    }
}

fn share(limit: Option<u64>, workers: usize) -> usize {
    let Some(limit) = limit else { return MOST };
    let room = usize::try_from(limit - RESERVE.min(limit / 2)).unwrap_or(usize::MAX);
    (room / workers).clamp(1, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_never_get_the_last_descriptor() {
        for (limit, workers, most) in [(1024, 2, 448), (256, 2, 64), (64, 4, 8), (2, 4, 1), (1 << 20, 2, MOST)] {
            assert_eq!(share(Some(limit), workers), most, "{limit}");
        }
        assert_eq!(share(None, 8), MOST);
        assert!(connections(0).0 >= 1);
    }
}
