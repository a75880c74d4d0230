//! Who belongs together: single comments and clusters, joined as near ones come.
//!
//! A cluster bears the id of its member that was known first; where two turn out to be one, the earlier
//! id stays, so that instances that found them in another order agree. Pure; it is told the time.

use std::collections::{HashMap, HashSet};

use super::chains::{Chains, Number};
use crate::{
    domain::{CommentId, Timestamp},
    scoring::Copies,
    store::Regroup,
    text::Sketch,
};

/// Members of a cluster that are remembered one by one: more say nothing more.
const REMEMBERED: usize = Copies::MOST as usize;
/// Corrections that may wait.
const WAITING: usize = 100_000;

/// What is known of a comment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) id: CommentId,
    pub(crate) site: u32,
    pub(crate) sketch: Sketch,
    pub(crate) sender: u32,
    pub(crate) at: Timestamp,
    /// A moderator said so.
    pub(crate) spam: bool,
}

/// Where a comment belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Seat {
    /// Its cluster, where it has near-copies.
    pub(crate) cluster: Option<CommentId>,
    /// The near-copy that had no other until now.
    pub(crate) founder: Option<CommentId>,
}

struct Entry {
    member: Member,
    cluster: Option<CommentId>,
    /// Forgotten: it keeps its place until it is the oldest.
    gone: bool,
}

/// All that is remembered.
#[derive(Default)]
pub(super) struct Index {
    chains: Chains<Entry>,
    numbers: HashMap<CommentId, Number>,
    clusters: HashMap<CommentId, Vec<Number>>,
    corrections: HashSet<Regroup>,
}

impl Index {
    /// Remembers so many comments.
    #[cfg(test)]
    pub(super) fn keeping(most: usize) -> Self {
        Self { chains: Chains::keeping(most), ..Self::default() }
    }

    pub(super) fn copies(&self, one: &Member) -> Copies {
        let mut copies = Copies { short: one.sketch.is_short(), ..Copies::default() };
        let (singles, clusters) = self.around(one);
        let members = clusters.iter().filter_map(|cluster| self.clusters.get(cluster)).flatten();
        for number in singles.iter().chain(members) {
            let Some(entry) = self.chains.get(*number).filter(|entry| entry.member.id != one.id) else { continue };
            let count = if entry.member.sender == one.sender { &mut copies.own } else { &mut copies.others };
            *count = count.saturating_add(1);
            let same = entry.member.sketch.bits() == one.sketch.bits();
            copies.same = copies.same.saturating_add(u32::from(same));
            copies.spam = copies.spam.saturating_add(u32::from(entry.member.spam));
        }
        copies
    }

    pub(super) fn cluster(&self, one: &Member) -> Option<CommentId> {
        let (singles, clusters) = self.around(one);
        self.name(&singles, &clusters)
    }

    pub(super) fn admit(&mut self, one: Member) -> Seat {
        self.forget(one.id);
        self.seat(one, None)
    }

    /// A comment as the store has it, in this cluster; new or changed.
    pub(super) fn observe(&mut self, one: Member, stored: Option<CommentId>) {
        let id = one.id;
        let known = self.numbers.get(&id).and_then(|number| Some((*number, self.chains.get_mut(*number)?)));
        let cluster = match known {
            Some((number, entry)) if entry.member.sketch.bits() == one.sketch.bits() => {
                entry.member.spam = one.spam;
                let cluster = entry.cluster;
                match (cluster, stored) {
                    (None, Some(stored)) => self.join(number, stored),
                    (Some(cluster), Some(stored)) => self.merge(cluster, stored),
                    (_, None) => {}
                }
                cluster.or(stored)
            }
            _ => {
                self.forget(id);
                self.seat(one, stored).cluster
            }
        };
        let cluster = cluster.map(|cluster| self.standing(id).unwrap_or(cluster));
        if let Some(cluster) = cluster.filter(|cluster| Some(*cluster) != stored) {
            self.correct(Regroup::Join { comment: id, sketch: one.sketch.bits(), cluster });
        }
    }

    pub(super) fn forget(&mut self, id: CommentId) {
        let Some(number) = self.numbers.remove(&id) else { return };
        if let Some(entry) = self.chains.get_mut(number) {
            entry.gone = true;
            if let Some(cluster) = entry.cluster.take() {
                self.leave(cluster, number);
            }
        }
    }

