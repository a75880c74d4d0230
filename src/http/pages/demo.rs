//! The news page: an article of our own, the approved comments as a tree, the form at the foot.

use std::collections::HashMap;

use serde::Serialize;

use super::form::{FormState, FormView};
use crate::domain::{CommentId, Timestamp};

/// The article's title, kept with the first comment on it.
pub const DEMO_TITLE: &str = "Mill Lane footbridge reopens after two winters";

/// Replies nest in the markup to this depth; deeper ones follow as siblings, so that a thread of
/// any depth stays readable and the template's recursion bounded.
const MAX_NESTING: usize = 12;

/// The news page's values.
#[derive(Clone)]
pub struct DemoPage {
    /// The path of the page itself, before `?` and `#`.
    pub path: String,
    /// Where its newest comments are as a feed.
    pub feed_url: String,
    /// Approved comments in thread order.
    pub comments: Vec<PageComment>,
    /// All approved comments, shown or not.
    pub total: u64,
    /// Where more of them are, if there are more.
    pub more_url: Option<String>,
    /// No new comments are taken.
    pub closed: bool,
    /// The form.
    pub form: FormState,
    /// What is said at the head of the page.
    pub notice: Option<Notice>,
}

/// What the page says on arrival.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// The comment just sent waits for a moderator.
    Pending,
    /// The comment to answer (`?reply=`) is not there.
    ReplyGone,
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
    /// Written by the newsroom.
    pub by_staff: bool,
    /// Whether it may still be answered (depth, closed page).
    pub can_reply: bool,
    /// Only its place is kept; name, url and html are not shown.
    pub removed: bool,
}

impl DemoPage {
    pub(super) fn view(&self) -> DemoView<'_> {
        DemoView {
            title: DEMO_TITLE,
            path: &self.path,
            feed_url: &self.feed_url,
            thread: tree(&self.comments),
            total: self.total,
            more_url: self.more_url.as_deref(),
            closed: self.closed,
            form: self.form.view(),
            notice: self.notice,
        }
    }
}

#[derive(Serialize)]
pub(super) struct DemoView<'a> {
    title: &'static str,
    path: &'a str,
    feed_url: &'a str,
    thread: Vec<Node<'a>>,
    total: u64,
    more_url: Option<&'a str>,
    closed: bool,
    form: FormView<'a>,
    notice: Option<Notice>,
}

/// A comment and the replies under it.
#[derive(Serialize)]
struct Node<'a> {
    #[serde(flatten)]
    comment: &'a PageComment,
    when: String,
    replies: Vec<Node<'a>>,
}

/// The flat list as a tree, order kept. A reply whose parent is not on this page stands as a root.
fn tree(comments: &[PageComment]) -> Vec<Node<'_>> {
    let mut places: HashMap<CommentId, (usize, usize)> = HashMap::with_capacity(comments.len());
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); comments.len()];
    let mut roots = Vec::new();
    for (index, comment) in comments.iter().enumerate() {
        let parent = comment.parent.and_then(|id| places.get(&id).copied());
        let nesting = match parent {
            Some((at, nesting)) => {
                children.get_mut(at).map_or(&mut roots, |replies| replies).push(index);
                nesting + 1
            }
            None => {
                roots.push(index);
                0
            }
        };
        // A comment too deep hands its replies to its own parent.
        let place = if nesting < MAX_NESTING { (index, nesting) } else { parent.unwrap_or((index, nesting)) };
        places.insert(comment.id, place);
    }
    grow(&roots, comments, &children)
}

fn grow<'a>(indices: &[usize], comments: &'a [PageComment], children: &[Vec<usize>]) -> Vec<Node<'a>> {
    let replies = |index: usize| children.get(index).map_or(&[][..], Vec::as_slice);
    indices
        .iter()
        .filter_map(|&index| Some((index, comments.get(index)?)))
        .map(|(index, comment)| Node {
            comment,
            when: readable(comment.created_at),
            replies: grow(replies(index), comments, children),
        })
        .collect()
}

/// `23 November 2026, 17:48 UTC`
fn readable(moment: Timestamp) -> String {
    jiff::Timestamp::from_second(moment.seconds())
        .map_or_else(|_beyond| moment.to_string(), |moment| moment.strftime("%-d %B %Y, %H:%M UTC").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(number: u8, parent: Option<u8>) -> PageComment {
        let id = |number| CommentId::from_bytes([number; 16]);
        PageComment {
            id: id(number),
            parent: parent.map(id),
            name: String::new(),
            url: None,
            html: String::new(),
            created_at: Timestamp(1_795_456_085_000),
            by_staff: false,
            can_reply: true,
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
    fn a_moment_reads_as_a_date() {
        assert_eq!(readable(Timestamp(1_795_456_085_000)), "23 November 2026, 17:48 UTC");
    }
}
