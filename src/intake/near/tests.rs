use proptest::prelude::*;

use super::{chains::Chains, *};
use crate::store::Regroup;

const SPAM: &str = "I earn two hundred dollars a day from home with this simple method, ask me how on my profile";
const OTHER: &str = "The mayor promised a new bridge two years ago. Where is it, and who pays for the delay now?";
const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// A comment whose id sorts by `n`, from a sender of its own.
fn member(n: u8, text: &str) -> Member {
    let mut id = [0; 16];
    id[0] = n;
    Member {
        id: CommentId::from_bytes(id),
        site: 1,
        sketch: Sketch::of(text).unwrap(),
        sender: n.into(),
        at: NOW,
        spam: false,
    }
}

fn id(n: u8) -> CommentId {
    member(n, SPAM).id
}

#[test]
fn the_first_copy_names_the_cluster_and_is_told_of_it() {
    let mut index = Index::default();
    assert_eq!(index.admit(member(1, SPAM)), Seat::default());
    assert_eq!(index.admit(member(2, OTHER)), Seat::default());
    assert_eq!(index.admit(member(3, SPAM)), Seat { cluster: Some(id(1)), founder: Some(id(1)) });
    let named = format!("Eve: {SPAM} 5");
    assert_eq!(index.admit(member(4, &named)), Seat { cluster: Some(id(1)), founder: None });
    let sketch = Sketch::of(SPAM).unwrap().bits();
    assert_eq!(index.corrections(), [Regroup::Join { comment: id(1), sketch, cluster: id(1) }]);
}

#[test]
fn copies_are_counted_by_sender_site_and_what_became_of_them() {
    let mut index = Index::default();
    for n in 1..=5 {
        index.admit(Member { spam: n == 2, sender: u32::from(n).min(4), ..member(n, SPAM) });
    }
    let count = |one: Member| index.copies(&one);
    let copies = |others, own, spam| Copies { others, own, spam, same: others + own, short: false };
    assert_eq!(count(member(9, SPAM)), copies(5, 0, 1));
    assert_eq!(count(Member { sender: 4, ..member(9, SPAM) }), copies(3, 2, 1));
    assert_eq!(count(member(1, SPAM)), copies(4, 0, 1), "a comment is no copy of itself");
    assert_eq!(count(Member { site: 2, ..member(9, SPAM) }), copies(0, 0, 0));
    assert_eq!(count(member(9, OTHER)), copies(0, 0, 0));
    let named = count(member(9, &format!("Eve says: {SPAM}")));
    assert_eq!((named.others, named.same), (5, 0), "nearly the same is not the same");
}

#[test]
fn what_is_forgotten_or_too_old_is_nobodys_neighbour() {
    let mut index = Index::default();
    index.admit(member(1, SPAM));
    index.forget(id(1));
    assert_eq!(index.admit(member(2, SPAM)), Seat::default());
    index.expire(NOW.plus(Duration::from_secs(1)));
    assert_eq!(index.admit(member(3, SPAM)), Seat::default());
    assert_eq!(index.copies(&member(4, SPAM)).others, 1);
}

#[test]
fn a_comment_with_a_new_text_changes_sides() {
    let mut index = Index::default();
    for n in 1..=3 {
        index.admit(member(n, SPAM));
    }
    index.admit(member(4, OTHER));
    assert_eq!(index.admit(member(3, OTHER)).cluster, Some(id(4)));
    assert_eq!((index.copies(&member(9, SPAM)).others, index.copies(&member(9, OTHER)).others), (2, 2));
}

#[test]
fn what_the_store_does_not_know_is_corrected_there() {
    let mut index = Index::default();
    index.observe(member(1, SPAM), None);
    index.observe(member(2, SPAM), None);
    let sketch = Sketch::of(SPAM).unwrap().bits();
    let mut joins = index.corrections();
    joins.sort_by_key(|join| format!("{join:?}"));
    let join = |comment| Regroup::Join { comment, sketch, cluster: id(1) };
    assert_eq!(joins, [join(id(1)), join(id(2))]);
    for n in 1..=2 {
        index.observe(member(n, SPAM), Some(id(1)));
    }
    assert_eq!(index.corrections(), [], "once it is known there is nothing to correct");
}

