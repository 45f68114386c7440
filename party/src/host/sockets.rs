//! Connections that the program made or accepted, by the numbers that it knows them by.
//!
//! Accepted ones have the number of the client or worker, outgoing ones -1, -2, … in the order of connecting, so
//! that several of them keep apart. A message is a length of 4 bytes, little endian, and as many bytes. The receiver
//! knows the length that must come and compares it before it makes room for anything. More than 10^6 values may also
//! come in messages of 10^6 values each and one with the rest, as programs send containers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use caucus_core::identity::Subject;
use caucus_core::net::{AbortFlag, Error as NetError, Link, Waiting};
use caucus_vm::Payload;

use super::Error;
use crate::report::SocketReport;

/// Bytes of the length before each message.
const HEADER_BYTES: usize = 4;
/// Values in each part of a long vector that is sent in parts.
const PART_VALUES: usize = 1_000_000;
/// Messages up to this length are copied behind their header, to be sent as one record.
const JOINED_BYTES: usize = 64 << 10;

/// All connections of one run.
pub(crate) struct Sockets {
    table: Mutex<Table>,
    timeout: Duration,
    abort: AbortFlag,
}

#[derive(Default)]
struct Table {
    open: BTreeMap<i64, Arc<Mutex<Socket>>>,
    /// All there ever were, in the order of connecting.
    all: Vec<Arc<Mutex<Socket>>>,
    n_outgoing: i64,
}

