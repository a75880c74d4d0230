//! What the built-in captcha costs: a challenge, a token's check, and the score with lists of every size.

use std::{
    collections::BTreeMap,
    hint::black_box,
    net::{IpAddr, Ipv4Addr},
    path::Path,
    time::Duration,
};

use criterion::{Criterion, criterion_group, criterion_main};
use replydesk::{
    captcha::{
        Around, ClientFacts, OriginSeen, Reputation,
        builtin::{self, Evidence, Listed, ProofSeen},
        challenge::{Binding, mint, mint_solved},
        pressure::Difficulty,
        proof,
    },
    config::load::{Sources, load},
    domain::{SiteId, Timestamp},
    keys::Keyring,
};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn token(c: &mut Criterion) {
    let (keys, site) = (Keyring::new(b"a secret of the benchmark"), SiteId::new("news"));
    let binding = Binding { site: &site, page_key: "/2026/town/bridge", action: "comment", network_mark: "0a1b2c3d" };
    let later = NOW.plus(Duration::from_secs(60));
    let (Ok(token), Ok(forged)) =
        (mint_solved(&keys, binding, NOW), mint_solved(&Keyring::new(b"another secret"), binding, NOW))
    else {
        return;
    };
    let mut group = c.benchmark_group("token");
    group.bench_function("verify, good", |b| b.iter(|| proof::verify(&keys, black_box(&token), binding, later)));
    group.bench_function("verify, forged", |b| b.iter(|| proof::verify(&keys, black_box(&forged), binding, later)));
    for level in [0, 3] {
        let difficulty = Difficulty::at(level);
        group.bench_function(format!("mint, level {level}"), |b| b.iter(|| mint(&keys, binding, difficulty, NOW)));
    }
    group.finish();
}

fn score(c: &mut Criterion) {
    let known = Around {
        reputation: Reputation { good: 3.0, bad: 30.0 },
        network_rate: 50.0,
        copies: 1,
        length: 300,
        links: 5,
        ..Around::default()
    };
    let facts = ClientFacts {
        network_mark: "0a1b2c3d",
        address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)),
        user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"),
        has_accept_language: true,
        has_sec_fetch: true,
        has_client_hints: false,
        origin: OriginSeen::Own,
        honeypot_filled: false,
        interaction: Some([800, 45_000, 140, 3, 2, 0]),
        around: Around::default(),
    };
    let proof = ProofSeen::Solved { age: Duration::from_secs(60), counter: 2_000, network_changed: false };
    let evidence = Evidence { proof, facts: &facts, listed: Listed::default(), https: true, vouched: false };
    let mut group = c.benchmark_group("builtin");
    group.bench_function("score, reader", |b| b.iter(|| builtin::score(black_box(&evidence), &BTreeMap::new())));
    let laden = ClientFacts { around: known, honeypot_filled: true, ..facts };
    let listed = Listed { tor: true, hosting: true };
    let evidence = Evidence { facts: &laden, listed, ..evidence };
    group.bench_function("score, every group", |b| b.iter(|| builtin::score(black_box(&evidence), &BTreeMap::new())));
    group.finish();
}

/// Whether an address is listed, by ranges and by a database of autonomous systems.
fn lists(c: &mut Criterion) {
    let Ok(folder) = tempfile::tempdir() else { return };
    let ranges: String = (0..500_000_u32).map(|n| format!("{}/25\n", Ipv4Addr::from_bits(n << 8))).collect();
    let database = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/asn/tiny.mmdb");
    let settings = format!(
        "[captcha.lists]\ntor_exits = [\"many.txt\"]\nhosting = []\nasn_database = {database:?}\nhosting_asns = [\"AS64500\"]\n"
    );
    let file = folder.path().join("replydesk.toml");
    let written = std::fs::write(folder.path().join("many.txt"), ranges).and_then(|()| std::fs::write(&file, settings));
    let Ok(loaded) = load(&Sources { file: Some(file), env: Vec::new() }) else { return };
    let Some(site) = loaded.config.sites.first().filter(|_| written.is_ok()) else { return };
    let networks = &site.captcha.lists.networks;
    let address = IpAddr::V4(Ipv4Addr::new(5, 6, 7, 200));
    let host = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
    let mut group = c.benchmark_group("lists");
    group.bench_function("500,000 ranges", |b| b.iter(|| networks.is_tor(black_box(address))));
    group.bench_function("autonomous system", |b| b.iter(|| networks.is_hosting(black_box(host))));
    group.finish();
}

criterion_group!(benches, token, score, lists);
criterion_main!(benches);
