//! One connection from outside, and how long it may keep us waiting.
//!
//! The framework ends a first head that is slow, and an idle connection. What it waits for without an end is cut here:
//! a later head that comes in drops, the rest of a chunked body that no handler wants, an answer that nobody takes in.
//! A body that is read has its own deadline in `read`. What is sent over the connection is not looked at.

use std::{
    cell::Cell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    web::Bytes,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use super::callers::Place;

/// From the first byte of a head to its last.
pub(super) const HEAD: Duration = Duration::from_secs(6);
/// How much longer than the framework this waits: an end that it makes comes with an answer.
const BEHIND: Duration = Duration::from_secs(1);
/// How long who was too slow may go on sending after the answer, so that it reaches them.
const LINGER: Duration = Duration::from_millis(400);
/// How long nothing of an answer may be taken in.
const STALLED: Duration = Duration::from_secs(30);
/// Bytes of an answer that leave in one go, so that its end is not watched.
const AT_ONCE: u64 = 64 << 10;

/// Where a connection is, told by its requests and asked by its line.
#[derive(Default)]
pub(super) struct Pace {
    is_answering: Cell<bool>,
    until: Cell<Option<Instant>>,
}

impl Pace {
    /// A request has come, its head complete.
    pub(super) fn begin(self: &Rc<Self>, chunked: bool) -> Answering {
        self.is_answering.set(true);
        self.until.set(None);
        Answering { pace: Rc::clone(self), grace: chunked.then_some(HEAD + BEHIND) }
    }

    /// Bytes came. Between two requests they begin a head, which has to end.
    fn heard(&self) {
        if !self.is_answering.get() && self.until.get().is_none() {
            self.until.set(Some(Instant::now() + HEAD + BEHIND));
        }
    }

    /// Whether the other side has kept us waiting too long.
    fn is_over(&self) -> bool {
        self.until.get().is_some_and(|until| Instant::now() >= until)
    }
}

/// A request that is being answered; ends with its answer.
pub(super) struct Answering {
    pace: Rc<Pace>,
    /// When what is left of the body must have come; none where the framework sees to it.
    grace: Option<Duration>,
}

impl Answering {
    /// The sender was too slow, and is not waited for any more.
    pub(super) fn late(&mut self) {
        self.grace = Some(LINGER);
    }

    /// Lasts until this body is sent.
    pub(super) fn until_sent(self, body: BoxBody) -> BoxBody {
        match body.size() {
            BodySize::None => body,
            BodySize::Sized(length) if length <= AT_ONCE => body,
            _ => BoxBody::new(Sending { body, _answering: self }),
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.pace.is_answering.set(false);
        self.pace.until.set(self.grace.map(|grace| Instant::now() + grace));
    }
}

/// A body whose request lasts as long as it.
struct Sending {
    body: BoxBody,
    _answering: Answering,
}

impl MessageBody for Sending {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(cx)
    }
}

/// A connection that is cut when its time is over.
pub(super) struct Line<S> {
    stream: S,
    pace: Rc<Pace>,
    reading: Option<Pin<Box<Sleep>>>,
    writing: Option<Pin<Box<Sleep>>>,
    _place: Place,
}

impl<S> Line<S> {
    pub(super) fn new(stream: S, place: Place) -> Self {
        Self { stream, pace: Rc::default(), reading: None, writing: None, _place: place }
    }

    /// For the requests of this connection.
    pub(super) fn pace(&self) -> Rc<Pace> {
        Rc::clone(&self.pace)
    }

    /// Has the task woken when the other side has kept us waiting too long.
    fn watch(&mut self, cx: &mut Context<'_>) {
        let Some(until) = self.pace.until.get() else { return };
        let timer = self.reading.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if timer.deadline() != until {
            timer.as_mut().reset(until);
        }
        if timer.as_mut().poll(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
    }

    /// What was written; an error where nothing could be for too long.
    fn written<T>(&mut self, outcome: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.writing = None;
            return outcome;
        }
        let timer = self.writing.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + STALLED)));
        match timer.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Line<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let known = buffer.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > known {
            self.pace.heard();
        }
        if self.pace.is_over() {
            // As if the other side had ended it: the framework closes its end in order.
            buffer.set_filled(known);
            return Poll::Ready(Ok(()));
        }
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(outcome, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.written(outcome, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(cx);
        // The framework flushes whenever it has looked at everything: only now is it known whether what was read began a
        // request, and so for most requests no timer is ever set.
        self.watch(cx);
        outcome
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
