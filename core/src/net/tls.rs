//! TLS 1.3 after the handshake: the record layer of a link, without copies.
//!
//! rustls makes the handshake and checks certificates. Its own record layer copies and allocates for each record, which
//! costs twice what the cipher does. So the connection is taken over here, as an operating system would do that offers
//! TLS: records are sealed from the vectors of a computation straight into the buffer that the socket takes, and
//! opened straight into the vectors. On the wire it stays TLS 1.3: the tests talk with rustls at the other end.
//!
//! E. Rescorla: The Transport Layer Security (TLS) Protocol Version 1.3, RFC 8446. Of what may follow a handshake there
//! are data, alerts and key updates (sections 5, 6 and 4.6.3); this program's nodes issue no tickets, and ask for no
//! certificates later.

mod open;
mod seal;
mod secrets;
#[cfg(test)]
mod tests;

use std::io;

use rustls::{AlertDescription, Connection, Error, ExtractedSecrets};

use open::Opener;
pub(super) use open::{Failure, Taken};
use seal::Sealer;
pub use secrets::SecretSlot;
use secrets::{DirectionKey, Suite};

/// Bytes of content in one record at most.
pub(super) const MAX_CONTENT_BYTES: usize = 1 << 14;
const HEADER_BYTES: usize = 5;
const TYPE_BYTES: usize = 1;
const TAG_BYTES: usize = 16;
/// Types of content.
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
/// The message with which a key is changed, but for its last byte, which says whether the other end shall, too.
const KEY_UPDATE: [u8; 5] = [24, 0, 0, 1, 0];
/// Records under one key. AES-GCM allows 2^24.5 of full length (section 5.5).
const KEY_LIMIT: u64 = 1 << 23;

/// A connection whose handshake is done.
pub(super) struct Session {
    sealer: Sealer,
    opener: Opener,
}

impl Session {
    /// Takes over a connection. The slot was its key log during the handshake; nothing waits to be sent, and rustls has
    /// read no part of a record that it has not opened.
    pub(super) fn new(connection: Connection, slot: &SecretSlot) -> Result<Self, Error> {
        Self::with_key_limit(connection, slot, KEY_LIMIT)
    }

    fn with_key_limit(
        connection: Connection,
        slot: &SecretSlot,
        key_limit: u64,
    ) -> Result<Self, Error> {
        let suite =
            connection.negotiated_cipher_suite().and_then(|found| Suite::new(found.suite()));
        let suite = suite.ok_or(Error::HandshakeNotComplete)?;
        let is_client = matches!(connection, Connection::Client(_));
        let ExtractedSecrets { tx: (n_sent, _), rx: (n_received, _) } =
            connection.dangerous_extract_secrets()?;
        let [client, server] = slot.take().ok_or(Error::HandshakeNotComplete)?;
        let (mine, theirs) = if is_client { (client, server) } else { (server, client) };
        let sealer = Sealer::new(DirectionKey::new(suite, mine, n_sent), key_limit);
        let opener = Opener::new(DirectionKey::new(suite, theirs, n_received));
        Ok(Self { sealer, opener })
    }

    /// Seals one record with the beginning of `head` and `body`, in this order, if there is room; returns how many bytes
    /// of the two together.
    pub(super) fn seal(&mut self, head: &[u8], body: &[u8]) -> usize {
        self.sealer.seal(head, body)
    }

    /// Whether records wait for the socket.
    pub(super) fn wants_write(&self) -> bool {
        !self.sealer.waiting().is_empty()
    }

    /// Gives waiting records to the socket while it takes them. Says whether none are left.
    pub(super) fn write(
        &mut self,
        mut write: impl FnMut(&[u8]) -> io::Result<usize>,
    ) -> io::Result<bool> {
        while self.wants_write() {
            match write(self.sealer.waiting()) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n_bytes) => self.sealer.taken(n_bytes),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Opens records into `buf` until it is full or the socket has no more.
    ///
    /// After a failure of TLS an alert waits to be written.
    pub(super) fn take(
        &mut self,
        buf: &mut [u8],
        read: impl FnMut(&mut [u8]) -> io::Result<usize>,
    ) -> Result<Taken, Failure> {
        let Self { sealer, opener } = self;
        let taken = opener.take(buf, read, || sealer.ask_update());
        if let Err(Failure::Tls(error)) = &taken
            && let Some(alert) = alert_for(error)
        {
            self.sealer.alert(alert);
        }
        taken
    }

    /// Puts a goodbye behind what waits.
    pub(super) fn close(&mut self) {
        self.sealer.alert(AlertDescription::CloseNotify);
    }

    /// Whether the peer has said goodbye.
    pub(super) fn has_goodbye(&self) -> bool {
        self.opener.has_goodbye()
    }
}

/// What the peer is told about a failure. Who sent an alert is told nothing (section 6.2).
fn alert_for(error: &Error) -> Option<AlertDescription> {
    match error {
        Error::AlertReceived(_) => None,
        Error::DecryptError => Some(AlertDescription::BadRecordMac),
        Error::PeerSentOversizedRecord => Some(AlertDescription::RecordOverflow),
        _ => Some(AlertDescription::UnexpectedMessage),
    }
}
