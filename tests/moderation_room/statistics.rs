//! Figures about the work, through HTTP: what counts where, and whose sites.

use std::time::Duration;

use replydesk::{
    auth::Right,
    domain::{CommentId, RefusalId, Status, Verdict},
    store::RefusalRow,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, Who, nobody};

const STATISTICS: &str = "/api/moderation/statistics";
const HOUR: Duration = Duration::from_secs(3600);

impl Desk {
    async fn judged(&self, site: &str, verdict: Verdict) -> CommentId {
        let status = match verdict {
            Verdict::Publish => Status::Approved,
            Verdict::Hold => Status::Pending,
            Verdict::Spam => Status::Spam,
            Verdict::Reject => Status::Rejected,
        };
        let mut comment = self.draft(site, "Hello");
        (comment.verdict, comment.status) = (verdict, status);
        self.accept(comment).await
    }

    async fn refused_once(&self, site: &str) {
        let refusal = RefusalRow {
            id: RefusalId::new(self.clock.now()),
            reference: "AAAA-AAAA".into(),
            site: site.into(),
            page: "/article".into(),
            reason: "score_low".into(),
            provider: "builtin".into(),
            score: Some(0.1),
            raw_score: None,
            signals: Vec::new(),
            at: self.clock.now(),
        };
        self.store.refuse(refusal).await.unwrap();
    }

    async fn act(&self, who: &Who, id: CommentId, action: &str) {
        self.post(who, &format!("/api/moderation/comments/{id}/decision"), json!({ "action": action })).await.ok(200);
    }
}

#[tokio::test]
async fn each_day_tells_what_came_what_became_of_it_and_what_was_decided() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    desk.person("ben", "moderator", &["sport"]).await;
    // 2027-01-15, 08:00
    let [first, second] = [desk.judged("news", Verdict::Hold).await, desk.judged("news", Verdict::Hold).await];
    desk.judged("news", Verdict::Publish).await;
    desk.judged("news", Verdict::Spam).await;
    desk.judged("news", Verdict::Reject).await;
    desk.refused_once("news").await;
    let sport = desk.judged("sport", Verdict::Hold).await;
    let came = desk.clock.now();
    desk.clock.advance(Duration::from_secs(54));
    desk.act(&ada, first, "approve").await;
    desk.clock.advance(24 * HOUR);
    let (ada, ben) = (desk.back("ada").await, desk.back("ben").await);
    desk.act(&ada, second, "reject").await;
    desk.act(&ada, second, "spam").await;
    desk.act(&ada, second, "pending").await;
    desk.act(&ben, sport, "spam").await;
    let words = json!({ "body": "Hello." }).to_string().into_bytes();
    let typed = ben.clone().with("content-type", "application/json");
    desk.send(Method::PATCH, &typed, &format!("/api/moderation/comments/{sport}"), Some(words)).await.ok(200);
    let told = desk.get(&ada, &format!("{STATISTICS}?days=3")).await.ok(200);
    assert_eq!((&told["since"], &told["until"]), (&json!("2027-01-14T00:00:00Z"), &json!(desk.clock.now())));
    let day = |date: &str, counts: [u64; 7]| {
        let [received, published, held, refused, approved, rejected, spam] = counts;
        json!({ "date": date, "received": received, "published": published, "held": held, "refused": refused,
            "approved": approved, "rejected": rejected, "spam": spam })
    };
    assert_eq!(
        told["days"],
        json!([
            day("2027-01-14", [0; 7]),
            day("2027-01-15", [7, 1, 3, 1, 1, 0, 0]),
            day("2027-01-16", [0, 0, 0, 0, 0, 1, 2]),
        ])
    );
    assert_eq!(told["waiting"], json!({ "count": 1, "oldest_at": came.minus(Duration::from_secs(4)) }));
    // The second decision on one comment is no first one.
    let day_later = 24 * 3600 + 54;
    assert_eq!(told["decided"], json!({ "count": 3, "median_seconds": day_later, "p90_seconds": day_later + 4 }));
    let share = &told["held_share"];
    assert_eq!((&share["share"], &share["count"]), (&json!(0.5), &json!(6)));
    assert!(share["low"].as_f64().unwrap() > 0.18 && share["high"].as_f64().unwrap() < 0.82, "{share}");
    let work = |name: &str, counts: [u64; 6]| {
        let [approved, rejected, spam, pending, edited, total] = counts;
        json!({ "name": name, "approved": approved, "rejected": rejected, "spam": spam, "pending": pending, "edited": edited, "total": total })
    };
    assert_eq!(told["moderators"], json!([work("ada", [1, 1, 1, 1, 0, 4]), work("ben", [0, 0, 1, 0, 1, 2])]));
    let today = desk.get(&ada, &format!("{STATISTICS}?days=1")).await.ok(200);
    assert_eq!((today["days"].as_array().unwrap().len(), &today["decided"]["count"]), (1, &json!(2)));
    desk.stop().await;
}

