//! Each rule at its edges.

use super::*;

fn name(signal: Option<CaptchaSignal>) -> &'static str {
    signal.map(CaptchaSignal::as_str).unwrap_or_default()
}

fn solved(age: Duration, counter: u32) -> ProofSeen {
    ProofSeen::Solved { age, counter, network_changed: false }
}

#[test]
fn form_time_is_judged_at_two_and_at_five_seconds_and_slowness_never() {
    for (millis, expected) in [
        (0, "form_time_short"),
        (1_999, "form_time_short"),
        (2_000, "form_time_quick"),
        (4_999, "form_time_quick"),
        (5_000, "form_time_human"),
        (1_199_000, "form_time_human"),
    ] {
        assert_eq!(name(form_time(solved(Duration::from_millis(millis), 1))), expected, "{millis} ms");
    }
    assert_eq!(name(form_time(ProofSeen::Missing)), "", "a time that the server did not measure");
}

#[test]
fn work_done_faster_than_any_browser_is_noticed() {
    assert_eq!(name(too_fast(solved(Duration::from_millis(399), 4000))), "pow_too_fast");
    assert_eq!(name(too_fast(solved(Duration::from_millis(400), 4000))), "");
    assert_eq!(name(too_fast(solved(Duration::ZERO, 0))), "");
}

#[test]
fn any_event_speaks_for_a_reader_and_only_none_at_all_against() {
    assert_eq!(interaction([0, 900, 0, 0, 0, 0]).as_str(), "interaction_none");
    for seen in [[300, 900, 0, 0, 0, 0], [0, 900, 12, 2, 0, 0], [0, 900, 0, 0, 3, 0], [0, 900, 0, 0, 0, 1]] {
        assert_eq!(interaction(seen).as_str(), "interaction_seen", "{seen:?}");
    }
    assert_eq!(name(paste_only([300, 900, 0, 0, 3, 1])), "paste_only");
    assert_eq!(name(paste_only([300, 900, 4, 0, 3, 1])), "");
}

#[test]
fn tools_are_known_by_their_names_and_browsers_are_none() {
    let tools = ["curl/8.5.0", "Python-urllib/3.12", "python-requests/2.32", "Go-http-client/2.0", "Wget/1.21", "node"];
    for tool in tools {
        assert_eq!(name(user_agent(Some(tool))), "user_agent_tool", "{tool}");
    }
    let headless = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/131.0.0.0 Safari/537.36";
    assert_eq!(name(user_agent(Some(headless))), "user_agent_driven");
    for empty in [None, Some(""), Some("  ")] {
        assert_eq!(name(user_agent(empty)), "user_agent_empty");
    }
    for browser in [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
        "Mozilla/5.0 (Linux; Android 14; node) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36",
    ] {
        assert_eq!(name(user_agent(Some(browser))), "", "{browser}");
    }
}

#[test]
fn headers_are_held_against_the_browser_that_the_client_names() {
    let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36";
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
    for (agent, language, fetch, hints, https, expected) in [
        (chrome, true, true, true, true, ""),
        (chrome, true, false, true, true, ""),
        (chrome, true, false, false, true, "headers_inconsistent"),
        (chrome, true, false, false, false, ""),
        (chrome, false, true, true, false, "headers_inconsistent"),
        (firefox, true, false, false, true, ""),
        (firefox, false, true, false, true, "headers_inconsistent"),
        ("curl/8.5.0", false, false, false, true, ""),
    ] {
        let facts = ClientFacts {
            user_agent: Some(agent),
            has_accept_language: language,
            has_sec_fetch: fetch,
            has_client_hints: hints,
            ..super::super::tests::READER
        };
        assert_eq!(name(inconsistent(&facts, https)), expected, "{agent} {language} {fetch} {hints} {https}");
    }
}

#[test]
fn an_origin_is_own_absent_or_foreign() {
    assert_eq!(name(origin(OriginSeen::Own)), "");
    assert_eq!(name(origin(OriginSeen::Absent)), "no_origin");
    assert_eq!(name(origin(OriginSeen::Foreign)), "origin_foreign");
}

#[test]
fn every_outcome_of_the_proof_has_its_signal_and_other_providers_none() {
    for (seen, expected) in [
        (ProofSeen::NotAsked, ""),
        (ProofSeen::Missing, "pow_missing"),
        (ProofSeen::Invalid, "pow_invalid"),
        (ProofSeen::Expired, "pow_expired"),
        (ProofSeen::Elsewhere, "token_page_mismatch"),
    ] {
        assert_eq!(name(outcome(seen)), expected);
    }
    assert_eq!(name(outcome(solved(Duration::ZERO, 1))), "pow_ok");
    let moved_on = ProofSeen::Solved { age: Duration::ZERO, counter: 1, network_changed: true };
    assert_eq!([name(moved(moved_on)), name(moved(solved(Duration::ZERO, 1)))], ["token_network_changed", ""]);
}

#[test]
fn a_filled_trap_is_noticed() {
    assert_eq!([name(honeypot(true)), name(honeypot(false))], ["honeypot", ""]);
}
