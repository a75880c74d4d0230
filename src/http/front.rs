//! What stands before the routes: requests whose answer is known already.
//!
//! A client that is known to be over its limit, and a reader of a page that is in memory, get what the routes said to an
//! earlier request that was alike in all that they look at. What an answer says is decided by the routes alone: the
//! first of each kind goes the whole way, and so does all else. Each worker remembers for itself.

mod memo;
mod unread;

use std::{
    rc::Rc,
    task::{Context, Poll},
    time::Instant,
};

use actix_http::Request;
use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::BoxBody,
    dev::{AppConfig, Response, ServiceResponse},
    http::{Method, header::TRANSFER_ENCODING},
    web::Data,
};
use futures_util::future::{Either, LocalBoxFuture, Ready, ready};

use super::{
    Services, extract,
    line::{Answering, Pace},
};
use crate::intake::Flooder;
use memo::{Key, Known, Memo};
pub(super) use unread::pass_over;

/// The address that comments are sent to and read from.
pub(super) const COMMENTS: &str = "/api/comments";

/// Whether the sender of a comment is known to be over their limit: seen before the routes, but where the address was spelt in
/// another way.
pub(super) fn flooder(request: &HttpRequest, services: &Services) -> Option<Flooder> {
    let seen = request.extensions_mut().remove::<Flooder>();
    let anew = || services.intake.flooder(&services.live.get(), &extract::client(request, services));
    seen.or_else(|| (request.uri().path() != COMMENTS).then(anew).flatten())
}

/// The routes, and what stands before them.
pub(super) struct Front<A> {
    app: A,
    services: Data<Services>,
}

impl<A: ServiceFactory<Request>> Front<A> {
    pub(super) fn before(app: impl IntoServiceFactory<A, Request>, services: Data<Services>) -> Self {
        Self { app: app.into_factory(), services }
    }
}

impl<A> ServiceFactory<Request> for Front<A>
where
    A: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<BoxBody>, Error = Error>,
    A::Future: 'static,
    <A::Service as Service<Request>>::Future: 'static,
{
    type Response = Response<BoxBody>;
    type Error = Error;
    type Config = AppConfig;
    type Service = Watch<A::Service>;
    type InitError = A::InitError;
    type Future = LocalBoxFuture<'static, Result<Self::Service, Self::InitError>>;

    fn new_service(&self, config: AppConfig) -> Self::Future {
        let (app, services) = (self.app.new_service(config), self.services.clone());
        Box::pin(async move { Ok(Watch { app: app.await?, services, memo: Rc::default() }) })
    }
}

/// One worker's.
pub(super) struct Watch<S> {
    app: S,
    services: Data<Services>,
    memo: Rc<Memo>,
}

/// What is known of a request before it is passed on.
enum Met {
    Nothing,
    /// What the routes say is worth remembering.
    Anew(Key),
    Page(Rc<Known>),
    Flooder(Rc<Known>, Flooder),
}

type Answer = Result<Response<BoxBody>, Error>;

impl<S> Service<Request> for Watch<S>
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = Error>,
    S::Future: 'static,
{
    type Response = Response<BoxBody>;
    type Error = Error;
    type Future = Either<Ready<Answer>, LocalBoxFuture<'static, Answer>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.app.poll_ready(context)
    }

    fn call(&self, mut request: Request) -> Self::Future {
        let started = Instant::now();
        match self.meet(&mut request) {
            Met::Page(known) => {
                drop(begun(&request));
                Either::Left(ready(Ok(known.answer(started))))
            }
            Met::Flooder(known, flooder) => {
                let answering = begun(&request);
                let answer = known.refusal(&self.services, &flooder, started);
                let payload = request.take_payload();
                Either::Right(Box::pin(async move {
                    pass_over(payload).await;
                    drop(answering);
                    Ok(answer)
                }))
            }
            Met::Anew(key) => {
                // Settings that change meanwhile are not those that it was answered by.
                let version = self.services.live.version();
                let (answer, memo, services) = (self.app.call(request), Rc::clone(&self.memo), self.services.clone());
                Either::Right(Box::pin(async move { Ok(memo.remember(key, version, answer.await?, &services)) }))
            }
            Met::Nothing => {
                let answer = self.app.call(request);
                Either::Right(Box::pin(async move { Ok(answer.await?.into()) }))
            }
        }
    }
}

/// Tells the connection that a request has come: it is not one that keeps us waiting.
fn begun(request: &Request) -> Option<Answering> {
    let chunked = request.headers().contains_key(TRANSFER_ENCODING);
    request.conn_data::<Rc<Pace>>().map(|pace| pace.begin(chunked))
}

impl<S> Watch<S> {
    fn meet(&self, request: &mut Request) -> Met {
        if request.path() != COMMENTS {
            return Met::Nothing;
        }
        let flooder = match *request.method() {
            Method::GET => None,
            Method::POST => match self.flooder(request) {
                Some(flooder) => Some(flooder),
                None => return Met::Nothing,
            },
            _ => return Met::Nothing,
        };
        // The last answers of a process that ends say so; none of them is remembered.
        let met = if self.services.is_draining() { Err(None) } else { self.memo.recall(request, &self.services) };
        match (met, flooder) {
            (Ok(known), None) => Met::Page(known),
            (Ok(known), Some(flooder)) => Met::Flooder(known, flooder),
            (Err(key), flooder) => {
                if let Some(flooder) = flooder {
                    request.extensions_mut().insert(flooder);
                }
                key.map_or(Met::Nothing, Met::Anew)
            }
        }
    }

    fn flooder(&self, request: &Request) -> Option<Flooder> {
        let config = self.services.live.get();
        let client = extract::client_of(request.headers(), request.peer_addr(), &config);
        self.services.intake.flooder(&config, &client)
    }
}
