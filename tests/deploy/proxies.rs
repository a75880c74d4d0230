//! The proxies read their settings. What readers meet behind HAProxy is shown by `tests/instances`.

use std::fs;

use crate::{asking::read, done, root, tool};

/// No warnings, where it is the version that the manual says was tried; others may warn of what is to come.
#[track_caller]
fn assert_quiet(said: &str, warning: &str, is_tried: bool) {
    assert!(!is_tried || !said.contains(warning), "{said}");
}

#[test]
fn haproxy_finds_nothing_wrong() {
    let Some(mut haproxy) = tool("haproxy", "haproxy") else { return };
    let is_tried = done(haproxy.arg("-v")).contains("version 2.6.");
    for addresses in [vec![], vec![("REPLYDESK_ONE", "172.31.77.11:8080"), ("REPLYDESK_TWO", "172.31.77.12:8080")]] {
        let mut haproxy = tool("haproxy", "haproxy").unwrap();
        let said = done(haproxy.envs(addresses).args(["-c", "-f"]).arg(root().join("deploy/haproxy.cfg")));
        assert_quiet(&said, "WARNING", is_tried);
    }
}

#[test]
fn nginx_finds_nothing_wrong() {
    let Some(mut nginx) = tool("nginx", "nginx-light") else { return };
    let is_tried = done(nginx.arg("-v")).contains("nginx/1.22.");
    let mut nginx = tool("nginx", "nginx-light").unwrap();
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
    assert_quiet(&said, "[warn]", is_tried);
}
