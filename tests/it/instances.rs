//! Instances over one store know of each other, and an operator hears where one runs other settings.

use crate::support::App;

async fn config(app: &App) -> (String, String) {
    let ready = app.get("/readyz").answer().await.expect(200).json();
    let check = &ready["checks"]["config"];
    (check["state"].as_str().unwrap().to_owned(), check["detail"].as_str().unwrap().to_owned())
}

/// Everything behind the word "version".
fn version(detail: &str) -> &str {
    detail.rsplit_once(", version ").unwrap().1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_with_the_same_settings_tell_the_same_version_wherever_they_listen() {
    let one = App::start().await;
    let two = one.beside("[server]\nworkers = 1").await;
    one.running.services.instances.meet().await.unwrap();
    let (first, second) = (config(&one).await, config(&two).await);
    assert_eq!((first.0.as_str(), second.0.as_str()), ("ok", "ok"), "{first:?} {second:?}");
    assert_eq!(version(&first.1), version(&second.1));
    assert!(one.get("/metrics").answer().await.text().contains("replydesk_instances 2\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_with_other_settings_is_told_on_each_until_it_is_gone() {
    let one = App::start().await;
    let two = one.beside("[captcha]\nhold_below = 0.9").await;
    one.running.services.instances.meet().await.unwrap();
    for app in [&one, &two] {
        let (state, detail) = config(app).await;
        assert_eq!(state, "degraded");
        assert!(detail.ends_with("1 of 2 instances run other settings than this one"), "{detail}");
        assert!(app.get("/metrics").answer().await.text().contains("replydesk_instances_differ 1\n"));
    }
    two.running.stop().await;
    one.running.services.instances.meet().await.unwrap();
    assert_eq!(config(&one).await.0, "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_was_killed_is_forgotten_after_a_while() {
    let one = App::start().await;
    let two = one.beside("[captcha]\nhold_below = 0.9").await;
    one.clock.advance(std::time::Duration::from_secs(36));
    one.running.services.instances.meet().await.unwrap();
    assert_eq!(config(&one).await.0, "ok");
    drop(two);
}
