//! Nearly the same text from many: one row in the queue, one decision, and a word to the moderator.

use std::{ops::Range, sync::Arc};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{
    App, PAGE, comment,
    moderator::{Moderator, names},
    until,
};

/// Another name in it, another number, another link, other letters that look alike.
fn advert(n: usize) -> String {
    let names = ["Anna", "Bob", "Carlos", "Dmitri", "Eva", "Farid", "Gustav", "Henrietta", "Ines", "Joaquin"];
    let text = "Nobody in the council asked my cousin before they took the old lamps away, so come to the square on \
                Monday and tell the mayor what you think of it, my neighbours and I will be there";
    let name = names[n % names.len()];
    let named = if n % 2 == 1 { text.replace("my cousin", &format!("my cousin {name}")) } else { text.to_owned() };
    match n % 5 {
        0 => named,
        1 => format!("{named}, {} dollars a day", 100 + n),
        2 => format!("{name}: {named} http://{name}-{n}.example/offer"),
        3 => named.replace('a', "\u{430}").replace('o', "\u{43e}").replace("my ", "m\u{200b}y "),
        _ => format!("{} \u{1f600}\u{1f525}!!!", named.to_uppercase()),
    }
}

async fn post(app: &App, n: usize, body: &str) -> String {
    let wanted = json!({
        "page": format!("http://news.example/2026/article-{}", n % 7),
        "name": format!("Reader {n}"),
        "email": format!("reader-{n}@mail-{}.example", n % 50),
        "body": body,
    });
    let address = format!("203.{}.{}.9", n / 250, n % 250);
    app.submission(&wanted).from(&address).answer().await.expect(202).id()
}

/// Many at once, each from an address, a name and an email of its own.
async fn flood(app: &App, numbers: Range<usize>) {
    let numbers: Vec<usize> = numbers.collect();
    for some in numbers.chunks(16) {
        join_all(some.iter().map(|n| async { post(app, *n, &advert(*n)).await })).await;
    }
}

async fn rows(moderator: &Moderator, query: &str) -> Vec<Value> {
    moderator.get(&format!("/comments?{query}")).await.expect(200).json()["items"].as_array().unwrap().clone()
}

/// The clusters in the queue, as their counts.
async fn clusters(moderator: &Moderator) -> Vec<u64> {
    let rows = rows(moderator, "collapse=cluster&limit=200").await;
    rows.iter().filter_map(|row| row["cluster"]["count"].as_u64()).collect()
}

