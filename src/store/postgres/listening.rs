//! Hearing from the database that somebody committed an event: a connection that does nothing but listen.
//!
//! It is made anew whenever it ends, and whoever listens is told once then, since what was told meanwhile was not heard.

use std::{future::poll_fn, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use tokio::{sync::mpsc, time::sleep};
use tokio_postgres::{AsyncMessage, Client, Connection, Socket, tls::TlsStream};

use super::pool::{self, Dialled};
use crate::store::StoreError;

/// What the trigger on the events tells.
const LISTEN: &str = "LISTEN replydesk";
/// What connecting may take.
const CONNECT: Duration = Duration::from_secs(5);
/// Pauses before the connection is made anew, from and to.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(5)];

/// Somebody who listens to one database.
pub struct Listening {
    url: SecretString,
    line: Option<Line>,
    pause: Duration,
}

struct Line {
    /// Its drop ends the connection.
    _client: Client,
    heard: mpsc::Receiver<()>,
}

impl Listening {
    pub(super) fn to(url: &str) -> Self {
        Self { url: SecretString::from(url), line: None, pause: PAUSES[0] }
    }

    /// Waits until somebody, this instance included, committed an event, or until a connection is there once more. May
    /// be dropped while it waits.
    pub async fn told(&mut self) {
        loop {
            if let Some(line) = &mut self.line {
                if line.heard.recv().await.is_some() {
                    return;
                }
                self.line = None;
                sleep(self.pause).await;
            }
            let connected = tokio::time::timeout(CONNECT, connect(self.url.expose_secret())).await;
            match connected.unwrap_or(Err(StoreError::Unreachable("does not answer in time"))) {
                Ok(line) => {
                    [self.pause, _] = PAUSES;
                    self.line = Some(line);
                    return;
                }
                Err(fault) => {
                    tracing::debug!(
                        error = crate::telemetry::chain(&fault),
                        "the database does not tell of others; this instance looks by itself"
                    );
                    sleep(self.pause).await;
                    self.pause = (self.pause * 2).min(PAUSES[1]);
                }
            }
        }
    }
}

async fn connect(url: &str) -> Result<Line, StoreError> {
    let Dialled { config, tls } = pool::dial(url)?;
    let (client, connection) = config.connect(tls).await?;
    let (tell, heard) = mpsc::channel(1);
    // It ends with the client.
    tokio::spawn(drive(connection, tell));
    client.batch_execute(LISTEN).await?;
    Ok(Line { _client: client, heard })
}

/// Moves what comes in along, until the connection ends.
async fn drive(mut connection: Connection<Socket, impl TlsStream + Unpin>, tell: mpsc::Sender<()>) {
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        if matches!(message, AsyncMessage::Notification(_)) {
            // Where one is waiting to be heard already, that is enough.
            let _full = tell.try_send(());
        }
    }
}
