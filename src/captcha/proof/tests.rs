//! Genuine payloads, and every way to bend one.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    captcha::{
        challenge::{COST, Challenge, Hex, mint, mint_solved, solve},
        pressure::Difficulty,
    },
    domain::SiteId,
};

/// Eight in the morning, UTC: well inside a signing key's day.
const NOW: Timestamp = Timestamp(1_800_000_000_000);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn ring() -> Keyring {
    Keyring::new(b"a secret of the tests")
}

fn site() -> SiteId {
    SiteId::new("news")
}

fn bound(site: &SiteId) -> Binding<'_> {
    Binding { site, page_key: "/a", action: "comment", network_mark: "0a1b2c3d" }
}

fn solved() -> String {
    mint_solved(&ring(), bound(&site()), NOW).unwrap()
}

fn check_at(token: &str, now: Timestamp) -> Result<Proof, FailKind> {
    verify(&ring(), token, bound(&site()), now)
}

fn check(token: &str) -> Result<Proof, FailKind> {
    check_at(token, NOW.plus(MINUTE))
}

fn json_of(token: &str) -> Value {
    serde_json::from_slice(&BASE64.decode(token).unwrap()).unwrap()
}

fn token_of(json: &Value) -> String {
    BASE64.encode(json.to_string())
}

/// The same payload with one place changed.
fn bent(token: &str, pointer: &str, value: Value) -> String {
    let mut json = json_of(token);
    *json.pointer_mut(pointer).unwrap() = value;
    token_of(&json)
}

/// The same text with another last character.
fn otherwise(text: &str) -> String {
    let mut text = text.to_owned();
    let last = text.pop();
    text.push(if last == Some('0') { '1' } else { '0' });
    text
}

/// The payload with changed parameters, signed anew as only the server can.
fn signed_anew(token: &str, change: impl FnOnce(&mut challenge::Parameters)) -> String {
    let mut payload: Payload = serde_json::from_value(json_of(token)).unwrap();
    change(&mut payload.challenge.parameters);
    payload.challenge.signature = Hex(challenge::signature(&ring(), &payload.challenge.parameters).unwrap());
    payload.encode().unwrap()
}

#[test]
fn a_challenge_solved_try_by_try_holds() {
    // One whose counter is low, for the test's own time.
    let minted = || serde_json::from_value::<Payload>(json_of(&solved())).unwrap();
    let payload = std::iter::repeat_with(minted).find(|payload| payload.solution.counter <= 200).unwrap();
    let token = solve(&payload.challenge).unwrap();
    assert_eq!(token, payload.encode().unwrap());
    let proof = check(&token).unwrap();
    assert_eq!((proof.issued, proof.counter), (NOW, payload.solution.counter));
    assert_eq!(proof.claim.until, NOW.plus(21 * MINUTE));
    assert!(!proof.network_changed);
}

