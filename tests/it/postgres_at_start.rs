//! What is said of a database that is not fit, before anything is written there.

use replydesk::store::{Store, StoreError};

use crate::postgres_server::PostgresServer;

/// What the store says of this database, with its causes.
async fn told(url: &str) -> String {
    match Store::open(url).await {
        Ok(_) => "fit".to_owned(),
        Err(fault) => format!("{:#}", anyhow::Error::new(fault)),
    }
}

#[tokio::test]
async fn an_unfit_database_is_refused_in_a_sentence_that_says_what_to_do() {
    let Some(server) = PostgresServer::start() else { return };
    server.sql("postgres", "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
    let said = told(&server.url("latin")).await;
    assert!(said.contains("encoding LATIN1") && said.contains("ENCODING 'UTF8'"), "{said}");

    server.sql("postgres", "CREATE DATABASE frozen");
    server.sql("postgres", "ALTER DATABASE frozen SET default_transaction_read_only = on");
    let said = told(&server.url("frozen")).await;
    assert!(said.contains("read-only for this user"), "{said}");

    let said = told(&server.url("nowhere")).await;
    assert!(said.contains("database \"nowhere\" does not exist"), "{said}");

    let replica = server.replica();
    let said = told(&replica.url("postgres")).await;
    assert!(said.contains("read-only replica") && said.contains("primary"), "{said}");
    let both = format!(
        "postgres://replydesk@127.0.0.1:{},127.0.0.1:{}/postgres?sslmode=disable&target_session_attrs=read-write",
        replica.port, server.port
    );
    assert_eq!(told(&both).await, "fit", "of several servers the one that can be written to is found");
}

#[tokio::test]
async fn a_schema_of_a_newer_program_is_refused_and_left_as_it_is() {
    let Some(server) = PostgresServer::start() else { return };
    let url = server.url("postgres");
    assert_eq!(told(&url).await, "fit");
    server.sql("postgres", "INSERT INTO schema_migrations VALUES (999, 'later', 'x')");
    let refused = Store::open(&url).await;
    assert!(matches!(refused, Err(StoreError::Newer { found: 999, .. })));
    let refused = Store::open_to_read(&url).await;
    assert!(matches!(refused, Err(StoreError::Newer { found: 999, .. })));
}

#[tokio::test]
async fn a_step_that_ran_with_another_text_is_refused() {
    let Some(server) = PostgresServer::start() else { return };
    let url = server.url("postgres");
    assert_eq!(told(&url).await, "fit");
    server.sql("postgres", "UPDATE schema_migrations SET sha256 = 'x' WHERE number = 3");
    let said = told(&url).await;
    assert!(said.contains("do not belong together"), "{said}");
}

#[tokio::test]
async fn instances_that_start_together_bring_the_schema_up_to_date_once() {
    let Some(server) = PostgresServer::start() else { return };
    let url = server.url("postgres");
    let (one, two, three) = tokio::join!(told(&url), told(&url), told(&url));
    assert_eq!((one.as_str(), two.as_str(), three.as_str()), ("fit", "fit", "fit"));
}

#[tokio::test]
async fn a_server_in_another_time_zone_with_other_habits_is_as_good_as_any() {
    let Some(server) = PostgresServer::start() else { return };
    server.sql("postgres", "CREATE DATABASE away");
    for habit in [
        "timezone = 'Asia/Kathmandu'",
        "datestyle = 'SQL, DMY'",
        "standard_conforming_strings = off",
        "default_transaction_isolation = 'serializable'",
        "search_path = 'elsewhere'",
        "bytea_output = 'escape'",
        "extra_float_digits = -15",
    ] {
        server.sql("postgres", &format!("ALTER DATABASE away SET {habit}"));
    }
    assert_eq!(told(&server.url("away")).await, "fit");
}
