//! `serve` and `health`: a process that runs until it is told to end, and one that asks how it is.

use std::{io::Write, net::TcpListener, process::ExitCode, time::Duration};

use anyhow::Context as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    signal::unix::{SignalKind, signal},
};

use crate::{
    app,
    config::{
        Config, Live, Site,
        load::{Loaded, Sources},
    },
    domain::Clock,
    scoring::learned::Seed,
};

/// How long one that is told to end still takes what comes, while `/readyz` says that it is leaving: a proxy that asks
/// each half second has sent its readers elsewhere by then.
const LEAVING: Duration = Duration::from_secs(2);
/// Longest that the end may take after that: a little more than clients that are stuck have, so that what was learned is
/// kept and the store is closed all the same.
const PATIENCE: Duration = Duration::from_millis(7_500);

pub(super) async fn run(loaded: Loaded, sources: Sources, seed: Seed) -> anyhow::Result<ExitCode> {
    let listen = loaded.config.server.listen;
    let public_url = loaded.config.server.public_url.clone();
    let remarks: Vec<String> = loaded.config.sites.iter().filter_map(Site::remark).collect();
    let listener = TcpListener::bind(listen)
        .with_context(|| format!("cannot listen on {listen}; is the port taken? (server.listen)"))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let (mut term, mut int, mut hup) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?, signal(SignalKind::hangup())?);
    let running = app::start_with(Live::new(loaded, sources), Clock::system(), listener, seed).await?;
    let mut err = std::io::stderr();
    writeln!(err, "Replydesk listens on http://{address} and is reached at {public_url}")?;
    for remark in remarks {
        writeln!(err, "note: {remark}")?;
    }
    if !running.has_people().await? {
        writeln!(err, "Nobody can sign in yet. Make the first admin: replydesk moderator add NAME --role admin")?;
    }
    loop {
        tokio::select! {
            _ = term.recv() => {
                running.leave();
                tracing::info!("leaving: no longer ready, still answering");
                // A second signal, or somebody at the keyboard, does not want to wait.
                tokio::select! {
                    () = tokio::time::sleep(LEAVING) => {}
                    _ = term.recv() => {}
                    _ = int.recv() => {}
                }
                break;
            }
            _ = int.recv() => break,
            _ = hup.recv() => running.reload().await,
        }
    }
    tracing::info!("draining");
    if tokio::time::timeout(PATIENCE, running.stop()).await.is_err() {
        tracing::warn!("some connections did not end in time");
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks `/readyz` in plain HTTP, as a container's health check does.
pub(super) async fn health(config: &Config, url: Option<String>) -> anyhow::Result<ExitCode> {
    let url = url.unwrap_or_else(|| format!("http://{}", config.server.listen));
    let address = url.strip_prefix("http://").context("give the address as http://HOST:PORT")?;
    let host = address.split('/').next().unwrap_or(address);
    let answer = tokio::time::timeout(Duration::from_secs(5), ask(host))
        .await
        .context("no answer within 5 s")?
        .with_context(|| format!("{host} does not answer"))?;
    let ready = answer.starts_with("HTTP/1.1 200");
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    writeln!(std::io::stdout(), "{}", body.trim())?;
    Ok(if ready { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

async fn ask(host: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(host).await?;
    stream.write_all(format!("GET /readyz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(65_536).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
