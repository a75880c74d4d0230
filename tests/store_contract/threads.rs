//! Pages of comments: stretches that meet without a repeat or a gap, however long the page is, and from any comment on.

use replydesk::{
    domain::{CommentId, Decision, Status},
    store::{Accepted, NewComment, ShownComment, ThreadOrder, ThreadPlace, ThreadQuery},
};

use crate::{File, NOW, waiting};

/// Roots on the page, each with nine replies: three, and two under each of these.
const ROOTS: u64 = 1_000;

/// A file with 10,000 comments on one page, and the page's row. Of every tenth root two in a row have the same likes.
async fn long_page() -> (File, i64) {
    let file = File::fresh().await;
    file.stored(approved(CommentId::new(NOW), None)).await;
    let id = |root: u64, turn: u64| CommentId::from_bytes((u128::from(turn * ROOTS + root) << 32).to_be_bytes());
    // Replies of a root come long after it.
    for turn in 0..10 {
        let parent = |root| match turn {
            0 => None,
            1..=3 => Some(id(root, 0)),
            turn => Some(id(root, (turn - 4) / 2 + 1)),
        };
        let comments: Vec<_> = (1..ROOTS).map(|root| approved(id(root, turn), parent(root))).collect();
        // As many as one batch takes.
        for some in comments.chunks(256) {
            let accepted = some.iter().map(|comment| {
                let (store, comment) = (file.store.clone(), comment.clone());
                tokio::spawn(async move { store.accept(comment).await.unwrap() })
            });
            for accepted in accepted.collect::<Vec<_>>() {
                assert!(matches!(accepted.await.unwrap(), Accepted::Stored(_)));
            }
        }
    }
    for likes in 1..5 {
        let liked = (1..ROOTS).filter(|root| root % 10 / 2 == likes);
        let liked: Vec<String> = liked.map(|root| file.home.id(id(root, 0))).collect();
        file.home.run(&format!("UPDATE comments SET likes = {likes} WHERE id IN ({})", liked.join(", ")));
    }
    let page = file.number("SELECT id FROM pages");
    (file, page)
}

fn approved(id: CommentId, parent: Option<CommentId>) -> NewComment {
    NewComment { id, parent, status: Status::Approved, ..waiting("One of many.") }
}

async fn walked(
    file: &File,
    page: i64,
    order: ThreadOrder,
    limit: usize,
    from: Option<ThreadPlace>,
) -> Vec<ShownComment> {
    let (mut all, mut after) = (Vec::new(), from);
    loop {
        let rows = file.store.thread(ThreadQuery { page, order, after: after.clone(), limit }).await.unwrap();
        let Some(last) = rows.last() else { return all };
        after = Some(last.place.clone());
        all.extend(rows);
    }
}

fn ids(rows: &[ShownComment]) -> Vec<CommentId> {
    rows.iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn ten_thousand_comments_are_told_without_a_repeat_or_a_gap_in_every_order_and_from_any_of_them() {
    let (file, page) = long_page().await;
    let expected = usize::try_from(file.number("SELECT count(*) FROM comments WHERE shown > 0")).unwrap();
    assert!(expected > 9_900);
    for order in [ThreadOrder::Oldest, ThreadOrder::Newest, ThreadOrder::Best] {
        let whole = file.store.thread(ThreadQuery { page, order, after: None, limit: 20_000 }).await.unwrap();
        let whole = ids(&whole);
        assert_eq!(whole.iter().collect::<std::collections::HashSet<_>>().len(), expected, "{order:?}");
        assert_eq!(ids(&walked(&file, page, order, 1_999, None).await), whole, "{order:?}");
        for (place, id) in whole.iter().enumerate().step_by(1_111) {
            let query = ThreadQuery { page, order, after: None, limit: 50 };
            let rows = file.store.thread_at(*id, query).await.unwrap().unwrap();
            let own = rows.iter().position(|row| row.id == *id).unwrap();
            assert_eq!(own, rows[own].depth as usize, "{order:?}: all of them above, and nothing else");
            let mut seen = ids(&rows[own..]);
            let last = rows.last().unwrap().place.clone();
            seen.extend(ids(&walked(&file, page, order, 2_500, Some(last)).await));
            assert_eq!(seen, whole[place..], "{order:?}");
        }
    }
}

#[tokio::test]
async fn a_comment_that_waits_or_is_elsewhere_is_nowhere_to_begin() {
    let file = File::fresh().await;
    let waits = file.stored(waiting("Waits.")).await.id;
    let page = file.number("SELECT id FROM pages");
    let query = |page| ThreadQuery { page, order: ThreadOrder::Oldest, after: None, limit: 10 };
    assert!(file.store.thread_at(waits, query(page)).await.unwrap().is_none());
    file.decided(waits, Decision::Approve, NOW).await;
    assert_eq!(file.store.thread_at(waits, query(page)).await.unwrap().unwrap().len(), 1);
    assert!(file.store.thread_at(waits, query(page + 1)).await.unwrap().is_none());
    file.store.withdraw(waits, NOW).await.unwrap();
    assert_eq!(file.store.own(waits).await.unwrap().unwrap().status, Status::Deleted);
    assert!(file.store.thread_at(waits, query(page)).await.unwrap().is_none());
}
