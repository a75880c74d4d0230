//! Hearing what others publish on a channel.

use futures_util::StreamExt as _;
use redis::aio::PubSub;

use super::outage::Outage;

/// A connection that does nothing but listen to one channel.
pub struct Ears {
    line: PubSub,
}

impl Ears {
    pub(super) async fn on(mut line: PubSub, channel: &str) -> Result<Self, Outage> {
        line.subscribe(channel).await.map_err(|fault| Outage::from(&fault))?;
        Ok(Self { line })
    }

    /// The next message; none where the connection has ended. May be dropped while it waits.
    pub async fn hear(&mut self) -> Option<Vec<u8>> {
        self.line.on_message().next().await.map(|message| message.get_payload_bytes().to_vec())
    }
}