struct Socket {
    /// None once it is closed.
    link: Option<Link>,
    /// Whether the other end is a node of this party, which may see all that this node sees.
    is_own: bool,
    report: SocketReport,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sockets {
    /// No connections. `timeout` limits the time without any progress.
    pub(crate) fn new(timeout: Duration, abort: AbortFlag) -> Self {
        Self { table: Mutex::default(), timeout, abort }
    }

    /// Takes an accepted connection under the number of its client. If that one is open already, it is kept and the
    /// new one is closed; the program notices because it is given the same number again.
    pub(crate) fn insert_accepted(&self, id: i64, subject: Subject, link: Link) {
        let mut table = lock(&self.table);
        if !table.open.contains_key(&id) {
            let (peer, is_own) = match subject {
                Subject::Node(node) => (node.to_string(), true),
                Subject::Client(_) => (subject.to_string(), false),
            };
            self.insert(&mut table, id, peer, is_own, link);
        }
    }

    /// Takes a connection that the program made and gives its number.
    pub(crate) fn insert_outgoing(&self, peer: String, link: Link) -> i64 {
        let mut table = lock(&self.table);
        table.n_outgoing += 1;
        let id = -table.n_outgoing;
        self.insert(&mut table, id, peer, true, link);
        id
    }

    fn insert(&self, table: &mut Table, id: i64, peer: String, is_own: bool, mut link: Link) {
        link.set_abort(self.abort.clone());
        let report = SocketReport {
            socket: id,
            peer,
            bytes_sent: 0,
            bytes_received: 0,
            messages_sent: 0,
            messages_received: 0,
            values_received: 0,
        };
        let socket = Arc::new(Mutex::new(Socket { link: Some(link), is_own, report }));
        table.open.insert(id, Arc::clone(&socket));
        table.all.push(socket);
    }

    /// The numbers of all accepted connections that are open.
    pub(crate) fn accepted(&self) -> Vec<i64> {
        lock(&self.table).open.keys().copied().filter(|id| *id >= 0).collect()
    }

    /// The numbers of all connections that are open.
    pub(crate) fn open(&self) -> Vec<i64> {
        lock(&self.table).open.keys().copied().collect()
    }

    /// Whether there is an open connection of this number.
    pub(crate) fn is_open(&self, id: i64) -> bool {
        lock(&self.table).open.contains_key(&id)
    }

    /// Whether an external client is at the other end.
    pub(crate) fn is_client(&self, id: i64) -> Result<bool, Error> {
        Ok(!lock(&*self.socket(id)?).is_own)
    }

    fn socket(&self, id: i64) -> Result<Arc<Mutex<Socket>>, Error> {
        let table = lock(&self.table);
        table.open.get(&id).cloned().ok_or_else(|| Error::UnknownSocket {
            socket: id,
            open: table.open.keys().copied().collect(),
        })
    }

    /// Closes a connection and frees its number.
    pub(crate) fn close(&self, id: i64) -> Result<(), Error> {
        let socket = self.socket(id)?;
        lock(&self.table).open.remove(&id);
        if let Some(mut link) = lock(&socket).link.take() {
            link.close();
        }
        Ok(())
    }

    /// Shows waits on a connection there, if a node is at its other end: clients take the time that they need.
    pub(crate) fn show_waits(&self, id: i64, waiting: &Waiting) {
        let Ok(socket) = self.socket(id) else { return };
        let mut socket = lock(&socket);
        let Socket { link: Some(link), is_own: true, .. } = &mut *socket else { return };
        link.set_waiting(waiting.clone());
    }

    /// Sends one message. Full shares go to nodes of this party only: with those of two parties anybody knows the
    /// secrets.
    pub(crate) fn send(&self, id: i64, kind: Payload, bytes: &[u8]) -> Result<(), Error> {
        let length = u32::try_from(bytes.len())
            .map_err(|_| Error::MessageTooLong { socket: id, bytes: bytes.len() })?;
        let socket = self.socket(id)?;
        let mut socket = lock(&socket);
        let Socket { link, is_own, report } = &mut *socket;
        let link = open_link(link, id)?;
        may_carry(kind, *is_own, id, report)?;
        let header = length.to_le_bytes();
        let res = if bytes.len() <= JOINED_BYTES {
            let joined = [header.as_slice(), bytes].concat();
            link.write_all(&joined, self.timeout)
        } else {
            link.write_all(&header, self.timeout).and_then(|()| link.write_all(bytes, self.timeout))
        };
        res.map_err(|source| Error::socket(id, report, 0, source))?;
        report.bytes_sent += (HEADER_BYTES + bytes.len()) as u64;
        report.messages_sent += 1;
        Ok(())
    }

    /// Receives one message of exactly `bytes` bytes, in values of `per_value` bytes.
    pub(crate) fn receive(
        &self,
        id: i64,
        kind: Payload,
        bytes: usize,
        per_value: usize,
    ) -> Result<Vec<u8>, Error> {
        let per_value = per_value.max(1);
        let socket = self.socket(id)?;
        let mut socket = lock(&socket);
        let Socket { link, is_own, report } = &mut *socket;
        let link = open_link(link, id)?;
        may_carry(kind, *is_own, id, report)?;
        let mut read = |buf: &mut [u8]| {
            let values = bytes / per_value;
            link.read_exact(buf, self.timeout)
                .map_err(|source| Error::socket(id, report, values, source))
        };
        let part_bytes = PART_VALUES * per_value;
        let mut message = Vec::new();
        let mut n_parts = 0;
        loop {
            let mut header = [0; HEADER_BYTES];
            read(&mut header)?;
            let found = u32::from_le_bytes(header) as usize;
            let left = bytes - message.len();
            if found != left && (found != part_bytes || found > left) {
                return Err(Error::MessageLength {
                    peer: report.peer.clone(),
                    socket: id,
                    expected_bytes: left,
                    found_bytes: found,
                    per_value,
                });
            }
            if message.is_empty() {
                message.reserve_exact(bytes);
            }
            let start = message.len();
            message.resize(start + found, 0);
            read(&mut message[start..])?;
            n_parts += 1;
            if message.len() == bytes {
                break;
            }
        }
        report.bytes_received += (n_parts * HEADER_BYTES + bytes) as u64;
        report.messages_received += n_parts as u64;
        report.values_received += (bytes / per_value) as u64;
        Ok(message)
    }

    /// Says goodbye on all connections that are open.
    pub(crate) fn close_all(&self) {
        let open = std::mem::take(&mut lock(&self.table).open);
        for socket in open.into_values() {
            if let Some(mut link) = lock(&socket).link.take() {
                link.close();
            }
        }
    }

    /// Ends all connections without a goodbye: this run has failed.
    pub(crate) fn cut_all(&self) {
        let open = std::mem::take(&mut lock(&self.table).open);
        for socket in open.into_values() {
            if let Some(mut link) = lock(&socket).link.take() {
                link.cut();
            }
        }
    }

    /// The node of this party whose connection broke without a goodbye, if there is one. Connections that are in use
    /// at this moment find out by themselves. Clients may leave as they like: only what the program still wants of them
    /// is missing then.
    pub(crate) fn cut(&self) -> Option<String> {
        let open: Vec<_> = lock(&self.table).open.values().cloned().collect();
        open.iter().find_map(|socket| {
            let mut socket = socket.try_lock().ok().filter(|socket| socket.is_own)?;
            let cut = socket.link.as_mut()?.is_cut();
            cut.then(|| socket.report.peer.clone())
        })
    }

    /// The traffic of all connections there ever were.
    pub(crate) fn reports(&self) -> Vec<SocketReport> {
        lock(&self.table).all.iter().map(|socket| lock(socket).report.clone()).collect()
    }
}

/// The link, unless another thread closed it between look-up and use.
fn open_link(link: &mut Option<Link>, id: i64) -> Result<&mut Link, Error> {
    link.as_mut().ok_or(Error::UnknownSocket { socket: id, open: Vec::new() })
}

/// Refuses to exchange full shares with anybody but nodes of this party.
fn may_carry(kind: Payload, is_own: bool, id: i64, report: &SocketReport) -> Result<(), Error> {
    if is_own || kind != Payload::Shares {
        return Ok(());
    }
    Err(Error::SharesOfClient { peer: report.peer.clone(), socket: id })
}

impl Error {
    fn socket(id: i64, report: &SocketReport, expected_values: usize, source: NetError) -> Self {
        match source {
            NetError::Closed { .. } => Self::SocketClosed {
                peer: report.peer.clone(),
                socket: id,
                received: report.values_received,
                expected: expected_values,
            },
            source => Self::SocketBroken { peer: report.peer.clone(), socket: id, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use caucus_core::ids::{NodeId, PartyId, WorkerId};

    use super::*;

    fn worker(number: u32) -> NodeId {
        NodeId::worker(PartyId::new(1), WorkerId::new(number))
    }

    fn sockets() -> Sockets {
        Sockets::new(Duration::from_secs(5), AbortFlag::new())
    }

    /// A connection under number 3, and its other end.
    fn pair(sockets: &Sockets) -> Link {
        let (a, b) = UnixStream::pair().unwrap();
        let link = Link::from_unix(a, worker(3)).unwrap();
        sockets.insert_accepted(3, Subject::Node(worker(3)), link);
        Link::from_unix(b, NodeId::main(PartyId::new(1))).unwrap()
    }

    #[test]
    fn full_shares_are_not_exchanged_with_clients() {
        let sockets = sockets();
        let (a, b) = UnixStream::pair().unwrap();
        let link = Link::from_unix(a, worker(3)).unwrap();
        sockets.insert_accepted(3, Subject::Client(3), link);
        let mut other = Link::from_unix(b, NodeId::main(PartyId::new(1))).unwrap();
        let error = sockets.send(3, Payload::Shares, &[7; 16]).unwrap_err();
        assert!(matches!(error, Error::SharesOfClient { socket: 3, .. }), "{error}");
        assert!(error.to_string().contains("external client 3"), "{error}");
        // It does not even wait for what such a peer may send.
        assert!(matches!(
            sockets.receive(3, Payload::Shares, 16, 16).unwrap_err(),
            Error::SharesOfClient { .. }
        ));
        sockets.send(3, Payload::Summands, &[7, 8]).unwrap();
        let mut bytes = [0; 6];
        other.read_exact(&mut bytes, SECOND).unwrap();
        assert_eq!(bytes, [2, 0, 0, 0, 7, 8]);
        // Nothing of the refused message has left.
        drop(sockets);
        assert!(matches!(other.read_exact(&mut bytes, SECOND), Err(NetError::Closed { .. })));
    }

    #[test]
    fn a_client_that_leaves_does_not_end_the_run_but_a_worker_does() {
        let sockets = sockets();
        let (a, b) = UnixStream::pair().unwrap();
        let link = Link::from_unix(a, worker(7)).unwrap();
        sockets.insert_accepted(7, Subject::Client(7), link);
        let other = pair(&sockets);
        drop(b);
        assert_eq!(sockets.cut(), None);
        drop(other);
        assert_eq!(sockets.cut().as_deref(), Some("P1.W3"));
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_message_is_its_length_and_its_bytes() {
        let sockets = sockets();
        let mut other = pair(&sockets);
        sockets.send(3, Payload::Int, &[7, 8]).unwrap();
        let mut bytes = [0; 6];
        other.read_exact(&mut bytes, SECOND).unwrap();
        assert_eq!(bytes, [2, 0, 0, 0, 7, 8]);
        other.write_all(&[8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8], SECOND).unwrap();
        assert_eq!(sockets.receive(3, Payload::Int, 8, 8).unwrap(), [1, 2, 3, 4, 5, 6, 7, 8]);
        let report = &sockets.reports()[0];
        assert_eq!((report.bytes_sent, report.bytes_received, report.values_received), (6, 12, 1));
        assert_eq!(report.peer, "P1.W3");
    }

    #[test]
    fn a_wrong_length_is_refused_with_both_numbers() {
        let sockets = sockets();
        let mut other = pair(&sockets);
        other.write_all(&15984u32.to_le_bytes(), SECOND).unwrap();
        let error = sockets.receive(3, Payload::Int, 16000, 16).unwrap_err().to_string();
        assert!(error.contains("expected 1000 values (16000 bytes)"), "{error}");
        assert!(error.contains("the message has 999"), "{error}");
        assert!(error.contains("P1.W3"), "{error}");
    }

    #[test]
    fn a_client_that_stalls_is_named_after_the_time_limit() {
        let sockets = Sockets::new(Duration::from_millis(50), AbortFlag::new());
        let (a, b) = UnixStream::pair().unwrap();
        let link = Link::from_unix(a, NodeId::main(PartyId::new(1))).unwrap();
        sockets.insert_accepted(4, Subject::Client(4), link);
        assert!(sockets.is_open(4) && sockets.is_client(4).unwrap());
        let error = sockets.receive(4, Payload::Public, 8, 8).unwrap_err();
        assert!(
            matches!(error, Error::SocketBroken { source: NetError::Timeout { .. }, .. }),
            "{error}"
        );
        assert!(error.to_string().contains("with external client 4"), "{error}");
        drop(b);
    }

    #[test]
    fn a_long_vector_may_come_in_parts_of_a_million() {
        let sockets = sockets();
        let mut other = pair(&sockets);
        let sender = std::thread::spawn(move || {
            for part in [1_000_000_u32, 2] {
                other.write_all(&part.to_le_bytes(), SECOND).unwrap();
                other.write_all(&vec![part as u8; part as usize], SECOND).unwrap();
            }
            // Parts of another length are none.
            other.write_all(&2_u32.to_le_bytes(), SECOND).unwrap();
            other
        });
        let message = sockets.receive(3, Payload::Int, 1_000_002, 1).unwrap();
        assert_eq!((message.len(), &message[999_998..]), (1_000_002, &[64, 64, 2, 2][..]));
        assert!(matches!(
            sockets.receive(3, Payload::Int, 1_000_002, 1),
            Err(Error::MessageLength { expected_bytes: 1_000_002, found_bytes: 2, .. })
        ));
        drop(sender.join().unwrap());
    }

    #[test]
    fn a_huge_length_allocates_nothing() {
        let sockets = sockets();
        let mut other = pair(&sockets);
        other.write_all(&[0xff; 4], SECOND).unwrap();
        assert!(matches!(
            sockets.receive(3, Payload::Int, 16, 16).unwrap_err(),
            Error::MessageLength { found_bytes: 0xffff_ffff, .. }
        ));
    }

    #[test]
    fn a_peer_that_left_is_named_with_what_it_gave() {
        let sockets = sockets();
        let mut other = pair(&sockets);
        other.write_all(&[8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8], SECOND).unwrap();
        sockets.receive(3, Payload::Int, 8, 8).unwrap();
        drop(other);
        let error = sockets.receive(3, Payload::Int, 80, 8).unwrap_err().to_string();
        assert!(error.contains("P1.W3"), "{error}");
        assert!(error.contains("after 1 value"), "{error}");
        assert!(error.contains("10 more"), "{error}");
    }

    #[test]
    fn outgoing_connections_keep_apart() {
        let sockets = sockets();
        let mut others = Vec::new();
        for expected in [-1, -2] {
            let (a, b) = UnixStream::pair().unwrap();
            let link = Link::from_unix(a, NodeId::main(PartyId::new(0))).unwrap();
            assert_eq!(sockets.insert_outgoing("P0".into(), link), expected);
            others.push(b);
        }
        sockets.close(-1).unwrap();
        assert!(sockets.send(-2, Payload::Int, &[1]).is_ok());
        assert!(matches!(sockets.send(-1, Payload::Int, &[1]), Err(Error::UnknownSocket { .. })));
    }

    #[test]
    fn a_number_that_is_open_is_not_replaced() {
        let sockets = sockets();
        let mut first = pair(&sockets);
        let mut second = pair(&sockets);
        sockets.send(3, Payload::Int, &[5]).unwrap();
        let mut bytes = [0; 5];
        first.read_exact(&mut bytes, SECOND).unwrap();
        assert!(matches!(second.read_exact(&mut bytes, SECOND), Err(NetError::Closed { .. })));
        sockets.close(3).unwrap();
        let _third = pair(&sockets);
        assert_eq!(sockets.accepted(), [3]);
    }

    #[test]
    fn an_unknown_number_is_an_error() {
        let sockets = sockets();
        let _other = pair(&sockets);
        let error = sockets.receive(7, Payload::Int, 8, 8).unwrap_err().to_string();
        assert!(error.contains("no connection 7") && error.contains("open: 3"), "{error}");
        assert!(sockets.close(7).is_err());
    }

    #[test]
    fn an_abort_ends_waiting() {
        let abort = AbortFlag::new();
        let sockets = Sockets::new(Duration::from_secs(60), abort.clone());
        let _other = pair(&sockets);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| sockets.receive(3, Payload::Int, 8, 8));
            abort.set("P2 was lost");
            let error = waiting.join().unwrap().unwrap_err();
            assert!(matches!(error, Error::SocketBroken { source: NetError::Aborted { .. }, .. }));
        });
    }
}
