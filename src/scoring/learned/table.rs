//! One site's slots: what each feature is worth, and how often it was met on either side.
//!
//! The weights are those of FTRL-Proximal without regularisation (McMahan et al., "Ad click
//! prediction: a view from the trenches", 2013), kept as its sums so that a step needs no history.

use super::hash::SLOTS;

/// Length of the first steps.
const ALPHA: f32 = 1.0;
/// Keeps the first steps from being arbitrarily long.
const BETA: f32 = 0.3;

/// What is known of a feature.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(super) struct Slot {
    /// Sum of the gradients, corrected for the steps taken.
    pub(super) z: f32,
    /// Sum of the squared gradients.
    pub(super) n: f32,
    /// Spam it was met in.
    pub(super) spam: u16,
    /// Approved comments it was met in.
    pub(super) ham: u16,
}

impl Slot {
    /// Log-odds for one unit of the feature.
    pub(super) fn weight(self) -> f32 {
        -self.z * ALPHA / (BETA + self.n.sqrt())
    }
    /// Decisions it was met in.
    pub(super) fn seen(self) -> u16 {
        self.spam.saturating_add(self.ham)
    }
    /// One step against a gradient.
    pub(super) fn step(&mut self, gradient: f32) {
        let before = self.n.sqrt();
        self.n += gradient * gradient;
        let weight = -self.z * ALPHA / (BETA + before);
        self.z += gradient - (self.n.sqrt() - before) / ALPHA * weight;
    }
    pub(super) fn count(&mut self, spam: bool) {
        let side = if spam { &mut self.spam } else { &mut self.ham };
        *side = side.saturating_add(1);
    }
}

/// All slots of a site: 3 MiB.
#[derive(Clone, PartialEq)]
pub(super) struct Table(Box<[Slot]>);

impl Table {
    pub(super) fn new() -> Self {
        Self(vec![Slot::default(); SLOTS].into_boxed_slice())
    }
    pub(super) fn get(&self, slot: u32) -> Slot {
        self.0.get(slot as usize).copied().unwrap_or_default()
    }
    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut Slot> {
        self.0.get_mut(slot as usize)
    }
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.0)
    }
    pub(super) fn iter(&self) -> impl Iterator<Item = &Slot> {
        self.0.iter()
    }
    /// Forgets half of what was counted, before the counts run over.
    pub(super) fn halve_counts(&mut self) {
        for slot in &mut self.0 {
            slot.spam /= 2;
            slot.ham /= 2;
        }
    }
}
