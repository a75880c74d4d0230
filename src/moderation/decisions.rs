//! Decisions, one or many: first come, first served, and the others are told who was first.

use super::{Item, Moderation, ModerationError, Viewer, view::bare};
use crate::{
    domain::{CommentId, Decision, Status},
    store::{ClusterEnd, ClusterOrder, DecisionOrder, DecisionOutcome, DecisionResult, UpTo},
};

/// A decision as it was asked for.
#[derive(Clone, Debug)]
pub struct Order {
    /// On which comment.
    pub id: CommentId,
    /// What.
    pub action: Decision,
    /// The version the moderator saw; none decides on whatever stands.
    pub version: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

/// A decision on a whole cluster.
#[derive(Clone, Debug)]
pub struct WholeOrder {
    /// Which cluster.
    pub cluster: CommentId,
    /// What.
    pub action: Decision,
    /// The last member that the moderator saw.
    pub up_to: UpTo,
    /// Only members that stand so; none is all.
    pub status: Option<Status>,
    /// Why.
    pub reason: Option<String>,
}

/// What became of a whole cluster.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Members that were decided now.
    pub applied: u64,
    /// Members on whom the decision stood already.
    pub unchanged: u64,
}

/// What became of one of many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It stands.
    Applied,
    /// It stood already.
    Unchanged,
    /// Somebody else was first.
    Conflict,
    /// No such comment within the viewer's sites.
    NotFound,
}

impl Outcome {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Unchanged => "unchanged",
            Self::Conflict => "conflict",
            Self::NotFound => "not_found",
        }
    }
}

impl Moderation {
    /// Takes one decision; the comment as it stands then.
    ///
    /// # Errors
    /// `NotFound`, `Conflict` with who decided what and when, the store's.
    pub async fn decide(&self, viewer: &Viewer, order: Order) -> Result<Item, ModerationError> {
        let id = order.id;
        let result = self.take(viewer, vec![order]).await?.pop().ok_or(ModerationError::NotFound)?;
        match result.outcome {
            DecisionOutcome::Applied | DecisionOutcome::Unchanged => self.item(viewer, id).await,
            DecisionOutcome::NotFound => Err(ModerationError::NotFound),
            DecisionOutcome::Conflict { by, status, at } => {
                let version = result.version.unwrap_or_default();
                Err(ModerationError::Conflict { by: by.map(bare), status, at, version })
            }
        }
    }

    /// Takes many decisions in one transaction, in the order given; what became of each.
    ///
    /// # Errors
    /// The store's; then none was taken.
    pub async fn decide_all(
        &self,
        viewer: &Viewer,
        orders: Vec<Order>,
    ) -> Result<Vec<(CommentId, Outcome, Option<i64>)>, ModerationError> {
        let results = self.take(viewer, orders).await?;
        Ok(results.into_iter().map(|result| (result.id, outcome(&result.outcome), result.version)).collect())
    }

    /// Decides on all members of a cluster up to one that was seen, in batches; later arrivals stay out.
    ///
    /// # Errors
    /// `NotFound` where there is no such cluster within the viewer's sites, `NoMember`, the store's: then
    /// some may have been decided, and the same again does the rest.
    pub async fn decide_cluster(&self, viewer: &Viewer, order: WholeOrder) -> Result<Tally, ModerationError> {
        let sites = viewer.sites.clone();
        let last = match self.store.cluster_end(order.cluster, order.up_to, sites.clone()).await? {
            ClusterEnd::NotFound => return Err(ModerationError::NotFound),
            ClusterEnd::NoMember => return Err(ModerationError::NoMember),
            ClusterEnd::At(last) => last,
        };
        let WholeOrder { cluster, action: decision, status, reason, .. } = order;
        let mut batch = ClusterOrder { cluster, decision, status, reason, sites, after: 0, last };
        let mut tally = Tally::default();
        loop {
            let decided = self.store.decide_cluster(batch.clone(), viewer.actor.clone(), self.clock.now());
            let (results, next) = decided.await?;
            self.tell(&results);
            for result in results {
                match result.outcome {
                    DecisionOutcome::Applied => tally.applied += 1,
                    DecisionOutcome::Unchanged => tally.unchanged += 1,
                    DecisionOutcome::Conflict { .. } | DecisionOutcome::NotFound => {}
                }
            }
            match next {
                Some(next) => batch.after = next,
                None => return Ok(tally),
            }
        }
    }

    async fn take(&self, viewer: &Viewer, orders: Vec<Order>) -> Result<Vec<DecisionResult>, ModerationError> {
        let orders = orders
            .into_iter()
            .map(|order| DecisionOrder {
                id: order.id,
                decision: order.action,
                version: order.version,
                reason: order.reason,
                sites: viewer.sites.clone(),
            })
            .collect();
        let results = self.store.decide(orders, viewer.actor.clone(), self.clock.now()).await?;
        self.tell(&results);
        Ok(results)
    }

    fn tell(&self, results: &[DecisionResult]) {
        for result in results.iter().filter(|result| result.outcome == DecisionOutcome::Applied) {
            if let Some((site, key)) = &result.page {
                (self.on_change)(site, key);
            }
        }
    }
}

fn outcome(outcome: &DecisionOutcome) -> Outcome {
    match outcome {
        DecisionOutcome::Applied => Outcome::Applied,
        DecisionOutcome::Unchanged => Outcome::Unchanged,
        DecisionOutcome::Conflict { .. } => Outcome::Conflict,
        DecisionOutcome::NotFound => Outcome::NotFound,
    }
}
