//! Somebody who decides, by the moderation API and a bearer token.

use serde_json::{Value, json};

use super::client::{Answer, Ask, Http};

pub(crate) struct Moderator {
    pub(crate) http: Http,
    pub(crate) token: String,
}

impl Moderator {
    pub(crate) fn ask(&self, method: &str, path: &str) -> Ask {
        self.http
            .ask(method, &format!("/api/moderation{path}"))
            .header("Authorization", format!("Bearer {}", self.token))
    }
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path).answer().await
    }
    pub(crate) async fn decide(&self, id: &str, decision: Value) -> Answer {
        self.ask("POST", &format!("/comments/{id}/decision")).json(&decision).answer().await
    }
    pub(crate) async fn approve(&self, id: &str) -> Value {
        self.decide(id, json!({"action": "approve"})).await.expect(200).json()
    }
    pub(crate) async fn reject(&self, id: &str) -> Value {
        self.decide(id, json!({"action": "reject"})).await.expect(200).json()
    }
    pub(crate) async fn mark_spam(&self, id: &str) -> Value {
        self.decide(id, json!({"action": "spam"})).await.expect(200).json()
    }
    /// The comment as the queue shows it.
    pub(crate) async fn item(&self, id: &str) -> Value {
        self.get(&format!("/comments/{id}")).await.expect(200).json()
    }
    /// The names of its signals.
    pub(crate) async fn signals(&self, id: &str) -> Vec<String> {
        names(&self.item(id).await)
    }
    pub(crate) async fn ban(&self, ban: Value) -> Answer {
        self.ask("POST", "/bans").json(&ban).answer().await.expect(201)
    }
}

/// The names of an item's signals.
pub(crate) fn names(item: &Value) -> Vec<String> {
    item["signals"].as_array().unwrap().iter().map(|signal| signal["name"].as_str().unwrap().to_owned()).collect()
}
