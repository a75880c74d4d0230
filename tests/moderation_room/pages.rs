//! Pages and sites as moderators see and change them.

use std::time::Duration;

use replydesk::{
    auth::Right,
    domain::{PageAddress, SiteId},
    store::NewComment,
};
use serde_json::{Value, json};

use crate::support::{Desk, Who};

const PAGES: &str = "/api/moderation/pages";

fn on(mut draft: NewComment, site: &str, path: &str) -> NewComment {
    let page = PageAddress::parse(&format!("https://{site}.example{path}")).unwrap();
    draft.page = page.identity(&SiteId::new(site), &[]);
    draft
}

async fn list(desk: &Desk, who: &Who, query: &str) -> Vec<String> {
    let found = desk.get(who, &format!("{PAGES}?{query}")).await.ok(200);
    found["items"].as_array().unwrap().iter().map(|page| page["page"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pages_are_listed_with_what_waits_there() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    let mut ids = Vec::new();
    for (site, path, many) in [("news", "/one", 2), ("news", "/two", 3), ("sport", "/three", 1)] {
        for n in 0..many {
            let mut draft = on(desk.draft(site, &format!("{path} {n}")), site, path);
            draft.title = Some(format!("About {path}"));
            ids.push(desk.accept(draft).await);
        }
    }
    let approve = format!("/api/moderation/comments/{}/decision", ids[0]);
    desk.post(&admin, &approve, json!({ "action": "approve" })).await.ok(200);
    let first = desk.get(&admin, &format!("{PAGES}?q=one")).await.ok(200)["items"][0].clone();
    assert_eq!(
        first,
        json!({ "site": "news", "page": "https://news.example/one", "title": "About /one", "closed": false, "mode": null,
            "first_at": "2027-01-15T08:00:01Z", "closes_at": null, "approved": 1, "pending": 1 })
    );
    let (one, two, three) = ("https://news.example/one", "https://news.example/two", "https://sport.example/three");
    for (query, found) in [
        ("", vec![three, two, one]),
        ("order=waiting", vec![two, three, one]),
        ("site=news", vec![two, one]),
        ("q=ABOUT", vec![three, two, one]),
        ("q=%25", vec![]),
        ("closed=true", vec![]),
        ("closed=false&site=sport", vec![three]),
    ] {
        assert_eq!(list(&desk, &admin, query).await, found, "{query}");
    }
    for order in ["newest", "waiting"] {
        let (mut query, mut seen) = (format!("order={order}&limit=1"), Vec::new());
        loop {
            let page = desk.get(&admin, &format!("{PAGES}?{query}")).await.ok(200);
            seen.push(page["items"][0]["page"].as_str().unwrap().to_owned());
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            query = format!("order={order}&limit=1&cursor={cursor}");
        }
        assert_eq!(seen, list(&desk, &admin, &format!("order={order}")).await, "{order}");
    }
    let cursor = desk.get(&admin, &format!("{PAGES}?limit=1")).await.ok(200)["next_cursor"].clone();
    let other = format!("{PAGES}?limit=1&order=waiting&cursor={}", cursor.as_str().unwrap());
    desk.get(&admin, &other).await.refused(422, "invalid_cursor");
    for (query, field) in [("order=best", "order"), ("closed=maybe", "closed"), ("page=/one", "page")] {
        assert_eq!(desk.get(&admin, &format!("{PAGES}?{query}")).await.field(), field, "{query}");
    }
    desk.stop().await;
}

#[tokio::test]
async fn a_moderator_sees_and_changes_the_pages_of_their_sites() {
    let desk = Desk::start().await;
    let ben = desk.signed_in("ben", "moderator", &["news"]).await;
    desk.comment("news", "Here").await;
    desk.comment("sport", "Elsewhere").await;
    assert_eq!(list(&desk, &ben, "").await, ["https://news.example/article"]);
    desk.get(&ben, &format!("{PAGES}?site=sport")).await.refused(404, "not_found");
    let close = |page: &str| json!({ "page": page, "closed": true });
    desk.patch(&ben, PAGES, close("https://sport.example/article")).await.refused(404, "not_found");
    let there = json!({ "page": "/article", "site": "sport", "closed": true });
    desk.patch(&ben, PAGES, there).await.refused(404, "not_found");
    assert_eq!(desk.patch(&ben, PAGES, close("https://news.example/article")).await.ok(200)["closed"], true);
    let here = close("https://news.example/article");
    desk.patch(&desk.token(Right::Read).await, PAGES, here.clone()).await.refused(403, "forbidden");
    desk.patch(&ben.clone().without("x-csrf-token"), PAGES, here).await.refused(403, "csrf_failed");
    desk.stop().await;
}

#[tokio::test]
async fn a_change_is_kept_told_and_recorded_before_and_after() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    desk.comment("news", "Here").await;
    let page = "https://news.example/article?utm=1#top";
    let changed =
        desk.patch(&admin, PAGES, json!({ "page": page, "closed": true, "title": "  A bridge ", "mode": "post" }));
    let changed = changed.await.ok(200);
    assert_eq!(
        (&changed["page"], &changed["closed"], &changed["title"], &changed["mode"], &changed["pending"]),
        (&json!("https://news.example/article"), &json!(true), &json!("A bridge"), &json!("post"), &json!(1))
    );
    let one = async || desk.get(&admin, "/api/moderation/audit?limit=1").await.ok(200)["items"][0].clone();
    let line = one().await;
    assert_eq!((&line["action"], &line["subject"]), (&json!("page.change"), &json!("https://news.example/article")));
    assert_eq!(line["detail"]["before"], json!({ "closed": false, "title": null, "mode": null }));
    assert_eq!(line["detail"]["after"], json!({ "closed": true, "title": "A bridge", "mode": "post" }));
    assert_eq!(line["detail"]["site"], "news");

    // What is not given stays, and what changes nothing leaves no row.
    let same = desk.patch(&admin, PAGES, json!({ "page": page, "mode": "post" })).await.ok(200);
    assert_eq!((&same, &one().await), (&changed, &line));
    let opened =
        desk.patch(&admin, PAGES, json!({ "page": page, "closed": null, "title": null, "mode": null })).await.ok(200);
    assert_eq!((&opened["closed"], &opened["title"], &opened["mode"]), (&json!(false), &Value::Null, &Value::Null));
    desk.patch(&admin, PAGES, json!({ "page": page, "closed": true })).await.ok(200);
    assert_eq!(one().await["detail"]["after"], json!({ "closed": true }));
    assert_eq!(list(&desk, &admin, "closed=true").await, ["https://news.example/article"]);
    desk.stop().await;
}

#[tokio::test]
async fn a_page_that_nobody_commented_can_be_closed() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    let nothing =
        desk.patch(&admin, PAGES, json!({ "page": "https://news.example/new", "closed": false })).await.ok(200);
    assert_eq!((&nothing["first_at"], &nothing["closed"]), (&Value::Null, &json!(false)));
    assert!(list(&desk, &admin, "").await.is_empty(), "nothing was changed, so there is nothing to keep");
    let closed = desk.patch(&admin, PAGES, json!({ "page": "/new/", "site": "news", "closed": true })).await.ok(200);
    assert_eq!((&closed["page"], &closed["closed"], &closed["first_at"]), (&json!("/new"), &json!(true), &Value::Null));
    assert_eq!((&closed["approved"], &closed["pending"]), (&json!(0), &json!(0)));
    assert_eq!(list(&desk, &admin, "site=news").await, ["/new"]);

    // The first comment tells what the form knows, and its title does not replace the moderator's.
    desk.patch(&admin, PAGES, json!({ "page": "/new", "site": "news", "closed": false })).await.ok(200);
    desk.clock.advance(Duration::from_secs(3600));
    let mut draft = on(desk.draft("news", "The first"), "news", "/new");
    draft.title = Some("The form's".into());
    desk.accept(draft).await;
    let now = desk.clock.now();
    let page = desk.get(&admin, &format!("{PAGES}?site=news")).await.ok(200)["items"][0].clone();
    assert_eq!(
        (&page["page"], &page["title"], &page["first_at"]),
        (&json!("https://news.example/new"), &json!("The form's"), &json!(now))
    );
    desk.stop().await;
}

