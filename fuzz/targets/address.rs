//! The client's address: a peer that is not trusted is the client, whatever it sends; what stands left of the first
//! stranger from the right changes nothing; the answer is never a trusted address that somebody untrusted wrote.
#![no_main]

use std::net::IpAddr;

use replydesk::net::{Client, client_address, within};
use replydesk_fuzz::choice;

const HEADERS: [&str; 4] = ["x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip"];

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = choice(data) else { return };
    let header = HEADERS[usize::from(first) % HEADERS.len()];
    let trusted: Vec<ipnet::IpNet> = ["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32", "::ffff:198.51.100.0/120"]
        .iter()
        .filter_map(|net| net.parse().ok())
        .collect();
    let lines: Vec<&[u8]> = rest.split(|byte| *byte == b'\n').collect();
    let walk = |peer: IpAddr, lines: &[&[u8]]| client_address(peer, lines.iter().copied(), header, &trusted);

    let stranger = IpAddr::from([203, 0, 113, 9]);
    assert_eq!(walk(stranger, &lines), stranger, "headers of a stranger are not looked at");
    let mapped: IpAddr = "::ffff:203.0.113.9".parse().unwrap();
    assert_eq!(walk(mapped, &lines), stranger, "IPv4 in IPv6 is IPv4");

    let proxy = IpAddr::from([10, 0, 0, 1]);
    let client = walk(proxy, &lines);
    assert_eq!(client, client.to_canonical());
    assert_eq!(walk(proxy, &[]), proxy);
    // What a proxy of ours appends to the right decides, whatever a client wrote before it.
    let forwarded = header == "forwarded";
    let appended: &[u8] = if forwarded { b"for=198.18.0.7" } else { b"198.18.0.7" };
    let mut longer = lines.clone();
    longer.push(appended);
    assert_eq!(walk(proxy, &longer), IpAddr::from([198, 18, 0, 7]), "a line of its own");
    let last = lines.last().copied().unwrap_or_default();
    let joined = [last, b", ", appended].concat();
    let mut longer = lines.clone();
    longer.pop();
    longer.push(&joined);
    assert_eq!(walk(proxy, &longer), IpAddr::from([198, 18, 0, 7]), "in the same line");
    // Where a stranger was found, nothing further left matters.
    if !within(&trusted, client) {
        let mut longer: Vec<&[u8]> = vec![b"for=\"[2001:db8::1]\", 192.0.2.1, \"", b"garbage\\\""];
        longer.extend(&lines);
        assert_eq!(walk(proxy, &longer), client);
    }
    let who = Client::new(client);
    assert!(who.network().contains(&who.address_range()), "an address lies in its network");
    assert!(who.address_range().contains(&client));
});
