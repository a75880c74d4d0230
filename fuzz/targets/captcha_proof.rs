//! The proof of work's payload: only what was minted here passes, and no variation of a solved one is a second token.
#![no_main]

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use replydesk::{
    captcha::{
        challenge::{Binding, Payload, mint_solved},
        proof,
    },
    domain::{SiteId, Timestamp},
};
use replydesk_fuzz::{KEYS, choice};

const NOW: Timestamp = Timestamp(1_800_000_000_000);
static SITE: LazyLock<SiteId> = LazyLock::new(|| SiteId::new("news"));
static SOLVED: LazyLock<String> = LazyLock::new(|| mint_solved(&KEYS, binding("/a"), NOW).unwrap());

fn binding(page_key: &str) -> Binding<'_> {
    Binding { site: &SITE, page_key, action: "comment", network_mark: "0a1b2c3d" }
}

/// What the input makes of a payload: a raw token, JSON to be coded, or bytes laid over a genuine one.
fn token(how: u8, rest: &[u8]) -> Option<String> {
    match how % 3 {
        0 => String::from_utf8(rest.to_vec()).ok(),
        1 => Some(STANDARD.encode(rest)),
        _ => {
            let mut json = STANDARD.decode(&*SOLVED).unwrap();
            for three in rest.chunks_exact(3) {
                let at = usize::from(u16::from_be_bytes([three[0], three[1]])) % json.len();
                json[at] = three[2];
            }
            Some(STANDARD.encode(json))
        }
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let genuine = proof::verify(&KEYS, &SOLVED, binding("/a"), NOW).expect("what was minted here holds");
    let Some((how, rest)) = choice(data) else { return };
    let Some(token) = token(how, rest) else { return };
    assert!(token.len() <= proof::MAX_TOKEN || !proof::is_payload(&token), "capped");
    match proof::verify(&KEYS, &token, binding("/a"), NOW) {
        Ok(proof) => {
            assert_eq!(proof.claim, genuine.claim, "every spelling of it is the same token");
            assert_eq!(proof.issued, genuine.issued);
            assert!(proof::is_payload(&token));
            assert!(proof::verify(&KEYS, &token, binding("/b"), NOW).is_err(), "for its page alone");
            let later = Timestamp(NOW.0 + 21 * 60_000);
            assert!(proof::verify(&KEYS, &token, binding("/a"), later).is_err(), "in its time alone");
        }
        Err(_kind) => assert!(proof::verify_for_site(&KEYS, &token, &SITE, NOW).is_err(), "refused is refused"),
    }
    if let Ok(json) = STANDARD.decode(&token)
        && let Ok(payload) = serde_json::from_slice::<Payload>(&json)
    {
        let again = payload.encode().unwrap();
        assert_eq!(serde_json::from_slice::<Payload>(&STANDARD.decode(&again).unwrap()).unwrap(), payload);
    }
});
