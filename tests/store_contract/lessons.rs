//! The log of lessons: in one transaction with the decision, never changed, and gone with an erased text.

use std::time::Duration;

use replydesk::{
    domain::{CommentId, Decision, Signal, Status, Timestamp, Verdict},
    store::{
        DecisionOrder, Edit, Edited, Lesson, LessonKind, LessonQuery, NewComment, RollbackTo, Snapshot, SnapshotMark,
    },
};

use crate::{File, NOW, page, waiting};

async fn decide(file: &File, id: CommentId, decision: Decision, at: Timestamp) {
    let order = DecisionOrder { id, decision, version: None, reason: None, sites: None };
    file.store.decide(vec![order], "moderator:ada".to_owned(), at).await.unwrap();
}

async fn stored(file: &File, body: &str) -> CommentId {
    let signals = vec![Signal::new("link_foreign", 0.5, "x.example")];
    file.stored(NewComment { signals, ..waiting(body) }).await.id
}

async fn all(file: &File) -> Vec<Lesson> {
    file.store.lessons(LessonQuery { site: None, after: 0, limit: 1_000 }).await.unwrap()
}

/// What each row of the log says.
async fn kinds(file: &File) -> Vec<LessonKind> {
    file.store.lesson_log("news".to_owned(), 0).await.unwrap().iter().map(|row| row.kind).collect()
}

async fn edit(file: &File, id: CommentId, body: &str) {
    let own = file.store.own(id).await.unwrap().unwrap();
    let edit = Edit {
        id,
        seen_version: own.version,
        body: body.to_owned(),
        sketch: None,
        cluster: None,
        status: Status::Pending,
        risk: 0.9,
        verdict: Verdict::Hold,
        signals: vec![Signal::new("capitals", 0.7, "")],
        now: NOW.plus(Duration::from_secs(9)),
    };
    assert!(matches!(file.store.edit(edit).await.unwrap(), Edited::Stored(_)));
}

fn snapshot(seq: i64, version: &str) -> Snapshot {
    let mark = SnapshotMark { site: "news".to_owned(), seq, version: version.to_owned(), labels: seq, at: NOW };
    Snapshot { mark, bytes: vec![7; 3] }
}

async fn kept(file: &File) -> Vec<i64> {
    file.store.snapshots(Some("news".to_owned())).await.unwrap().iter().map(|mark| mark.seq).collect()
}

#[tokio::test]
async fn approve_and_spam_teach_once_and_nothing_else_teaches() {
    use LessonKind::{Ham, Spam, Void};
    let file = File::fresh().await;
    let (good, bad, other) = (stored(&file, "Good.").await, stored(&file, "Bad.").await, stored(&file, "Rude.").await);
    for (id, decision) in [
        (good, Decision::Approve),
        (good, Decision::Approve),
        (other, Decision::Reject),
        (bad, Decision::Spam),
        (bad, Decision::Pending),
        (bad, Decision::Reject),
        (bad, Decision::Approve),
        (bad, Decision::Spam),
    ] {
        decide(&file, id, decision, NOW).await;
    }
    let expected = [Ham, Spam, Void { since: 2 }, Ham, Void { since: 2 }, Spam];
    assert_eq!(kinds(&file).await, expected);
    let lessons = all(&file).await;
    let text = lessons[0].text.as_ref().unwrap();
    assert_eq!((text.name.as_str(), text.body.as_str(), text.signals.len()), ("Ada", "Good.", 1));
    assert!(lessons[2].text.is_none(), "a void has no words");
    assert_eq!(lessons[5].row.comment, Some(bad));
    assert_eq!(file.store.last_lesson().await.unwrap(), 6);
}