#[test]
fn what_is_signed_is_the_canonical_json() {
    let challenge = mint(&ring(), bound(&site()), Difficulty::CALM, NOW).unwrap();
    let written = serde_json::to_string(&challenge.parameters).unwrap();
    // `Value` keeps its keys sorted, so this is the canonical form by another way.
    let canonical = serde_json::to_value(&challenge.parameters).unwrap().to_string();
    assert_eq!(written, canonical);
    assert!(written.is_ascii() && written.contains(r#""algorithm":"PBKDF2/SHA-256","cost":5000"#));
}

#[test]
fn changing_anything_that_is_signed_breaks_it() {
    let token = solved();
    let genuine = json_of(&token);
    let mut changed = 0;
    for pointer in ["/challenge/parameters", "/challenge/parameters/data"] {
        for (field, value) in genuine.pointer(pointer).unwrap().as_object().unwrap() {
            let other = match value {
                Value::Number(number) => json!(number.as_i64().unwrap() + 1),
                Value::String(text) => json!(otherwise(text)),
                _ => continue,
            };
            let bent = bent(&token, &format!("{pointer}/{field}"), other);
            assert!(matches!(check(&bent), Err(FailKind::Forged | FailKind::Malformed)), "{pointer}/{field}");
            changed += 1;
        }
    }
    assert_eq!(changed, 15);
    assert!(check(&token).is_ok());
}

#[test]
fn leaving_out_or_adding_a_signed_field_breaks_it() {
    let token = solved();
    for field in ["expiresAt", "keySignature", "keyPrefix", "data", "nonce", "keyLength"] {
        let mut json = json_of(&token);
        json["challenge"]["parameters"].as_object_mut().unwrap().remove(field);
        assert_eq!(check(&token_of(&json)), Err(FailKind::Malformed), "{field}");
        assert_eq!(
            check(&bent(&token, &format!("/challenge/parameters/{field}"), Value::Null)),
            Err(FailKind::Malformed)
        );
    }
    let mut json = json_of(&token);
    json["challenge"].as_object_mut().unwrap().remove("signature");
    assert_eq!(check(&token_of(&json)), Err(FailKind::Malformed));
    let mut json = json_of(&token);
    json["challenge"]["parameters"]["memoryCost"] = json!(1);
    assert_eq!(check(&token_of(&json)), Err(FailKind::Malformed));
}

#[test]
fn varying_what_is_not_signed_makes_no_second_token() {
    let token = solved();
    let claim = check(&token).unwrap().claim;
    let mut timed = json_of(&token);
    timed["solution"]["time"] = json!(123.4);
    let variants = [
        bent(&token, "/solution/counter", json!(0)),
        bent(&token, "/solution/counter", json!(u32::MAX)),
        token_of(&timed),
        BASE64.encode(format!(" {}\n", json_of(&token))),
        token.trim_end_matches('=').to_owned(),
    ];
    for variant in variants {
        assert_eq!(check(&variant).unwrap().claim, claim, "{variant}");
    }
    assert_ne!(check(&solved()).unwrap().claim.key, claim.key, "another challenge is another claim");
}

#[test]
fn a_solution_that_is_none_fails() {
    let token = solved();
    let key = json_of(&token)["solution"]["derivedKey"].as_str().unwrap().to_owned();
    assert_eq!(check(&bent(&token, "/solution/derivedKey", json!(otherwise(&key)))), Err(FailKind::WrongSolution));
    for malformed in [key.to_uppercase().replace(|c: char| c.is_numeric(), "A"), String::new(), format!("{key}0")] {
        assert_eq!(check(&bent(&token, "/solution/derivedKey", json!(malformed))), Err(FailKind::Malformed));
    }
    for counter in [json!(-1), json!(1.5), json!("7"), json!(4_294_967_296_u64), Value::Null] {
        assert_eq!(check(&bent(&token, "/solution/counter", counter)), Err(FailKind::Malformed));
    }
}

#[test]
fn a_prefix_that_the_key_does_not_start_with_fails_even_when_signed() {
    let token = signed_anew(&solved(), |parameters| parameters.key_prefix = Hex([7; 16]));
    assert_eq!(check(&token), Err(FailKind::WrongSolution));
}

#[test]
fn upper_case_is_refused_wherever_hexadecimal_stands() {
    let token = solved();
    let places = ["/challenge/signature", "/challenge/parameters/keySignature", "/solution/derivedKey"];
    for pointer in places {
        let upper = json_of(&token).pointer(pointer).unwrap().as_str().unwrap().to_uppercase();
        assert_eq!(check(&bent(&token, pointer, json!(upper))), Err(FailKind::Malformed), "{pointer}");
    }
}

#[test]
fn a_weaker_challenge_is_refused_even_when_signed() {
    let token = solved();
    assert_eq!(check(&signed_anew(&token, |parameters| parameters.cost = COST - 1)), Err(FailKind::Malformed));
    assert_eq!(check(&signed_anew(&token, |parameters| parameters.key_length = 16)), Err(FailKind::Malformed));
    assert_eq!(check(&signed_anew(&token, |parameters| parameters.data.v = 0)), Err(FailKind::Malformed));
}

#[test]
fn it_is_good_for_one_page_one_site_and_one_action() {
    let token = solved();
    let (own, other) = (site(), SiteId::new("other"));
    let verify = |binding| verify(&ring(), &token, binding, NOW);
    assert_eq!(verify(Binding { page_key: "/b", ..bound(&own) }), Err(FailKind::PageMismatch));
    assert_eq!(verify(bound(&other)), Err(FailKind::PageMismatch));
    assert_eq!(verify(Binding { action: "login", ..bound(&own) }), Err(FailKind::ActionMismatch));
    let moved = verify(Binding { network_mark: "ffffffff", ..bound(&own) }).unwrap();
    assert!(moved.network_changed, "another network is a signal and no fault");
}

#[test]
fn it_expires_after_twenty_minutes_to_the_millisecond() {
    let token = solved();
    assert!(check_at(&token, NOW.plus(20 * MINUTE)).is_ok());
    assert_eq!(check_at(&token, NOW.plus(20 * MINUTE).plus(Duration::from_millis(1))), Err(FailKind::Expired));
    assert!(check_at(&token, NOW.minus(Duration::from_secs(30))).is_ok());
    assert_eq!(check_at(&token, NOW.minus(Duration::from_millis(30_001))), Err(FailKind::FromFuture));
}

#[test]
fn the_previous_signing_key_is_accepted_and_a_retired_one_is_not() {
    let forever = |parameters: &mut challenge::Parameters| parameters.expires_at += 365 * 24 * 3600;
    let token = signed_anew(&solved(), forever);
    assert!(check_at(&token, NOW.plus(DAY)).is_ok());
    assert_eq!(check_at(&token, NOW.plus(2 * DAY)), Err(FailKind::Expired));
    assert_eq!(check_at(&token, NOW.minus(2 * DAY)), Err(FailKind::Forged));
    let extreme = signed_anew(&solved(), |parameters| parameters.data.kid = i64::MIN);
    assert_eq!(check(&extreme), Err(FailKind::Expired));
}

#[test]
fn another_servers_token_is_forged() {
    let theirs = mint_solved(&Keyring::new(b"another secret"), bound(&site()), NOW).unwrap();
    assert_eq!(check(&theirs), Err(FailKind::Forged));
}

#[test]
fn a_name_beyond_ascii_is_bound_and_still_travels_as_ascii() {
    let site = SiteId::new("neues");
    let binding = Binding { action: "kommentar-ö", ..bound(&site) };
    let challenge = mint(&ring(), binding, Difficulty::CALM, NOW).unwrap();
    assert!(serde_json::to_string(&challenge).unwrap().is_ascii());
    let token = mint_solved(&ring(), binding, NOW).unwrap();
    assert!(verify(&ring(), &token, binding, NOW).is_ok());
    assert!(mint(&ring(), Binding { action: "", ..binding }, Difficulty::CALM, NOW).is_err());
    assert!(mint(&ring(), Binding { action: &"a".repeat(65), ..binding }, Difficulty::CALM, NOW).is_err());
}

#[test]
fn oversized_nested_and_foreign_payloads_are_malformed() {
    let bomb = format!("{{\"challenge\":{}", "[".repeat(2900));
    let extra = format!("{{\"x\":{}{}}}", "[".repeat(1400), "]".repeat(1400));
    let version_1 = r#"{"algorithm":"SHA-256","challenge":"00","number":1,"salt":"ab?expires=9&","signature":"00"}"#;
    let unknown = bent(&solved(), "/challenge/parameters/algorithm", json!("SHA-256"));
    let mut padded = json_of(&solved());
    padded["pad"] = json!("x".repeat(MAX_TOKEN));
    let tokens = [
        String::new(),
        "not base64!".to_owned(),
        BASE64.encode("{}"),
        BASE64.encode(bomb),
        BASE64.encode(extra),
        BASE64.encode(version_1),
        unknown,
        token_of(&padded),
        "A".repeat(5 * 1024),
    ];
    for token in tokens {
        assert_eq!(check(&token), Err(FailKind::Malformed), "{:.60}", token);
    }
}

#[test]
fn a_payload_stays_well_under_the_limit() {
    let long = "ä".repeat(64);
    let own = site();
    let token = mint_solved(&ring(), Binding { action: &long, ..bound(&own) }, NOW).unwrap();
    assert!(token.len() < MAX_TOKEN * 3 / 4, "{}", token.len());
    assert!(solved().len() < 1200);
}

proptest! {
    #[test]
    fn no_text_panics_and_none_holds(token in ".{0,300}") {
        prop_assert!(check(&token).is_err());
    }

    #[test]
    fn no_bytes_panic_and_none_hold(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(check(&BASE64.encode(bytes)).is_err());
    }

    #[test]
    fn one_byte_changed_never_makes_another_claim(at in 0_usize..600, byte in any::<u8>()) {
        static TOKEN: std::sync::LazyLock<String> = std::sync::LazyLock::new(solved);
        let mut json = BASE64.decode(TOKEN.as_str()).unwrap();
        let at = at % json.len();
        json[at] = byte;
        if let Ok(proof) = check(&BASE64.encode(json)) {
            prop_assert_eq!(proof.claim, check(&TOKEN).unwrap().claim);
        }
    }

    #[test]
    fn other_extremes_of_the_signed_numbers_never_panic(kid in any::<i64>(), iat in any::<i64>(), expires in any::<i64>()) {
        static TOKEN: std::sync::LazyLock<Challenge> =
            std::sync::LazyLock::new(|| mint(&ring(), bound(&site()), Difficulty::CALM, NOW).unwrap());
        let mut challenge = TOKEN.clone();
        challenge.parameters.data.kid = kid;
        challenge.parameters.data.iat = iat;
        challenge.parameters.expires_at = expires;
        challenge.signature = Hex(challenge::signature(&ring(), &challenge.parameters).unwrap());
        let solution = challenge::Solution { counter: 1, derived_key: Hex([0; 32]) };
        let token = Payload { challenge, solution }.encode().unwrap();
        prop_assert!(check(&token).is_err());
    }
}
