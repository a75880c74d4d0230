//! Thread and form as a page of their own: the approved comments as a tree, the form at the foot.

use std::collections::HashMap;

use serde::Serialize;

use super::form::{FormState, FormView};
use crate::domain::{CommentId, Timestamp};

/// Replies nest in the markup to this depth; deeper ones follow as siblings that say whom they answer, so that a thread
/// of any depth fits a narrow screen and the template's recursion is bounded.
const MAX_NESTING: usize = 4;

/// The page's values.
#[derive(Clone)]
pub struct ThreadView {
    /// The article's title, where it may be shown.
    pub title: Option<String>,
    /// The article.
    pub article_url: String,
    /// Its newest comments as a feed.
    pub feed_url: String,
    /// The same page in each order, the first one first.
    pub orders: Vec<Order>,
    /// The name of the order in force.
    pub sort: &'static str,
    /// Comments in thread order.
    pub comments: Vec<PageComment>,
    /// All approved comments, shown or not.
    pub total: u64,
    /// Where more of them are, if there are more.
    pub more_url: Option<String>,
    /// The whole thread, from a page that begins at one comment.
    pub all_url: String,
    /// No new comments are taken.
    pub closed: bool,
    /// The form.
    pub form: FormState,
    /// What is said at the head.
    pub notice: Option<Notice>,
}

/// A link to the page in another order.
#[derive(Clone, Serialize)]
pub struct Order {
    /// `oldest`, `newest` or `best`.
    pub name: &'static str,
    /// What it is called, a key of the catalogue.
    pub label: &'static str,
    /// Where.
    pub url: String,
}

/// What the page says on arrival.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// The comment just sent waits for a moderator.
    Pending,
    /// The comment to answer (`reply=`) is not there.
    ReplyGone,
    /// The comment to begin at (`at=`) is not there.
    Gone,
    /// The page begins at one comment.
    Around,
}

/// One approved comment, or the place of a removed one that has replies.
#[derive(Clone, Serialize)]
pub struct PageComment {
    /// Its id.
    pub id: CommentId,
    /// The comment it answers.
    pub parent: Option<CommentId>,
    /// The author's name.
    pub name: String,
    /// The author's site.
    pub url: Option<String>,
    /// Safe HTML, made by the text room: it is the one value that is not escaped here.
    pub html: String,
    /// When it was sent.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub edited_at: Option<Timestamp>,
    /// Written by the newsroom.
    pub by_staff: bool,
    /// How many readers like it.
    pub likes: u64,
    /// A page that begins at it.
    pub place_url: String,
    /// The form with this comment to answer; none where it may not be answered (depth, closed page).
    pub reply_url: Option<String>,
    /// It is the one that the page was asked to begin at.
    pub asked_for: bool,
    /// Only its place is kept; name, url and html are not shown.
    pub removed: bool,
}

impl ThreadView {
    pub(super) fn view(&self) -> View<'_> {
        View {
            title: self.title.as_deref(),
            article_url: &self.article_url,
            feed_url: &self.feed_url,
            orders: &self.orders,
            sort: self.sort,
            thread: tree(&self.comments),
            total: self.total,
            more_url: self.more_url.as_deref(),
            all_url: &self.all_url,
            closed: self.closed,
            form: self.form.view(),
            notice: self.notice,
        }
    }
}

#[derive(Serialize)]
pub(super) struct View<'a> {
    title: Option<&'a str>,
    article_url: &'a str,
    feed_url: &'a str,
    orders: &'a [Order],
    sort: &'static str,
    thread: Vec<Node<'a>>,
    total: u64,
    more_url: Option<&'a str>,
    all_url: &'a str,
    closed: bool,
    form: FormView<'a>,
    notice: Option<Notice>,
}

/// A comment and the replies under it.
#[derive(Serialize)]
struct Node<'a> {
    #[serde(flatten)]
    comment: &'a PageComment,
    /// Whom it answers, where that does not show by its place.
    answers: Option<&'a str>,
    replies: Vec<Node<'a>>,
}

/// Where a comment stands: the one it stands under, and how deep that is.
#[derive(Clone, Copy)]
struct Place {
    under: Option<usize>,
    nesting: usize,
}