#[test]
fn two_clusters_that_are_one_get_the_earlier_name_in_whatever_order_they_are_seen() {
    let rows = [(member(1, SPAM), id(1)), (member(2, SPAM), id(2)), (member(3, SPAM), id(2)), (member(4, SPAM), id(1))];
    for turn in 0..4 {
        let mut index = Index::default();
        for (member, stored) in rows.iter().cycle().skip(turn).take(4) {
            index.observe(*member, Some(*stored));
        }
        assert!(index.corrections().contains(&Regroup::Merge { from: id(2), to: id(1) }), "turn {turn}");
        assert_eq!(index.admit(member(9, SPAM)).cluster, Some(id(1)));
        assert_eq!(index.copies(&member(8, SPAM)).others, 5);
    }
}

#[test]
fn a_moderators_word_is_followed() {
    let mut index = Index::default();
    index.observe(member(1, SPAM), None);
    index.observe(Member { spam: true, ..member(1, SPAM) }, None);
    assert_eq!(index.copies(&member(2, SPAM)).spam, 1);
    index.observe(member(1, SPAM), None);
    assert_eq!(index.copies(&member(2, SPAM)).spam, 0);
}

#[test]
fn a_flood_is_remembered_in_part_and_still_recognised() {
    let mut index = Index::default();
    for n in 0..2_000_u32 {
        let mut one = member(1, SPAM);
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&n.to_be_bytes());
        (one.id, one.sender) = (CommentId::from_bytes(bytes), n);
        assert_eq!(index.admit(one).cluster.is_some(), n > 0);
    }
    let stranger = Member { sender: 5_000, ..member(9, SPAM) };
    assert_eq!(index.copies(&stranger).others, Copies::MOST);
}

proptest! {
    #[test]
    fn chains_find_what_is_near_and_kept_and_nothing_else(
        sketches in prop::collection::vec((0_u32..2, prop::sample::select(vec![0_i64, 0xF, 0xFFFF, -1, 1 << 60, 0x7777_0000_1111_0000])), 1..60),
        gone in 0_usize..30,
    ) {
        let mut chains = Chains::default();
        let mut kept = Vec::new();
        for (n, (site, bits)) in sketches.iter().enumerate() {
            let sketch = Sketch::from_bits(*bits);
            kept.push((chains.push(*site, sketch, n), *site, sketch));
        }
        for _ in 0..gone.min(sketches.len()) {
            chains.pop();
            kept.remove(0);
        }
        for (site, bits) in sketches {
            let sketch = Sketch::from_bits(bits);
            let mut found = chains.near(site, sketch);
            let band = |other: Sketch| other.bands().iter().zip(sketch.bands()).any(|(one, other)| *one == other);
            let mut expected: Vec<_> = kept
                .iter()
                .filter(|(_, its, other)| *its == site && other.is_near(sketch) && band(*other))
                .map(|(number, ..)| *number)
                .collect();
            found.sort_unstable();
            expected.sort_unstable();
            if expected.len() < 48 {
                prop_assert_eq!(found, expected);
            }
        }
    }
}

#[test]
fn the_oldest_makes_room() {
    let mut index = Index::keeping(200);
    index.admit(member(1, SPAM));
    for n in 0..400_u64 {
        let before = index.copies(&member(9, SPAM)).others;
        assert_eq!(before, u32::from(n < 200), "after {n} others");
        let mut bytes = [1; 16];
        bytes[..8].copy_from_slice(&n.to_be_bytes());
        // Each on a site of its own, so that none is another's copy.
        let site = 2 + u32::try_from(n).unwrap();
        index.admit(Member { id: CommentId::from_bytes(bytes), site, ..member(2, SPAM) });
    }
}
