//! Bodies that nobody will read: what has arrived is passed over, so that the connection serves the next request.

use std::{future::poll_fn, task::Poll};

use actix_web::dev::Payload;
use futures_util::StreamExt as _;

/// Passes over what is there. Nobody waits for the rest: a body that is still on its way costs the connection.
pub(in crate::http) async fn pass_over(mut payload: Payload) {
    let mut looked = false;
    poll_fn(|context| {
        loop {
            match payload.poll_next_unpin(context) {
                Poll::Ready(Some(Ok(_chunk))) => {}
                Poll::Ready(None | Some(Err(_))) => return Poll::Ready(()),
                Poll::Pending if looked => return Poll::Ready(()),
                Poll::Pending => {
                    // What came with the head is handed on between two looks.
                    looked = true;
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
        }
    })
    .await;
}
