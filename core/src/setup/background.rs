//! The thread on which a node's asynchronous work happens: accepting, handshakes, heartbeats.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A runtime of one thread. Dropping the last reference ends its tasks and closes their sockets.
pub(crate) struct Background {
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    pub(crate) fn start(name: &str) -> io::Result<Arc<Self>> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            // The sender is kept until the end: both outcomes mean that it is time to stop.
            let _ = runtime.block_on(stopped);
            // Looking up a name cannot be interrupted and is not waited for.
            runtime.shutdown_timeout(Duration::from_millis(50));
        })?;
        Ok(Arc::new(Self { handle, stop: Some(stop), thread: Some(thread) }))
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Runs the future on the background thread and waits for it.
    pub(crate) fn wait<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.handle.spawn(async move {
            // Nobody but the caller, who waits, could have dropped the receiver.
            let _ = sender.send(future.await);
        });
        receiver.recv().ok()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            // A panic there was printed there.
            let _ = thread.join();
        }
    }
}
