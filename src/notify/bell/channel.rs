//! The bell over a channel in Redis.
//!
//! Each instance also says from time to time that the line is well, and hears itself say so. Where it does not, the line
//! leads nowhere, to a server that hangs or to a master of yesterday, and another is sought.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::{APART, Bell, By};
use crate::reach::{Ears, Outage, Reach};

/// The channel; users of a Redis with access lists must be let at it.
const CHANNEL: &str = "rd:changed";
/// Said where nothing was rung for so long.
const BEAT: Duration = Duration::from_secs(5);
/// After such a silence the line is given up.
const SILENCE: Duration = Duration::from_secs(12);
/// Pauses before the line is sought again, from and to.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(5)];

impl Bell {
    /// Tells the others when this instance rang, or that the line is well. To be called again and again.
    pub async fn tell(&self, reach: &Reach) {
        let word = if timeout(BEAT, self.rung.notified()).await.is_ok() { "changed" } else { "well" };
        if let Err(outage) = reach.publish(CHANNEL, &format!("{} {word}", self.id)).await {
            tracing::debug!(reason = %outage, "the other instances were not told; they look by themselves");
        }
        sleep(APART).await;
    }

    /// Hears the others for as long as that goes, over line after line. It does not return.
    pub async fn listen(&self, reach: &Reach) {
        let [mut pause, longest] = PAUSES;
        loop {
            match reach.listen(CHANNEL).await {
                Ok(ears) => {
                    [pause, _] = PAUSES;
                    // What was rung before this line was there was not heard.
                    self.heard.notify_one();
                    self.listen_on(ears).await;
                    tracing::debug!("the line on which other instances ring has ended; another is sought");
                }
                Err(outage) => told_once(outage, pause),
            }
            sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    /// Until the line ends, or nothing came for too long.
    async fn listen_on(&self, mut ears: Ears) {
        while let Ok(Some(message)) = timeout(SILENCE, ears.hear()).await {
            let own = message.starts_with(self.id.as_bytes());
            if !own && message.ends_with(b" changed") {
                self.hear(By::Redis);
            }
        }
    }
}

/// An outage is told by the limits; that we may not listen is told by nobody else.
fn told_once(outage: Outage, pause: Duration) {
    match outage {
        Outage::Denied if pause == PAUSES[0] => {
            tracing::warn!("Redis does not let us listen to the channel rd:changed: allow it (&rd:changed)");
        }
        outage => tracing::debug!(reason = %outage, "other instances are not heard; this one looks by itself"),
    }
}
