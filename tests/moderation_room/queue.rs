//! Listing, looking, counting.

use replydesk::{auth::Right, domain::Status};

use crate::support::{Desk, ids};

const COMMENTS: &str = "/api/moderation/comments";

#[tokio::test]
async fn an_item_has_the_documented_shape() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Read).await;
    desk.comment("news", "Hello *world* <script>").await;
    let list = desk.get(&who, COMMENTS).await.ok(200);
    insta::assert_json_snapshot!(list, { ".items[].id" => "[id]", ".items[].author.id" => "[author]" });
    desk.stop().await;
}

#[tokio::test]
async fn one_comment_comes_with_its_history_and_thread() {
    let desk = Desk::start().await;
    let decide = desk.token(Right::Decide).await;
    let root = desk.comment("news", "First").await;
    let other = desk.comment("news", "Another thread").await;
    for id in [root, other] {
        let path = format!("{COMMENTS}/{id}/decision");
        desk.post(&decide, &path, serde_json::json!({ "action": "approve", "reason": "fine" })).await.ok(200);
    }
    let mut reply = desk.draft("news", "Second");
    reply.parent = Some(root);
    let reply = desk.accept(reply).await;
    let detail = desk.get(&decide, &format!("{COMMENTS}/{reply}")).await.ok(200);
    assert_eq!(detail["parent"], root.to_string());
    assert_eq!(detail["history"].as_array().unwrap().len(), 0);
    assert_eq!(detail["thread"].as_array().unwrap().len(), 1);
    assert_eq!(detail["thread"][0]["id"], root.to_string());

    let detail = desk.get(&decide, &format!("{COMMENTS}/{root}")).await.ok(200);
    insta::assert_json_snapshot!(detail["history"], @r#"
    [
      {
        "action": "comment.approve",
        "ban": null,
        "from": "pending",
        "to": "approved",
        "version": 2,
        "when": "2027-01-15T08:00:02Z",
        "who": "decide-0",
        "why": "fine"
      }
    ]
    "#);
    desk.stop().await;
}

#[tokio::test]
async fn pages_of_the_queue_neither_repeat_nor_lose_what_was_there() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Read).await;
    for order in ["oldest", "newest", "risk"] {
        let before = ids(&desk.get(&who, &format!("{COMMENTS}?order={order}&limit=200")).await.ok(200));
        for n in 0..7 {
            let mut comment = desk.draft("news", "Hello");
            // Several of one risk, so that the tie-break is seen.
            comment.risk = f64::from(n % 3) / 10.0;
            desk.accept(comment).await;
        }
        let all = ids(&desk.get(&who, &format!("{COMMENTS}?order={order}&limit=200")).await.ok(200));
        assert_eq!(all.len(), before.len() + 7);
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = desk.get(&who, &format!("{COMMENTS}?order={order}&limit=3&cursor={cursor}")).await.ok(200);
            assert!(ids(&page).len() <= 3);
            seen.extend(ids(&page));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = next.to_owned();
            // Somebody comments while the moderator reads.
            let mut late = desk.draft("news", "Late");
            late.risk = 1.0;
            if seen.len() < 7 {
                desk.accept(late).await;
            }
        }
        let old: Vec<_> = seen.iter().filter(|id| all.contains(id)).cloned().collect();
        assert_eq!(old, all, "{order}");
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), seen.len(), "{order}");
    }
    desk.stop().await;
}

