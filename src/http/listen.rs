//! The server at its listener: which connections are taken, and what each of them speaks.
//!
//! HTTP/1.1 alone; TLS and HTTP/2 are the proxy's. What is answered is decided by the routes.

use std::{io, net::TcpListener, sync::Arc, time::Duration};

use actix_http::{HttpService, error::DispatchError};
use actix_server::{Server, ServerBuilder};
use actix_service::{ServiceFactoryExt as _, fn_service, map_config};
use actix_web::{App, dev::AppConfig, middleware::from_fn, web, web::Data};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{
    Services,
    callers::Callers,
    cors, descriptors,
    error::{Code, Problem},
    front::Front,
    guard,
    line::{HEAD, Line},
    methods, routes,
};
use crate::domain::Tongue;

/// How long a connection may be silent between two requests.
const IDLE: Duration = Duration::from_secs(15);
/// How long the other side has to take in the last of an answer.
const PARTING: Duration = Duration::from_secs(1);
/// How many seconds of the end are for requests in flight; whoever is stuck is left behind then.
const STUCK: u64 = 6;
/// When to come back for who holds too many.
const AGAIN: Duration = Duration::from_secs(5);

/// The server, ready to run on this listener.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(services: Data<Services>, listener: TcpListener, workers: usize) -> io::Result<Server> {
    let (each, all) = descriptors::connections(workers);
    let callers = Arc::new(Callers::new(all, Arc::clone(&services.metrics)));
    let builder = ServerBuilder::default()
        .max_concurrent_connections(each)
        .backlog(4_096)
        .shutdown_timeout(STUCK)
        .disable_signals();
    let builder = if workers > 0 { builder.workers(workers) } else { builder };
    let ending = builder.graceful_shutdown_signal();
    let server = builder.listen("http", listener, move || {
        let (services, callers, ending) = (services.clone(), Arc::clone(&callers), ending.clone());
        let rooms = services.clone();
        let app = App::new()
            .app_data(services.clone())
            .configure(routes)
            .default_service(web::to(methods::unmatched))
            .wrap(cors(&services))
            .wrap(from_fn(guard::around));
        let app = Front::before(app, services.clone());
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let ending = ending.clone();
                async move { ending.notified().await }
            })
            .keep_alive(IDLE)
            .client_request_timeout(HEAD)
            .client_disconnect_timeout(PARTING)
            .on_connect_ext(|line: &Line<TcpStream>, data| drop(data.insert(line.pace())))
            .h1(map_config(app, |()| AppConfig::default()));
        fn_service(move |stream: TcpStream| {
            let (rooms, callers) = (rooms.clone(), Arc::clone(&callers));
            async move {
                let peer = stream.peer_addr().map_err(DispatchError::Io)?;
                match callers.admit(peer.ip(), &rooms.live.get().server.trusted_proxies) {
                    Some(place) => Ok((Line::new(stream, place), Some(peer))),
                    None => Err(turn_away(stream).await),
                }
            }
        })
        .and_then(http)
    })?;
    Ok(server.run())
}

/// Says why, before anything was read, and closes.
async fn turn_away(mut stream: TcpStream) -> DispatchError {
    let body = Problem::new(Code::Unavailable).body(Tongue::English).to_string();
    let head = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\n\
         retry-after: {}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n",
        body.len(),
        AGAIN.as_secs(),
    );
    let said = async {
        stream.write_all((head + &body).as_bytes()).await?;
        stream.shutdown().await?;
        // A connection that is closed with something unread takes back what was said.
        let mut waste = [0; 1024];
        while stream.read(&mut waste).await? > 0 {}
        Ok::<(), io::Error>(())
    };
    let _told_or_not = tokio::time::timeout(PARTING, said).await;
    DispatchError::Io(io::ErrorKind::ConnectionRefused.into())
}
