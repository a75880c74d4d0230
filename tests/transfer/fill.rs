//! A store that holds something in every table, filled by what the program itself does.

use std::{sync::Arc, time::Duration};

use replydesk::{
    domain::{
        AttackCause, AuthorId, BanId, CaptchaOutcome, CaptchaRecord, CommentId, Decision, Mode, PageIdentity,
        RefusalId, Signal, SiteId, Status, Timestamp, Verdict,
    },
    store::{
        Accepted, AttackEnd, AttackRaise, AttackSet, BanBatch, BanDeed, BanRow, ClaimOrder, DecisionOrder, Edit, Entry,
        HeldToken, InvitationRow, Key, ModeratorRow, NewComment, Once, Opening, PageChange, Proof, RefusalRow,
        Revision, SessionRow, Snapshot, SnapshotMark, Store, TokenRow, Unverified,
    },
};

/// 2027-01-15T08:00:00Z
pub(crate) const NOW: Timestamp = Timestamp(1_800_000_000_000);
const HOUR: Duration = Duration::from_secs(3_600);

/// What people write, of every script and none.
const WORDS: [&str; 6] = [
    "Agreed.",
    "Straße, naïve, Ωμέγα, Привет, 漢字, שלום, مرحبا 👩🏽‍🚀",
    "e\u{301} is not é, and \u{202E}this\u{202C} turns; \u{FEFF}\u{10FFFF} end here",
    "Line\none\r\n\ttwo \u{b}\u{1}\u{7f} and a quote: ' \" \\ \\n \\N $1 ?1",
    " ",
    "100% _sure_, {\"a\": null}",
];

fn key(n: u8) -> Key {
    let mut key = [n; 32];
    key[1] = 0;
    key
}

pub(crate) fn page(site: &str, path: &str) -> PageIdentity {
    PageIdentity { site: SiteId::new(site), key: path.to_owned(), url: format!("http://{site}.example{path}") }
}

pub(crate) fn comment(n: u32, body: &str) -> NewComment {
    let mut duplicate = [0; 32];
    duplicate[..4].copy_from_slice(&n.to_be_bytes());
    let now = NOW.plus(Duration::from_secs(n.into()));
    NewComment {
        id: CommentId::new(now),
        page: page(["news", "sport"][n as usize % 2], &format!("/{}", n % 7)),
        title: n.is_multiple_of(3).then(|| format!("Title {n} é")),
        parent: None,
        status: Status::Pending,
        name: format!("Ada {n}"),
        email: n.is_multiple_of(2).then(|| "ada@readers.example".to_owned()),
        url: n.is_multiple_of(5).then(String::new),
        body: body.to_owned(),
        post_id: n.is_multiple_of(4).then(|| n.to_string()),
        created_at: now,
        edit_until: now.plus(HOUR),
        author: AuthorId::new(now),
        proven: n % 2 == 1,
        email_key: n.is_multiple_of(2).then_some(i64::MIN + i64::from(n)),
        sketch: (n % 3 == 1).then_some(-1 - i64::from(n)),
        cluster: None,
        founder: None,
        address: n.is_multiple_of(2).then(|| "203.0.113.7".to_owned()),
        network_key: format!("network {}", n % 3),
        captcha: CaptchaRecord {
            provider: "none".to_owned(),
            outcome: CaptchaOutcome::Off,
            score: n.is_multiple_of(2).then_some(0.1 + 0.2),
            raw_score: n.is_multiple_of(3).then_some(5e-324),
        },
        sampled: n.is_multiple_of(6).then_some(1.0 / 3.0),
        risk: 1.0 / f64::from(n + 3),
        verdict: Verdict::Hold,
        signals: vec![Signal::new("capitals", 0.1 * f64::from(n % 9), "Mostly \u{0} in capitals 漢")],
        duplicate: (duplicate, NOW.minus(HOUR)),
        claim: None,
        unverified: None,
        idempotency: None,
        staff: None,
    }
}

pub(crate) async fn stored(store: &Store, comment: NewComment) -> CommentId {
    match store.accept(comment).await.unwrap() {
        Accepted::Stored(receipt) => receipt.id,
        other => panic!("{other:?}"),
    }
}