async fn near_copy(moderator: &Moderator, id: &str) -> Option<(f64, String)> {
    let item = moderator.item(id).await;
    let signals = item["signals"].as_array().unwrap();
    let signal = signals.iter().find(|signal| signal["name"] == "near_copy")?;
    Some((signal["weight"].as_f64().unwrap(), signal["text"].as_str().unwrap().to_owned()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_13_four_hundred_near_copies_are_one_row_and_decided_at_once() {
    let app = App::start().await;
    let moderator = app.moderator().await;
    app.submit(&comment("A remark on the bridge that is nobody's copy.")).await.expect(202);
    flood(&app, 0..400).await;
    app.submit(&comment("Another remark, on the lamps of the bridge this time.")).await.expect(202);
    until("all copies are one cluster", || async { clusters(&moderator).await == [400] }).await;
    let listed = rows(&moderator, "collapse=cluster").await;
    assert_eq!(listed.len(), 3);
    let row = listed.iter().find(|row| !row["cluster"].is_null()).unwrap();
    assert!(names(row).contains(&"near_copy".to_owned()));

    flood(&app, 400..405).await;
    let cluster = row["cluster"]["id"].as_str().unwrap();
    let decision = json!({"action": "spam", "up_to": row["id"], "reason": "flood"});
    let path = format!("/clusters/{cluster}/decision");
    let decide = || async { moderator.ask("POST", &path).json(&decision).answer().await.expect(200).json() };
    assert_eq!(decide().await, json!({"applied": 400, "unchanged": 0}));
    assert_eq!(decide().await, json!({"applied": 0, "unchanged": 400}));
    assert_eq!(app.count("SELECT count(*) FROM comments WHERE status = 'spam' AND version = 2"), 400);
    assert_eq!(app.count("SELECT count(*) FROM audit WHERE action = 'comment.spam'"), 400);
    assert_eq!(clusters(&moderator).await, [5], "later arrivals stay out");
    let told = moderator.item(row["id"].as_str().unwrap()).await;
    assert_eq!((&told["history"][0]["why"], &told["history"][0]["action"]), (&json!("flood"), &json!("comment.spam")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_what_was_marked_as_spam_weighs_more_and_is_not_marked_by_that_alone() {
    let app = App::start().await;
    let moderator = app.moderator().await;
    let first = post(&app, 1, &advert(0)).await;
    let before = near_copy(&moderator, &post(&app, 2, &advert(5)).await).await.unwrap();
    assert_eq!(before.1, "Nearly the same text came from another sender");
    moderator.mark_spam(&first).await;
    let mut n = 2;
    loop {
        n += 1;
        let id = post(&app, n, &advert(5)).await;
        let (weight, text) = near_copy(&moderator, &id).await.unwrap();
        if text.ends_with("marked it as spam") {
            assert!(weight > before.0, "{weight} after {before:?}");
            assert_eq!(moderator.item(&id).await["status"], "pending");
            break;
        }
        assert!(n < 2_000, "nobody told the memory of near-copies");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_waits_for_a_moderator_even_where_everything_publishes() {
    let app = App::with("[moderation]\nmode = 'post'").await;
    let text = "Everybody come to the square at noon and bring a lamp for the bridge, it will be a nice day for all.";
    let mut answers = Vec::new();
    for n in 0..12 {
        let mut wanted = comment(&format!("{text} {n}"));
        wanted["email"] = json!(format!("reader-{n}@mail.example"));
        answers.push(app.submit(&wanted).await.status);
    }
    assert_eq!(answers, [201; 10].into_iter().chain([202; 2]).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_and_a_restart_know_the_same_copies() {
    let app = App::start().await;
    let other = app.beside("").await;
    let moderator = app.moderator().await;
    join_all((0..40).map(|n| {
        let app = if n % 2 == 0 { &app } else { &other };
        async move { post(app, n, &advert(n)).await }
    }))
    .await;
    until("both found that they have one cluster", || async { clusters(&moderator).await == [40] }).await;
    other.running.stop().await;
    let app = Arc::new(app.restarted("").await);
    let moderator = app.moderator().await;
    until("what was stored is known again", || async {
        let n = 40 + usize::try_from(app.count("SELECT count(*) FROM comments")).unwrap();
        let id = post(&app, n, &advert(n)).await;
        near_copy(&moderator, &id).await.is_some_and(|(_, text)| text.contains("other senders"))
    })
    .await;
    until("there is one cluster still", || async { clusters(&moderator).await.len() == 1 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_changes_sides_and_the_same_sender_elsewhere_is_told_apart() {
    let app = App::start().await;
    let moderator = app.moderator().await;
    let said = "My own long thought about the bridge and everybody who crosses it in the morning.";
    let first = app.submit(&comment(said)).await.expect(202);
    let mut elsewhere = comment(said);
    elsewhere["page"] = json!("http://news.example/elsewhere");
    let second = app.submit(&elsewhere).await.expect(202);
    let (_, text) = near_copy(&moderator, &second.id()).await.unwrap();
    assert_eq!(text, "Nearly the same text came from this sender before");
    assert_eq!(clusters(&moderator).await, [2]);
    let edit = |taken: &crate::support::Answer, body: &str| {
        let ask = app.http.ask("PATCH", &format!("/api/comments/{}", taken.id()));
        ask.header("X-Edit-Token", taken.edit_token()).json(&json!({"body": body})).answer()
    };
    edit(&first, &format!("{said} And in the evening.")).await.expect(200);
    assert_eq!(clusters(&moderator).await, [2]);
    edit(&first, "Something else entirely: who feeds the swans under it when the river freezes?").await.expect(200);
    assert_eq!(moderator.item(&first.id()).await["cluster"], Value::Null);
    assert_eq!(near_copy(&moderator, &first.id()).await, None);
    assert_eq!(moderator.item(&second.id()).await["cluster"]["count"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_submission_leaves_no_trace_among_the_copies() {
    let app = App::start().await;
    app.submit(&comment(&advert(0))).await.expect(202);
    for _ in 0..3 {
        app.submit(&comment(&advert(0))).await.expect_problem(409, "duplicate");
    }
    let moderator = app.moderator().await;
    let (_, text) = near_copy(&moderator, &post(&app, 1, &advert(1)).await).await.unwrap();
    assert_eq!(text, "Nearly the same text came from another sender");
    let of_page = rows(&moderator, &format!("page={PAGE}&collapse=cluster")).await;
    assert_eq!((of_page.len(), &of_page[0]["cluster"]["count"]), (1, &json!(2)));
}
