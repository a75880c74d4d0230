//! The pool: how connections are made, encrypted and set up, and how many there are.

use std::{pin::Pin, sync::Arc, time::Duration};

use deadpool_postgres::{
    ConfigConnectImpl, Connect, Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime,
};
use rustls::{
    ClientConfig, RootCertStore,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};
use tokio::{runtime::Handle, task::JoinHandle};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_util::context::TokioContext;

use super::address::{self, Trust};
use crate::store::StoreError;

/// Connections of one instance at most; not counted are one for submissions, one for notes and, without Redis, one that
/// listens.
pub(super) const MOST: usize = 12;
/// What connecting may take, with all servers of an address together.
const CONNECT: Duration = Duration::from_millis(1_800);
/// How a session is set up: what hangs is ended by the server too, so that no instance that was lost keeps the writers'
/// lock from the others. Compiling a statement takes longer than any of ours.
const SET_UP: &str = "SET lock_timeout = '2s'; SET idle_in_transaction_session_timeout = '3s'; \
     SET statement_timeout = '60s'; SET client_encoding = 'UTF8'; SET search_path = public; SET standard_conforming_strings = on; \
     SET extra_float_digits = 1; SET synchronous_commit = on; \
     SET default_transaction_isolation = 'read committed'; SET jit = off";

/// How a connection is made.
pub(super) struct Dialled {
    pub(super) config: tokio_postgres::Config,
    pub(super) tls: MakeRustlsConnect,
}

/// What the address says of that.
///
/// # Errors
/// [`StoreError::Path`] for an address or certificates that cannot be read.
pub(super) fn dial(url: &str) -> Result<Dialled, StoreError> {
    let address = address::read(url)?;
    let (mut config, tls) = (address.config, MakeRustlsConnect::new(client_config(&address.trust)?));
    // One that is dead rather than refusing must leave time for the next.
    let hosts = u32::try_from(config.get_hosts().len().max(1)).unwrap_or(u32::MAX);
    let each = if hosts > 1 { CONNECT * 4 / 5 / hosts } else { CONNECT };
    config.application_name("replydesk").connect_timeout(each).keepalives_idle(Duration::from_secs(15));
    Ok(Dialled { config, tls })
}

/// A pool of so many connections over the address; nothing is sent yet. A connection lives in the runtime of whoever is
/// the first to need it.
///
/// # Errors
/// [`StoreError::Path`] for an address or certificates that cannot be read.
pub(in crate::store) fn make(url: &str, most: usize) -> Result<Pool, StoreError> {
    let Dialled { config, tls } = dial(url)?;
    build(Manager::from_config(config, tls, FAST), most)
}

/// As [`make`], for connections that are shared: all live in the runtime that this is called in. Each of the server's
/// threads has one of its own, and the first that ends must not take the connections of requests along that others answer.
pub(super) fn shared(url: &str, most: usize) -> Result<Pool, StoreError> {
    let Dialled { config, tls } = dial(url)?;
    let home = AtHome { home: Handle::current(), connects: ConfigConnectImpl { tls } };
    build(Manager::from_connect(config, home, FAST), most)
}

const FAST: ManagerConfig = ManagerConfig { recycling_method: RecyclingMethod::Fast };

/// Connects in one runtime, whoever asks.
struct AtHome {
    home: Handle,
    connects: ConfigConnectImpl<MakeRustlsConnect>,
}

/// A connection, and the task that drives it.
type Connected = Result<(tokio_postgres::Client, JoinHandle<()>), tokio_postgres::Error>;

impl Connect for AtHome {
    fn connect(&self, config: &tokio_postgres::Config) -> Pin<Box<dyn Future<Output = Connected> + Send + '_>> {
        Box::pin(TokioContext::new(self.connects.connect(config), self.home.clone()))
    }
}

fn build(manager: Manager, most: usize) -> Result<Pool, StoreError> {
    let set_up = Hook::async_fn(|client: &mut deadpool_postgres::ClientWrapper, _| {
        Box::pin(async move { client.batch_execute(SET_UP).await.map_err(HookError::Backend) })
    });
    Pool::builder(manager)
        .max_size(most)
        .create_timeout(Some(CONNECT))
        .wait_timeout(Some(CONNECT))
        .recycle_timeout(Some(CONNECT))
        .runtime(Runtime::Tokio1)
        .post_create(set_up)
        .build()
        .map_err(|fault| StoreError::Path(format!("the pool of connections cannot be made: {fault}")))
}

fn client_config(trust: &Trust) -> Result<ClientConfig, StoreError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|fault| StoreError::Path(format!("no TLS: {fault}")))?;
    Ok(match trust {
        Trust::Anybody => builder.dangerous().with_custom_certificate_verifier(Arc::new(Anybody(provider))),
        Trust::PublicRoots => {
            builder.with_root_certificates(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
        }
        Trust::Roots(file) => {
            let unreadable = |fault: &dyn std::fmt::Display| {
                StoreError::Path(format!("store.url: sslrootcert {} cannot be used: {fault}", file.display()))
            };
            let mut roots = RootCertStore::empty();
            for certificate in CertificateDer::pem_file_iter(file).map_err(|fault| unreadable(&fault))? {
                let certificate = certificate.map_err(|fault| unreadable(&fault))?;
                roots.add(certificate).map_err(|fault| unreadable(&fault))?;
            }
            if roots.is_empty() {
                return Err(unreadable(&"there is no certificate in it"));
            }
            builder.with_root_certificates(roots)
        }
    }
    .with_no_client_auth())
}

/// What libpq's `require` means: the line is encrypted, to whoever answers there.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