#[tokio::test]
async fn what_is_no_change_of_a_page_names_its_field() {
    let desk = Desk::start().await;
    let admin = desk.token(Right::Admin).await;
    for (change, field) in [
        (json!({ "page": null }), "page"),
        (json!({ "page": "" }), "page"),
        (json!({ "page": "/article" }), "page"),
        (json!({ "page": "https://elsewhere.example/" }), "page"),
        (json!({ "page": "https://elsewhere.example/", "site": "news" }), "page"),
        (json!({ "page": "https://sport.example/", "site": "news" }), "page"),
        (json!({ "page": format!("/{}", "a".repeat(2048)), "site": "news" }), "page"),
        (json!({ "closed": "yes" }), "closed"),
        (json!({ "title": "x".repeat(301) }), "title"),
        (json!({ "title": "a\tb" }), "title"),
        (json!({ "title": 7 }), "title"),
        (json!({ "mode": "free" }), "mode"),
        (json!({ "url": "x" }), "url"),
    ] {
        let mut asked = json!({ "page": "https://news.example/article", "closed": true });
        asked.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = desk.patch(&admin, PAGES, asked.clone()).await;
        answer.refused(422, "validation_failed");
        assert_eq!(answer.field(), field, "{asked}");
    }
    desk.patch(&admin, PAGES, json!({ "page": "/a", "site": "nowhere" })).await.refused(404, "not_found");
    assert!(list(&desk, &admin, "").await.is_empty());
    desk.stop().await;
}

#[tokio::test]
async fn the_sites_are_the_viewers_own_with_their_settings() {
    let desk = Desk::start().await;
    let ben = desk.signed_in("ben", "moderator", &["sport"]).await;
    let reader = desk.token(Right::Read).await;
    let sites = desk.get(&ben, "/api/moderation/sites").await.ok(200);
    assert_eq!(
        sites,
        json!({ "next_cursor": null, "items": [{
            "id": "sport", "origins": ["https://sport.example"], "lang": "en", "mode": "pre", "trusted_after": 3,
            "close_after": null, "captcha": { "provider": "builtin", "reject_below": 0.3, "hold_below": 0.6 },
            "scoring": { "hold_at": 0.5, "spam_at": 0.9 }, "contact": null }] })
    );
    let first = desk.get(&reader, "/api/moderation/sites?limit=1").await.ok(200);
    assert_eq!(first["items"][0]["id"], "news");
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = desk.get(&reader, &format!("/api/moderation/sites?limit=1&cursor={cursor}")).await.ok(200);
    assert_eq!((&second["items"][0]["id"], &second["next_cursor"]), (&json!("sport"), &Value::Null));
    desk.get(&reader, "/api/moderation/sites?cursor=x").await.refused(422, "invalid_cursor");
    assert_eq!(desk.get(&reader, "/api/moderation/sites?site=news").await.field(), "site");
    desk.stop().await;
}
