//! The second factor: codes of an app, each good once, and recovery codes, each good once.

use std::time::Duration;

use replydesk::{
    auth::{Auth, AuthError, Caller, Credentials, Right},
    keys::Keyring,
};
use ring::hmac;
use serde_json::{Value, json};

use crate::support::{Answer, Desk, PASSWORD, Who, nobody, signed_in_by};

const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What an authenticator app does with the secret: RFC 4648, 4226 and 6238, written once more.
fn code(secret: &Value, desk: &Desk) -> String {
    code_in(secret, desk, 0)
}

fn code_in(secret: &Value, desk: &Desk, steps: i64) -> String {
    let bits: String = secret.as_str().unwrap().chars().map(|c| format!("{:05b}", BASE32.find(c).unwrap())).collect();
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect();
    let step = desk.clock.now().seconds() / 30 + steps;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let mac = hmac::sign(&key, &step.to_be_bytes());
    let at = usize::from(mac.as_ref()[19] & 15);
    let number = u32::from_be_bytes(mac.as_ref()[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

async fn begin(desk: &Desk, who: &Who) -> Value {
    desk.post(who, "/api/session/second-factor", json!({ "password": PASSWORD })).await.ok(200)
}

async fn confirm(desk: &Desk, who: &Who, code: &str) -> Answer {
    desk.post(who, "/api/session/second-factor/confirm", json!({ "code": code })).await
}

async fn sign_in(desk: &Desk, from: &Who, name: &str, code: &str) -> Answer {
    let body = json!({ "username": name, "password": PASSWORD, "code": code });
    desk.post(from, "/api/session", body).await
}

/// Somebody with a second factor in force: their session, the secret and the recovery codes. The code of the
/// moment is a fresh one.
async fn protected(desk: &Desk, name: &str, role: &str) -> (Who, Value, Vec<String>) {
    let who = desk.signed_in(name, role, &[]).await;
    let secret = begin(desk, &who).await["secret"].clone();
    let codes = confirm(desk, &who, &code(&secret, desk)).await.ok(200);
    let codes = codes["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned());
    desk.clock.advance(Duration::from_secs(30));
    (who, secret, codes.collect())
}

#[track_caller]
fn asks(answer: &Answer, second_factor: &str) {
    answer.refused(401, "unauthenticated");
    assert_eq!(answer.body["second_factor"], second_factor);
    assert!(!answer.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn a_second_factor_is_in_force_once_a_code_confirmed_it() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let wrong = desk.post(&ada, "/api/session/second-factor", json!({ "password": "wrong horse battery" })).await;
    wrong.refused(422, "validation_failed");
    assert_eq!(wrong.field(), "password");
    let nothing = confirm(&desk, &ada, "123456").await;
    nothing.refused(422, "validation_failed");
    assert_eq!(nothing.field(), "code");

    let made = begin(&desk, &ada).await;
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.len() == 32 && secret.chars().all(|c| BASE32.contains(c)), "{secret}");
    let uri = format!(
        "otpauth://totp/Replydesk%20desk.example:ada?secret={secret}&issuer=Replydesk%20desk.example&algorithm=SHA1&digits=6&period=30"
    );
    assert_eq!(made["uri"], uri);
    assert!(made["qr_svg"].as_str().unwrap().starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    // Told is not yet in force.
    assert_eq!(desk.sign_in(&nobody(), "ada", PASSWORD).await.ok(200)["second_factor"], false);
    let wrong = code_in(&made["secret"], &desk, 5);
    let answer = confirm(&desk, &ada, &wrong).await;
    answer.refused(422, "validation_failed");
    assert_eq!(answer.field(), "code");

    let right = code(&made["secret"], &desk);
    let (one, other) = right.split_at(3);
    let spaced = format!("{one} {other}");
    let codes = confirm(&desk, &ada, &spaced).await.ok(200);
    assert_eq!(codes["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(desk.get(&ada, "/api/session").await.ok(200)["second_factor"], true);
    confirm(&desk, &ada, &right).await.refused(422, "validation_failed");

    asks(&desk.sign_in(&nobody(), "ada", PASSWORD).await, "required");
    // The code that confirmed is spent.
    asks(&sign_in(&desk, &nobody(), "ada", &right).await, "wrong");
    desk.clock.advance(Duration::from_secs(30));
    let answer = sign_in(&desk, &nobody(), "ada", &code(&made["secret"], &desk)).await;
    assert_eq!(answer.body["second_factor"], true);
    let ada = signed_in_by(answer);
    assert!(!desk.get(&ada, "/api/session").await.body.to_string().contains(secret));
    desk.stop().await;
}

#[tokio::test]
async fn whether_a_code_is_asked_for_is_told_after_the_right_password_alone() {
    let desk = Desk::start().await;
    let (_, secret, recovery) = protected(&desk, "ada", "moderator").await;
    let unknown = desk.sign_in(&nobody(), "eve", "wrong horse battery").await;
    for code in [json!(null), json!(code(&secret, &desk)), json!(recovery[0])] {
        let body = json!({ "username": "ada", "password": "wrong horse battery", "code": code });
        let wrong = desk.post(&nobody(), "/api/session", body).await;
        assert_eq!((wrong.status, &wrong.body), (unknown.status, &unknown.body));
    }
    // Nothing was spent by that.
    sign_in(&desk, &nobody(), "ada", &code(&secret, &desk)).await.ok(200);
    sign_in(&desk, &nobody(), "ada", &recovery[0]).await.ok(200);
    desk.stop().await;
}

#[tokio::test]
async fn a_code_passes_one_step_off_and_no_step_passes_twice() {
    let desk = Desk::start().await;
    let (_, secret, _) = protected(&desk, "ada", "moderator").await;
    desk.clock.advance(Duration::from_secs(300));
    for (steps, passes) in
        [(-2, false), (2, false), (-1, true), (-1, false), (0, true), (1, true), (1, false), (0, false)]
    {
        let answer = sign_in(&desk, &nobody(), "ada", &code_in(&secret, &desk, steps)).await;
        assert_eq!(answer.status == 200, passes, "{steps}");
        if !passes {
            asks(&answer, "wrong");
        }
    }
    // What is new at the next moment is a step that was not used.
    desk.clock.advance(Duration::from_secs(60));
    sign_in(&desk, &nobody(), "ada", &code(&secret, &desk)).await.ok(200);
    desk.stop().await;
}

#[tokio::test]
async fn a_code_sent_twice_at_once_opens_one_session() {
    let desk = Desk::start().await;
    let (_, secret, recovery) = protected(&desk, "ada", "moderator").await;
    for once in [code(&secret, &desk), recovery[3].clone()] {
        let stranger = nobody();
        let all = (0..4).map(|_| sign_in(&desk, &stranger, "ada", &once));
        let answers = futures_util::future::join_all(all).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{once}");
        for refused in answers.iter().filter(|answer| answer.status != 200) {
            asks(refused, "wrong");
        }
    }
    desk.stop().await;
}

#[tokio::test]
async fn a_recovery_code_gets_in_once_however_it_is_typed() {
    let desk = Desk::start().await;
    let (ada, secret, recovery) = protected(&desk, "ada", "moderator").await;
    let sloppy = format!(" {} ", recovery[0].to_lowercase().replace('-', " "));
    sign_in(&desk, &nobody(), "ada", &sloppy).await.ok(200);
    asks(&sign_in(&desk, &nobody(), "ada", &recovery[0]).await, "wrong");
    asks(&sign_in(&desk, &nobody(), "ada", "AAAA-BBBB-CCCC-DDDD").await, "wrong");
    sign_in(&desk, &nobody(), "ada", &recovery[1]).await.ok(200);
    let used: Vec<Value> =
        desk.audit().await.into_iter().filter(|row| row.1 == "moderator.recovery_code").map(|row| row.3).collect();
    assert_eq!(used, [json!({ "left": 9 }), json!({ "left": 8 })]);
    // A new second factor brings new codes, and the old ones hold no longer.
    let fresh = begin(&desk, &ada).await["secret"].clone();
    sign_in(&desk, &nobody(), "ada", &code(&secret, &desk)).await.ok(200);
    desk.clock.advance(Duration::from_secs(30));
    confirm(&desk, &ada, &code(&fresh, &desk)).await.ok(200);
    desk.clock.advance(Duration::from_secs(30));
    asks(&sign_in(&desk, &nobody(), "ada", &recovery[2]).await, "wrong");
    asks(&sign_in(&desk, &nobody(), "ada", &code(&secret, &desk)).await, "wrong");
    sign_in(&desk, &nobody(), "ada", &code(&fresh, &desk)).await.ok(200);
    desk.stop().await;
}

#[tokio::test]
async fn wrong_codes_are_limited_and_the_password_alone_wipes_none_of_them_out() {
    let desk = Desk::start().await;
    let (_, secret, _) = protected(&desk, "ada", "moderator").await;
    let thief = nobody().with("x-forwarded-for", "203.0.113.9");
    let wrong = code_in(&secret, &desk, 9);
    for _ in 0..5 {
        asks(&sign_in(&desk, &thief, "ada", &wrong).await, "wrong");
        asks_or_waits(&desk.sign_in(&thief, "ada", PASSWORD).await);
    }
    sign_in(&desk, &thief, "ada", &code(&secret, &desk)).await.refused(429, "rate_limited");
    // Asking which factor is needed is no guess: a person who hesitates is not locked out.
    let home = nobody().with("x-forwarded-for", "198.51.100.1");
    for _ in 0..8 {
        asks(&desk.sign_in(&home, "ada", PASSWORD).await, "required");
    }
    sign_in(&desk, &home, "ada", &code(&secret, &desk)).await.ok(200);
    desk.stop().await;
}

#[track_caller]
fn asks_or_waits(answer: &Answer) {
    assert!(answer.status == 429 || answer.body["second_factor"] == "required", "{}", answer.body);
}

#[tokio::test]
async fn a_secret_that_nobody_confirmed_in_a_quarter_of_an_hour_is_gone() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let secret = begin(&desk, &ada).await["secret"].clone();
    desk.clock.advance(Duration::from_secs(900));
    confirm(&desk, &ada, &code(&secret, &desk)).await.refused(422, "validation_failed");
    // Of two that were told the newer one counts.
    let (first, second) = (begin(&desk, &ada).await["secret"].clone(), begin(&desk, &ada).await["secret"].clone());
    confirm(&desk, &ada, &code(&first, &desk)).await.refused(422, "validation_failed");
    confirm(&desk, &ada, &code(&second, &desk)).await.ok(200);
    desk.stop().await;
}

#[tokio::test]
async fn it_ends_by_the_password_or_by_an_admin() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    let (ada, secret, _) = protected(&desk, "ada", "moderator").await;
    let end = |password: &str| json!({ "password": password });
    let wrong = desk.post(&ada, "/api/session/second-factor/end", end("wrong horse battery")).await;
    wrong.refused(422, "validation_failed");
    assert_eq!(wrong.field(), "password");
    asks(&desk.sign_in(&nobody(), "ada", PASSWORD).await, "required");
    desk.post(&ada, "/api/session/second-factor/end", end(PASSWORD)).await.ok(204);
    desk.post(&ada, "/api/session/second-factor/end", end(PASSWORD)).await.ok(204);
    // A code that nobody asked for is no fault.
    sign_in(&desk, &nobody(), "ada", &code(&secret, &desk)).await.ok(200);

    let (bea, ..) = protected(&desk, "bea", "moderator").await;
    let person = "/api/moderation/moderators/bea";
    let on = desk.patch(&admin, person, json!({ "second_factor": true })).await;
    on.refused(422, "validation_failed");
    assert_eq!(on.field(), "second_factor");
    assert_eq!(desk.get(&admin, "/api/moderation/moderators").await.ok(200)["items"][1]["second_factor"], true);
    let off = desk.patch(&admin, person, json!({ "second_factor": false })).await.ok(200);
    assert_eq!((&off["second_factor"], &off["invitation"]), (&json!(false), &Value::Null));
    desk.get(&bea, "/api/session").await.ok(200);
    desk.sign_in(&nobody(), "bea", PASSWORD).await.ok(200);
    let told: Vec<(String, String)> = desk
        .audit()
        .await
        .into_iter()
        .filter(|row| row.1.contains("second_factor"))
        .map(|row| (row.1, row.2))
        .collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(action, whom)| (action.as_str(), whom.as_str())).collect();
    assert_eq!(
        told,
        [
            ("moderator.second_factor_on", "ada"),
            ("moderator.second_factor_off", "ada"),
            ("moderator.second_factor_on", "bea"),
            ("moderator.second_factor_off", "bea"),
        ]
    );
    desk.stop().await;
}

#[tokio::test]
async fn a_link_after_a_reset_does_not_get_round_it() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    let (_, secret, _) = protected(&desk, "ada", "moderator").await;
    let reset = desk.patch(&admin, "/api/moderation/moderators/ada", json!({ "invite": true })).await.ok(200);
    assert_eq!(reset["second_factor"], true);
    let token = &reset["invitation"]["token"];
    let open = |code: Value| json!({ "token": token, "password": "another long secret", "code": code });
    let path = "/api/session/invitation";
    asks(&desk.post(&nobody(), path, open(Value::Null)).await, "required");
    asks(&desk.post(&nobody(), path, open(json!("AAAA-BBBB-CCCC-DDDD"))).await, "wrong");
    desk.post(&nobody(), path, open(json!(code(&secret, &desk)))).await.ok(200);
    // With the phone lost too, the admin takes the second factor away in the same stroke.
    let both = json!({ "invite": true, "second_factor": false });
    let reset = desk.patch(&admin, "/api/moderation/moderators/ada", both).await.ok(200);
    let body = json!({ "token": reset["invitation"]["token"], "password": "another long secret" });
    desk.post(&nobody(), path, body).await.ok(200);
    desk.stop().await;
}

#[tokio::test]
async fn a_copy_of_the_store_shows_no_secret_and_no_recovery_code() {
    let desk = Desk::start().await;
    let (_, secret, recovery) = protected(&desk, "ada", "moderator").await;
    let kept = desk.store.second_factor("ada".into(), desk.clock.now()).await.unwrap().unwrap().secret.unwrap();
    let plain: String = secret.as_str().unwrap().chars().map(|c| format!("{:05b}", BASE32.find(c).unwrap())).collect();
    let sealed: String = kept.iter().map(|byte| format!("{byte:08b}")).collect();
    assert!(kept.len() > 20 && !sealed.contains(&plain));
    let audit = format!("{:?}", desk.audit().await);
    assert!(!audit.contains(secret.as_str().unwrap()) && !audit.contains(&recovery[0]));
    desk.stop().await;
}

#[tokio::test]
async fn under_another_server_secret_recovery_codes_are_the_way_in() {
    let desk = Desk::start().await;
    let (_, secret, recovery) = protected(&desk, "ada", "moderator").await;
    let other = Auth::new(desk.store.clone(), Keyring::new(b"another"), desk.clock.clone());
    let caller = Caller { network: "n".into(), device: None };
    let with = async |code: &str| {
        let (username, password) = ("ada".to_owned(), PASSWORD.to_owned());
        other.sign_in(Credentials { username, password, code: Some(code.to_owned()) }, &caller).await
    };
    assert!(matches!(with(&code(&secret, &desk)).await, Err(AuthError::WrongCode)));
    assert!(with(&recovery[0]).await.is_ok());
    desk.stop().await;
}

#[tokio::test]
async fn a_code_opens_one_session_also_where_none_can_be_stored() {
    let desk = Desk::start().await;
    let (_, secret, recovery) = protected(&desk, "ada", "moderator").await;
    let spent = code(&secret, &desk);
    sign_in(&desk, &nobody(), "ada", &spent).await.ok(200);
    desk.clock.advance(Duration::from_secs(30));
    desk.tamper(match desk.is_postgres() {
        true => "ALTER TABLE sessions ADD CONSTRAINT no_room CHECK (false) NOT VALID",
        false => "CREATE TRIGGER no_room BEFORE INSERT ON sessions BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
    });
    asks(&sign_in(&desk, &nobody(), "ada", "").await, "required");
    asks(&sign_in(&desk, &nobody(), "ada", &spent).await, "wrong");
    let fresh = code(&secret, &desk);
    let ada = signed_in_by(sign_in(&desk, &nobody(), "ada", &fresh).await);
    assert_eq!(desk.get(&ada, "/api/session").await.ok(200)["second_factor"], true);
    sign_in(&desk, &nobody(), "ada", &fresh).await.refused(503, "unavailable");
    // It is used up in the store or not at all.
    sign_in(&desk, &nobody(), "ada", &recovery[0]).await.refused(503, "unavailable");
    desk.stop().await;
}
