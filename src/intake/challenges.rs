//! Handing out proof-of-work challenges, harder ones to networks and on sites under pressure.

use std::time::Duration;

use super::{Intake, Visitor, meters::Metered};
use crate::{
    captcha::{
        challenge::{Challenge, MintFault},
        pressure::Difficulty,
    },
    config::Site,
    limit,
};

/// Why there is no challenge.
#[derive(Debug)]
pub enum NoChallenge {
    /// Too many were asked for.
    Limited(Duration),
    /// It could not be minted.
    Mint(MintFault),
}

impl Intake {
    /// A proof-of-work challenge for a visitor.
    ///
    /// # Errors
    /// See [`NoChallenge`].
    pub fn challenge(
        &self,
        site: &Site,
        page_key: &str,
        action: &str,
        visitor: &Visitor,
    ) -> Result<Challenge, NoChallenge> {
        let now = self.clock.now();
        if !limit::allowed(&site.limits, visitor.client.address) {
            let key = visitor.client.address_key(&self.keys, now);
            self.meters.charge(&site.id, Metered::Challenge, &key).map_err(NoChallenge::Limited)?;
        }
        let network = visitor.client.network_key(&self.keys, now);
        let difficulty = Difficulty::at(self.pressure(site, page_key, visitor, &network, now).level());
        let mark = visitor.client.network_mark(&self.keys);
        self.captcha.challenge(site, page_key, action, &mark, difficulty, now).map_err(NoChallenge::Mint)
    }
}
