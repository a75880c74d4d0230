//! Small texts of a request and of the settings: codings, entity tags, languages, moments, Redis addresses.
#![no_main]

use replydesk::{domain::Tongue, http::outside, reach::Address};
use replydesk_fuzz::choice;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = choice(data) else { return };
    match first % 3 {
        0 => {
            let coding = outside::coding(rest);
            assert!(matches!(coding, None | Some("br" | "gzip")));
            // Who names a coding with full weight and no other gets it.
            if !rest.contains(&b'"') {
                let more = [rest, b", br;q=0, gzip;q=0, identity"].concat();
                let refused = rest.iter().all(|byte| *byte != b'b' && *byte != b'B' && *byte != b'g' && *byte != b'G');
                assert!(!refused || outside::coding(&more).is_none(), "what is ruled out is not sent");
            }
        }
        1 => {
            let tag = "\"abc-br\"";
            if outside::holds(rest, tag) {
                let text = String::from_utf8_lossy(rest);
                assert!(text.contains(tag) || text.contains('*'), "only who names it holds it");
            }
            let named = [rest, b", W/", tag.as_bytes()].concat();
            let sendable = actix_sendable(&named);
            assert!(!sendable || outside::holds(&named, tag), "who names it holds it");
        }
        _ => {
            let Ok(text) = std::str::from_utf8(rest) else { return };
            if let Some(tongue) = Tongue::asked_by(text) {
                assert_eq!(Tongue::asked_by(tongue.tag()), Some(tongue));
            }
            match Address::read(text) {
                Ok(address) => {
                    assert!(!address.places.is_empty());
                    for place in &address.places {
                        assert!(place.port > 0 && !place.host.is_empty());
                        let alone = format!("redis://{place}");
                        assert_eq!(Address::read(&alone).expect("a place is one again").places, [place.clone()]);
                    }
                }
                // What is wrong is said without the address, which holds a password.
                Err(fault) => assert!(fault.to_string().len() < 300),
            }
        }
    }
});

/// Whether a header can hold these bytes as text.
fn actix_sendable(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| (b' '..=b'~').contains(byte) || *byte == b'\t')
}
