//! The table of who counts as whom, and what no header may do.

use proptest::prelude::*;

use super::*;

fn nets(list: &[&str]) -> Vec<IpNet> {
    list.iter().map(|net| net.parse().unwrap()).collect()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn walk(peer: &str, header: &str, lines: &[&str]) -> String {
    let trusted = nets(&["10.0.0.0/8", "fd00::/8"]);
    client_address(ip(peer), lines.iter().map(|line| line.as_bytes()), header, &trusted).to_string()
}

#[test]
fn the_walk_follows_the_contract() {
    let table: &[(&str, &[&str], &str)] = &[
        ("10.0.0.1", &[], "10.0.0.1"),
        ("10.0.0.1", &[""], "10.0.0.1"),
        ("10.0.0.1", &["192.0.2.7"], "192.0.2.7"),
        ("10.0.0.1", &["6.6.6.6, 192.0.2.7"], "192.0.2.7"),
        ("10.0.0.1", &["6.6.6.6, 192.0.2.7, 10.9.9.9"], "192.0.2.7"),
        ("10.0.0.1", &["6.6.6.6", "192.0.2.7", "10.9.9.9"], "192.0.2.7"),
        ("10.0.0.1", &["10.3.3.3, 10.2.2.2"], "10.3.3.3"),
        ("10.0.0.1", &["192.0.2.7, unknown, 10.2.2.2"], "10.2.2.2"),
        ("10.0.0.1", &["192.0.2.7, , 10.2.2.2"], "10.2.2.2"),
        ("10.0.0.1", &["192.0.2.7, nonsense"], "10.0.0.1"),
        ("10.0.0.1", &["192.0.2.7:5060"], "192.0.2.7"),
        ("10.0.0.1", &["192.0.2.7:"], "10.0.0.1"),
        ("10.0.0.1", &["192.0.2.300"], "10.0.0.1"),
        ("10.0.0.1", &["[2001:db8::7]:443"], "2001:db8::7"),
        ("10.0.0.1", &["[2001:db8::7]"], "2001:db8::7"),
        ("10.0.0.1", &["[2001:db8::7]x"], "10.0.0.1"),
        ("10.0.0.1", &["2001:db8::7"], "2001:db8::7"),
        ("10.0.0.1", &["\"2001:db8::7\""], "2001:db8::7"),
        ("10.0.0.1", &["\"192.0.2.7"], "10.0.0.1"),
        ("10.0.0.1", &["::ffff:192.0.2.7"], "192.0.2.7"),
        ("10.0.0.1", &["192.0.2.7, ::ffff:10.1.1.1"], "192.0.2.7"),
        ("::ffff:10.0.0.1", &["192.0.2.7"], "192.0.2.7"),
        ("fd00::1", &["2001:db8::7"], "2001:db8::7"),
        ("192.0.2.1", &["6.6.6.6"], "192.0.2.1"),
        ("::ffff:192.0.2.1", &["6.6.6.6"], "192.0.2.1"),
    ];
    for (peer, lines, expected) in table {
        assert_eq!(walk(peer, "x-forwarded-for", lines), *expected, "{peer} {lines:?}");
    }
}

#[test]
fn the_forwarded_header_is_read_by_its_own_grammar() {
    let table: &[(&str, &str)] = &[
        ("for=192.0.2.7", "192.0.2.7"),
        ("For=\"192.0.2.7:47011\";proto=https;by=10.0.0.1", "192.0.2.7"),
        ("proto=https; for=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
        ("for=\"[2001:db8::7]:_hidden\"", "2001:db8::7"),
        ("for=6.6.6.6, for=192.0.2.7;host=\"a,b;c\"", "192.0.2.7"),
        ("for=192.0.2.7;host=\"a\\\",b\", for=10.2.2.2", "192.0.2.7"),
        ("for=192.0.2.7, for=_gazonk", "10.0.0.1"),
        ("for=192.0.2.7, for=unknown, for=10.2.2.2", "10.2.2.2"),
        ("for=192.0.2.7, proto=https", "10.0.0.1"),
        ("for=192.0.2.7;for=6.6.6.6", "10.0.0.1"),
        ("192.0.2.7", "10.0.0.1"),
        // A quote left open by the client must not swallow what the proxy appended.
        ("for=\"6.6.6.6, for=192.0.2.7", "192.0.2.7"),
    ];
    for (line, expected) in table {
        assert_eq!(walk("10.0.0.1", "forwarded", &[line]), *expected, "{line}");
    }
}

#[test]
fn a_mapped_net_trusts_the_same_peers() {
    let trusted = nets(&["::ffff:10.0.0.0/104"]);
    let found = client_address(ip("10.0.0.1"), [&b"192.0.2.7"[..]].into_iter(), "x-forwarded-for", &trusted);
    assert_eq!(found, ip("192.0.2.7"));
}

#[test]
fn a_thousand_addresses_of_one_64_are_one_client_and_the_next_64_is_another() {
    let keys = Keyring::new(b"secret");
    let key = |address: &str| Client::new(ip(address)).address_key(&keys, Timestamp(0));
    let first = key("2001:db8:0:1::");
    for n in 1..1000 {
        assert_eq!(key(&format!("2001:db8:0:1:{n:x}::{n:x}")), first);
    }
    assert_ne!(key("2001:db8:0:2::1"), first);
}

#[test]
fn ranges_and_networks_are_those_of_the_contract() {
    let four = Client::new(ip("::ffff:192.0.2.77"));
    assert_eq!((four.address_range(), four.network()), (nets(&["192.0.2.77/32"])[0], nets(&["192.0.2.0/24"])[0]));
    let six = Client::new(ip("2001:db8:1:2:3:4:5:6"));
    assert_eq!((six.address_range(), six.network()), (nets(&["2001:db8:1:2::/64"])[0], nets(&["2001:db8:1::/48"])[0]));
}

#[test]
fn keys_rotate_and_neither_they_nor_debug_show_the_address() {
    let keys = Keyring::new(b"secret");
    let client = Client::new(ip("192.0.2.77"));
    let now = Timestamp(EPOCH_S * 1000 * 600);
    let last = Timestamp(now.0 + EPOCH_S * 1000 - 1);
    assert_eq!(client.address_key(&keys, now), client.address_key(&keys, last));
    assert_ne!(client.address_key(&keys, now), client.address_key(&keys, Timestamp(last.0 + 1)));
    assert_ne!(client.address_key(&keys, now), client.network_key(&keys, now));
    assert_ne!(client.address_key(&keys, now), client.address_key(&Keyring::new(b"other"), now));
    assert_eq!(client.network_mark(&keys).len(), 8);
    assert_eq!(client.network_mark(&keys), Client::new(ip("192.0.2.1")).network_mark(&keys));
    assert!(!format!("{client:?}").contains("192"));
}

proptest! {
    #[test]
    fn an_untrusted_peer_is_itself_whatever_it_sends(
        peer in any::<std::net::Ipv4Addr>(),
        lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..4),
        header in prop::sample::select(&["x-forwarded-for", "forwarded", "cf-connecting-ip"][..]),
    ) {
        let trusted = nets(&["10.0.0.0/8"]);
        prop_assume!(!within(&trusted, IpAddr::V4(peer)));
        let found = client_address(IpAddr::V4(peer), lines.iter().map(Vec::as_slice), header, &trusted);
        prop_assert_eq!(found, IpAddr::V4(peer));
    }

    #[test]
    fn whatever_the_client_wrote_the_entry_of_the_proxy_is_found(
        forged in "[ -~]{0,60}",
        client in any::<IpAddr>(),
        apart in any::<bool>(),
        rfc in any::<bool>(),
    ) {
        let trusted = nets(&["10.0.0.0/8"]);
        prop_assume!(!within(&trusted, client));
        let (header, own) = match (rfc, client) {
            (false, _) => ("x-forwarded-for", client.to_string()),
            (true, IpAddr::V4(four)) => ("forwarded", format!("for={four}")),
            (true, IpAddr::V6(six)) => ("forwarded", format!("for=\"[{six}]\"")),
        };
        let lines = if apart { vec![forged, own] } else { vec![format!("{forged}, {own}")] };
        let found = client_address(ip("10.0.0.1"), lines.iter().map(String::as_bytes), header, &trusted);
        prop_assert_eq!(found, client.to_canonical());
    }
}
