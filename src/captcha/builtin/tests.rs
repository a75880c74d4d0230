//! The personas that the model was drawn up with: a change of a weight shows here whom it hits.

use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::captcha::OriginSeen;

const BROWSER: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36";

/// A browser on the site's own page that says nothing of its interaction.
pub(super) const READER: ClientFacts<'static> = ClientFacts {
    network_mark: "0a1b2c3d",
    address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)),
    user_agent: Some(BROWSER),
    has_accept_language: true,
    has_sec_fetch: true,
    has_client_hints: true,
    origin: OriginSeen::Own,
    honeypot_filled: false,
    interaction: None,
};
const TYPED: Option<[u32; 6]> = Some([800, 45_000, 140, 3, 2, 0]);
const PASTED: Option<[u32; 6]> = Some([400, 3_500, 0, 0, 2, 1]);
const CURL: ClientFacts<'static> = ClientFacts {
    user_agent: Some("curl/8.5.0"),
    has_accept_language: false,
    has_sec_fetch: false,
    has_client_hints: false,
    origin: OriginSeen::Absent,
    ..READER
};

fn solved(seconds: u64) -> ProofSeen {
    ProofSeen::Solved { age: Duration::from_secs(seconds), counter: 2000, network_changed: false }
}

fn human(proof: ProofSeen, facts: ClientFacts<'_>) -> f64 {
    score(&Evidence { proof, facts: &facts, https: true, vouched: false }).0
}

#[test]
fn the_personas_score_as_the_model_was_drawn_up() {
    let typed = ClientFacts { interaction: TYPED, ..READER };
    let moved = ProofSeen::Solved { age: Duration::from_secs(60), counter: 2000, network_changed: true };
    for (persona, expected, got) in [
        ("typical reader", 0.97, human(solved(60), typed)),
        ("keyboard or screen reader, no pointer", 0.95, human(solved(60), READER)),
        ("mobile, address changed", 0.96, human(moved, typed)),
        ("autofill, posts in 4 s", 0.89, human(solved(4), ClientFacts { interaction: PASTED, ..READER })),
        ("autofill hit the honeypot", 0.60, human(solved(60), ClientFacts { honeypot_filled: true, ..typed })),
        ("human without JavaScript", 0.35, human(ProofSeen::Missing, READER)),
        ("curl bot", 0.03, human(ProofSeen::Missing, CURL)),
        ("curl bot with a forged token", 0.00, human(ProofSeen::Invalid, CURL)),
        ("form filler, honeypot", 0.00, human(ProofSeen::Missing, ClientFacts { honeypot_filled: true, ..CURL })),
        ("native solver, under 2 s, untouched", 0.52, {
            human(solved(1), ClientFacts { interaction: Some([0; 6]), ..READER })
        }),
    ] {
        assert!((got - expected).abs() <= 0.0051, "{persona}: {got:.4}, not {expected}");
    }
}

#[test]
fn headers_alone_never_take_a_solver_below_the_point_of_refusal() {
    let worst = ClientFacts { user_agent: None, has_accept_language: false, origin: OriginSeen::Foreign, ..READER };
    assert!(human(solved(60), worst) >= 0.3);
}

#[test]
fn groups_are_capped_and_every_signal_is_still_told() {
    let facts = ClientFacts { honeypot_filled: true, interaction: Some([0; 6]), ..CURL };
    let (capped, signals) = score(&Evidence { proof: solved(1), facts: &facts, https: true, vouched: false });
    let expected = 1.0 / (1.0 + f64::exp(PRIOR - 1.2 + 4.5 + 1.2));
    assert!((capped - expected).abs() < 1e-9, "{capped}");
    let names: Vec<_> = signals.iter().map(|signal| signal.name.as_ref()).collect();
    let told = ["pow_ok", "honeypot", "form_time_short", "interaction_none", "user_agent_tool", "no_origin"];
    assert_eq!(names, told);
}

#[test]
fn a_tool_that_did_the_work_waits_and_one_that_did_not_scores_far_lower() {
    let of = |proof| score(&Evidence { proof, facts: &CURL, https: true, vouched: false }).0;
    assert!((0.3..0.6).contains(&of(solved(1))), "{}", of(solved(1)));
    assert!(of(ProofSeen::Missing) < 0.1);
}

#[test]
fn proof_of_work_weighs_nothing_with_another_provider_and_its_pass_does() {
    let of = |vouched| score(&Evidence { proof: ProofSeen::NotAsked, facts: &READER, https: true, vouched });
    assert_eq!(of(false).1, Vec::new());
    assert!((of(false).0 - 0.802).abs() < 0.001);
    assert!(of(true).0 > of(false).0);
}