#[tokio::test]
async fn filters_narrow_and_a_cursor_belongs_to_its_question() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Read).await;
    let waiting = desk.comment("news", "A needle, 100% sure").await;
    let mut spam = desk.draft("news", "Hay");
    (spam.status, spam.name, spam.email) = (Status::Spam, "Eve".into(), Some("Eve@Spam.Example".into()));
    spam.email_key = Some(desk.running.services.keys.email("eve@spam.example"));
    let author = spam.author;
    let spam = desk.accept(spam).await;
    let sport = desk.comment("sport", "Hay").await;
    let (waiting, spam, sport) = (waiting.to_string(), spam.to_string(), sport.to_string());
    for (query, found) in [
        ("", vec![&waiting, &sport]),
        ("?status=all", vec![&waiting, &spam, &sport]),
        ("?status=spam", vec![&spam]),
        ("?status=approved", vec![]),
        ("?site=sport", vec![&sport]),
        ("?status=all&site=news&order=newest", vec![&spam, &waiting]),
        ("?page=https://news.example/article/%3Futm=1", vec![&waiting]),
        ("?site=sport&page=/article", vec![&sport]),
        ("?site=sport&page=/other", vec![]),
        ("?q=NEEDLE", vec![&waiting]),
        ("?q=100%25", vec![&waiting]),
        ("?q=%25", vec![&waiting]),
        ("?status=all&q=spam.example", vec![&spam]),
        ("?status=all&author=eve", vec![&spam]),
        ("?status=all&author=eve@spam.example", vec![&spam]),
        (&format!("?status=all&author={author}"), vec![&spam]),
    ] {
        let list = desk.get(&who, &format!("{COMMENTS}{query}")).await.ok(200);
        assert_eq!(ids(&list).iter().collect::<Vec<_>>(), found, "{query}");
    }
    let page = desk.get(&who, &format!("{COMMENTS}?limit=1")).await.ok(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    desk.get(&who, &format!("{COMMENTS}?limit=2&cursor={cursor}")).await.ok(200);
    for other in ["order=newest", "status=all", "site=news", "q=a"] {
        let answer = desk.get(&who, &format!("{COMMENTS}?{other}&cursor={cursor}")).await;
        answer.refused(422, "invalid_cursor");
    }
    desk.get(&who, &format!("/api/moderation/audit?cursor={cursor}")).await.refused(422, "invalid_cursor");
    desk.stop().await;
}

#[tokio::test]
async fn a_foreign_site_is_not_there() {
    let desk = Desk::start().await;
    let news = desk.comment("news", "Hello").await;
    let sport = desk.comment("sport", "Hello").await;
    let who = desk.signed_in("ada", "moderator", &["news"]).await;
    let foreign = format!("{COMMENTS}/{sport}");
    desk.get(&who, &foreign).await.refused(404, "not_found");
    desk.get(&who, &format!("{COMMENTS}?site=sport")).await.refused(404, "not_found");
    desk.get(&who, &format!("{COMMENTS}?site=nowhere")).await.refused(404, "not_found");
    let approve = serde_json::json!({ "action": "approve" });
    desk.post(&who, &format!("{foreign}/decision"), approve).await.refused(404, "not_found");
    let both =
        serde_json::json!({ "decisions": [{ "id": news, "action": "spam" }, { "id": sport, "action": "spam" }] });
    let results = desk.post(&who, "/api/moderation/decisions", both).await.ok(200);
    assert_eq!(results["results"][0]["outcome"], "applied");
    assert_eq!(results["results"][1], serde_json::json!({ "id": sport, "outcome": "not_found", "version": null }));
    assert_eq!(ids(&desk.get(&who, &format!("{COMMENTS}?status=all")).await.ok(200)), [news.to_string()]);
    let counts = desk.get(&who, "/api/moderation/summary").await.ok(200);
    assert_eq!(
        counts,
        serde_json::json!({ "counts": { "pending": 0, "approved": 0, "rejected": 0, "spam": 1 }, "attack": [] })
    );
    // The audit of the other site is none of theirs.
    let admin = desk.token(Right::Admin).await;
    let reject = serde_json::json!({ "action": "reject" });
    desk.post(&admin, &format!("{foreign}/decision"), reject).await.ok(200);
    let seen = desk.get(&who, "/api/moderation/audit").await.ok(200).to_string();
    assert!(seen.contains(&news.to_string()) && !seen.contains(&sport.to_string()), "{seen}");
    let all = desk.get(&admin, "/api/moderation/audit").await.ok(200).to_string();
    assert!(all.contains(&news.to_string()) && all.contains(&sport.to_string()));
    desk.stop().await;
}

#[tokio::test]
async fn what_its_author_took_back_is_not_there() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Decide).await;
    let id = desk.comment("news", "Hello").await;
    assert!(desk.store.withdraw(id, desk.clock.now()).await.unwrap());
    assert!(ids(&desk.get(&who, &format!("{COMMENTS}?status=all")).await.ok(200)).is_empty());
    desk.get(&who, &format!("{COMMENTS}/{id}")).await.refused(404, "not_found");
    let approve = serde_json::json!({ "action": "approve" });
    desk.post(&who, &format!("{COMMENTS}/{id}/decision"), approve).await.refused(404, "not_found");
    desk.stop().await;
}
