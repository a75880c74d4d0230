//! Keeping house: what has outlived its time goes, and what two instances share is one.

use std::time::Duration;

use replydesk::store::{Retention, Store, StoreError};

use crate::{DAY, File, NOW, key, page, waiting};

/// A site that keeps addresses for so long, and comments for good.
fn addresses(site: &str, days: u32) -> Retention {
    Retention { site: site.to_owned(), address: DAY * days, spam: None, rejected: None }
}

#[tokio::test]
async fn what_has_outlived_its_time_goes_and_nothing_else() {
    let file = File::fresh().await;
    let mut old = waiting("Old.");
    old.claim = Some((key(), NOW.plus(Duration::from_secs(60))));
    old.idempotency = Some((key(), key()));
    file.stored(old).await;
    let rows = "SELECT (SELECT count(*) FROM recent_bodies) + (SELECT count(*) FROM claimed_tokens) + (SELECT count(*) FROM idempotency)";
    let retain = [addresses("news", 2)];
    file.store.tidy(NOW.plus(Duration::from_secs(59)), retain.to_vec()).await.unwrap();
    assert_eq!(file.number(rows), 3);
    file.store.tidy(NOW.plus(Duration::from_secs(60)), retain.to_vec()).await.unwrap();
    assert_eq!(file.number(rows), 2, "a token is refused for its age from now on");
    file.store.tidy(NOW.plus(DAY), retain.to_vec()).await.unwrap();
    assert_eq!(file.number(rows), 0);
    assert_eq!(file.number("SELECT count(*) FROM comments WHERE address IS NOT NULL"), 1);
    file.store.tidy(NOW.plus(DAY * 2), retain.to_vec()).await.unwrap();
    assert_eq!(file.number("SELECT count(*) FROM comments WHERE address IS NOT NULL"), 0);
    assert_eq!(file.number("SELECT count(*) FROM comments WHERE network_key = 'network'"), 1, "the hash stays");
}

#[tokio::test]
async fn each_site_keeps_addresses_for_its_own_time_and_a_forgotten_one_for_the_shortest() {
    let file = File::fresh().await;
    for site in ["news", "blog", "gone"] {
        let mut comment = waiting(site);
        comment.page = page(site, "/a");
        file.stored(comment).await;
    }
    let retain = vec![addresses("news", 30), addresses("blog", 2)];
    let kept = |site: &str| {
        file.number(&format!(
            "SELECT count(*) FROM comments c JOIN pages p ON p.id = c.page WHERE p.site = '{site}' AND address IS NOT NULL"
        ))
    };
    file.store.tidy(NOW.plus(DAY * 2 - Duration::from_millis(1)), retain.clone()).await.unwrap();
    assert_eq!((kept("news"), kept("blog"), kept("gone")), (1, 1, 1));
    file.store.tidy(NOW.plus(DAY * 2), retain.clone()).await.unwrap();
    assert_eq!((kept("news"), kept("blog"), kept("gone")), (1, 0, 0));
    file.store.tidy(NOW.plus(DAY * 30), retain).await.unwrap();
    assert_eq!(kept("news"), 0);
}

#[tokio::test]
async fn more_than_one_sweep_holds_is_swept_too() {
    let file = File::fresh().await;
    let key = if file.home.is_postgres() { "i::text::bytea" } else { "CAST(i AS BLOB)" };
    file.home.run(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5001)
         INSERT INTO recent_bodies SELECT {key}, 0 FROM n"
    ));
    assert_eq!(file.store.tidy(NOW, Vec::new()).await.unwrap(), [("recent_bodies", 5001)]);
}

#[tokio::test]
async fn a_shared_value_is_the_first_ones_on_every_instance() {
    let file = File::fresh().await;
    let second = Store::open(&file.home.url()).await.unwrap();
    assert_eq!(file.store.shared_value("secret", "one".into()).await.unwrap(), "one");
    assert_eq!(second.shared_value("secret", "other".into()).await.unwrap(), "one");
    second.close();
    assert_eq!(file.reopened().await.store.shared_value("secret", "third".into()).await.unwrap(), "one");
}

#[tokio::test]
async fn a_newer_file_is_refused_and_another_kind_of_address_too() {
    let file = File::fresh().await;
    let columns = if file.home.is_postgres() { "(number, name, sha256)" } else { "" };
    file.home.run(&format!("INSERT INTO schema_migrations {columns} VALUES (999, 'of_tomorrow', 'x')"));
    let refused = Store::open(&file.home.url()).await;
    assert!(matches!(refused, Err(StoreError::Newer { found: 999, .. })));
    assert!(matches!(Store::open("mysql://x").await, Err(StoreError::Path(_))));
}

#[tokio::test]
async fn a_probe_of_the_writer_leaves_nothing() {
    let file = File::fresh().await;
    let before = file.number("SELECT count(*) FROM meta");
    file.store.writable().await.unwrap();
    assert_eq!(file.number("SELECT count(*) FROM meta"), before);
}