/// The flat list as a tree, order kept. A reply whose parent is not on this page stands as a root.
fn tree(comments: &[PageComment]) -> Vec<Node<'_>> {
    let mut known: HashMap<CommentId, (usize, Place)> = HashMap::with_capacity(comments.len());
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); comments.len()];
    let mut roots = Vec::new();
    let mut answers = vec![None; comments.len()];
    for (index, comment) in comments.iter().enumerate() {
        let place = match comment.parent.and_then(|id| known.get(&id)) {
            // A comment that stands too deep hands its replies to the one it stands under.
            Some((parent, place)) if place.nesting >= MAX_NESTING => {
                let name = comments.get(*parent).filter(|parent| !parent.removed).map(|parent| parent.name.as_str());
                if let Some(answered) = answers.get_mut(index) {
                    *answered = name;
                }
                *place
            }
            Some((parent, place)) => Place { under: Some(*parent), nesting: place.nesting + 1 },
            None => Place { under: None, nesting: 0 },
        };
        known.insert(comment.id, (index, place));
        place.under.and_then(|at| children.get_mut(at)).unwrap_or(&mut roots).push(index);
    }
    grow(&roots, comments, &children, &answers)
}

fn grow<'a>(
    indices: &[usize],
    comments: &'a [PageComment],
    children: &[Vec<usize>],
    answers: &[Option<&'a str>],
) -> Vec<Node<'a>> {
    let replies = |index: usize| children.get(index).map_or(&[][..], Vec::as_slice);
    indices
        .iter()
        .filter_map(|&index| Some((index, comments.get(index)?)))
        .map(|(index, comment)| Node {
            comment,
            answers: answers.get(index).copied().flatten(),
            replies: grow(replies(index), comments, children, answers),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(number: u8, parent: Option<u8>) -> PageComment {
        let id = |number| CommentId::from_bytes([number; 16]);
        PageComment {
            id: id(number),
            parent: parent.map(id),
            name: format!("Author {number}"),
            url: None,
            html: String::new(),
            created_at: Timestamp(1_795_456_085_000),
            edited_at: None,
            by_staff: false,
            likes: 0,
            place_url: String::new(),
            reply_url: None,
            asked_for: false,
            removed: false,
        }
    }

    fn outline(nodes: &[Node<'_>]) -> String {
        nodes.iter().map(|node| format!("{}({})", node.comment.id.bytes()[0], outline(&node.replies))).collect()
    }

    #[test]
    fn replies_stand_under_what_they_answer_in_order() {
        let flat = [comment(1, None), comment(2, Some(1)), comment(3, Some(2)), comment(4, Some(1)), comment(5, None)];
        assert_eq!(outline(&tree(&flat)), "1(2(3())4())5()");
    }

    #[test]
    fn a_reply_whose_parent_is_elsewhere_or_itself_stands_alone() {
        assert_eq!(outline(&tree(&[comment(2, Some(1)), comment(3, Some(3))])), "2()3()");
    }

    #[test]
    fn a_chain_of_any_length_nests_so_deep_and_no_deeper() {
        let chain: Vec<_> = (1..=200).map(|number| comment(number, (number > 1).then(|| number - 1))).collect();
        let drawn = outline(&tree(&chain));
        let mut depth = 0;
        let deepest = drawn.chars().fold(0, |deepest: usize, sign| {
            depth += usize::from(sign == '(');
            depth -= usize::from(sign == ')');
            deepest.max(depth)
        });
        assert_eq!(deepest, MAX_NESTING + 1);
        assert_eq!(drawn.matches('(').count(), 200);
    }

    #[test]
    fn whom_a_comment_answers_is_said_where_its_place_does_not_show_it() {
        let mut chain: Vec<_> = (1..=8).map(|number| comment(number, (number > 1).then(|| number - 1))).collect();
        chain[6].removed = true;
        let thread = tree(&chain);
        let mut said = Vec::new();
        let mut level = &thread;
        while let Some(node) = level.first() {
            said.extend(level.iter().map(|node| node.answers));
            level = &node.replies;
        }
        assert_eq!(said, [None, None, None, None, None, Some("Author 5"), Some("Author 6"), None]);
    }
}
