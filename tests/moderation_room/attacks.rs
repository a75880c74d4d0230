//! Attack mode by hand: who may, where, and what is wrong with what was sent.

use replydesk::auth::Right;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Desk, Who, nobody};

const ATTACK: &str = "/api/moderation/attack";

async fn put(desk: &Desk, who: &Who, body: Value) -> Answer {
    let who = who.clone().with("content-type", "application/json");
    desk.send(Method::PUT, &who, ATTACK, Some(body.to_string().into_bytes())).await
}

async fn sites(desk: &Desk, who: &Who) -> Vec<String> {
    let items = desk.get(who, ATTACK).await.ok(200)["items"].as_array().unwrap().clone();
    items.iter().map(|item| item["site"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn who_may_decide_sets_and_ends_it_on_their_sites_alone() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "moderator", &["sport"]).await;
    let ben = desk.signed_in("ben", "moderator", &[]).await;
    let reads = desk.token(Right::Read).await;
    put(&desk, &nobody(), json!({"site": "news"})).await.refused(401, "unauthenticated");
    put(&desk, &reads, json!({"site": "news"})).await.refused(403, "forbidden");
    put(&desk, &ada, json!({"site": "news"})).await.refused(404, "not_found");
    put(&desk, &ben, json!({"site": "nowhere"})).await.refused(404, "not_found");
    put(&desk, &ben, json!({"site": "news"})).await.ok(200);
    let set = put(&desk, &ada, json!({"site": "sport", "minutes": 1440})).await.ok(200);
    assert_eq!((&set["by"], &set["cause"], &set["page"]), (&json!("ada"), &json!("hand"), &Value::Null));
    assert_eq!(sites(&desk, &reads).await, ["news", "sport"]);
    assert_eq!(sites(&desk, &ada).await, ["sport"]);
    assert_eq!(desk.get(&ada, "/api/moderation/summary").await.ok(200)["attack"], json!([set]));
    desk.delete(&ada, &format!("{ATTACK}?site=news")).await.refused(404, "not_found");
    desk.delete(&ben, &format!("{ATTACK}?site=sport")).await.ok(204);
    desk.delete(&ben, &format!("{ATTACK}?site=sport")).await.ok(204);
    assert_eq!(sites(&desk, &reads).await, ["news"]);
    desk.stop().await;
}

#[tokio::test]
async fn what_was_sent_wrong_is_named_and_the_list_goes_on_behind_its_cursor() {
    let desk = Desk::start().await;
    let ben = desk.signed_in("ben", "moderator", &[]).await;
    for wrong in [
        json!({"site": "news", "minutes": 0}),
        json!({"site": "news", "minutes": 1441}),
        json!({"site": "news", "minutes": 1.5}),
        json!({"site": "news", "page": "http://elsewhere.example/a"}),
        json!({"site": "news", "page": "ftp:x"}),
        json!({"site": "news", "page": " "}),
        json!({"site": "news", "other": 1}),
        json!({}),
    ] {
        put(&desk, &ben, wrong).await.refused(422, "validation_failed");
    }
    for query in ["", "?site=news&x=1", "?site=news&page=ftp:x"] {
        desk.delete(&ben, &format!("{ATTACK}{query}")).await.refused(422, "validation_failed");
    }
    for page in [Value::Null, json!("/b"), json!("/a")] {
        put(&desk, &ben, json!({"site": "news", "page": page})).await.ok(200);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let stretch = desk.get(&ben, &format!("{ATTACK}?limit=1{cursor}")).await.ok(200);
        seen.push(stretch["items"][0]["page"].clone());
        let Some(next) = stretch["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, [Value::Null, json!("/a"), json!("/b")]);
    desk.get(&ben, &format!("{ATTACK}?cursor=x")).await.refused(422, "invalid_cursor");
    desk.stop().await;
}

#[tokio::test]
async fn page_after_page_is_refused_where_the_whole_site_is_meant() {
    let desk = Desk::start().await;
    let ben = desk.signed_in("ben", "moderator", &[]).await;
    let page = |site: &str, n: u32| json!({"site": site, "page": format!("https://{site}.example/{n}")});
    for n in 0..200 {
        put(&desk, &ben, page("news", n)).await.ok(200);
    }
    put(&desk, &ben, page("news", 200)).await.refused(422, "validation_failed");
    put(&desk, &ben, page("news", 7)).await.ok(200);
    put(&desk, &ben, page("sport", 1)).await.ok(200);
    put(&desk, &ben, json!({"site": "news"})).await.ok(200);
    desk.stop().await;
}
