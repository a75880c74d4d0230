//! The passwords that are guessed first: words, walks over the keyboard, runs and repetitions.
//!
//! A list of the commonest passwords of twelve characters and more is mostly a few hundred words,
//! doubled, joined or wearing digits. So the words are kept, and what is made of nothing else is
//! refused. No dictionary of real sentences: length is what makes a good password.

/// Words of which common passwords are made, in lower case.
const WORDS: &str = "\
    aaa abc abcd abcdef access admin administrator alexander amanda america and andrea andrew angel anthony \
    apple april arsenal asd asdf asdfgh asdfghjkl ashley august austin autumn azerty azertyuiop bailey \
    baseball basketball batman blink buster butterfly changeit changeme charlie cheese chelsea chocolate \
    comment comments computer contrasena cookie dallas daniel december default desk donald dragon edc editor \
    eight eminem england facebook family february five flower football forever four freedom friday friends \
    fuckyou gmail god google guest hannah harley haslo hello heslo hockey house hunter iam iamgod iloveyou \
    internet is january jasmine jennifer jessica jordan joshua july june justin killer letmein linkedin \
    liverpool login london love lovely loveyou maggie manager march master matthew michael michelle \
    moderator monday monkey motdepasse mustang my newpassword news newspaper newsroom nicole nine november \
    october office one orange parola pass passw passwd password passwort pepper please pokemon princess \
    private purple qaz qwe qwer qwert qwerty qwertyu qwertyuiop qwertz ranger reply replydesk rfv robert \
    rockyou root samsung secret secure security senha september server seven shadow six snoopy soccer spring \
    starwars strong summer sunday sunshine superman superstar system taylor temp temporary ten test testing \
    the thomas three thunder tigger trustno two user wachtwoord welcome whatever william winter wordpress \
    wsx you your zaq zero zxc zxcv zxcvbn zxcvbnm";

/// Ways over the keyboard that words and runs do not catch.
const WALKS: &str = "\
    1qaz2wsx3edc !qaz2wsx#edc 1q2w3e4r5t6y q1w2e3r4t5y6 zaq12wsxcde3 qazwsxedcrfv 1a2b3c4d5e6f a1b2c3d4e5f6 \
    1z2x3c4v5b6n q2w3e4r5t6y7 qweasdzxcrty 1234qwerasdf 123qweasdzxc poiuytrewq lkjhgfdsa mnbvcxz 147258369 \
    159753 123654789 789456123 741852963 951753852 11235813";

/// Whether the password is one of the first that anybody would try.
pub(super) fn is_common(password: &str) -> bool {
    let plain: Vec<char> = password.to_lowercase().chars().collect();
    // Digits round the word are no letters in disguise; those within may be.
    let first = plain.iter().position(|c| c.is_alphabetic()).unwrap_or(0);
    let last = plain.iter().rposition(|c| c.is_alphabetic()).map_or(0, |at| at + 1);
    let folded: Vec<char> = plain.iter().take(last).skip(first).map(|c| fold(*c)).collect();
    is_repetition(&plain) || is_run(&plain) || walks(&plain) || only_words(&plain) || only_words(&folded)
}

/// The letter that a digit or sign commonly stands for.
fn fold(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        other => other,
    }
}

/// At most four different characters, or a part of under eight repeated to the end.
fn is_repetition(password: &[char]) -> bool {
    let mut different: Vec<char> = password.to_vec();
    different.sort_unstable();
    different.dedup();
    different.len() <= 4
        || (1..8.min(password.len())).any(|period| {
            password.iter().zip(password.iter().skip(period)).all(|(a, b)| a == b) && password.len() >= 2 * period
        })
}

/// Nearly every step goes one up, one down or nowhere: `123456789012`, `abcdefghijkl`.
fn is_run(password: &[char]) -> bool {
    let steps = password.len().saturating_sub(1);
    let plain = password
        .iter()
        .zip(password.iter().skip(1))
        .filter(|(a, b)| u32::from(**a).abs_diff(u32::from(**b)) <= 1 || (**a == '9' && **b == '0'))
        .count();
    plain * 5 >= steps * 4
}

/// A walk over the keyboard and at most five characters more.
fn walks(password: &[char]) -> bool {
    let text: String = password.iter().collect();
    WALKS.split_whitespace().any(|walk| text.contains(walk) && password.len() <= walk.chars().count() + 5)
}

/// What is left without digits and signs is a row of common words. Few letters among much else is
/// not a word with digits round it.
fn only_words(password: &[char]) -> bool {
    let letters: String = password.iter().filter(|c| c.is_alphabetic()).collect();
    let n = letters.chars().count();
    if n < 3 || (n < 6 && password.len() > 16) {
        return false;
    }
    // Every length that words alone can make up, each looked at once.
    let mut reached = std::collections::BTreeSet::from([0]);
    while let Some(end) = reached.pop_first() {
        let Some(rest) = letters.get(end..) else { continue };
        if rest.is_empty() {
            return true;
        }
        reached.extend(WORDS.split_whitespace().filter(|word| rest.starts_with(word)).map(|word| end + word.len()));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_is_known() {
        for password in [
            "password1234",
            "P@ssw0rd2026!",
            "passwordpassword",
            "letmeinletmein",
            "Welcome12345!",
            "qwertyuiop123",
            "administrator",
            "iloveyou1234",
            "Summer2026!!!",
            "replydesk-admin",
            "123456789012",
            "abcdefghijkl",
            "abababababab",
            "aaaaaaaaaaaa",
            "1qaz2wsx3edc4rfv",
            "changeme12345",
            "moderator2026",
            "trustno1trustno1",
            "a1b2c3a1b2c3",
        ] {
            assert!(is_common(password), "{password}");
        }
    }

    #[test]
    fn a_long_unusual_password_is_left_alone() {
        for password in [
            "correct horse battery",
            "tr0ub4dor&3xyzzy",
            "kK9#vmQ2!xw7",
            "my cat eats blue soup",
            "93817263 5502 7718",
            "lila Gießkanne im Regen",
            "пароль из четырёх слов",
        ] {
            assert!(!is_common(password), "{password}");
        }
    }

    #[test]
    fn a_hostile_password_costs_little() {
        // Every split of this is a row of words; each place is looked at a bounded number of times.
        let _either = is_common(&"abcdef".repeat(21));
        assert!(!is_common(&format!("{}ж", "abcabcdqweqwerty".repeat(7))));
    }
}
