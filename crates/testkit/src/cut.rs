//! Cancels a future at each of its awaits in turn, as a closed browser or a shutdown would.

use std::{future::Future, pin::pin, task::Poll};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// It was dropped after it had been polled this often.
    After(usize),
    /// It came to its end.
    Finished,
}

/// Polls `future` `times` times at most, then drops it.
pub async fn after<F: Future>(times: usize, future: F) -> Cut {
    let mut future = pin!(future);
    let mut left = times;
    std::future::poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(Cut::After(times));
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(Cut::Finished),
            // The last poll is followed by the drop at once, not by a wait for the next wake.
            Poll::Pending if left == 0 => Poll::Ready(Cut::After(times)),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
