//! A provider that is out: who is asked meanwhile, what takes its place, and asking again.

use std::{sync::Arc, time::Duration};

use replydesk::{
    captcha::{
        Again, FailKind, Request, Standing, Why,
        bands::{Band, band},
        breaker,
        challenge::{Binding, mint_solved},
        siteverify::{Mood, OFFER},
    },
    config::{OnUnverified, Provider, Site},
    domain::SiteId,
};
use secrecy::SecretString;

use crate::{
    GOOD,
    stub::{Conduct, Stub},
    support::{NOW, request, room, site},
};

fn with_builtin(stub: &Stub) -> Site {
    let mut site = site(Provider::RecaptchaV3, &stub.url);
    site.captcha.on_unverified = OnUnverified::Builtin;
    site
}

#[tokio::test]
async fn of_many_at_once_when_a_rest_is_over_one_probes_the_provider() {
    let stub = Stub::start(Conduct::HangUp);
    let site = site(Provider::RecaptchaV3, &stub.url);
    let (captcha, clock, _keys) = room();
    for _ in 0..breaker::FAILURES {
        captcha.assess(request(&site, Some("a token"))).await;
    }
    let (captcha, site) = (Arc::new(captcha), Arc::new(site));
    for rest in 1..=3 {
        clock.advance(breaker::REST);
        let before = stub.requests().len();
        let posts: Vec<_> = (0..50)
            .map(|_| {
                let (captcha, site) = (Arc::clone(&captcha), Arc::clone(&site));
                tokio::spawn(async move { captcha.assess(request(&site, Some("a token"))).await.standing })
            })
            .collect();
        let mut probes = 0;
        for post in posts {
            match post.await.unwrap() {
                Standing::Unverified(Why::Resting) => {}
                standing => {
                    assert_eq!(standing, Standing::Unverified(Why::Connect));
                    probes += 1;
                }
            }
        }
        assert_eq!((probes, stub.requests().len() - before), (1, 1), "rest {rest}");
    }
}

#[tokio::test]
async fn one_sites_outage_is_not_anothers() {
    let (down, up) = (Stub::start(Conduct::HangUp), Stub::start(Conduct::json(GOOD)));
    let sites = [site(Provider::RecaptchaV3, &down.url), {
        let mut other = site(Provider::RecaptchaV3, &up.url);
        other.id = SiteId::new("blog");
        other
    }];
    let (captcha, ..) = room();
    for _ in 0..2 * breaker::FAILURES {
        captcha.assess(request(&sites[0], Some("a token"))).await;
    }
    assert_eq!(captcha.assess(request(&sites[1], Some("a token"))).await.standing, Standing::Pass);
    let moods: Vec<Mood> = captcha.state(&sites).iter().map(|health| health.mood).collect();
    assert_eq!(moods, [Mood::Down, Mood::Well]);
}

