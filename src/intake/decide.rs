//! The verdict: a pure function of what every check found and what the operator wants.
//!
//! It knows no text, address or clock. Chance comes in as a drawn number, so that a table can test it.

use crate::{
    captcha::bands::{Band, Refusal},
    config::Mode,
    domain::{AuthorRecord, BanMode, Status, Verdict},
};

/// What the checks found.
#[derive(Clone, Copy, Debug)]
pub struct Evidence {
    /// The captcha.
    pub band: Band,
    /// Risk in `[0,1]`.
    pub risk: f64,
    /// A reject word was found.
    pub word_reject: bool,
    /// A hold word was found, or the name passes for staff.
    pub held_by_content: bool,
    /// The hardest ban that met it, short of refusal.
    pub ban: Option<BanMode>,
    /// The email is over its ceiling, or the page or site is under attack.
    pub over_ceiling: bool,
    /// The share of its like with which the captcha's gate let it on as a sample.
    pub sampled: Option<f64>,
    /// How the author's earlier comments fared.
    pub author: AuthorRecord,
}

/// What the operator wants.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Who publishes without a moderator.
    pub mode: Mode,
    /// Approvals that make an author trusted.
    pub trusted_after: u32,
    /// `risk >= hold_at` holds.
    pub hold_at: f64,
    /// `risk >= spam_at` is spam.
    pub spam_at: f64,
    /// Share of would-be spam that is held instead.
    pub explore_spam: f64,
}

/// The verdict on what is stored.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Ruling {
    /// The last word.
    pub verdict: Verdict,
    /// It would have been refused or marked, and goes to the queue so that thresholds can be judged: with this
    /// share of its like.
    pub sampled: Option<f64>,
}

impl Ruling {
    /// How the comment starts out.
    #[must_use]
    pub fn status(self) -> Status {
        match self.verdict {
            Verdict::Publish => Status::Approved,
            Verdict::Hold => Status::Pending,
            Verdict::Spam => Status::Spam,
            Verdict::Reject => Status::Rejected,
        }
    }
}

/// The captcha's gate: refused, or let on, or let on as a sample of what would have been refused, and then with
/// which share of its like.
///
/// # Errors
/// The refusal.
pub fn captcha_gate(band: Band, explore: f64, draw: f64) -> Result<Option<f64>, Refusal> {
    match band {
        Band::Refuse(Refusal::ScoreLow) if draw < explore => Ok(Some(explore)),
        Band::Refuse(refusal) => Err(refusal),
        Band::Off | Band::Pass | Band::Low | Band::Missing | Band::Unverified => Ok(None),
    }
}

/// The verdict on a comment that no gate refused. `draw` is uniform in [0,1).
#[must_use]
pub fn decide(evidence: &Evidence, policy: &Policy, draw: f64) -> Ruling {
    let plain = |verdict| Ruling { verdict, sampled: None };
    if evidence.word_reject {
        return plain(Verdict::Reject);
    }
    if evidence.ban >= Some(BanMode::Shadow) {
        return plain(Verdict::Spam);
    }
    if evidence.risk >= policy.spam_at {
        return if draw < policy.explore_spam {
            // One draw passed both gates, so the smaller share is that of both.
            let share = evidence.sampled.map_or(policy.explore_spam, |share| share.min(policy.explore_spam));
            Ruling { verdict: Verdict::Hold, sampled: Some(share) }
        } else {
            plain(Verdict::Spam)
        };
    }
    let held = evidence.risk >= policy.hold_at
        || !matches!(evidence.band, Band::Off | Band::Pass)
        || evidence.held_by_content
        || evidence.ban.is_some()
        || evidence.over_ceiling;
    let publishes = match policy.mode {
        Mode::Pre => false,
        Mode::Trusted => is_trusted(evidence.author, policy.trusted_after),
        Mode::Post => true,
    };
    Ruling { verdict: if held || !publishes { Verdict::Hold } else { Verdict::Publish }, sampled: evidence.sampled }
}

