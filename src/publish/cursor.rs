//! Where the next stretch of a page starts, in a form that nobody else can make.

use super::Wanted;
use crate::{
    domain::CommentId,
    keys::{self, Keyring, Purpose},
    store::{ThreadOrder, ThreadPlace},
};

/// Bytes of the tag in front.
const TAG: usize = 16;

fn tag(keys: &Keyring, wanted: &Wanted, place: &[u8]) -> Vec<u8> {
    let order = match wanted.order {
        ThreadOrder::Oldest => b"oldest".as_slice(),
        ThreadOrder::Newest => b"newest",
        ThreadOrder::Best => b"best",
    };
    let tag = keys.tag(Purpose::Cursor, &[b"thread", wanted.site.as_bytes(), wanted.key.as_bytes(), order, place]);
    tag.into_iter().take(TAG).collect()
}

/// The cursor behind this place of this page in this order.
#[must_use]
pub fn write(keys: &Keyring, wanted: &Wanted, place: &ThreadPlace) -> String {
    let mut bytes = place.likes.to_be_bytes().to_vec();
    bytes.extend_from_slice(&place.root.bytes());
    bytes.extend_from_slice(&place.path);
    let mut whole = tag(keys, wanted, &bytes);
    whole.extend_from_slice(&bytes);
    keys::encode(&whole)
}

/// The place, if the cursor was made here for this page and order.
#[must_use]
pub fn read(keys: &Keyring, wanted: &Wanted, text: &str) -> Option<ThreadPlace> {
    let whole = keys::decode(text)?;
    let (given, bytes) = whole.split_at_checked(TAG)?;
    if !keys::same(given, &tag(keys, wanted, bytes)) {
        return None;
    }
    let (likes, rest) = bytes.split_first_chunk::<8>()?;
    let (root, path) = rest.split_first_chunk::<16>()?;
    Some(ThreadPlace { likes: u64::from_be_bytes(*likes), root: CommentId::from_bytes(*root), path: path.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::{super::Start, *};
    use crate::domain::Timestamp;

    #[test]
    fn a_cursor_is_good_for_its_own_page_and_order_only() {
        let keys = Keyring::new(b"secret");
        let wanted = Wanted {
            site: "s".into(),
            key: "/a".into(),
            order: ThreadOrder::Newest,
            limit: 5,
            start: Start::Top,
            with_approved: false,
        };
        let root = CommentId::new(Timestamp(5));
        let place = ThreadPlace { likes: 7, root, path: root.bytes().to_vec() };
        let text = write(&keys, &wanted, &place);
        assert_eq!(read(&keys, &wanted, &text), Some(place));
        let other_page = Wanted { key: "/b".into(), ..wanted.clone() };
        let other_order = Wanted { order: ThreadOrder::Oldest, ..wanted.clone() };
        assert_eq!(read(&keys, &other_page, &text), None);
        assert_eq!(read(&keys, &other_order, &text), None);
        assert_eq!(read(&Keyring::new(b"other"), &wanted, &text), None);
        assert_eq!(read(&keys, &wanted, "x"), None);
    }
}
