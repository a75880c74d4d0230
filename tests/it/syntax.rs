//! Bodies that are no good JSON, whatever way they fail: the right 4xx, nothing stored, never a 5xx.

use crate::support::{App, comment};

/// The fields of a good comment around one raw value, unescaped.
fn around(field: &str, raw: &str) -> String {
    let mut fields = vec![
        ("page", "\"/raw\"".to_owned()),
        ("name", "\"Ada\"".to_owned()),
        ("email", "\"a@b.example\"".to_owned()),
        ("body", "\"Some words.\"".to_owned()),
    ];
    fields.retain(|(name, _)| *name != field);
    fields.push((field, raw.to_owned()));
    let inner: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", inner.join(","))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nul_and_half_characters_are_faults_of_their_field() {
    let app = App::start().await;
    for field in ["page", "title", "name", "email", "url", "body", "author_token", "captcha"] {
        for raw in [r#""a\u0000b""#, r#""a\ud800b""#, r#""\udc00""#, "\"\\ud83d\\ud83d\\ude00\""] {
            let answer = app.post("/api/comments").body("application/json", around(field, raw)).answer().await;
            answer.clone().expect_problem(422, "validation_failed");
            assert_eq!(answer.faults(), [format!("{field} invalid")], "{field} {raw}");
        }
    }
    let whole = app.post("/api/comments").body("application/json", around("body", r#""a \ud83d\ude00 b""#));
    whole.answer().await.expect(202);
    assert_eq!(app.count("SELECT count(*) FROM comments WHERE body = 'a 😀 b'"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_json_is_malformed() {
    let app = App::start().await;
    let deep = |depth: usize| around("extra", &format!("{}1{}", "[".repeat(depth), "]".repeat(depth)));
    let bad: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"{".to_vec(),
        b"{}x".to_vec(),
        b"[]".to_vec(),
        b"null".to_vec(),
        b"\"text\"".to_vec(),
        b"{'page':1}".to_vec(),
        b"{\"page\":\"/a\",\"page\":\"/b\"}".to_vec(),
        b"{\"page\":\"/a\",\"x\":{\"y\":1,\"y\":2}}".to_vec(),
        b"{\"body\":\"\xff\xfe\"}".to_vec(),
        b"{\"body\":\"line\nbreak\"}".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        br#"{"body":"\u12"}"#.to_vec(),
        deep(16).into_bytes(),
        format!("{}{}", "[".repeat(60_000), "]".repeat(60_000)).into_bytes(),
    ];
    for body in bad {
        let answer = app.post("/api/comments").body("application/json", body.clone()).answer().await;
        let shown = String::from_utf8_lossy(&body).chars().take(60).collect::<String>();
        assert_eq!(answer.told(), (400, "malformed".to_owned()), "{shown}");
    }
    app.post("/api/comments").body("application/json", deep(15)).answer().await.expect(202);
    assert_eq!(app.count("SELECT count(*) FROM comments"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_malformed_body_is_told_where_and_never_quoted_back() {
    let app = App::start().await;
    let answer = app.post("/api/comments").body("application/json", "{\"body\":\"my secret words\",}").answer().await;
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("line 1") && !answer.text().contains("secret"), "{detail}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_plain_utf_8_json_is_taken() {
    let app = App::start().await;
    let body = comment("Typed.").to_string();
    for media in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "json", ""] {
        let answer = app.post("/api/comments").body(media, body.clone()).answer().await;
        assert_eq!(answer.told(), (415, "unsupported_media_type".to_owned()), "{media:?}");
    }
    for coding in ["gzip", "br", "zstd"] {
        let answer =
            app.post("/api/comments").body("application/json", body.clone()).header("Content-Encoding", coding);
        assert_eq!(answer.answer().await.told(), (415, "unsupported_media_type".to_owned()), "{coding}");
    }
    app.post("/api/comments").answer().await.expect_problem(415, "unsupported_media_type");
    let odd = app.post("/api/comments").body("Application/JSON ; charset=\"UTF-8\"", body);
    odd.answer().await.expect(202);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_over_the_cap_is_refused_whether_it_says_so_or_not() {
    let app = App::with("[server]\nmax_body = '2 KiB'").await;
    let long = comment(&"long ".repeat(600)).to_string();
    let told = app.post("/api/comments").body("application/json", long.clone()).answer().await;
    told.expect_problem(413, "too_large");
    let head = "POST /api/comments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    let untold = app.http.raw(format!("{head}{:x}\r\n{long}\r\n0\r\n\r\n", long.len())).await;
    assert!(untold.starts_with("HTTP/1.1 413") && untold.contains("\"too_large\""), "{untold}");
    let promised =
        "POST /api/comments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n";
    assert!(app.http.raw(promised).await.starts_with("HTTP/1.1 413"), "it waits for a body that it will not take");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_heads_get_a_4xx() {
    let app = App::start().await;
    for head in [
        "POST /api/comments HTTP/1.1\r\nHost: x\r\nContent-Length: banana\r\n\r\n",
        "POST /api/comments HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "POST /api/comments HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\nzz\r\n",
        "GET /api/comments?page=%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /api/comments/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /api/comments?page=/a&limit=99999999999999999999 HTTP/1.1\r\nHost: x\r\n\r\n",
        "NONSENSE\r\n\r\n",
    ] {
        let answer = app.http.raw(head).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{head:?} -> {answer:?}");
    }
    app.get("/livez").answer().await.expect(200);
}