async fn decided(store: &Store, id: CommentId, decision: Decision) {
    let order =
        DecisionOrder { id, decision, version: None, reason: Some("Whatever — really".to_owned()), sites: None };
    store.decide(vec![order], "moderator:ada".into(), NOW.plus(HOUR)).await.unwrap();
}

/// So many comments that wait, beside everything else.
pub(crate) async fn fill(store: &Store, many: u32) {
    people(store).await;
    let mut ids = Vec::new();
    for n in 0..24 {
        let mut new = comment(n, &format!("{} {n}", WORDS[n as usize % WORDS.len()]));
        new.idempotency = n.is_multiple_of(4).then(|| (key(100 + n as u8), key(1)));
        new.claim = (n % 4 == 1).then(|| (key(n as u8), NOW.plus(HOUR)));
        if n % 8 == 2 {
            new.captcha.outcome = CaptchaOutcome::Unverified;
            let token = HeldToken("a token".to_owned());
            let (provider, action) = ("siteverify".to_owned(), "comment".to_owned());
            new.unverified =
                Some(Unverified { provider, action, token, until: NOW.plus(10 * HOUR), due: NOW.plus(HOUR) });
        }
        ids.push(stored(store, new).await);
    }
    for (n, decision) in [(0, Decision::Approve), (3, Decision::Spam), (5, Decision::Reject), (6, Decision::Approve)] {
        decided(store, ids[n], decision).await;
    }
    threads(store, ids[0]).await;
    arranged(store, &ids).await;
    attacked(store).await;
    learned(store, ids[6]).await;
    store.withdraw(ids[7], NOW.plus(HOUR)).await.unwrap();
    for n in 0..many {
        stored(store, comment(1_000 + n, &format!("Number {n} of many: {}", WORDS[1]))).await;
    }
}

async fn threads(store: &Store, root: CommentId) {
    let mut above = root;
    for n in 100..104 {
        let mut reply = comment(n, &format!("A reply {n}."));
        reply.page = page("news", "/0");
        reply.parent = Some(above);
        reply.staff = (n == 103).then(|| "moderator:ada".to_owned());
        reply.status = Status::Approved;
        above = stored(store, reply).await;
    }
    decided(store, above, Decision::Reject).await;
    for reader in 1..4 {
        store.like(root, key(reader), true, NOW.plus(HOUR)).await.unwrap();
    }
    assert!(store.report(root, key(9), "rude".into(), NOW.plus(HOUR)).await.unwrap());
}

/// One that goes on, one that somebody set, and one that was ended and rests.
async fn attacked(store: &Store) {
    let (site, until) = (|| "news".to_owned(), NOW.plus(HOUR));
    for page in [None, Some("/Über".to_owned())] {
        let raise = AttackRaise { site: site(), page, cause: AttackCause::Refusals, since: NOW, until, now: NOW };
        store.raise_attack(raise).await.unwrap();
    }
    let (page, by) = (Some("/a".to_owned()), || "moderator:ada".to_owned());
    store.set_attack(AttackSet { site: site(), page, by: by(), until, now: NOW }).await.unwrap();
    let end = AttackEnd { site: site(), page: None, by: by(), rests_until: until, now: NOW };
    assert!(store.end_attack(end).await.unwrap());
}

async fn arranged(store: &Store, ids: &[CommentId]) {
    let ban = BanRow {
        id: BanId::new(NOW),
        kind: "name".into(),
        value: "Ada*".into(),
        mode: "shadow".into(),
        site: None,
        reason: Some(String::new()),
        created_by: "moderator:ada".into(),
        created_at: NOW,
        expires_at: Some(NOW.plus(100 * HOUR)),
        from_comment: Some(ids[1]),
        applied: 0,
    };
    store.ban(ban.clone(), Some(Once { key: key(50), content: key(51) })).await.unwrap();
    store.keep_answer(key(50), "{\"id\": \"…\"}".to_owned()).await.unwrap();
    let mark = Arc::new(|_: &str, signals: Vec<Signal>| Some((signals, 0.75)));
    let met = |n: usize| vec![(ids[n], 1)];
    for (n, deed) in [(8, BanDeed::Mark(mark)), (9, BanDeed::Decide(Decision::Spam))] {
        let batch = BanBatch { ban: ban.id, deed, met: met(n), reason: None };
        assert!(store.apply_ban(batch, "moderator:ada".into(), NOW.plus(HOUR)).await.unwrap().is_some());
    }
    written_by_the_desk(store, ids).await;
    let refusal = RefusalRow {
        id: RefusalId::new(NOW),
        reference: "ABCD-EFGH".into(),
        site: "news".into(),
        page: "/a".into(),
        reason: "score_low".into(),
        provider: "siteverify".into(),
        score: Some(f64::MIN_POSITIVE),
        raw_score: None,
        signals: Vec::new(),
        at: NOW,
    };
    store.refuse(refusal).await.unwrap();
}

