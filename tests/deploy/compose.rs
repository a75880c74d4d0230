//! `compose.yaml`: closed, without a password in it, and with settings that the program takes. No engine is asked.

use std::process::Command;

use serde_json::{Value, json};

use crate::{asking::read, done, replydesk, root, tool};

/// The file with what its anchors stand for.
fn composed() -> Value {
    let mut file: serde_yaml_ng::Value = serde_yaml_ng::from_str(&read("compose.yaml")).unwrap();
    file.apply_merge().unwrap();
    // `<<` of what was merged in itself.
    file.apply_merge().unwrap();
    serde_json::to_value(file).unwrap()
}

fn services() -> Vec<(String, Value)> {
    let services = composed()["services"].as_object().unwrap().clone();
    assert_eq!(services.len(), 5);
    services.into_iter().collect()
}

#[test]
fn every_container_is_closed_and_is_watched_and_bounded() {
    for (name, service) in services() {
        assert_eq!(service["read_only"], true, "{name} can write its root");
        assert_eq!(service["cap_drop"], json!(["ALL"]), "{name} holds capabilities");
        assert_eq!(service["security_opt"], json!(["no-new-privileges:true"]), "{name}");
        assert_eq!(service["restart"], "unless-stopped", "{name}");
        assert!(service["mem_limit"].is_string() && service["pids_limit"].is_number(), "{name} has no bounds");
        assert!(service["healthcheck"]["test"].is_array(), "{name} is not watched");
        assert!(service["stop_grace_period"].is_string(), "{name} is killed while it ends");
        assert!(service["privileged"].is_null() && service["cap_add"].is_null(), "{name} is given rights");
        // Ours says in its image who it runs as.
        assert!(service["user"].is_string() || service["image"] == "replydesk:local", "{name} runs as root");
    }
}

#[test]
fn no_password_is_in_it_and_only_the_proxy_is_reached() {
    let file = composed();
    for (name, service) in services() {
        for (key, value) in service["environment"].as_object().into_iter().flatten() {
            let value = value.as_str().unwrap();
            assert!(!value.contains("://"), "{name}: {key} may hold a password");
            assert!(!key.ends_with("PASSWORD") && !key.ends_with("SECRET"), "{name}: {key} belongs in a file");
        }
        assert_eq!(service["ports"].is_array(), name == "proxy", "{name}");
        for secret in service["secrets"].as_array().into_iter().flatten() {
            assert!(file["secrets"][secret.as_str().unwrap()]["file"].is_string(), "{name}: {secret}");
        }
    }
    assert_eq!(file["networks"]["back"]["internal"], true);
}

#[test]
fn its_addresses_agree_with_each_other() {
    let file = composed();
    let of =
        |service: &str| file["services"][service]["networks"]["front"]["ipv4_address"].as_str().unwrap().to_owned();
    let proxy = &file["services"]["proxy"]["environment"];
    assert_eq!(proxy["REPLYDESK_ONE"], format!("{}:8080", of("one")));
    assert_eq!(proxy["REPLYDESK_TWO"], format!("{}:8080", of("two")));
    for instance in ["one", "two"] {
        let trusted = &file["services"][instance]["environment"]["REPLYDESK__SERVER__TRUSTED_PROXIES"];
        assert_eq!(trusted, &json!(format!("[\"{}/32\"]", of("proxy"))));
    }
}

#[test]
fn the_first_start_makes_settings_and_secrets_that_the_program_takes() {
    let folder = tempfile::tempdir().unwrap();
    let private = folder.path().join("private");
    let start = || done(Command::new("sh").arg(root().join("deploy/compose/first-start")).arg(&private));
    start();
    let made = |path: &str| std::fs::read_to_string(private.join(path)).unwrap();
    let (secret, settings) = (made("secrets/server_secret"), made("settings/replydesk.toml"));
    assert!(secret.trim().len() >= 32);
    assert!(made("secrets/store_url").contains(made("secrets/postgres_password").trim()));
    assert!(
        !settings.contains("postgres://") && !settings.contains("redis") || settings.contains("on_outage"),
        "{settings}"
    );
    assert!(settings.contains("public_url = ") && settings.contains("[[site]]"), "{settings}");
    assert_eq!(start(), "", "what is there is left alone");
    assert_eq!(made("secrets/server_secret"), secret);

    let file = composed();
    for (name, secret) in file["secrets"].as_object().unwrap() {
        let path = secret["file"].as_str().unwrap().strip_prefix("./private/").unwrap();
        assert!(!made(path).is_empty(), "nobody makes {name}");
    }
    let mut check = replydesk(&private.join("settings/replydesk.toml"));
    // As the image sets it.
    check.env("REPLYDESK__SERVER__LISTEN", "0.0.0.0:8080").arg("check-config");
    for (key, value) in file["services"]["one"]["environment"].as_object().unwrap() {
        if key != "REPLYDESK_CONFIG" {
            let secrets = private.join("secrets").display().to_string();
            check.env(key, value.as_str().unwrap().replace("/run/secrets", &secrets));
        }
    }
    assert!(done(&mut check).contains("The settings are good."));
}

#[test]
fn the_user_of_the_valkey_may_do_what_the_manual_says() {
    let script = read("deploy/compose/first-start");
    let manual = read("docs/operations.md");
    let rights = manual.split_once("ACL SETUSER replydesk on >PASSWORD ").unwrap().1.lines().next().unwrap();
    for right in rights.split(' ').filter(|right| right.starts_with('+') || right.contains("rd:")) {
        assert!(script.contains(&format!(" {right}")), "{right}");
    }
}

#[test]
fn its_scripts_are_plain_shell() {
    for script in ["deploy/compose/first-start", "deploy/image/build", "deploy/image/lay-out"] {
        let Some(mut shell) = tool("dash", "dash") else { return };
        done(shell.arg("-n").arg(root().join(script)));
    }
}
