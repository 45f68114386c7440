//! A connection that is never read beyond the end of a TLS record, so that it can be taken from rustls in between.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustls::{ClientConfig, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::net::SecretSlot;

const HEADER_BYTES: usize = 5;

/// A connection on its way to becoming a [`Link`](crate::net::Link).
pub(super) struct Corked {
    stream: TcpStream,
    slot: Arc<SecretSlot>,
    /// What is read of the header of a record; it is done up to `header_done`.
    header: [u8; HEADER_BYTES],
    header_done: usize,
    /// What is not read yet of a record whose header is done.
    rest: usize,
}

impl Corked {
    pub(super) fn new(stream: TcpStream) -> Self {
        let slot = Arc::new(SecretSlot::default());
        Self { stream, slot, header: [0; HEADER_BYTES], header_done: 0, rest: 0 }
    }

    /// The configuration with which a client makes the handshake on this connection, and on no other one.
    pub(super) fn client_config(&self, config: &ClientConfig) -> Arc<ClientConfig> {
        let mut config = config.clone();
        config.key_log = Arc::<SecretSlot>::clone(&self.slot);
        config.enable_secret_extraction = true;
        Arc::new(config)
    }

    /// The configuration with which a server makes the handshake on this connection, and on no other one.
    pub(super) fn server_config(&self, config: Arc<ServerConfig>) -> Arc<ServerConfig> {
        let mut config = Arc::unwrap_or_clone(config);
        config.key_log = Arc::<SecretSlot>::clone(&self.slot);
        config.enable_secret_extraction = true;
        Arc::new(config)
    }

    /// The connection and what the handshake left for the link.
    pub(super) fn into_parts(self) -> (TcpStream, Arc<SecretSlot>) {
        (self.stream, self.slot)
    }

    /// Follows the records in what was read.
    fn count(&mut self, read: &[u8]) {
        if self.header_done == HEADER_BYTES {
            self.rest -= read.len();
        } else {
            self.header[self.header_done..][..read.len()].copy_from_slice(read);
            self.header_done += read.len();
            let [.., high, low] = self.header;
            self.rest = usize::from(u16::from_be_bytes([high, low]));
        }
        if self.header_done == HEADER_BYTES && self.rest == 0 {
            self.header_done = 0;
        }
    }
}

impl AsyncRead for Corked {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let wanted = match HEADER_BYTES - this.header_done {
            0 => this.rest,
            header => header,
        };
        let n_bytes = wanted.min(buf.remaining());
        let mut part = ReadBuf::new(buf.initialize_unfilled_to(n_bytes));
        ready!(Pin::new(&mut this.stream).poll_read(cx, &mut part))?;
        this.count(part.filled());
        let n_bytes = part.filled().len();
        buf.advance(n_bytes);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Corked {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn no_read_goes_beyond_a_record() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut writer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let mut reader = Corked::new(listener.accept().await.unwrap().0);
        let records: [&[u8]; 4] = [
            b"\x16\x03\x03\x00\x03abc",
            b"\x17\x03\x03\x00\x00",
            b"\x17\x03\x03\x00\x01d",
            b"rest",
        ];
        writer.write_all(&records.concat()).await.unwrap();
        let mut found = Vec::new();
        for record in &records[..3] {
            let end = found.len() + record.len();
            while found.len() < end {
                let mut buf = [0; 100];
                let n_bytes = reader.read(&mut buf).await.unwrap();
                found.extend_from_slice(&buf[..n_bytes]);
            }
            assert_eq!(found.len(), end);
        }
        let (mut stream, _) = reader.into_parts();
        let mut rest = [0; 4];
        stream.read_exact(&mut rest).await.unwrap();
        found.extend_from_slice(&rest);
        assert_eq!(found, records.concat());
    }
}
