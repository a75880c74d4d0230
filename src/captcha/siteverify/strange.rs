//! Codes that nobody here knows: each is told once, so that a provider's news reaches the operator and a
//! provider's flood does not reach the log.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use crate::config::Provider;

/// Most codes that are told while the process lives.
const MOST: usize = 64;

#[derive(Default)]
pub(super) struct Strange {
    told: Mutex<HashSet<(Provider, String)>>,
}

impl Strange {
    /// Codes come cut to letters, digits, `-`, `_` and `.`.
    pub(super) fn tell(&self, provider: Provider, codes: &[String]) {
        for code in codes {
            let first = {
                let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
                told.len() < MOST && told.insert((provider, code.clone()))
            };
            if first {
                tracing::warn!(
                    provider = provider.as_str(),
                    code,
                    "the captcha provider gives a code that is not known here"
                );
            }
        }
    }
}
