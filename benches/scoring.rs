//! What the content score and the renderer cost: an ordinary comment, other scripts, and bodies at
//! the size limit that are made to be slow.

use std::{collections::BTreeMap, hint::black_box, sync::Arc};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use replydesk::{
    config::{Lists, Scoring, Words},
    scoring::{
        Facts, Scorer, Shelf,
        learned::{Document, Input, Model, Seed},
    },
    text::{Reading, WordList, markdown},
};

const ENGLISH: &str = "I read the whole report last night and it is worse than the article says. The council knew \
    about the bridge in March, and the mayor's office was told twice. Why did nobody ask them at the meeting on \
    Tuesday? My neighbour works there; she says the numbers in https://www.example.org/report are right.";
const RUSSIAN: &str = "Я прочитал весь доклад вчера вечером, и он хуже, чем сказано в статье. Совет знал про мост ещё \
    в марте, и мэрии говорили об этом дважды. Почему никто не спросил их на встрече?";

fn scorer(entries: usize) -> Scorer {
    let hold = (0..entries).map(|n| format!("entry{n}")).collect();
    let link_domains: Arc<[String]> = (0..entries).map(|n| format!("bad{n:06}.example")).collect();
    let lists = Lists { mail_domains: Arc::clone(&link_domains), link_domains, ..Lists::default() };
    let scoring = Scoring { hold_at: 0.5, spam_at: 0.9, explore: 0.0, weights: BTreeMap::new(), lists };
    Scorer::new(&scoring, &Words { hold, ..Words::default() }, &mut Shelf::default())
}

fn score(c: &mut Criterion) {
    let mut group = c.benchmark_group("score");
    let own = ["news.example.com".to_owned()];
    let staff = ["Ada Lovelace".to_owned(), "editor".to_owned(), "Grace Hopper".to_owned()];
    let around = Facts { name: "Ida Rhodes", own_hosts: &own, staff_names: &staff, ..Facts::default() };
    let plain = scorer(0);
    group.bench_function("english, 300 bytes", |b| {
        b.iter(|| plain.score(&Facts { body: black_box(ENGLISH), ..around }))
    });
    group.bench_function("russian, 300 bytes", |b| {
        b.iter(|| plain.score(&Facts { body: black_box(RUSSIAN), ..around }))
    });
    let listed = scorer(100_000);
    group.bench_function("english, list of 100000", |b| {
        b.iter(|| listed.score(&Facts { body: black_box(ENGLISH), ..around }))
    });
    for (name, unit) in [
        ("one letter", "a"),
        ("accents", "e\u{301}"),
        ("emoji", "👩‍👩‍👧"),
        ("quotes", "> "),
        ("spaced", "v i a g r a "),
        ("mathematical", "𝓿"),
        ("links", "http://a.b/ "),
        ("markdown links", "[](http://a.b)"),
    ] {
        for size in [1_000, 10_000] {
            let body: String = unit.chars().cycle().take(size).collect();
            group.throughput(Throughput::Elements(u64::try_from(size).unwrap_or(0)));
            let facts = Facts { body: &body, ..around };
            group.bench_function(format!("{name}, {size} characters"), |b| b.iter(|| listed.score(&facts)));
        }
    }
    group.finish();
}

/// A model of a site in its middle years: 2,000 decisions on comments of ordinary length, no two alike.
fn model() -> Model {
    let mut model = Model::new(Arc::new(Seed::shipped().unwrap_or_else(|_| Seed::none())));
    let words: Vec<&str> = ENGLISH.split(' ').chain(RUSSIAN.split(' ')).collect();
    let mut dice = 7_usize;
    for label in 1..=2_000 {
        let mut body = String::new();
        for _ in 0..40 {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let word = words.get((dice >> 33) % words.len()).copied().unwrap_or_default();
            body.push_str(word);
            body.push_str(if dice >> 62 == 0 { "x " } else { " " });
        }
        with(&body, |document| model.learn(document, label % 3 == 0, label));
    }
    model
}

fn with<T>(body: &str, then: impl FnOnce(&Document<'_>) -> T) -> T {
    let reading = Reading::of(body);
    let own_hosts = &[];
    let input =
        Input { name: "Ida Rhodes", url: None, body, reading: &reading, own_hosts, near_copy: false, rules: 0.0 };
    then(&Document::new(&input))
}

fn learned(c: &mut Criterion) {
    let mut group = c.benchmark_group("learned");
    let model = model();
    for (name, body) in [("english", ENGLISH), ("russian", RUSSIAN)] {
        let reading = Reading::of(body);
        let input = Input {
            name: "Ida Rhodes",
            url: None,
            body,
            reading: &reading,
            own_hosts: &[],
            near_copy: false,
            rules: 0.0,
        };
        group.bench_function(format!("score, {name}, 300 bytes"), |b| {
            b.iter(|| model.score(&Document::new(black_box(&input))))
        });
        let (mut taught, mut label) = (model.clone(), 0);
        group.bench_function(format!("learn, {name}, 300 bytes"), |b| {
            b.iter(|| {
                label += 1;
                taught.learn(&Document::new(black_box(&input)), label % 2 == 0, label);
            })
        });
    }
    let (scorer, around) = (scorer(0), Facts { name: "Ida Rhodes", ..Facts::default() });
    group.bench_function("rules and model, english, 300 bytes", |b| {
        b.iter(|| scorer.score_with(&Facts { body: black_box(ENGLISH), ..around }, Some(&model)))
    });
    for (name, unit) in [("one letter", "a"), ("accents", "e\u{301}"), ("emoji", "👩‍👩‍👧"), ("spaced", "v i a g r a ")]
    {
        for size in [1_000, 10_000] {
            let body: String = unit.chars().cycle().take(size).collect();
            let facts = Facts { body: &body, ..around };
            group.throughput(Throughput::Elements(u64::try_from(size).unwrap_or(0)));
            group.bench_function(format!("{name}, {size} characters"), |b| {
                b.iter(|| scorer.score_with(&facts, Some(&model)))
            });
        }
    }
    group.finish();
}

fn render(c: &mut Criterion) {
    let mut group = c.benchmark_group("render");
    group.bench_function("english, 300 bytes", |b| b.iter(|| markdown::render(black_box(ENGLISH))));
    for unit in ["> ", "- ", "[", "[a](", "![[]()", "*a_ ", "`a``b```c", "<!--", "<http://", "&#x", "<a b ", "[^a]:"] {
        let body: String = unit.chars().cycle().take(10_000).collect();
        group.bench_function(format!("{unit} 10000 characters"), |b| b.iter(|| markdown::render(&body)));
    }
    group.finish();
}

fn compile(c: &mut Criterion) {
    let mut group = c.benchmark_group("compile");
    group.sample_size(10);
    let entries: Vec<String> = (0..100_000).map(|n| format!("entry number {n}")).collect();
    group.bench_function("list of 100000", |b| b.iter(|| WordList::new(&entries)));
    group.finish();
}

criterion_group!(benches, score, learned, render, compile);
criterion_main!(benches);