#[tokio::test]
async fn other_settings_start_with_a_clean_record() {
    let stub = Stub::start(Conduct::json(r#"{"success":false,"error-codes":["invalid-input-secret"]}"#));
    let before = site(Provider::RecaptchaV3, &stub.url);
    let mut after = before.clone();
    after.captcha.secret = SecretString::from("the right secret");
    let (captcha, ..) = room();
    captcha.assess(request(&before, Some("a token"))).await;
    assert_eq!(captcha.state(std::slice::from_ref(&before))[0].mood, Mood::Misconfigured);
    assert_eq!(captcha.state(&[after])[0].mood, Mood::Well);
}

#[tokio::test]
async fn our_own_work_counts_in_the_providers_place_while_it_is_out_and_never_before_or_after() {
    let stub = Stub::start(Conduct::json(GOOD));
    let site = with_builtin(&stub);
    let (captcha, clock, keys) = room();
    let binding = |page_key| Binding { site: &site.id, page_key, action: "comment", network_mark: "0a1b2c3d" };
    let [early, meanwhile, late] = [(); 3].map(|()| mint_solved(&keys, binding("/a"), NOW).unwrap());
    let elsewhere = mint_solved(&keys, binding("/b"), NOW).unwrap();
    let later = |token| Request { now: NOW.plus(Duration::from_secs(60)), ..request(&site, Some(token)) };
    let out_of_turn = Standing::Fail(FailKind::OutOfTurn);
    assert_eq!(captcha.assess(later(&early)).await.standing, out_of_turn);
    assert_eq!(captcha.offered(&site), Provider::RecaptchaV3);

    stub.turn(Conduct::HangUp);
    for _ in 0..breaker::FAILURES {
        captcha.assess(request(&site, Some("a token"))).await;
    }
    let asked = stub.requests().len();
    assert_eq!(captcha.offered(&site), Provider::Builtin);
    let proven = captcha.assess(later(&meanwhile)).await;
    assert_eq!((proven.provider, proven.standing), (Provider::Builtin, Standing::Pass));
    assert_eq!(proven.score, Some(proven.builtin_score));
    assert_eq!(band(&proven, &site.captcha), Band::Pass);
    assert!(proven.claim.is_some());
    assert_eq!(captcha.assess(later(&elsewhere)).await.standing, Standing::Fail(FailKind::PageMismatch));
    assert_eq!(stub.requests().len(), asked, "a token of ours was shown to the provider");

    stub.turn(Conduct::json(GOOD));
    clock.advance(breaker::REST);
    assert_eq!(captcha.assess(request(&site, Some("a token"))).await.standing, Standing::Pass);
    assert_eq!(captcha.assess(later(&late)).await.standing, out_of_turn);
}

#[tokio::test]
async fn a_site_that_did_not_ask_for_it_never_takes_our_work_for_the_providers() {
    let stub = Stub::start(Conduct::HangUp);
    let site = site(Provider::RecaptchaV3, &stub.url);
    let (captcha, _clock, keys) = room();
    for _ in 0..breaker::FAILURES {
        captcha.assess(request(&site, Some("a token"))).await;
    }
    let binding = Binding { site: &site.id, page_key: "/a", action: "comment", network_mark: "0a1b2c3d" };
    let token = mint_solved(&keys, binding, NOW).unwrap();
    assert_eq!(captcha.assess(request(&site, Some(&token))).await.standing, Standing::Fail(FailKind::OutOfTurn));
    assert_eq!((captcha.offered(&site), captcha.takes_proofs(&site)), (Provider::RecaptchaV3, false));
}

#[tokio::test]
async fn a_page_is_sent_to_a_provider_that_is_out_only_when_nobody_tried_it_for_a_while() {
    let stub = Stub::start(Conduct::HangUp);
    let site = with_builtin(&stub);
    let (captcha, clock, _keys) = room();
    for _ in 0..breaker::FAILURES {
        captcha.assess(request(&site, Some("a token"))).await;
    }
    clock.advance(OFFER - Duration::from_secs(1));
    captcha.assess(request(&site, Some("a probe"))).await;
    clock.advance(Duration::from_secs(1));
    assert_eq!(captcha.offered(&site), Provider::Builtin, "a probe has just been there");
    clock.advance(OFFER);
    let offered: Vec<Provider> = (0..3).map(|_| captcha.offered(&site)).collect();
    assert_eq!(offered, [Provider::RecaptchaV3, Provider::Builtin, Provider::Builtin]);
}

#[tokio::test]
async fn asking_again_judges_a_tokens_age_by_when_it_came_and_blames_nobody_for_having_waited() {
    let stub = Stub::start(Conduct::json(GOOD));
    let site = site(Provider::RecaptchaV3, &stub.url);
    let (captcha, clock, _keys) = room();
    clock.advance(Duration::from_secs(3600));
    let again = || Again {
        site: &site,
        action: "comment",
        token: "a token",
        sent_at: NOW,
        builtin_score: 0.4,
        now: NOW.plus(Duration::from_secs(3600)),
    };
    let passed = captcha.check_again(again()).await.unwrap();
    assert_eq!((passed.standing, passed.score), (Standing::Pass, Some(0.9)));
    let first = captcha.assess(request(&site, Some("a token"))).await.claim.unwrap();
    assert_eq!(passed.claim.unwrap().key, first.key, "the same token has the same mark");
    for code in ["timeout-or-duplicate", "already-seen-response"] {
        stub.turn(Conduct::json(&format!(r#"{{"success":false,"error-codes":["{code}"]}}"#)));
        assert_eq!(captcha.check_again(again()).await, None, "{code}");
    }
    stub.turn(Conduct::json(r#"{"success":false,"error-codes":["invalid-input-response"]}"#));
    let failed = captcha.check_again(again()).await.unwrap();
    assert_eq!((failed.standing, failed.claim), (Standing::Fail(FailKind::Refused), None));
    stub.turn(Conduct::HangUp);
    assert_eq!(captcha.check_again(again()).await.unwrap().trouble(), Some(Why::Connect));
    assert!(captcha.is_worth_asking(&site));
    for _ in 1..breaker::FAILURES {
        captcha.check_again(again()).await;
    }
    assert!(!captcha.is_worth_asking(&site), "it is spared like with readers' tokens");
    clock.advance(breaker::REST);
    assert!(captcha.is_worth_asking(&site));
}
