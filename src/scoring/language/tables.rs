//! What the rule about languages knows of them: codes, kin, common words.

use whatlang::Lang;

/// Families of languages that a guess takes for each other.
pub(super) const KIN: [&[Lang]; 11] = [
    &[Lang::Cmn, Lang::Jpn],
    &[Lang::Dan, Lang::Nob, Lang::Swe],
    &[Lang::Nld, Lang::Afr, Lang::Deu],
    &[Lang::Spa, Lang::Por, Lang::Cat, Lang::Ita, Lang::Lat],
    &[Lang::Ces, Lang::Slk],
    &[Lang::Slv, Lang::Hrv, Lang::Srp],
    &[Lang::Rus, Lang::Ukr, Lang::Bel, Lang::Bul, Lang::Mkd, Lang::Srp],
    &[Lang::Tur, Lang::Aze, Lang::Tuk, Lang::Uzb],
    &[Lang::Ind, Lang::Jav, Lang::Tgl],
    &[Lang::Ara, Lang::Pes, Lang::Urd],
    &[Lang::Hin, Lang::Mar, Lang::Nep],
];

/// ISO 639-1 codes, as in `<html lang>`, with the ISO 639-3 codes that whatlang knows.
pub(super) const CODES: [(&str, &str); 65] = [
    ("af", "afr"),
    ("ak", "aka"),
    ("am", "amh"),
    ("ar", "ara"),
    ("az", "aze"),
    ("be", "bel"),
    ("bg", "bul"),
    ("bn", "ben"),
    ("ca", "cat"),
    ("cs", "ces"),
    ("cy", "cym"),
    ("da", "dan"),
    ("de", "deu"),
    ("el", "ell"),
    ("en", "eng"),
    ("eo", "epo"),
    ("es", "spa"),
    ("et", "est"),
    ("fa", "pes"),
    ("fi", "fin"),
    ("fr", "fra"),
    ("gu", "guj"),
    ("he", "heb"),
    ("hi", "hin"),
    ("hr", "hrv"),
    ("hu", "hun"),
    ("hy", "hye"),
    ("id", "ind"),
    ("it", "ita"),
    ("ja", "jpn"),
    ("jv", "jav"),
    ("ka", "kat"),
    ("km", "khm"),
    ("kn", "kan"),
    ("ko", "kor"),
    ("la", "lat"),
    ("lt", "lit"),
    ("lv", "lav"),
    ("mk", "mkd"),
    ("ml", "mal"),
    ("mr", "mar"),
    ("my", "mya"),
    ("nb", "nob"),
    ("ne", "nep"),
    ("nl", "nld"),
    ("no", "nob"),
    ("or", "ori"),
    ("pa", "pan"),
    ("pl", "pol"),
    ("pt", "por"),
    ("ro", "ron"),
    ("ru", "rus"),
    ("si", "sin"),
    ("sk", "slk"),
    ("sl", "slv"),
    ("sr", "srp"),
    ("sv", "swe"),
    ("ta", "tam"),
    ("te", "tel"),
    ("th", "tha"),
    ("tr", "tur"),
    ("uk", "ukr"),
    ("ur", "urd"),
    ("vi", "vie"),
    ("zh", "cmn"),
];

/// Words that hardly a sentence does without and that other languages do not have, in lower case.
pub(super) const COMMON: [(Lang, &[&str]); 16] = [
    (
        Lang::Eng,
        &[
            "the", "and", "of", "that", "this", "with", "for", "you", "are", "not", "have", "but", "they", "what",
            "from", "be", "your", "it", "if", "can", "would", "about", "there", "who", "my", "why", "to",
        ],
    ),
    (
        Lang::Deu,
        &[
            "der", "die", "das", "und", "ist", "nicht", "ein", "eine", "ich", "sie", "wir", "es", "zu", "auf", "mit",
            "den", "dem", "von", "auch", "für", "sind", "wie", "aber", "oder", "wird", "dass",
        ],
    ),
    (
        Lang::Fra,
        &[
            "le", "les", "des", "est", "et", "une", "pas", "que", "qui", "dans", "pour", "ce", "il", "je", "vous",
            "nous", "sur", "mais", "du", "au", "plus", "avec", "ne", "ça", "cette",
        ],
    ),
    (
        Lang::Spa,
        &[
            "el", "los", "las", "del", "y", "es", "por", "con", "una", "para", "que", "en", "no", "lo", "muy", "pero",
            "más", "su", "este", "esta", "como", "está", "son",
        ],
    ),
    (
        Lang::Por,
        &[
            "os", "do", "da", "dos", "das", "em", "não", "um", "uma", "com", "que", "para", "por", "mais", "é", "mas",
            "isso", "você", "muito", "ao", "são", "foi",
        ],
    ),
    (
        Lang::Ita,
        &[
            "il", "di", "che", "è", "per", "non", "una", "sono", "della", "gli", "con", "anche", "più", "ma", "del",
            "questo", "come", "ho", "perché", "nel", "alla", "le",
        ],
    ),
    (
        Lang::Nld,
        &[
            "de", "het", "een", "en", "van", "niet", "dat", "zijn", "ik", "je", "voor", "met", "ook", "maar", "aan",
            "er", "wel", "wat", "als", "dit", "naar", "bij",
        ],
    ),
    (
        Lang::Pol,
        &[
            "nie", "się", "że", "jest", "w", "z", "na", "do", "to", "jak", "ale", "po", "co", "tak", "czy", "przez",
            "są", "już", "tylko", "dla", "od", "i",
        ],
    ),
    (
        Lang::Swe,
        &[
            "och", "att", "det", "är", "som", "inte", "på", "jag", "en", "ett", "för", "med", "av", "har", "till",
            "den", "om", "men", "vi", "så", "kan",
        ],
    ),
    (
        Lang::Dan,
        &[
            "og", "at", "det", "er", "som", "ikke", "på", "jeg", "en", "et", "for", "med", "af", "har", "til", "den",
            "om", "men", "vi", "så", "kan",
        ],
    ),
    (
        Lang::Nob,
        &[
            "og", "at", "det", "er", "som", "ikke", "på", "jeg", "en", "et", "for", "med", "av", "har", "til", "den",
            "om", "men", "vi", "så", "kan",
        ],
    ),
    (
        Lang::Fin,
        &[
            "ja", "on", "ei", "että", "se", "oli", "kun", "niin", "ole", "mutta", "ovat", "myös", "joka", "tai", "jos",
            "nyt",
        ],
    ),
    (
        Lang::Ces,
        &[
            "je", "se", "na", "že", "to", "v", "a", "do", "s", "z", "ale", "jako", "si", "jsou", "by", "tak", "není",
            "když", "jen", "pro",
        ],
    ),
    (
        Lang::Tur,
        &[
            "ve", "bir", "bu", "da", "de", "için", "çok", "ne", "ile", "var", "ama", "daha", "gibi", "kadar", "değil",
            "olan",
        ],
    ),
    (
        Lang::Rus,
        &[
            "и", "в", "не", "на", "что", "с", "как", "это", "по", "а", "но", "за", "у", "из", "так", "же", "от", "для",
            "все", "он", "мы", "я", "их", "бы",
        ],
    ),
    (
        Lang::Ukr,
        &[
            "і", "в", "не", "на", "що", "з", "як", "це", "та", "до", "але", "за", "у", "для", "від", "про", "так",
            "які", "він", "ми", "я", "їх", "й",
        ],
    ),
];
