//! A ban laid on what waits, once it is in force for what comes.
//!
//! In batches, so that nobody's comment waits for it. What it leaves on a comment and what that weighs is handed in.

use super::{
    Moderation, ModerationError, Viewer,
    bans::{SetBan, told},
    sieve::Sieve,
};
use crate::{
    domain::{BanKind, BanMode, Decision},
    store::{BanBatch, BanDeed, Mark, Portion, StoreError, Written},
};

/// Comments dealt with in one transaction.
const BATCH: usize = 200;

impl Moderation {
    /// Deals with what waits and is met, where that was asked for; the ban as it is told, JSON. Repeated under its
    /// idempotency key it goes on where it broke off, and gives the answer that was given.
    ///
    /// # Errors
    /// `HalfDone` where the store gave no answer: the ban is set, and some comments may have been dealt with.
    pub async fn enforce(&self, viewer: &Viewer, set: &SetBan, mark: Mark) -> Result<String, ModerationError> {
        let answer = async {
            let mut ban = set.ban.clone();
            if set.apply {
                ban.applied = self.lay(viewer, set, mark).await?;
            }
            let known = self.store.bans(self.clock.now()).await?.into_iter().find(|row| row.id == ban.id);
            let answer = serde_json::json!(told(viewer, known.unwrap_or(ban))).to_string();
            match &set.once {
                Some(once) => Ok(self.store.keep_answer(once.key, answer).await?),
                None => Ok(answer),
            }
        };
        answer.await.map_err(|fault| match fault {
            ModerationError::Store(fault) => ModerationError::HalfDone(fault),
            other => other,
        })
    }

    /// How many it has dealt with in the end.
    async fn lay(&self, viewer: &Viewer, set: &SetBan, mark: Mark) -> Result<u64, ModerationError> {
        let row = &set.ban;
        let (Ok(kind), Ok(mode)) = (row.kind.parse::<BanKind>(), row.mode.parse::<BanMode>()) else { return Ok(0) };
        let deed = match mode {
            BanMode::Hold => BanDeed::Mark(mark),
            BanMode::Shadow => BanDeed::Decide(Decision::Spam),
            BanMode::Refuse => BanDeed::Decide(Decision::Reject),
        };
        let sieve = Sieve::new(kind, &row.value, viewer.banning(row.site.as_deref()))?;
        let mut batch = BanBatch { ban: row.id, deed, met: Vec::new(), reason: row.reason.clone() };
        let (mut portion, mut applied) = (Some(Portion::Waiting { after: 0 }), row.applied);
        while let Some(stretch) = portion {
            let sifted = sieve.stretch(&self.store, stretch).await?;
            for some in sifted.met.chunks(BATCH) {
                batch.met = some.iter().map(|row: &Written| (row.id, row.version)).collect();
                match self.apply(batch.clone(), row.created_by.clone()).await? {
                    Some(so_far) => applied = so_far,
                    // Somebody ended it meanwhile: what it did stays, and it does no more.
                    None => return Ok(applied),
                }
            }
            portion = sifted.next;
        }
        Ok(applied)
    }

    async fn apply(&self, batch: BanBatch, by: String) -> Result<Option<u64>, StoreError> {
        let Some(done) = self.store.apply_ban(batch, by, self.clock.now()).await? else { return Ok(None) };
        for (site, key) in &done.pages {
            (self.on_change)(site, key);
        }
        Ok(Some(done.applied))
    }
}
