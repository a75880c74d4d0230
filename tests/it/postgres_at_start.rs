//! What is said of a database that is not fit, before anything is written there.

use std::sync::Arc;

use replydesk::{
    domain::Clock,
    store::{Store, StoreError},
};

use crate::{
    certificates::Certificates,
    postgres_server::PostgresServer,
    support::{App, comment, database::Home},
};

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

/// An address with a password, to be found nowhere.
fn with_password(server: &PostgresServer, host: &str, query: &str) -> String {
    format!("postgres://replydesk:s3cret@{host}:{}/postgres?{query}", server.port)
}

/// Our sessions: those over TLS, and all.
fn sessions(server: &PostgresServer) -> (u32, u32) {
    let sql = "SELECT count(*) FILTER (WHERE ssl), count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
         WHERE application_name = 'replydesk'";
    let counts = server.sql("postgres", sql);
    let (encrypted, all) = counts.split_once('|').unwrap();
    (encrypted.parse().unwrap(), all.parse().unwrap())
}

#[tokio::test]
async fn a_line_that_shall_be_encrypted_is_and_leads_to_nobody_else() {
    let Some(server) = PostgresServer::start() else { return };
    let (Some(ours), Some(foreign)) = (Certificates::make(), Certificates::make()) else { return };
    let to = |host: &str, query: &str| with_password(&server, host, query);
    let believed = |whose: &Certificates| format!("sslmode=verify-full&sslrootcert={}", whose.path("ca.pem").display());

    assert_eq!(told(&to("127.0.0.1", "")).await, "fit", "encrypted where it can be");
    for query in ["sslmode=require", &believed(&ours)] {
        let said = told(&to("127.0.0.1", query)).await;
        assert!(said.contains("speaks no TLS") && said.contains("ssl = on"), "{said}");
        assert!(!said.contains("s3cret"), "{said}");
    }

    server.encrypts(&ours.path("server.pem"), &ours.path("server.key"));
    for (host, query) in [
        ("127.0.0.1", "sslmode=require"),
        ("127.0.0.1", ""),
        ("127.0.0.1", &believed(&ours)),
        ("localhost", &believed(&ours)),
    ] {
        let store = Store::open(&to(host, query)).await.unwrap();
        let (encrypted, all) = sessions(&server);
        assert!(encrypted > 0 && encrypted == all, "{host} {query}: {encrypted} of {all}");
        store.close();
    }
    assert_eq!(told(&to("127.0.0.1", "sslmode=disable")).await, "fit", "nobody asked for it");

    // The public authorities know nothing of it either.
    for query in [&believed(&foreign), "sslmode=verify-full"] {
        let said = told(&to("127.0.0.1", query)).await;
        assert!(said.contains("certificate") && said.contains("sslrootcert"), "{said}");
        assert!(!said.contains("s3cret"), "{said}");
    }
    let elsewhere = format!("{}&hostaddr=127.0.0.1", believed(&ours));
    let said = told(&to("news.example", &elsewhere)).await;
    assert!(said.contains("another host") && said.contains("news.example"), "{said}");
    assert!(!said.contains("s3cret"), "{said}");

    let said = told(&to("127.0.0.1", "sslmode=verify-full&sslrootcert=/nowhere/ca.pem")).await;
    assert!(said.contains("sslrootcert /nowhere/ca.pem cannot be used"), "{said}");
}

#[tokio::test]
async fn a_server_that_serves_over_tls_has_no_other_line() {
    let Some(server) = PostgresServer::start() else { return };
    let Some(ours) = Certificates::make() else { return };
    server.encrypts(&ours.path("server.pem"), &ours.path("server.key"));
    let query = format!("sslmode=verify-full&sslrootcert={}", ours.path("ca.pem").display());
    let settings =
        format!("[store]\nurl = \"{}\"\n[moderation]\nmode = \"post\"", with_password(&server, "localhost", &query));
    let app = App::within(Arc::new(Home::new()), Clock::system(), &settings).await;
    app.submit(&comment("Nobody on the way reads this.")).await.expect(201);
    app.thread("").await.expect(200);
    app.get("/readyz").answer().await.expect(200);
    let (encrypted, all) = sessions(&server);
    assert!(encrypted >= 3 && encrypted == all, "{encrypted} of {all}");
}