#[tokio::test]
async fn everybody_sees_figures_of_their_own_sites() {
    let desk = Desk::start().await;
    let (all, ben) = (desk.token(Right::Decide).await, desk.signed_in("ben", "moderator", &["sport"]).await);
    let ids = [desk.judged("news", Verdict::Hold).await, desk.judged("sport", Verdict::Hold).await];
    desk.judged("sport", Verdict::Hold).await;
    desk.refused_once("news").await;
    for id in ids {
        desk.act(&all, id, "spam").await;
    }
    let figures = async |who: &Who, query: &str| -> [u64; 6] {
        let told = desk.get(who, &format!("{STATISTICS}?{query}")).await.ok(200);
        let today = told["days"].as_array().unwrap().last().unwrap().clone();
        let done = told["moderators"][0]["total"].clone();
        [
            &today["received"],
            &today["refused"],
            &today["spam"],
            &told["waiting"]["count"],
            &told["decided"]["count"],
            &done,
        ]
        .map(|figure| figure.as_u64().unwrap())
    };
    assert_eq!(figures(&all, "").await, [4, 1, 2, 1, 2, 2]);
    assert_eq!(figures(&all, "site=news").await, [2, 1, 1, 0, 1, 1]);
    assert_eq!(figures(&ben, "").await, [2, 0, 1, 1, 1, 1]);
    assert_eq!(figures(&ben, "site=sport").await, [2, 0, 1, 1, 1, 1]);
    desk.get(&ben, &format!("{STATISTICS}?site=news")).await.refused(404, "not_found");
    desk.get(&all, &format!("{STATISTICS}?site=weather")).await.refused(404, "not_found");
    desk.get(&nobody(), STATISTICS).await.refused(401, "unauthenticated");
    desk.stop().await;
}

#[tokio::test]
async fn an_author_and_the_newsroom_are_no_moderators_at_work() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Read).await;
    let id = desk.judged("news", Verdict::Hold).await;
    desk.judged("news", Verdict::Hold).await;
    desk.store.withdraw(id, desk.clock.now()).await.unwrap();
    desk.tamper("UPDATE comments SET by_staff = TRUE WHERE seq = 2");
    let told = desk.get(&who, STATISTICS).await.ok(200);
    assert_eq!((&told["moderators"], &told["decided"]["count"]), (&json!([]), &json!(0)));
    let today = told["days"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&today["received"], &told["held_share"]["count"]),
        (&json!(1), &json!(1)),
        "what was taken back did come"
    );
    desk.stop().await;
}

#[tokio::test]
async fn more_than_one_read_holds_is_counted_too() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Read).await;
    let id = desk.judged("news", Verdict::Hold).await;
    let id_of = match desk.is_postgres() {
        true => "(substr(c.id::text, 1, 24) || lpad(n.i::text, 12, '0'))::uuid",
        false => "CAST(substr(c.id, 1, 10) || printf('%06d', n.i) AS BLOB)",
    };
    desk.tamper(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10500)
         INSERT INTO comments (id, page, depth, root, path, status, shown, version, name, body, created_at, edit_until, author, proven,
           network_key, captcha_provider, captcha_outcome, risk, verdict, signals)
         SELECT {id_of}, c.page, 0, c.root, c.path, 'pending', 0, 1, 'x', 'x', c.created_at, 0,
           c.author, FALSE, 'n', 'none', 'off', 0.1, 'hold', '[]' FROM comments c, n WHERE c.seq = 1;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10500)
         INSERT INTO audit (id, at, actor, action, subject, detail)
         SELECT (SELECT coalesce(max(id), 0) FROM audit) + n.i, c.created_at, 'moderator:ada', 'comment.pending', 'x', '{{\"site\":\"news\"}}' FROM comments c, n WHERE c.seq = 1;",
    ));
    let told = desk.get(&who, STATISTICS).await.ok(200);
    let today = told["days"].as_array().unwrap().last().unwrap();
    assert_eq!((&today["received"], &told["waiting"]["count"]), (&json!(10_501), &json!(10_501)));
    assert_eq!(told["moderators"][0]["pending"], 10_500);
    let limited = desk.signed_in("ben", "moderator", &["news"]).await;
    let same = desk.get(&limited, STATISTICS).await.ok(200);
    assert_eq!((&same["waiting"], &same["moderators"]), (&told["waiting"], &told["moderators"]));
    assert!(desk.store.item(id).await.unwrap().is_some());
    desk.stop().await;
}

#[tokio::test]
async fn the_days_are_one_to_ninety() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Read).await;
    for (days, count) in [("", 30), ("?days=1", 1), ("?days=90", 90)] {
        let told = desk.get(&who, &format!("{STATISTICS}{days}")).await.ok(200);
        assert_eq!(told["days"].as_array().unwrap().len(), count);
        assert_eq!(told["held_share"], json!({ "share": Value::Null, "low": 0.0, "high": 1.0, "count": 0 }));
        assert_eq!(told["waiting"], json!({ "count": 0, "oldest_at": Value::Null }));
    }
    for wrong in
        ["days=0", "days=91", "days=-1", "days=x", "days=1.5", "days=999999999999", "since=2027-01-01T00:00:00Z"]
    {
        desk.get(&who, &format!("{STATISTICS}?{wrong}")).await.refused(422, "validation_failed");
    }
    desk.stop().await;
}

#[tokio::test]
async fn what_a_ban_decided_is_nobodys_work_and_no_first_decision() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &[]).await;
    let id = desk.judged("news", Verdict::Hold).await;
    let ban = json!({ "kind": "name", "value": "Bob", "mode": "refuse", "site": "news" });
    assert_eq!(desk.post(&ada, "/api/moderation/bans", ban).await.ok(201)["applied"], 1);
    let told = desk.get(&ada, STATISTICS).await.ok(200);
    assert_eq!((&told["moderators"], &told["decided"]["count"]), (&json!([]), &json!(0)));
    desk.act(&ada, id, "approve").await;
    let told = desk.get(&ada, STATISTICS).await.ok(200);
    assert_eq!((&told["moderators"][0]["total"], &told["decided"]["count"]), (&json!(1), &json!(1)));
    desk.stop().await;
}
