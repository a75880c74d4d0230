//! The connection to one server: made when first asked, shared by all requests, let go when anything fails.
//!
//! redis-rs's own connection manager is not used: after a failed handshake that is no I/O error (garbage, a server
//! still loading) it never connects again. Its cluster client is not used either: while it finds its way after a
//! failure all requests wait, and ours must not.

use std::sync::{Mutex, PoisonError};

use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ErrorKind, IntoConnectionInfo as _, Pipeline,
    RedisConnectionInfo, RedisError, RedisResult, ServerErrorKind, TlsCertificates, Value,
    aio::{MultiplexedConnection, PubSub},
};

use super::{
    address::{Address, Login, Place, Tls},
    ask::Ask,
    outage::Outage,
};

/// How servers of one address are dialled.
#[derive(Clone)]
pub(super) struct Dialer {
    certificates: Option<TlsCertificates>,
    login: Login,
    database: u32,
}

/// A file that the address names cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("redis.url: {what} cannot be used: {fault}")]
pub struct BadFile {
    what: String,
    fault: String,
}

impl Dialer {
    /// To the servers themselves.
    pub(super) fn new(address: &Address) -> Result<Self, BadFile> {
        let certificates = address.tls.as_ref().map(certificates).transpose()?;
        let dialer = Self { certificates, login: address.login.clone(), database: address.database };
        // What is wrong with the files is told now and not at the first connection.
        let first = address.places.first().cloned().unwrap_or(Place { host: "localhost".to_owned(), port: 1 });
        let unfit = |fault: RedisError| BadFile { what: "its certificates".to_owned(), fault: fault.to_string() };
        dialer.client(&first).map_err(unfit)?;
        Ok(dialer)
    }

    /// To the Sentinels of the same address.
    pub(super) fn to_sentinels(&self, address: &Address) -> Self {
        Self { certificates: self.certificates.clone(), login: address.sentinel_login.clone(), database: 0 }
    }

    fn client(&self, place: &Place) -> RedisResult<Client> {
        let mut settings = RedisConnectionInfo::default().set_db(i64::from(self.database)).set_skip_set_lib_name();
        if let Some(user) = &self.login.user {
            settings = settings.set_username(user);
        }
        if let Some(password) = &self.login.password {
            settings = settings.set_password(password);
        }
        let (host, port) = (place.host.clone(), place.port);
        match &self.certificates {
            None => Client::open(ConnectionAddr::Tcp(host, port).into_connection_info()?.set_redis_settings(settings)),
            Some(certificates) => {
                let to = ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None };
                Client::build_with_tls(to.into_connection_info()?.set_redis_settings(settings), certificates.clone())
            }
        }
    }

    pub(super) fn line(&self, place: &Place) -> Result<Line, Outage> {
        let client = self.client(place).map_err(|fault| Outage::from(&fault))?;
        Ok(Line { place: place.clone(), client, kept: Mutex::new(None), connecting: tokio::sync::Mutex::new(()) })
    }
}

fn certificates(tls: &Tls) -> Result<TlsCertificates, BadFile> {
    let read = |path: &std::path::PathBuf| {
        let unreadable = |fault: std::io::Error| BadFile { what: path.display().to_string(), fault: fault.to_string() };
        let bytes = std::fs::read(path).map_err(unreadable)?;
        let pem = bytes.windows(11).any(|window| window == b"-----BEGIN ");
        let no_pem = || BadFile { what: path.display().to_string(), fault: "there is nothing in PEM in it".to_owned() };
        pem.then_some(bytes).ok_or_else(no_pem)
    };
    let root_cert = tls.ca.as_ref().map(read).transpose()?;
    let client_tls = match &tls.own {
        Some((cert, key)) => Some(redis::ClientTlsConfig { client_cert: read(cert)?, client_key: read(key)? }),
        None => None,
    };
    Ok(TlsCertificates { client_tls, root_cert })
}

/// What a server said to one command.
pub(super) enum Said {
    /// This.
    Value(Value),
    /// That the slot lies elsewhere from now on: slot and `HOST:PORT`.
    Moved(u16, String),
    /// That the slot is just moving there.
    Ask(String),
    /// That it does not.
    Out(Outage),
}

