//! Attack mode: what brings it on, and how all instances on one store come to know of it.

use super::{Intake, StoreError};
use crate::{
    config::Site,
    domain::{AttackCause, Timestamp},
    store::{AttackRow, Raised},
    telemetry::chain,
};

/// How often what others raised and ended is read.
const EACH: std::time::Duration = std::time::Duration::from_millis(500);

impl Intake {
    /// The attacks that go on, by site and page.
    #[must_use]
    pub fn attacks(&self) -> Vec<AttackRow> {
        self.attacks.all(self.clock.now())
    }

    /// All that comes to the page, or the site, is held from now on. The store hears of it a moment later, beside the requests.
    pub(super) fn raise(&self, site: &Site, page: Option<&str>, cause: AttackCause, now: Timestamp) {
        if self.attacks.raise(&site.id, page, cause, now, site.moderation.attack_for) {
            self.attacked.notify_one();
        }
    }

    /// A comment on the site was refused by a limit or the captcha. `network_key` is the sender's.
    pub(super) fn note_refusal(&self, site: &Site, network_key: &str, now: Timestamp) {
        if self.refused.note(&site.id, network_key, now) {
            self.raise(site, None, AttackCause::Refusals, now);
        }
    }

    /// Waits until something is raised here, half a second at most, and then tells and hears what all instances share. To
    /// be called again and again.
    pub async fn attack_turn(&self) {
        let _either = tokio::time::timeout(EACH, self.attacked.notified()).await;
        if let Err(fault) = self.share_attacks().await {
            tracing::debug!(error = chain(&fault), "attacks could not be shared; what is known here holds");
            tokio::time::sleep(EACH).await;
        }
    }

    /// Tells the store what was raised here, ends what is over, and takes over what others raised, set and ended.
    ///
    /// # Errors
    /// When the store gives no answer; what is known here stays.
    pub async fn share_attacks(&self) -> Result<(), StoreError> {
        let _turn = self.sharing.lock().await;
        self.tell_attacks(false).await?;
        let now = self.clock.now();
        let mut rows = self.store.attacks().await?;
        if rows.iter().any(|row| row.is_over(now)) {
            for AttackRow { site, page, cause, .. } in self.store.close_attacks(now).await? {
                let (cause, whole) = (cause.as_str(), page.is_none());
                tracing::info!(%site, whole, cause, "attack mode is over: comments are judged as usual");
            }
            rows = self.store.attacks().await?;
        }
        self.attacks.take(rows, now);
        Ok(())
    }

    /// As the process ends: the store hears how long attacks last that go on.
    ///
    /// # Errors
    /// When the store gives no answer.
    pub async fn keep_attacks(&self) -> Result<(), StoreError> {
        let _turn = self.sharing.lock().await;
        self.tell_attacks(true).await
    }

    async fn tell_attacks(&self, at_once: bool) -> Result<(), StoreError> {
        for order in self.attacks.untold(self.clock.now(), at_once) {
            let raised = self.store.raise_attack(order.clone()).await?;
            self.attacks.told(&order, raised);
            if raised == Raised::Begun {
                let (cause, whole) = (order.cause.as_str(), order.page.is_none());
                let minutes = order.until.since(order.since).as_secs() / 60;
                tracing::warn!(site = %order.site, whole, cause, minutes, "attack mode begins: comments are held");
            }
        }
        Ok(())
    }
}