/// Proven, often enough approved, and never turned down.
fn is_trusted(author: AuthorRecord, after: u32) -> bool {
    author.proven && author.approved >= after && author.rejected == 0 && author.spam == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::captcha::Reason;

    const POLICY: Policy =
        Policy { mode: Mode::Post, trusted_after: 3, hold_at: 0.5, spam_at: 0.9, explore_spam: 0.02 };
    const FINE: Evidence = Evidence {
        band: Band::Pass,
        risk: 0.1,
        word_reject: false,
        held_by_content: false,
        ban: None,
        over_ceiling: false,
        sampled: None,
        author: AuthorRecord { proven: false, approved: 0, rejected: 0, spam: 0 },
    };

    fn verdict(evidence: Evidence, mode: Mode) -> Verdict {
        decide(&evidence, &Policy { mode, ..POLICY }, 0.5).verdict
    }

    #[test]
    fn the_mode_decides_about_what_nothing_speaks_against() {
        let trusted = Evidence { author: AuthorRecord { proven: true, approved: 3, rejected: 0, spam: 0 }, ..FINE };
        for (evidence, mode, expected) in [
            (FINE, Mode::Pre, Verdict::Hold),
            (FINE, Mode::Trusted, Verdict::Hold),
            (FINE, Mode::Post, Verdict::Publish),
            (trusted, Mode::Pre, Verdict::Hold),
            (trusted, Mode::Trusted, Verdict::Publish),
        ] {
            assert_eq!(verdict(evidence, mode), expected, "{mode:?}");
        }
    }

    #[test]
    fn trust_needs_proof_and_a_clean_record() {
        for author in [
            AuthorRecord { proven: false, approved: 9, rejected: 0, spam: 0 },
            AuthorRecord { proven: true, approved: 2, rejected: 0, spam: 0 },
            AuthorRecord { proven: true, approved: 9, rejected: 1, spam: 0 },
            AuthorRecord { proven: true, approved: 9, rejected: 0, spam: 1 },
        ] {
            assert_eq!(verdict(Evidence { author, ..FINE }, Mode::Trusted), Verdict::Hold, "{author:?}");
        }
    }

    #[test]
    fn a_hold_from_whatever_source_overrides_every_mode() {
        let holds = [
            Evidence { band: Band::Low, ..FINE },
            Evidence { band: Band::Missing, ..FINE },
            Evidence { band: Band::Unverified, ..FINE },
            Evidence { risk: 0.5, ..FINE },
            Evidence { held_by_content: true, ..FINE },
            Evidence { ban: Some(BanMode::Hold), ..FINE },
            Evidence { over_ceiling: true, ..FINE },
        ];
        for evidence in holds {
            for mode in [Mode::Pre, Mode::Trusted, Mode::Post] {
                assert_eq!(verdict(evidence, mode), Verdict::Hold, "{evidence:?} {mode:?}");
            }
        }
        assert_eq!(verdict(Evidence { risk: 0.499_999, ..FINE }, Mode::Post), Verdict::Publish);
    }

    #[test]
    fn words_bans_and_risk_are_stored_without_being_shown() {
        assert_eq!(verdict(Evidence { word_reject: true, risk: 1.0, ..FINE }, Mode::Post), Verdict::Reject);
        assert_eq!(verdict(Evidence { ban: Some(BanMode::Shadow), ..FINE }, Mode::Post), Verdict::Spam);
        assert_eq!(verdict(Evidence { risk: 0.9, ..FINE }, Mode::Post), Verdict::Spam);
        let lucky = decide(&Evidence { risk: 0.95, ..FINE }, &POLICY, 0.019);
        assert_eq!(lucky, Ruling { verdict: Verdict::Hold, sampled: Some(0.02) });
    }

    #[test]
    fn only_a_low_score_can_be_explored() {
        assert_eq!(captcha_gate(Band::Refuse(Refusal::ScoreLow), 0.1, 0.05), Ok(Some(0.1)));
        assert_eq!(captcha_gate(Band::Refuse(Refusal::ScoreLow), 0.1, 0.1), Err(Refusal::ScoreLow));
        let failed = Refusal::Failed(Reason::Invalid);
        assert_eq!(captcha_gate(Band::Refuse(failed), 1.0, 0.0), Err(failed));
        let sample = Evidence { band: Band::Refuse(Refusal::ScoreLow), sampled: Some(0.6), ..FINE };
        assert_eq!(decide(&sample, &POLICY, 0.5), Ruling { verdict: Verdict::Hold, sampled: Some(0.6) });
        let of_both = Evidence { risk: 0.95, ..sample };
        assert_eq!(decide(&of_both, &POLICY, 0.01), Ruling { verdict: Verdict::Hold, sampled: Some(0.02) });
        let rare = Evidence { sampled: Some(0.011), ..of_both };
        assert_eq!(decide(&rare, &POLICY, 0.01).sampled, Some(0.011));
    }
}
