//! Trying thresholds on the recorded past.

use replydesk::{
    auth::Right,
    domain::{CaptchaOutcome, Decision, RefusalId, Signal, Status, risk_of},
    store::{DecisionOrder, NewComment, RefusalRow},
};
use serde_json::{Value, json};

use crate::support::{Desk, Who};

const THRESHOLDS: &str = "/api/moderation/thresholds";
const PREVIEW: &str = "/api/moderation/thresholds/preview";

impl Desk {
    /// A comment of this score and these rules, decided by a person.
    async fn scored(&self, site: &str, score: f64, rules: &[(&'static str, f64)], decision: Option<Decision>) {
        let mut comment = self.draft(site, "Some text.");
        comment.captcha.score = Some(score);
        comment.captcha.outcome = if score < 0.6 { CaptchaOutcome::Low } else { CaptchaOutcome::Pass };
        let found = |(name, weight): &(&'static str, f64)| Signal {
            strength: Some(1.0),
            ..Signal::new(name, *weight, "A sentence.")
        };
        let signals: Vec<Signal> = rules.iter().map(found).collect();
        let risk = risk_of(rules.iter().map(|(_, weight)| *weight));
        let id = self.accept(NewComment { signals, risk, status: Status::Pending, ..comment }).await;
        if let Some(decision) = decision {
            let order = DecisionOrder { id, decision, version: None, reason: None, sites: None };
            self.store.decide(vec![order], "moderator:ada".to_owned(), self.clock.now()).await.unwrap();
        }
    }

    /// Five comments on `news` and a refusal, one comment on `sport`.
    async fn past(&self) {
        let (approve, spam) = (Some(Decision::Approve), Some(Decision::Spam));
        self.scored("news", 0.92, &[], approve).await;
        self.scored("news", 0.62, &[("link_foreign", 1.2)], approve).await;
        self.scored("news", 0.41, &[("captcha_low", 1.0)], spam).await;
        self.scored("news", 0.7, &[("honeypot", 3.5), ("link_foreign", 1.2)], spam).await;
        self.scored("news", 0.8, &[], None).await;
        self.scored("sport", 0.95, &[], approve).await;
        let refused = RefusalRow {
            id: RefusalId::new(self.clock.now()),
            reference: "AAAA-AAAA".to_owned(),
            site: "news".to_owned(),
            page: "/article".to_owned(),
            reason: "score_low".to_owned(),
            provider: "builtin".to_owned(),
            score: Some(0.2),
            raw_score: None,
            signals: Vec::new(),
            at: self.clock.now(),
        };
        self.store.refuse(refused).await.unwrap();
    }

    async fn preview(&self, who: &Who, body: Value) -> Value {
        self.post(who, PREVIEW, body).await.ok(200)
    }
}

#[tokio::test]
async fn the_thresholds_in_force_come_with_figures_and_histograms() {
    let desk = Desk::start().await;
    desk.past().await;
    let who = desk.token(Right::Read).await;
    let told = desk.get(&who, &format!("{THRESHOLDS}?site=news")).await.ok(200);
    insta::assert_json_snapshot!(told);
}

#[tokio::test]
async fn a_preview_stands_beside_what_is_in_force() {
    let desk = Desk::start().await;
    desk.past().await;
    let who = desk.token(Right::Read).await;
    let told = desk
        .preview(&who, json!({ "captcha": { "reject_below": 0.5 }, "scoring": { "spam_at": 0.8 }, "site": "news" }))
        .await;
    insta::assert_json_snapshot!(told);
    let figures = |told: &Value| told["proposed"]["figures"].clone();
    // The trap alone made it spam.
    let weighed = desk.preview(&who, json!({ "scoring": { "spam_at": 0.8, "weights": { "honeypot": 0 } } })).await;
    assert_eq!((&figures(&told)["spam"], &figures(&weighed)["spam"]), (&json!(1), &json!(0)));
    // What the captcha refused has no text to score: let on, it waits.
    let open = desk.preview(&who, json!({ "captcha": { "reject_below": 0 } })).await;
    assert_eq!((&figures(&open)["refused"], &figures(&open)["unseen"]), (&json!(0), &json!(1)));
    let nothing = desk.preview(&who, json!({})).await;
    assert_eq!(nothing["in_force"], nothing["proposed"]);
}

#[tokio::test]
async fn everybody_sees_their_own_sites_and_no_others() {
    let desk = Desk::start().await;
    desk.past().await;
    let all = desk.token(Right::Read).await;
    let sport = desk.signed_in("ben", "moderator", &["sport"]).await;
    let submissions = async |who: &Who, query: &str| {
        desk.get(who, &format!("{THRESHOLDS}{query}")).await.ok(200)["in_force"]["figures"]["submissions"].clone()
    };
    assert_eq!((submissions(&all, "").await, submissions(&all, "?site=sport").await), (json!(7), json!(1)));
    assert_eq!((submissions(&sport, "").await, submissions(&sport, "?site=sport").await), (json!(1), json!(1)));
    desk.get(&sport, &format!("{THRESHOLDS}?site=news")).await.refused(404, "not_found");
    desk.get(&all, &format!("{THRESHOLDS}?site=weather")).await.refused(404, "not_found");
    desk.post(&sport, PREVIEW, json!({ "site": "news" })).await.refused(404, "not_found");
    let of_sport = desk.preview(&sport, json!({})).await;
    assert_eq!(of_sport["proposed"]["figures"]["submissions"], 1);
    desk.post(&sport.without("x-csrf-token"), PREVIEW, json!({})).await.refused(403, "csrf_failed");
    desk.get(&Who::default(), THRESHOLDS).await.refused(401, "unauthenticated");
    desk.post(&Who::default(), PREVIEW, json!({})).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn the_past_begins_where_it_is_asked_to() {
    let desk = Desk::start().await;
    desk.past().await;
    let who = desk.token(Right::Read).await;
    let later = desk.clock.now().plus(std::time::Duration::from_secs(1));
    let none = desk.get(&who, &format!("{THRESHOLDS}?since={later}")).await.ok(200);
    assert_eq!((&none["since"], &none["in_force"]["figures"]["submissions"]), (&json!(later), &json!(0)));
    assert_eq!(none["in_force"]["figures"]["approved_lost"]["rate"], Value::Null);
    desk.clock.advance(std::time::Duration::from_secs(31 * 86_400));
    let forgotten = desk.preview(&who, json!({})).await;
    assert_eq!(forgotten["proposed"]["figures"]["submissions"], 0);
}

#[tokio::test]
async fn a_program_decides_too_unless_it_is_left_out() {
    let desk = Desk::start().await;
    let id = desk.comment("news", "One.").await;
    let decide = desk.token(Right::Decide).await;
    let path = format!("/api/moderation/comments/{id}/decision");
    desk.post(&decide, &path, json!({ "action": "approve" })).await.ok(200);
    for (programs, of) in [(false, 0), (true, 1)] {
        let told = desk.get(&decide, &format!("{THRESHOLDS}?programs={programs}")).await.ok(200);
        assert_eq!(told["in_force"]["figures"]["approved_lost"]["of"], of);
        let told = desk.preview(&decide, json!({ "programs": programs })).await;
        assert_eq!(
            (&told["proposed"]["figures"]["approved_lost"]["of"], &told["notes"]["by_programs"]),
            (&json!(of), &json!(1))
        );
    }
    let unasked = desk.preview(&decide, json!({})).await;
    assert_eq!(unasked["proposed"]["figures"]["approved_lost"]["of"], 1);
}

#[tokio::test]
async fn what_could_not_be_in_force_is_refused_by_its_field() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Read).await;
    for (body, field) in [
        (json!({ "captcha": { "reject_below": -0.1 } }), "captcha.reject_below"),
        (json!({ "captcha": { "hold_below": 1.01 } }), "captcha.hold_below"),
        (json!({ "scoring": { "hold_at": 2 } }), "scoring.hold_at"),
        (json!({ "captcha": { "reject_below": 0.7, "hold_below": 0.6 } }), "captcha.reject_below"),
        (json!({ "scoring": { "hold_at": 0.6, "spam_at": 0.5 } }), "scoring.hold_at"),
        (json!({ "scoring": { "spam_at": 0.1 } }), "scoring.spam_at"),
        (json!({ "scoring": { "spam_at": "0.9" } }), "scoring.spam_at"),
        (json!({ "scoring": { "threshold": 0.9 } }), "scoring.threshold"),
        (json!({ "since": "yesterday" }), "since"),
        (json!({ "sites": [] }), "sites"),
    ] {
        let answer = desk.post(&who, PREVIEW, body.clone()).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.field(), field, "{body}");
    }
    let unknown = desk.post(&who, PREVIEW, json!({ "scoring": { "weights": { "honeypott": 1 } } })).await;
    unknown.refused(422, "validation_failed");
    assert!(unknown.field().starts_with("scoring.weights"), "{}", unknown.body);
    let both = desk.post(&who, PREVIEW, json!({ "captcha": { "hold_below": 2 }, "scoring": { "spam_at": 2 } })).await;
    assert_eq!(both.body["errors"].as_array().unwrap().len(), 2);
    for query in ["?since=soon", "?programs=yes", "?bins=3"] {
        desk.get(&who, &format!("{THRESHOLDS}{query}")).await.refused(422, "validation_failed");
    }
}