#[tokio::test]
async fn when_the_lesson_cannot_be_written_nothing_is_decided() {
    let file = File::fresh().await;
    let id = stored(&file, "To decide.").await;
    file.home.run(match file.home.is_postgres() {
        true => "ALTER TABLE lessons ADD CHECK (false)",
        false => "CREATE TRIGGER no BEFORE INSERT ON lessons BEGIN SELECT raise(ABORT, 'no'); END",
    });
    let order = DecisionOrder { id, decision: Decision::Spam, version: None, reason: None, sites: None };
    assert!(file.store.decide(vec![order], "moderator:ada".to_owned(), NOW).await.is_err());
    assert_eq!(file.store.own(id).await.unwrap().unwrap().status, Status::Pending);
}

#[tokio::test]
async fn a_lesson_keeps_the_words_it_was_decided_on_and_the_new_ones_teach_by_themselves() {
    let file = File::fresh().await;
    let id = stored(&file, "As it was.").await;
    decide(&file, id, Decision::Approve, NOW).await;
    edit(&file, id, "As it is now.").await;
    decide(&file, id, Decision::Spam, NOW.plus(Duration::from_secs(20))).await;
    assert_eq!(kinds(&file).await, [LessonKind::Ham, LessonKind::Spam]);
    let lessons = all(&file).await;
    let told = |n: usize| {
        let text = lessons[n].text.as_ref().unwrap();
        (text.body.clone(), text.signals[0].name.to_string())
    };
    assert_eq!(told(0), ("As it was.".to_owned(), "link_foreign".to_owned()));
    assert_eq!(told(1), ("As it is now.".to_owned(), "capitals".to_owned()));
}

#[tokio::test]
async fn an_erased_text_is_in_no_lesson_and_what_it_taught_is_taken_back() {
    for erase in ["UPDATE comments SET name = '', body = '' WHERE seq = 1", "DELETE FROM comments WHERE seq = 1"] {
        let file = File::fresh().await;
        let id = stored(&file, "Mine alone.").await;
        decide(&file, id, Decision::Approve, NOW).await;
        edit(&file, id, "Mine alone, again.").await;
        assert!(file.store.keep_snapshot(snapshot(1, "A")).await.unwrap());
        file.home.run(erase);
        assert_eq!(kinds(&file).await, [LessonKind::Ham, LessonKind::Void { since: 1 }], "{erase}");
        assert!(all(&file).await.iter().all(|lesson| lesson.text.is_none()), "{erase}");
        assert_eq!(file.number("SELECT count(*) FROM lessons WHERE name IS NOT NULL OR body IS NOT NULL"), 0);
        assert_eq!(kept(&file).await, Vec::<i64>::new(), "{erase}");
    }
}

