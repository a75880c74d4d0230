//! The audit as a list that is narrowed and as a file: who sees what, and that the file can be checked.

use std::{collections::BTreeMap, time::Duration};

use replydesk::{
    auth::Right,
    domain::{CommentId, Timestamp},
    store::AuditRow,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{Desk, NOW, Who, nobody};

const AUDIT: &str = "/api/moderation/audit";

impl Desk {
    async fn decided(&self, who: &Who, site: &str, action: &str) -> CommentId {
        let id = self.comment(site, "Hello").await;
        self.post(who, &format!("/api/moderation/comments/{id}/decision"), json!({ "action": action })).await.ok(200);
        id
    }

    /// What the list tells, as `actor action`, newest first.
    async fn lines(&self, who: &Who, query: &str) -> Vec<String> {
        let page = self.get(who, &format!("{AUDIT}?{query}")).await.ok(200);
        let line = |item: &Value| format!("{} {}", item["actor"].as_str().unwrap(), item["action"].as_str().unwrap());
        page["items"].as_array().unwrap().iter().map(line).collect()
    }
}

#[tokio::test]
async fn the_list_is_narrowed_by_who_what_to_what_and_when() {
    let desk = Desk::start().await;
    let (ada, bea) = (desk.signed_in("ada", "admin", &[]).await, desk.signed_in("bea", "moderator", &[]).await);
    let first = desk.decided(&ada, "news", "approve").await;
    let at = desk.clock.now();
    desk.decided(&bea, "news", "spam").await;
    desk.post(&ada, &format!("/api/moderation/comments/{first}/decision"), json!({ "action": "reject" })).await.ok(200);
    let whole = desk.lines(&ada, "").await;
    assert_eq!(
        whole[..3],
        ["moderator:ada comment.reject", "moderator:bea comment.spam", "moderator:ada comment.approve"]
    );
    for (query, expected) in [
        ("actor=moderator:bea", &["moderator:bea comment.spam", "moderator:bea session.open"][..]),
        ("action=comment.spam", &["moderator:bea comment.spam"]),
        ("action=comment.", &whole[..3].iter().map(String::as_str).collect::<Vec<_>>()),
        ("action=comment", &[]),
        ("action=.", &[]),
        (&format!("subject={first}"), &["moderator:ada comment.reject", "moderator:ada comment.approve"]),
        (&format!("subject={first}&action=comment.approve"), &["moderator:ada comment.approve"]),
        (&format!("since={at}&until={at}"), &["moderator:ada comment.approve"]),
        (&format!("action=comment.&until={at}"), &["moderator:ada comment.approve"]),
        ("since=2999-01-01T00:00:00Z", &[]),
        ("actor=moderator:'%20OR%201=1", &[]),
    ] {
        assert_eq!(desk.lines(&ada, query).await, expected, "{query}");
    }
    for (query, field) in [
        ("since=monday", "since"),
        ("until=monday", "until"),
        ("who=ada", "who"),
        (&format!("actor={}", "x".repeat(255)), "actor"),
        ("limit=0", "limit"),
    ] {
        let refused = desk.get(&ada, &format!("{AUDIT}?{query}")).await;
        refused.refused(422, "validation_failed");
        assert_eq!(refused.field(), field);
    }
    desk.stop().await;
}

#[tokio::test]
async fn a_narrowed_list_is_turned_page_by_page_however_rare_its_lines() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Read).await;
    // A line of interest each 3,000 others: more than one read looks at.
    let fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
         INSERT INTO audit (id, at, actor, action, subject, detail)
         SELECT (SELECT coalesce(max(id), 0) FROM audit) + i, 1800000000000 + i, 'moderator:ada', CASE i % 3000 WHEN 0 THEN 'rare' ELSE 'common' END, 's' || i, '{}' FROM n";
    desk.tamper(fill);
    let mut query = format!("{AUDIT}?action=rare&limit=1");
    let mut subjects = Vec::new();
    loop {
        let page = desk.get(&who, &query).await.ok(200);
        subjects
            .extend(page["items"].as_array().unwrap().iter().map(|item| item["subject"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("{AUDIT}?action=rare&limit=1&cursor={cursor}");
        desk.get(&who, &format!("{AUDIT}?action=common&cursor={cursor}")).await.refused(422, "invalid_cursor");
    }
    assert_eq!(subjects, ["s12000", "s9000", "s6000", "s3000"]);
    // Rows that the program did not write are shown for what they are.
    let odd = desk.get(&who, &format!("{AUDIT}?subject=s12000")).await.ok(200);
    assert_eq!(odd["items"][0]["hash"], Value::Null);
    desk.tamper("UPDATE audit SET detail = 'no json' WHERE subject = 's9000'");
    let odd = desk.get(&who, &format!("{AUDIT}?subject=s9000")).await.ok(200);
    assert_eq!(odd["items"][0]["detail"], json!({ "unreadable": "no json" }));
    let limited = desk.signed_in("ben", "moderator", &["sport"]).await;
    assert_eq!(desk.lines(&limited, "").await, ["moderator:ben session.open"]);
    desk.stop().await;
}

#[tokio::test]
async fn a_clock_that_went_back_hides_no_line() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Read).await;
    let at = |seconds: u64| NOW.plus(Duration::from_secs(seconds));
    for (subject, seconds) in [("a", 100), ("b", 300), ("c", 200), ("d", 50), ("e", 400)] {
        desk.store.record(row(subject, at(seconds))).await.unwrap();
    }
    let subjects = async |query: &str| -> Vec<String> {
        let page = desk.get(&who, &format!("{AUDIT}?{query}")).await.ok(200);
        page["items"].as_array().unwrap().iter().map(|item| item["subject"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(subjects(&format!("since={}", at(200))).await, ["e", "c", "b"]);
    assert_eq!(subjects(&format!("since={}&until={}", at(60), at(300))).await, ["c", "b", "a"]);
    let (_, text) = desk.file(&who, &format!("{AUDIT}/export?since={}", at(200))).await;
    let exported: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(exported.iter().map(|row| &row["subject"]).collect::<Vec<_>>(), ["b", "c", "e"]);
    desk.stop().await;
}

fn row(subject: &str, at: Timestamp) -> AuditRow {
    let (actor, action) = ("operator".to_owned(), "settings.reload".to_owned());
    AuditRow { id: 0, at, actor, action, subject: subject.to_owned(), detail: BTreeMap::new() }
}

/// Recomputes the chain as docs/operations.md tells.
fn check(text: &str) -> usize {
    let mut before = vec![0_u8; 32];
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let (_, rest) = line.split_once(",\"detail\":").unwrap();
        let (detail, _) = rest.rsplit_once(",\"hash\":").unwrap();
        let id = row["id"].to_string();
        let told = |name: &str| row[name].as_str().unwrap().as_bytes();
        let mut hash = Sha256::new();
        for field in
            [&*before, id.as_bytes(), told("at"), told("actor"), told("action"), told("subject"), detail.as_bytes()]
        {
            hash.update(u64::try_from(field.len()).unwrap().to_be_bytes());
            hash.update(field);
        }
        before = hash.finalize().to_vec();
        let hex: String = before.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(row["hash"], hex.as_str(), "{line}");
    }
    text.lines().count()
}

#[tokio::test]
async fn the_file_holds_the_whole_chain_oldest_first_and_is_not_kept_by_caches() {
    let desk = Desk::start().await;
    let ada = desk.signed_in("ada", "admin", &[]).await;
    desk.decided(&ada, "news", "approve").await;
    // More than is in memory at once.
    for n in 0..2_500 {
        let mut line = row(&format!("s{n}"), desk.clock.now());
        line.detail.insert("text".to_owned(), json!("\u{2028}\"\n\\ é=1"));
        desk.store.record(line).await.unwrap();
    }
    let (headers, text) = desk.file(&ada, &format!("{AUDIT}/export?format=jsonl")).await;
    assert_eq!(headers["content-type"], "application/jsonl");
    assert_eq!(headers["content-disposition"], "attachment; filename=\"audit-2027-01-15.jsonl\"");
    assert_eq!((&headers["cache-control"], headers.get("content-length")), (&"no-store".parse().unwrap(), None));
    let (lines, last) = (check(&text), desk.get(&ada, &format!("{AUDIT}?limit=1")).await.ok(200));
    assert_eq!(json!(lines), last["items"][0]["id"]);
    assert!(text.trim_end().ends_with(&format!("\"hash\":{}}}", last["items"][0]["hash"])));
    desk.stop().await;
}

#[tokio::test]
async fn in_csv_no_cell_runs_as_a_formula() {
    let desk = Desk::start().await;
    let who = desk.token(Right::Read).await;
    desk.store.record(row("=cmd|' /C calc'!A0", desk.clock.now())).await.unwrap();
    desk.store.record(row("+1,\"2\"\r\n@x", desk.clock.now())).await.unwrap();
    let (headers, text) = desk.file(&who, &format!("{AUDIT}/export?format=csv")).await;
    assert_eq!(headers["content-type"], "text/csv; charset=utf-8; header=present");
    assert_eq!(headers["content-disposition"], "attachment; filename=\"audit-2027-01-15.csv\"");
    assert!(
        text.starts_with("id,at,actor,action,subject,detail,hash\r\n1,2027-01-15T08:00:00.000Z,operator,token.add,"),
        "{text}"
    );
    assert!(text.contains(",settings.reload,'=cmd|' /C calc'!A0,{},"), "{text}");
    assert!(text.contains(",settings.reload,\"'+1,\"\"2\"\"\r\n@x\",{},"), "{text}");
    for (query, field) in [("format=xml", "format"), ("since=x", "since"), ("actor=a", "actor"), ("format=", "")] {
        let answer = desk.send(reqwest::Method::GET, &nobody(), &format!("{AUDIT}/export?{query}"), None).await;
        answer.refused(401, "unauthenticated");
        if !field.is_empty() {
            let answer = desk.get(&who, &format!("{AUDIT}/export?{query}")).await;
            answer.refused(422, "validation_failed");
            assert_eq!(answer.field(), field);
        }
    }
    desk.stop().await;
}

#[tokio::test]
async fn who_is_limited_to_a_site_takes_along_what_they_see() {
    let desk = Desk::start().await;
    let (ada, ben) = (desk.signed_in("ada", "admin", &[]).await, desk.signed_in("ben", "moderator", &["sport"]).await);
    desk.decided(&ada, "news", "approve").await;
    let shared = desk.decided(&ada, "sport", "approve").await;
    desk.decided(&ben, "sport", "spam").await;
    let (_, text) = desk.file(&ben, &format!("{AUDIT}/export")).await;
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut told: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {}", row["actor"].as_str().unwrap(), row["action"].as_str().unwrap()))
        .collect();
    assert_eq!(told, ["moderator:ben session.open", "moderator:ada comment.approve", "moderator:ben comment.spam"]);
    assert_eq!(rows[1]["subject"], json!(shared));
    told.reverse();
    assert_eq!(desk.lines(&ben, "").await, told, "the list and the file tell the same");
    let (_, nothing) = desk.file(&ben, &format!("{AUDIT}/export?since=2999-01-01T00:00:00Z")).await;
    assert_eq!(nothing, "");
    desk.stop().await;
}
