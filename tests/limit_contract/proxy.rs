//! A wire between the limiter and Redis that can be made to misbehave.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// What the wire does with the server's answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Wire {
    Passes,
    Garbles,
    /// Each answer comes 200 ms late.
    Delays,
    /// The first byte comes, then nothing.
    Stalls,
    /// Connections are closed as soon as something is said.
    Cuts,
}

const ALL: [Wire; 5] = [Wire::Passes, Wire::Garbles, Wire::Delays, Wire::Stalls, Wire::Cuts];

/// The listening end.
pub(crate) struct Proxy {
    wire: Arc<AtomicU8>,
    stalled: Arc<Notify>,
    pub(crate) port: u16,
}

impl Proxy {
    pub(crate) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let wire = Arc::new(AtomicU8::new(Wire::Passes as u8));
        let stalled = Arc::new(Notify::new());
        let (state, stalls) = (Arc::clone(&wire), Arc::clone(&stalled));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server, Arc::clone(&state), Arc::clone(&stalls)));
            }
        });
        Self { wire, stalled, port }
    }

    pub(crate) fn now(&self, wire: Wire) {
        self.wire.store(wire as u8, Ordering::SeqCst);
    }

    /// Waits until an answer was swallowed.
    pub(crate) async fn has_stalled(&self) {
        self.stalled.notified().await;
    }
}

async fn carry(client: TcpStream, server: u16, wire: Arc<AtomicU8>, stalled: Arc<Notify>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asking = async { tokio::io::copy(&mut from_client, &mut to_server).await };
    let answering = async {
        let mut buffer = [0; 4096];
        loop {
            let n_read = from_server.read(&mut buffer).await.unwrap_or(0);
            let Some(answer) = buffer.get(..n_read).filter(|answer| !answer.is_empty()) else { return };
            let state = ALL.into_iter().find(|state| *state as u8 == wire.load(Ordering::SeqCst));
            let written = match state.unwrap_or(Wire::Passes) {
                Wire::Passes => to_client.write_all(answer).await,
                Wire::Garbles => to_client.write_all(b"\xff\x00HTTP/1.1 200 OK\r\n\r\n$-7\r\n*99999999\r\n").await,
                Wire::Delays => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    to_client.write_all(answer).await
                }
                Wire::Stalls => {
                    let _first = to_client.write_all(answer.get(..1).unwrap_or_default()).await;
                    stalled.notify_one();
                    std::future::pending().await
                }
                Wire::Cuts => return,
            };
            if written.is_err() {
                return;
            }
        }
    };
    tokio::select! { _ = asking => (), () = answering => () }
}