/// One server.
pub(super) struct Line {
    pub(super) place: Place,
    client: Client,
    kept: Mutex<Option<MultiplexedConnection>>,
    connecting: tokio::sync::Mutex<()>,
}

impl Line {
    /// Sends the commands together and hands back what was said to each, in order; scripts that the server did not
    /// know are sent once more, in full. `asking` says to it that a slot is just moving there.
    pub(super) async fn send(&self, asks: &[Ask], asking: bool) -> Result<Vec<Said>, Outage> {
        let commands: Vec<&Cmd> = asks.iter().map(|ask| &ask.command).collect();
        let mut said = self.exchange(&commands, asking).await?;
        let unknown = |said: &RedisResult<Value>| {
            said.as_ref().is_err_and(|fault| fault.kind() == ErrorKind::Server(ServerErrorKind::NoScript))
        };
        let again: Vec<(usize, Cmd)> = (0..)
            .zip(std::iter::zip(asks, &said))
            .filter(|(_, (_, said))| unknown(said))
            .filter_map(|(n, (ask, _))| ask.in_full().map(|command| (n, command)))
            .collect();
        if !again.is_empty() {
            let commands: Vec<&Cmd> = again.iter().map(|(_, command)| command).collect();
            let second = self.exchange(&commands, asking).await?;
            for ((n, _), answer) in std::iter::zip(&again, second) {
                if let Some(said) = said.get_mut(*n) {
                    *said = answer;
                }
            }
        }
        Ok(std::iter::zip(asks, said).map(|(ask, said)| told(ask, said)).collect())
    }

    /// One command that concerns no key.
    pub(super) async fn ask(&self, command: &Cmd) -> Result<Value, Outage> {
        let said = self.exchange(&[command], false).await?.pop().ok_or(Outage::Garbled)?;
        said.map_err(|fault| Outage::from(&fault))
    }

    async fn exchange(&self, commands: &[&Cmd], asking: bool) -> Result<Vec<RedisResult<Value>>, Outage> {
        let mut connection = self.connection().await.map_err(|fault| Outage::from(&fault))?;
        let mut pipeline = Pipeline::with_capacity(commands.len() * (1 + usize::from(asking)));
        for command in commands {
            if asking {
                pipeline.cmd("ASKING");
            }
            pipeline.add_command((*command).clone());
        }
        pipeline.ignore_errors();
        let said: RedisResult<Vec<RedisResult<Value>>> = pipeline.query_async(&mut connection).await;
        let said = said.map_err(|fault| Outage::from(&fault))?;
        let stride = 1 + usize::from(asking);
        if said.len() != commands.len() * stride {
            return Err(Outage::Garbled);
        }
        Ok(said.into_iter().skip(stride - 1).step_by(stride).collect())
    }

    /// Lets the connection go; the next command makes another.
    pub(super) fn hang_up(&self) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// A connection of its own, to listen on.
    pub(super) async fn listen(&self) -> Result<PubSub, Outage> {
        self.client.get_async_pubsub().await.map_err(|fault| Outage::from(&fault))
    }

    async fn connection(&self) -> Result<MultiplexedConnection, RedisError> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(connection) = kept() {
            return Ok(connection);
        }
        let _only_one_connects = self.connecting.lock().await;
        if let Some(connection) = kept() {
            return Ok(connection);
        }
        let options = AsyncConnectionConfig::new().set_response_timeout(None).set_connection_timeout(None);
        let connection = self.client.get_multiplexed_async_connection_with_config(&options).await?;
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection.clone());
        Ok(connection)
    }
}

fn told(ask: &Ask, said: RedisResult<Value>) -> Said {
    let fault = match said {
        Ok(value) if ask.fits(&value) => return Said::Value(value),
        Ok(_nonsense) => return Said::Out(Outage::Garbled),
        Err(fault) => fault,
    };
    match (fault.kind(), fault.redirect_node()) {
        (ErrorKind::Server(ServerErrorKind::Moved), Some((to, slot))) => Said::Moved(slot, to.to_owned()),
        (ErrorKind::Server(ServerErrorKind::Ask), Some((to, _))) => Said::Ask(to.to_owned()),
        _ => Said::Out(Outage::from(&fault)),
    }
}
