use proptest::prelude::*;

use super::*;

const OFFER: &str = "I earn two hundred dollars a day from home with this simple method, ask me how on my profile";

fn near(one: &str, other: &str) -> bool {
    Sketch::of(one).zip(Sketch::of(other)).is_some_and(|(one, other)| one.is_near(other))
}

#[test]
fn disguises_links_numbers_and_emoji_change_nothing() {
    for copy in [
        "I EARN two hundred dollars a day, from home, with this simple method! Ask me how on my profile.",
        "I еаrn two hundrеd dоllаrs а dаy frоm hоmе with this simplе mеthоd, аsk mе hоw оn my prоfilе",
        "I ea\u{200b}rn two hun\u{200d}dred dollars a day from home with this sim\u{ad}ple method, ask me how on my profile",
        "𝐈 𝐞𝐚𝐫𝐧 𝐭𝐰𝐨 𝐡𝐮𝐧𝐝𝐫𝐞𝐝 dollars a day from home with this simple method, ask me how on my profile",
        "I earn two hundred dollars a day from home with this simple method, ask me how on my profile 😀🔥 7731",
        "I earn two hundred dollars a day from home with this simple method, ask me how on my profile http://a.example/x?7",
        "> somebody said this\nI earn two hundred dollars a day from home with this simple method, ask me how on my profile",
    ] {
        assert_eq!(Sketch::of(copy), Sketch::of(OFFER), "{copy}");
    }
}

#[test]
fn other_texts_on_the_same_matter_are_far() {
    let texts = [
        OFFER,
        "Working from home has its price: I earn less than two years ago, and nobody asks how I am.",
        "The mayor promised a new bridge two years ago. Where is it, and who pays for the delay now?",
        "Who pays for the new bridge? The mayor promised that it would not be us.",
        "桥梁重新开放真是太好了，我们已经等了两年多了。",
        "我在家工作，每天可以赚两百美元，请看我的主页。",
        "สะพานเปิดอีกครั้งแล้ว เราดีใจมากที่รอมาสองปี",
        "Новый мост обещали два года назад, и кто теперь платит за опоздание?",
    ];
    for (n, one) in texts.iter().enumerate() {
        for other in texts.iter().skip(n + 1) {
            assert!(!near(one, other), "{one} / {other}");
        }
    }
}

#[test]
fn scripts_without_spaces_have_near_copies_too() {
    assert!(near(
        "我在家工作，每天可以赚两百美元，方法很简单，请看我的主页。",
        "王明：我在家工作，每天可以赚两百美元，方法很简单，请看我的主页！"
    ));
    assert!(near(
        "สะพานเปิดอีกครั้งแล้ว เราดีใจมากที่รอมาสองปี ขอบคุณทุกคนที่ช่วยกัน",
        "สะพานเปิดอีกครั้งแล้ว เราดีใจมากที่รอมาสองปี ขอบคุณทุกคนที่ช่วยกันนะ"
    ));
}

#[test]
fn a_short_text_is_the_same_or_is_not_and_a_very_short_one_is_anybodys() {
    assert!(near("Great article!", "great   ARTICLE!"));
    assert!(!near("Great article!", "Great articles!"));
    assert!(Sketch::of("Great article!").unwrap().is_short());
    assert!(!Sketch::of(OFFER).unwrap().is_short());
    for anybodys in ["", "+1", "Thanks!", "👍👍👍👍👍👍👍👍👍👍👍👍", "2026-11-23 17:48:00"] {
        assert_eq!(Sketch::of(anybodys), None, "{anybodys}");
    }
    assert!(near("http://pills.example/now", "http://pills.example/now"), "a link alone is compared as it stands");
}

#[test]
fn two_who_quote_the_same_and_say_something_else_are_far() {
    let quoting =
        |own: &str| format!("> The bridge opens in May, the mayor says, and nobody will pay for it.\n\n{own}");
    assert!(!near(
        &quoting("I do not believe a word of what he says."),
        &quoting("Good news for everybody east of it!")
    ));
    assert!(near(&quoting("No."), &quoting("Yes.")), "with nothing of one's own the quote is the text");
}

#[test]
fn a_sketch_is_stored_as_it_is() {
    let sketch = Sketch::of(OFFER).unwrap();
    assert_eq!(
        sketch.bits(),
        -8_327_631_502_415_613_102,
        "a change of this number makes every stored sketch worthless"
    );
    assert_eq!(Sketch::from_bits(sketch.bits()).shared(sketch), 16);
}

/// Eighteen to forty words of news, none special.
fn remark() -> impl Strategy<Value = Vec<&'static str>> {
    let words: Vec<&str> = "the bridge opens again after two years of repair and we are glad but nobody said who pays for \
        concrete lamps council mayor river traffic bicycles autumn budget promise walked morning letter school hospital \
        neighbours engineer railing winter ferry minister election report statistics evening newspaper question answer"
        .split_whitespace()
        .collect();
    prop::collection::vec(prop::sample::select(words), 18..40)
}

proptest! {
    #[test]
    fn a_name_put_in_leaves_a_text_near(words in remark(), at in any::<prop::sample::Index>(), name in "[A-Z][a-z]{2,9}") {
        let mut copy = words.clone();
        copy.insert(at.index(words.len()), &name);
        // Sixteen samples may fail now and then: a cluster needs one neighbour among its members, not each.
        let (one, other) = (Sketch::of(&words.join(" ")).unwrap(), Sketch::of(&copy.join(" ")).unwrap());
        prop_assert!(one.shared(other) >= 8, "{}", one.shared(other));
    }

    #[test]
    fn two_remarks_are_hardly_ever_near(one in remark(), other in remark()) {
        // Eleven would be near: two texts of fifty words' vocabulary reach that once in ten thousand times.
        let (one, other) = (Sketch::of(&one.join(" ")).unwrap(), Sketch::of(&other.join(" ")).unwrap());
        prop_assert!(one == other || one.shared(other) < 14, "{}", one.shared(other));
    }

    #[test]
    fn any_text_has_one_sketch_or_none(text in "\\PC{0,200}") {
        prop_assert_eq!(Sketch::of(&text), Sketch::of(&text));
        prop_assert_eq!(Sketch::of(&text), Sketch::of(&format!("  {text}\u{200b}  ")));
    }

    #[test]
    fn shared_counts_equal_minima(one in any::<u64>(), other in any::<u64>()) {
        let nibbles = |bits: u64| (0..16).map(move |n| (bits >> (4 * n)) & 15);
        let equal = nibbles(one).zip(nibbles(other)).filter(|(a, b)| a == b).count();
        let (one, other) = (Sketch::from_bits(one.cast_signed()), Sketch::from_bits(other.cast_signed()));
        prop_assert_eq!(usize::try_from(one.shared(other)).unwrap(), equal);
    }
}