#[tokio::test]
async fn what_the_program_marked_by_itself_teaches_once_a_person_says_the_same() {
    let file = File::fresh().await;
    let id = file.stored(NewComment { status: Status::Spam, ..waiting("Marked by itself.") }).await.id;
    assert!(all(&file).await.is_empty());
    for _ in 0..2 {
        decide(&file, id, Decision::Spam, NOW).await;
    }
    assert_eq!(kinds(&file).await, [LessonKind::Spam]);
    assert_eq!(file.store.history(id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn staffs_own_comments_teach_nothing() {
    let file = File::fresh().await;
    let id = stored(&file, "From the desk.").await;
    file.home.run("UPDATE comments SET by_staff = TRUE");
    decide(&file, id, Decision::Approve, NOW).await;
    assert!(all(&file).await.is_empty());
}

#[tokio::test]
async fn a_snapshot_is_kept_once_and_never_with_a_lesson_that_was_taken_back() {
    let file = File::fresh().await;
    let mut ids = Vec::new();
    for n in 0..5 {
        let id = stored(&file, &format!("Number {n}.")).await;
        decide(&file, id, Decision::Approve, NOW).await;
        ids.push(id);
    }
    for seq in [1, 3, 5] {
        assert!(file.store.keep_snapshot(snapshot(seq, "A")).await.unwrap());
    }
    assert!(!file.store.keep_snapshot(snapshot(3, "A")).await.unwrap(), "it is there");
    assert!(file.store.keep_snapshot(snapshot(3, "B")).await.unwrap(), "of another version");
    decide(&file, ids[2], Decision::Pending, NOW).await;
    assert_eq!(kept(&file).await, [1]);
    assert!(!file.store.keep_snapshot(snapshot(5, "A")).await.unwrap(), "made before the lesson was taken back");
    assert!(file.store.keep_snapshot(snapshot(2, "A")).await.unwrap());
    assert!(file.store.keep_snapshot(snapshot(6, "A")).await.unwrap());
    let found = async |up_to| file.store.snapshot("news".to_owned(), up_to).await.unwrap().map(|s| s.mark.seq);
    assert_eq!((found(5).await, found(i64::MAX).await, found(0).await), (Some(2), Some(6), None));
    file.store.drop_snapshots("news".to_owned(), vec![2, 6]).await.unwrap();
    assert_eq!(kept(&file).await, [1]);
}

#[tokio::test]
async fn a_roll_back_is_a_row_of_its_own_by_number_or_by_time() {
    let file = File::fresh().await;
    for second in 1..=4 {
        let id = stored(&file, &format!("Number {second}.")).await;
        decide(&file, id, Decision::Approve, NOW.plus(Duration::from_secs(second))).await;
    }
    let elsewhere = file.stored(NewComment { page: page("other", "/"), ..waiting("Elsewhere.") }).await.id;
    decide(&file, elsewhere, Decision::Spam, NOW).await;
    assert!(file.store.keep_snapshot(snapshot(4, "A")).await.unwrap());
    let back = async |to| file.store.roll_back("news".to_owned(), to, "operator".to_owned(), NOW).await.unwrap();
    assert_eq!(back(RollbackTo::Seq(4)).await, None, "nothing is behind it");
    let done = back(RollbackTo::Time(NOW.plus(Duration::from_secs(2)))).await.unwrap();
    assert_eq!((done.to, done.seq, done.undone), (2, 6, 2));
    assert_eq!(kinds(&file).await.last(), Some(&LessonKind::Rollback { since: 3 }));
    assert_eq!(kept(&file).await, Vec::<i64>::new());
    assert_eq!(back(RollbackTo::Seq(0)).await.unwrap().to, 0);
    assert_eq!(file.number("SELECT count(*) FROM audit WHERE action = 'model.rollback'"), 2);
    let logs = file.store.lesson_logs().await.unwrap();
    assert_eq!(logs.iter().map(|log| (log.site.as_str(), log.last)).collect::<Vec<_>>(), [("news", 7), ("other", 5)]);
}

#[tokio::test]
async fn what_was_decided_before_lessons_were_kept_teaches_in_the_order_of_the_decisions() {
    let file = File::fresh().await;
    if file.home.is_postgres() {
        // No PostgreSQL database is older than its lessons: this is about files.
        return;
    }
    let (first, second) = (stored(&file, "First.").await, stored(&file, "Second.").await);
    decide(&file, second, Decision::Spam, NOW).await;
    decide(&file, first, Decision::Approve, NOW.plus(Duration::from_secs(1))).await;
    stored(&file, "Undecided.").await;
    file.home.run(
        "DROP TABLE lessons; DROP TABLE models; DROP TRIGGER lessons_keep_text; DROP TRIGGER lessons_keep_signals;
         DROP TRIGGER lessons_erase; DROP TRIGGER lessons_delete; DROP INDEX comments_over;
         ALTER TABLE comments DROP COLUMN was; DELETE FROM schema_migrations WHERE number IN (7, 16)",
    );
    let file = file.reopened().await;
    let told: Vec<_> = all(&file).await.iter().map(|lesson| (lesson.row.kind, lesson.row.comment)).collect();
    assert_eq!(told, [(LessonKind::Spam, Some(second)), (LessonKind::Ham, Some(first))]);
}
