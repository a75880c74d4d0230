//! `replydesk backup` beside a server under load, and a server on what was restored elsewhere.

use std::{
    collections::HashSet,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use crate::support::{
    comment,
    database::Home,
    moderator::Moderator,
    process::{Process, program},
    settings,
};

/// Runs a command that goes well; what it says.
#[track_caller]
fn done(words: &[&str], config: &Path) -> String {
    let ran = program().args(words).arg("--config").arg(config).output().unwrap();
    assert!(ran.status.success(), "{words:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

/// Posts one after the other until it is told to end; what was acknowledged.
async fn posts(process: &Process, n: &AtomicU32, acknowledged: &Mutex<Vec<String>>, ends: &AtomicBool) {
    while !ends.load(Ordering::Relaxed) {
        let n = n.fetch_add(1, Ordering::Relaxed);
        let ask = process.http.ask("POST", "/api/comments").origin("http://news.example");
        let taken = ask.json(&comment(&format!("Comment {n}."))).from(&format!("10.0.{}.{}", n / 250 % 250, n % 250));
        let id = taken.answer().await.expect(202).id();
        acknowledged.lock().unwrap().push(id);
    }
}

/// A file of settings in a folder of its own, with its store there.
fn elsewhere(home: &Home) -> std::path::PathBuf {
    settings::write(home, "")
}

/// The ids of all comments in a store.
fn ids(home: &Home) -> Vec<String> {
    let sql = match home.is_postgres() {
        true => "SELECT replace(id::text, '-', '') FROM comments",
        false => "SELECT lower(hex(id)) FROM comments",
    };
    home.lines(sql).lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_comment_acknowledged_before_a_backup_began_is_in_it_once_and_a_server_starts_on_it() {
    let home = Home::new();
    let config = settings::write(&home, "");
    let process = Arc::new(Process::serve(&config, "warn"));
    let token = done(&["token", "create", "desk", "--scope", "admin"], &config).trim().to_owned();
    let (n, acknowledged, ends) = (AtomicU32::new(0), Mutex::new(Vec::<String>::new()), AtomicBool::new(false));
    let backups = async {
        let mut last = None;
        for round in 0..4 {
            crate::support::until("some more comments", || async {
                acknowledged.lock().unwrap().len() > 40 * (round + 1)
            })
            .await;
            let before = acknowledged.lock().unwrap().clone();
            let (file, config) = (home.path().join(format!("backup-{round}.db")), config.clone());
            let (made, other) = tokio::task::spawn_blocking(move || {
                let made = done(&["backup", file.to_str().unwrap()], &config);
                let other = Home::new();
                done(&["restore", file.to_str().unwrap()], &elsewhere(&other));
                (made, other)
            })
            .await
            .unwrap();
            assert!(made.starts_with("Backed up to "), "{made}");
            let all = ids(&other);
            let there: HashSet<&String> = all.iter().collect();
            assert_eq!(there.len(), all.len(), "nothing is there twice");
            for id in &before {
                assert!(there.contains(&id.replace('-', "")), "{id} of {} is lost", before.len());
            }
            last = Some((other, before));
        }
        ends.store(true, Ordering::Relaxed);
        last.unwrap()
    };
    let post = || posts(&process, &n, &acknowledged, &ends);
    let (((), (), (), ()), (other, before)) =
        tokio::join!(async { tokio::join!(post(), post(), post(), post()) }, backups);
    assert!(acknowledged.lock().unwrap().len() > before.len(), "readers were served meanwhile");

    let config = elsewhere(&other);
    assert!(done(&["audit", "verify"], &config).starts_with("The audit is whole"));
    let restored = Process::serve(&config, "warn");
    let moderator = Moderator { http: restored.http.clone(), token };
    for id in before.iter().take(3) {
        assert_eq!(moderator.item(id).await["id"], id.as_str());
    }
    moderator.approve(&before[0]).await;
    let ask = restored.http.ask("POST", "/api/comments").origin("http://news.example");
    ask.json(&comment("Life goes on.")).answer().await.expect(202);
}
