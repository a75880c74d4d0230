//! The model through its public face.

use std::sync::Arc;

use super::*;
use crate::{domain, text::Reading};

fn with<T>(body: &str, rules: f32, then: impl FnOnce(&Document<'_>) -> T) -> T {
    let reading = Reading::of(body);
    let own_hosts = ["news.example".to_owned()];
    let input = Input {
        name: "Ida Rhodes",
        url: None,
        body,
        reading: &reading,
        own_hosts: &own_hosts,
        near_copy: false,
        rules,
    };
    then(&Document::new(&input))
}

fn learn(model: &mut Model, body: &str, spam: bool) {
    let label = model.last_label() + 1;
    with(body, 0.0, |document| model.learn(document, spam, label));
}

/// The log-odds of a comment that nothing but the model speaks of.
fn logit(model: &Model, body: &str) -> f64 {
    f64::from(with(body, 0.0, |document| model.score(document).weight)) + domain::PRIOR
}

fn fresh() -> Model {
    Model::new(Arc::new(Seed::none()))
}

const SPAM: [&str; 6] = [
    "Subscribe to my channel and win free money now",
    "Лучшее казино, бонус за регистрацию, пиши в личку",
    "加我微信免费领取彩票，稳赚不赔，每天提现",
    "Slot gacor hari ini, daftar sekarang juga maxwin",
    "Cheap viagra pills at http://pills.example/buy",
    "🎰🎰 jackpot 🎰🎰 click the link in my profile",
];
const HAM: [&str; 6] = [
    "The mayor should have answered that in the council meeting.",
    "Совет знал про мост ещё в марте, почему молчали?",
    "这篇文章写得很好，市长应该在会议上回答。",
    "Semoga jembatan itu segera diperbaiki oleh pemerintah",
    "I disagree; the numbers in https://news.example/report say otherwise.",
    "Thanks for the clear summary, it helped me a lot.",
];

fn taught(rounds: usize) -> Model {
    let mut model = fresh();
    for _ in 0..rounds {
        for (spam, ham) in SPAM.iter().zip(HAM) {
            learn(&mut model, spam, true);
            learn(&mut model, ham, false);
        }
    }
    model
}

#[test]
fn it_learns_in_every_script_what_it_is_taught() {
    let model = taught(3);
    for (spam, ham) in [
        ("come subscribe to my channel for free money", "the mayor answered the council"),
        ("казино с бонусом за регистрацию", "почему совет молчал про мост"),
        ("免费领取彩票", "市长在会议上回答"),
        ("daftar slot maxwin gacor", "semoga pemerintah segera diperbaiki"),
        ("🎰 jackpot 🎰", "Thanks, a clear summary"),
    ] {
        assert!(logit(&model, spam) > 0.5, "{spam}: {}", logit(&model, spam));
        assert!(logit(&model, ham) < -0.5, "{ham}: {}", logit(&model, ham));
    }
}

#[test]
fn disguises_change_little() {
    let model = taught(3);
    let plain = logit(&model, "Subscribe to my channel and win free money now");
    for disguised in [
        "Ѕubѕсrіbе to my сhаnnеl and wіn frее mоnеу now",
        "5ub5cr1be t0 my ch4nn3l and w1n fr33 m0n3y now",
        "S u b s c r i b e to my c h a n n e l and w i n f r e e m o n e y now",
        "Sub\u{200B}scribe to my chan\u{200B}nel and win fr\u{200B}ee mon\u{200B}ey now",
        "𝐒𝐮𝐛𝐬𝐜𝐫𝐢𝐛𝐞 to my 𝐜𝐡𝐚𝐧𝐧𝐞𝐥 and win 𝐟𝐫𝐞𝐞 𝐦𝐨𝐧𝐞𝐲 now",
        "S\u{301}ubscr\u{308}ibe to my cha\u{300}nnel and win free m\u{301}oney now",
    ] {
        assert!(logit(&model, disguised) > plain / 2.0, "{disguised}: {} of {plain}", logit(&model, disguised));
    }
}

#[test]
fn good_text_around_a_bad_sentence_hides_little() {
    let model = taught(10);
    let padded = format!("{} {} Win free money, subscribe to my channel now. {}", HAM[0], HAM[5], HAM[0]);
    let whole = logit(&model, &padded);
    let good = logit(&model, &format!("{} {} {}", HAM[0], HAM[5], HAM[0]));
    assert!(whole > good + 2.0, "{whole} against {good}");
}

#[test]
fn the_same_labels_in_the_same_order_give_the_same_bits() {
    let (one, two) = (taught(4), taught(4));
    assert_eq!(one.to_bytes(), two.to_bytes());
    let mut other = fresh();
    learn(&mut other, HAM[0], false);
    assert_ne!(one.to_bytes(), other.to_bytes());
}

#[test]
fn a_snapshot_goes_on_as_the_model_would_have() {
    let mut model = taught(2);
    let bytes = model.to_bytes();
    let mut back = Model::from_bytes(&bytes, Arc::new(Seed::none())).unwrap();
    assert_eq!(back.labels(), Labels { spam: 12, ham: 12 });
    assert_eq!(back.last_label(), 24);
    for model in [&mut model, &mut back] {
        SPAM.iter().for_each(|spam| learn(model, spam, true));
    }
    assert_eq!(model.to_bytes(), back.to_bytes());
    assert_eq!(logit(&model, SPAM[1]).to_bits(), logit(&back, SPAM[1]).to_bits());
}

#[test]
fn a_damaged_snapshot_is_told() {
    let bytes = taught(1).to_bytes();
    let read = |bytes: &[u8]| Model::from_bytes(bytes, Arc::new(Seed::none())).err();
    assert_eq!(read(b"RDL9"), Some(SnapshotError::Version));
    assert_eq!(read(&[]), Some(SnapshotError::Version));
    for cut in [5, bytes.len() / 2, bytes.len() - 1] {
        assert_eq!(read(&bytes[..cut]), Some(SnapshotError::Damaged), "{cut}");
    }
    let mut changed = bytes.clone();
    changed[bytes.len() / 3] ^= 4;
    assert_eq!(read(&changed), Some(SnapshotError::Damaged));
}

#[test]
fn spam_alone_does_not_teach_that_all_is_spam() {
    let mut model = fresh();
    for round in 0..300 {
        learn(&mut model, &format!("{} {round}", SPAM[round % SPAM.len()]), true);
    }
    let other = logit(&model, "The bridge on our street was closed again last week without a word.");
    assert!(other < -0.5, "{other}");
    assert!(logit(&model, SPAM[0]) < 0.0, "no approval yet: never sure");
    HAM.iter().for_each(|ham| learn(&mut model, ham, false));
    assert!(logit(&model, HAM[0]) < 0.0, "a few approvals are enough to turn it");
}

#[test]
fn a_young_site_is_never_sure_by_what_it_learned_alone() {
    let mut model = fresh();
    let nine_in_ten = 9.0_f64.ln();
    for round in 0..300 {
        learn(&mut model, SPAM[0], true);
        if round % 34 == 0 {
            learn(&mut model, HAM[0], false);
        }
        assert!(logit(&model, SPAM[0]) < nine_in_ten, "{:?}", model.labels());
    }
    assert_eq!(model.labels().ham, 9);
    for _ in 0..300 {
        learn(&mut model, HAM[1], false);
    }
    assert!(logit(&model, SPAM[0]) > nine_in_ten, "a grown one is: {}", logit(&model, SPAM[0]));
}

#[test]
fn words_tell_why() {
    let model = taught(3);
    let words = with("the mayor says: Ѕubѕсrіbе to my channel", 0.0, |document| model.score(document).words);
    let weight = |text: &str| words.iter().find(|word| word.text == text).map(|word| word.weight);
    assert!(weight("Ѕubѕсrіbе").unwrap() > 0.0, "as it was typed: {words:?}");
    assert!(weight("mayor").unwrap() < 0.0, "{words:?}");
    assert!(words.len() <= 6);
}

#[test]
fn what_other_signals_say_already_is_not_said_again() {
    let (mut alone, mut beside) = (fresh(), fresh());
    for round in 0..40 {
        let (spam, ham) = (SPAM[round % 6], HAM[round % 6]);
        for (model, rules) in [(&mut alone, 0.0), (&mut beside, 5.0)] {
            with(spam, rules, |document| model.learn(document, true, 0));
            with(ham, -rules, |document| model.learn(document, false, 0));
        }
    }
    let gap = |model: &Model| logit(model, SPAM[2]) - logit(model, HAM[2]);
    assert!(gap(&beside) < gap(&alone), "{} against {}", gap(&beside), gap(&alone));
}

#[test]
fn a_seed_speaks_first_and_survives_its_file() {
    let mut trainer = SeedTrainer::default();
    for (spam, ham) in SPAM.iter().zip(HAM) {
        with(spam, 0.0, |document| trainer.add(document, true));
        with(ham, 0.0, |document| trainer.add(document, false));
    }
    let bytes = trainer.train().to_bytes().unwrap();
    let model = Model::new(Arc::new(Seed::from_bytes(&bytes).unwrap()));
    assert!(logit(&model, "free money, subscribe to my channel") > logit(&model, "the council meeting with the mayor"));
    assert!(matches!(Seed::from_bytes(b"RDS2xx"), Err(SeedError::Version)));
    assert!(matches!(Seed::from_bytes(&bytes[..bytes.len() / 2]), Err(SeedError::Damaged(_))));
}

#[test]
fn nothing_and_hostile_texts_are_scored_too() {
    let mut model = taught(1);
    for body in ["", " ", "\u{200B}", "a", "😀", "\u{301}\u{301}", &"v i a g r a ".repeat(800), &"信".repeat(10_000)]
    {
        assert!(logit(&model, body).is_finite(), "{}", body.len());
        learn(&mut model, body, true);
    }
}

#[test]
fn what_there_is_to_add_up_grows_no_faster_than_the_text() {
    let words: String = (0..4_000_u32).map(|n| format!("{:x} ", n.wrapping_mul(2_654_435_761))).collect();
    let units = ["a", "e\u{301}\u{302}\u{303}", "👩‍👩‍👧", "v i a g r a ", "信", "> ", "!?", "http://a.b/ ", "x. ", &words];
    for unit in units {
        let size = |length: usize| {
            let body: String = unit.chars().cycle().take(length).collect();
            with(&body, 0.0, |document| document.size())
        };
        let (short, long) = (size(1_000), size(10_000));
        assert!(long <= 10 * short + 100 && long <= 10 * 10_000, "{unit:.20}: {short} and {long}");
    }
    let word: String = words.chars().filter(|c| *c != ' ').take(10_000).collect();
    assert!(with(&word, 0.0, |document| document.size()) < 60_000, "one long word");
}

#[test]
fn a_site_takes_less_than_four_mebibytes() {
    let mut model = fresh();
    for n in 0..3_000_u32 {
        let body = format!("{} {} {}", n.wrapping_mul(2_654_435_761), SPAM[0], n.wrapping_mul(40_503));
        learn(&mut model, &body, n % 2 == 0);
    }
    assert!(model.memory() < 4 << 20, "{}", model.memory());
}

#[test]
fn approvals_alone_make_no_good_comment_doubtful() {
    let mut model = fresh();
    let blank = HAM.map(|body| logit(&model, body));
    for round in 0..60 {
        learn(&mut model, HAM[round % HAM.len()], false);
    }
    for (body, before) in HAM.iter().zip(blank) {
        assert!(logit(&model, body) <= before, "{} where it was {before}: {body}", logit(&model, body));
    }
}