async fn written_by_the_desk(store: &Store, ids: &[CommentId]) {
    let change = PageChange {
        page: page("news", "/unheard"),
        closed: Some(true),
        title: Some(Some("Not yet".to_owned())),
        mode: Some(Some(Mode::Pre)),
        by: "moderator:ada".into(),
        now: NOW,
    };
    store.change_page(change).await.unwrap();
    let claim = ClaimOrder {
        id: ids[10],
        by: "moderator:ada".into(),
        sites: None,
        now: NOW.plus(HOUR),
        until: NOW.plus(2 * HOUR),
    };
    store.claim_comment(claim).await.unwrap();
    let revision = Revision {
        id: ids[11],
        version: None,
        sites: None,
        name: Some("A. D.".into()),
        url: Some(None),
        body: Some("As the newsroom has it: …".into()),
        by: "moderator:ada".into(),
        now: NOW.plus(HOUR),
    };
    store.revise(revision).await.unwrap();
}

async fn learned(store: &Store, id: CommentId) {
    let own = store.own(id).await.unwrap().unwrap();
    let edit = Edit {
        id,
        seen_version: own.version,
        body: "Other words.".to_owned(),
        sketch: None,
        cluster: None,
        status: Status::Pending,
        risk: 0.9,
        verdict: Verdict::Hold,
        signals: vec![Signal::new("capitals", 0.7, "")],
        now: NOW.plus(HOUR),
    };
    store.edit(edit).await.unwrap();
    let seq = store.last_lesson().await.unwrap();
    let mark = SnapshotMark { site: "news".into(), seq, version: "1".into(), labels: 3, at: NOW };
    let bytes = (0..=255).cycle().take(300_000).collect();
    assert!(store.keep_snapshot(Snapshot { mark, bytes }).await.unwrap());
}

async fn people(store: &Store) {
    store.shared_value("secret", "a secret of its own".to_owned()).await.unwrap();
    let person = |name: &str, password: Option<&str>| ModeratorRow {
        username: name.to_owned(),
        role: "moderator".to_owned(),
        email: (name == "ada").then(|| "ada@news.example".to_owned()),
        sites: (name == "bea").then(|| vec!["news".to_owned(), "s\"port".to_owned()]),
        password: password.map(str::to_owned),
        created_at: NOW,
        second_factor: false,
        seen_at: None,
    };
    store.add_moderator(person("ada", Some("hash")), None, "operator".into()).await.unwrap();
    let invitation = InvitationRow { token: key(1), expires_at: NOW.plus(HOUR) };
    store.add_moderator(person("bea", None), Some(invitation), "operator".into()).await.unwrap();
    store.add_moderator(person("Älfred", Some("hash")), None, "operator".into()).await.unwrap();
    store.begin_second_factor("ada".into(), vec![0, 255, 7], NOW.plus(HOUR)).await.unwrap();
    let codes = vec![key(21), key(22), key(23)];
    assert!(store.confirm_second_factor("ada".into(), vec![0, 255, 7], 100, codes, NOW).await.unwrap());
    store.begin_second_factor("Älfred".into(), vec![], NOW.plus(HOUR)).await.unwrap();
    let session = SessionRow {
        token: key(30),
        username: "ada".into(),
        created_at: NOW,
        expires_at: NOW.plus(HOUR),
        seen_at: NOW,
        device: Some("Firefox on Linux".into()),
    };
    let opening = Opening { session, by: Entry::Password("hash".into()), proof: Some(Proof::Recovery(key(21))) };
    store.open_session(opening).await.unwrap();
    let token =
        TokenRow { name: "desk".into(), token: key(40), scope: "read".into(), created_at: NOW, expires_at: None };
    assert!(store.add_token(token, "operator".into()).await.unwrap());
}
