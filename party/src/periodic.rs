//! Doing something again and again in a thread of its own.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle, park_timeout};
use std::time::Duration;

/// A thread that does something again and again until that says to stop, or until this is dropped.
pub(crate) struct Periodic {
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Periodic {
    /// Starts the thread.
    pub(crate) fn start(
        name: &str,
        every: Duration,
        mut step: impl FnMut() -> ControlFlow<()> + Send + 'static,
    ) -> io::Result<Self> {
        let ended = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&ended);
        let body = move || {
            while !stop.load(Ordering::Acquire) && step().is_continue() {
                park_timeout(every);
            }
        };
        let thread = Builder::new().name(name.to_owned()).spawn(body)?;
        Ok(Self { ended, thread: Some(thread) })
    }
}

impl Drop for Periodic {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic of the thread is shown by its own message.
            let _ = thread.join();
        }
    }
}