    /// Lets go what came before.
    pub(super) fn expire(&mut self, since: Timestamp) {
        while self.chains.oldest().is_some_and(|entry| entry.member.at < since) {
            self.pop();
        }
    }

    /// What the store has to learn.
    pub(super) fn corrections(&mut self) -> Vec<Regroup> {
        self.corrections.drain().collect()
    }

    pub(super) fn correct(&mut self, regroup: Regroup) {
        if self.corrections.len() < WAITING {
            self.corrections.insert(regroup);
        }
    }

    fn standing(&self, id: CommentId) -> Option<CommentId> {
        self.chains.get(*self.numbers.get(&id)?)?.cluster
    }

    /// The near comments that are alone, and the clusters that the others are of.
    fn around(&self, one: &Member) -> (Vec<Number>, Vec<CommentId>) {
        let (mut singles, mut clusters) = (Vec::new(), Vec::new());
        for number in self.chains.near(one.site, one.sketch) {
            match self.chains.get(number).filter(|entry| !entry.gone && entry.member.id != one.id) {
                Some(Entry { cluster: None, .. }) => singles.push(number),
                Some(Entry { cluster: Some(cluster), .. }) if !clusters.contains(cluster) => clusters.push(*cluster),
                _ => {}
            }
        }
        (singles, clusters)
    }

    /// What a cluster of these is called: as the earliest of the clusters, else the earliest comment.
    fn name(&self, singles: &[Number], clusters: &[CommentId]) -> Option<CommentId> {
        let alone = || singles.iter().filter_map(|number| self.chains.get(*number)).map(|entry| entry.member.id).min();
        clusters.iter().copied().min().or_else(alone)
    }

    fn seat(&mut self, one: Member, stored: Option<CommentId>) -> Seat {
        let (singles, mut clusters) = self.around(&one);
        clusters.extend(stored.filter(|stored| !clusters.contains(stored)));
        let Some(name) = self.name(&singles, &clusters) else {
            self.push(one, None);
            return Seat::default();
        };
        for other in clusters {
            self.merge(other, name);
        }
        let mut founder = None;
        for number in singles {
            let Some(member) = self.chains.get(number).map(|entry| entry.member) else { continue };
            self.join(number, name);
            founder = founder.or(Some(member.id));
            self.correct(Regroup::Join { comment: member.id, sketch: member.sketch.bits(), cluster: name });
        }
        if self.clusters.get(&name).is_none_or(|members| members.len() < REMEMBERED) {
            self.push(one, Some(name));
        }
        Seat { cluster: Some(name), founder }
    }

    fn push(&mut self, member: Member, cluster: Option<CommentId>) {
        if self.chains.is_full() {
            self.pop();
        }
        let number = self.chains.push(member.site, member.sketch, Entry { member, cluster, gone: false });
        self.numbers.insert(member.id, number);
        if let Some(cluster) = cluster {
            self.clusters.entry(cluster).or_default().push(number);
        }
    }

    fn pop(&mut self) {
        let Some((number, entry)) = self.chains.pop() else { return };
        if !entry.gone {
            self.numbers.remove(&entry.member.id);
        }
        if let Some(cluster) = entry.cluster {
            self.leave(cluster, number);
        }
    }

    /// Puts a comment that is alone into a cluster.
    fn join(&mut self, number: Number, cluster: CommentId) {
        if let Some(entry) = self.chains.get_mut(number) {
            entry.cluster = Some(cluster);
            self.clusters.entry(cluster).or_default().push(number);
        }
    }

    fn leave(&mut self, cluster: CommentId, number: Number) {
        if let Some(members) = self.clusters.get_mut(&cluster) {
            members.retain(|other| *other != number);
            if members.is_empty() {
                self.clusters.remove(&cluster);
            }
        }
    }

    /// Makes two clusters one, here and in the store; the earlier id stays.
    fn merge(&mut self, one: CommentId, other: CommentId) {
        if one == other {
            return;
        }
        let (from, to) = (one.max(other), one.min(other));
        for number in self.clusters.remove(&from).unwrap_or_default() {
            self.join(number, to);
        }
        self.correct(Regroup::Merge { from, to });
    }
}
