//! What cannot change in place: listeners, threads, the signing secret, the store, the Redis.

use secrecy::ExposeSecret;
use serde_json::Value;

use crate::config::load::Loaded;

/// Gives the new settings the running value of every key that waits for a restart, and names the
/// keys that would differ.
pub(super) fn keep(running: &Loaded, new: &mut Loaded) -> Vec<String> {
    let (old, config) = (&running.config, &mut new.config);
    let differs = [
        ("server", "listen", old.server.listen != config.server.listen),
        ("server", "workers", old.server.workers != config.server.workers),
        ("server", "secret", old.server.secret.expose_secret() != config.server.secret.expose_secret()),
        ("store", "url", old.store.url.expose_secret() != config.store.url.expose_secret()),
        ("redis", "url", old.redis.url.expose_secret() != config.redis.url.expose_secret()),
    ];
    config.server.listen = old.server.listen;
    config.server.workers = old.server.workers;
    config.server.secret = old.server.secret.clone();
    config.store.url = old.store.url.clone();
    config.redis.url = old.redis.url.clone();
    for (section, key, _) in differs {
        put_back(&running.settings, &mut new.settings, section, key);
        put_back(&running.outline, &mut new.outline, section, key);
        let path = format!("{section}.{key}");
        match running.secrets.get(&path) {
            Some(digest) => new.secrets.insert(path, *digest),
            None => new.secrets.remove(&path),
        };
    }
    differs.into_iter().filter(|(.., differs)| *differs).map(|(section, key, _)| format!("{section}.{key}")).collect()
}

fn put_back(from: &Value, to: &mut Value, section: &str, key: &str) {
    let old = from.get(section).and_then(|section| section.get(key)).cloned().unwrap_or_default();
    if let Some(place) = to.get_mut(section).and_then(|section| section.get_mut(key)) {
        *place = old;
    }
}
