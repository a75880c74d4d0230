//! The named rules as a moderator sees them: what comes from lists in files, from the pace, from the site.

use serde_json::{Value, json};

use crate::support::{App, client::comment as plain, comment};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listed_domains_are_told_and_a_changed_file_acts_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (links, mail) = (folder.path().join("links.txt"), folder.path().join("mail.txt"));
    std::fs::write(&links, "# bad\nshop.example\n").unwrap();
    std::fs::write(&mail, "readers.example\n").unwrap();
    let lists = format!("[scoring.lists]\nlink_domain_files = [{links:?}]\nmail_domain_files = [{mail:?}]\n");
    let app = App::with(&lists).await;
    let told = |body: &str| {
        let mut wanted = comment(body);
        wanted["email"] = json!("ada@readers.example");
        let app = &app;
        async move { app.moderator().await.signals(&app.submit(&wanted).await.expect(202).id()).await }
    };
    let first = told("As https://www.shop.example/offer says, it is cheap.").await;
    assert!(first.contains(&"link_listed".to_owned()) && first.contains(&"mail_disposable".to_owned()), "{first:?}");
    std::fs::write(&links, "other.example\n").unwrap();
    std::fs::write(&mail, "").unwrap();
    app.running.reload().await;
    let second = told("And https://www.shop.example/offer says it again.").await;
    assert!(!second.iter().any(|name| name == "link_listed" || name == "mail_disposable"), "{second:?}");
    std::fs::write(&links, "https://shop.example\n").unwrap();
    app.running.reload().await;
    let third = told("What https://other.example says is another thing.").await;
    assert!(third.contains(&"link_listed".to_owned()), "a broken file leaves the old list in force: {third:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_that_is_switched_off_is_recorded_and_shown_to_nobody() {
    let app = App::with("[scoring.weights]\nlink_foreign = 0.0\n").await;
    let id = app.submit(&comment("See https://shop.example/ for yourself.")).await.expect(202).id();
    let item = app.moderator().await.item(&id).await;
    let shown: Vec<&Value> = item["signals"].as_array().unwrap().iter().collect();
    assert!(!shown.iter().any(|signal| signal["name"] == "link_foreign"), "{shown:?}");
    for signal in shown {
        let fields: Vec<&String> = signal.as_object().unwrap().keys().collect();
        assert_eq!(fields.len(), 4, "name, weight, text and span, nothing more: {fields:?}");
    }
    let signals: Value = serde_json::from_str(&app.folder.text("SELECT signals FROM comments")).unwrap();
    let kept = signals.as_array().unwrap().iter().filter(|signal| signal["name"] == "link_foreign");
    assert_eq!(kept.map(|signal| signal["strength"].as_f64()).collect::<Vec<_>>(), [Some(1.0)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_comments_of_one_author_are_told_from_the_fourth_on() {
    let app = App::with("[limits]\nper_ip = []\n").await;
    let mut seen = Vec::new();
    for n in 0..5 {
        let mut wanted = plain(&format!("One of many thoughts, the one that is number {n}."));
        wanted["email"] = json!("eager@readers.example");
        let id = app.submit(&wanted).await.expect(202).id();
        seen.push(app.moderator().await.signals(&id).await.contains(&"author_burst".to_owned()));
    }
    assert_eq!(seen, [false, false, false, true, true]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_nobody_can_have_typed_is_told_unless_it_was_pasted() {
    let app = App::start().await;
    let told = |total: u32, pastes: u32| {
        let mut wanted =
            plain(&format!("A long and thoughtful comment of many words, after {total} ms and {pastes} pastes."));
        wanted["signals"] = json!({"t_first": 500, "t_total": total, "keys": 3, "key_jitter_bucket": 0, "moves_bucket": 0, "pastes": pastes});
        let app = &app;
        async move {
            let id = app.submit(&wanted).await.expect(202).id();
            app.moderator().await.signals(&id).await.contains(&"sent_fast".to_owned())
        }
    };
    assert!(told(900, 0).await);
    assert!(!told(900, 1).await);
    assert!(!told(30_000, 0).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_language_that_counts_is_the_sites_own() {
    let german = "Ich habe gestern Abend den ganzen Bericht gelesen, und er ist schlimmer, als der Artikel sagt. Der Stadtrat \
                  wusste seit März von der Brücke, und niemand hat gefragt, warum.";
    let site = "[[site]]\nid = 'news'\norigins = ['http://news.example']\n";
    for (lang, expected) in [("en", true), ("de", false)] {
        let app = App::with(&format!("{site}lang = '{lang}'\n")).await;
        let id = app.submit(&comment(german)).await.expect(202).id();
        let told = app.moderator().await.signals(&id).await.contains(&"language".to_owned());
        assert_eq!(told, expected, "{lang}");
    }
}
