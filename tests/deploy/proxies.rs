//! The proxies read their settings. What readers meet behind HAProxy is shown by `tests/instances`.

use std::fs;

use crate::{asking::read, done, root, tool};

#[test]
fn haproxy_finds_nothing_wrong() {
    let Some(_) = tool("haproxy", "haproxy") else { return };
    for addresses in [vec![], vec![("REPLYDESK_ONE", "172.31.77.11:8080"), ("REPLYDESK_TWO", "172.31.77.12:8080")]] {
        let mut haproxy = tool("haproxy", "haproxy").unwrap();
        let said = done(haproxy.envs(addresses).args(["-c", "-f"]).arg(root().join("deploy/haproxy.cfg")));
        assert!(!said.contains("WARNING"), "{said}");
    }
}

#[test]
fn nginx_finds_nothing_wrong() {
    let Some(mut nginx) = tool("nginx", "nginx-light") else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nginx.conf");
    let within = folder.path().display().to_string();
    // It is a part of a server's settings, as Debian includes it from conf.d.
    let around = format!(
        "pid {within}/pid;\nerror_log {within}/errors;\nevents {{}}\nhttp {{\naccess_log off;\n\
         client_body_temp_path {within}/body;\nproxy_temp_path {within}/proxy;\nfastcgi_temp_path {within}/f;\n\
         uwsgi_temp_path {within}/u;\nscgi_temp_path {within}/s;\n{}\n}}\n",
        read("deploy/nginx.conf")
    );
    fs::write(&file, around).unwrap();
    let said = done(nginx.arg("-t").arg("-c").arg(&file));
    assert!(!said.contains("[warn]"), "{said}");
}
