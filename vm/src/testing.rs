//! Surroundings in memory, and all parties in one process: for tests of this crate and of those above it.

mod checkpoints;
mod files;

use std::collections::{BTreeMap, VecDeque};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use caucus_bytecode::Program;
use caucus_core::ids::{NodeId, PartyId};
use caucus_core::net::{AbortFlag, Link, Net};
use caucus_protocols::{Checked, Protocol, SessionId};
use num_bigint::BigInt;

use crate::{
    Arrival, Audience, Checkpoints, Host, HostError, InputPiece, Kind, Machine, Outcome, Payload,
    RuntimeError, Storage, ThreadSetup, Workers,
};

pub use checkpoints::{MemoryCheckpoint, MemoryCheckpoints};
pub use files::{MemoryFiles, MemoryStorage};

/// The longest wait for somebody else in tests.
const PATIENCE: Duration = Duration::from_secs(20);

/// A failure of [`MemoryHost`].
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// Fewer private inputs than the program takes.
    #[error(
        "{player} gives {found} private inputs in thread {thread}, the program takes {expected} more"
    )]
    TooFewInputs {
        /// Whose inputs.
        player: PartyId,
        /// In which thread.
        thread: usize,
        /// How many the program asks for.
        expected: usize,
        /// How many are left.
        found: usize,
    },
    /// No such connection.
    #[error("there is no connection {socket}")]
    UnknownSocket {
        /// Its number.
        socket: i64,
    },
    /// A message of another kind or length.
    #[error("expected {expected} values of {kind:?}, the message has {found} of {found_kind:?}")]
    Message {
        /// The kind expected.
        kind: Payload,
        /// The values expected.
        expected: usize,
        /// The kind that came.
        found_kind: Payload,
        /// The values that came.
        found: usize,
    },
    /// Nobody came, or nothing was sent.
    #[error("waited too long for {what}")]
    Timeout {
        /// What did not come.
        what: &'static str,
    },
}

impl From<MemoryError> for HostError {
    fn from(error: MemoryError) -> Self {
        let class = match error {
            MemoryError::TooFewInputs { .. } => 9,
            MemoryError::UnknownSocket { .. } => 1,
            MemoryError::Message { .. } => 8,
            MemoryError::Timeout { .. } => 5,
        };
        Self::new(class, error)
    }
}

struct Message {
    kind: Payload,
    bytes: Vec<u8>,
}

/// Messages from either end of a connection to the other.
#[derive(Default)]
struct Pipe([Mutex<VecDeque<Message>>; 2]);

#[derive(Clone)]
struct Socket {
    pipe: Arc<Pipe>,
    /// Which end of the pipe this one reads from.
    end: usize,
    is_client: bool,
}

/// Whoever connects with a number from here on is an external client whose number is that much lower.
pub const CLIENTS: i64 = 1 << 40;

/// Who comes with the number that a program connects with.
fn arrival(id: i64) -> Arrival {
    let number = u32::try_from(id % CLIENTS).expect("numbers of tests are small");
    Arrival { number, is_client: id >= CLIENTS }
}

/// Where programs in this process connect with each other: hosts with the same one.
#[derive(Clone, Default)]
pub struct Switchboard(Arc<(Mutex<Ports>, Condvar)>);

/// Who called at which port.
type Ports = BTreeMap<i64, VecDeque<(i64, Socket)>>;

/// Surroundings of one party in memory.
pub struct MemoryHost {
    /// None: all parties are played by this process.
    me: Option<PartyId>,
    n_parties: usize,
    inputs: Mutex<BTreeMap<(PartyId, usize), VecDeque<BigInt>>>,
    parts: Mutex<BTreeMap<(PartyId, u64), Vec<BigInt>>>,
    printed: Mutex<Vec<(Audience, String)>>,
    board: Switchboard,
    sockets: Mutex<BTreeMap<i64, Socket>>,
    files: Mutex<MemoryFiles>,
    storage: MemoryStorage,
    workers: Option<Box<dyn Workers>>,
    checkpoints: Option<MemoryCheckpoints>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryHost {
    /// The surroundings of party `me`, or those of a process that plays all parties.
    pub fn new(me: Option<PartyId>, n_parties: usize, board: Switchboard) -> Self {
        Self {
            me,
            n_parties,
            inputs: Mutex::default(),
            parts: Mutex::default(),
            printed: Mutex::default(),
            board,
            sockets: Mutex::default(),
            files: Mutex::default(),
            storage: MemoryStorage::default(),
            workers: None,
            checkpoints: None,
        }
    }

    /// Has the run keep checkpoints, and begin with what these say.
    pub fn set_checkpoints(&mut self, checkpoints: MemoryCheckpoints) {
        self.checkpoints = Some(checkpoints);
    }

    /// The checkpoints of the run.
    pub fn kept_checkpoints(&self) -> Vec<MemoryCheckpoint> {
        self.checkpoints.as_ref().map(MemoryCheckpoints::written).unwrap_or_default()
    }

    /// Gives distributed loops to these workers.
    pub fn set_workers(&mut self, workers: Box<dyn Workers>) {
        self.workers = Some(workers);
    }

    /// Those of each of `n_parties` parties.
    pub fn for_parties(n_parties: u8, board: &Switchboard) -> Vec<Self> {
        let host =
            |party| Self::new(Some(PartyId::new(party)), usize::from(n_parties), board.clone());
        (0..n_parties).map(host).collect()
    }

    /// Adds private inputs of `player` in a thread.
    pub fn add_inputs(&self, player: PartyId, thread: usize, values: &[i64]) {
        let values = values.iter().map(|value| BigInt::from(*value));
        lock(&self.inputs).entry((player, thread)).or_default().extend(values);
    }

    /// Gives a part of `player`'s private inputs.
    pub fn add_part(&self, player: PartyId, part: u64, values: &[i64]) {
        let values = values.iter().map(|value| BigInt::from(*value)).collect();
        lock(&self.parts).insert((player, part), values);
    }

    /// What this host has instead of files.
    pub fn files(&self) -> MutexGuard<'_, MemoryFiles> {
        lock(&self.files)
    }

    /// Everything that was printed for everyone.
    pub fn output(&self) -> String {
        self.output_for(Audience::Everyone)
    }

    /// Everything that was printed for some.
    pub fn output_for(&self, audience: Audience) -> String {
        let printed = lock(&self.printed);
        let texts = printed.iter().filter(|(found, _)| *found == audience);
        texts.map(|(_, text)| text.as_str()).collect()
    }

    fn own_port(&self, port: i64) -> i64 {
        port + self.me.map_or(0, |me| me.index() as i64)
    }

    fn socket(&self, socket: i64) -> Result<Socket, MemoryError> {
        let found = lock(&self.sockets).get(&socket).cloned();
        found.ok_or(MemoryError::UnknownSocket { socket })
    }

    /// Waits until `take` finds something.
    fn wait_for<T>(
        &self,
        what: &'static str,
        mut take: impl FnMut(&mut Ports) -> Option<T>,
    ) -> Result<T, MemoryError> {
        let (ports, changed) = &*self.board.0;
        let mut found = None;
        let (guard, _) = changed
            .wait_timeout_while(lock(ports), PATIENCE, |ports| {
                found = take(ports);
                found.is_none()
            })
            .unwrap_or_else(PoisonError::into_inner);
        drop(guard);
        found.ok_or(MemoryError::Timeout { what })
    }

    /// Changes something that others may wait for.
    fn change(&self, change: impl FnOnce(&mut Ports)) {
        let (ports, changed) = &*self.board.0;
        change(&mut lock(ports));
        changed.notify_all();
    }
}

impl Host for MemoryHost {
    fn n_parties(&self) -> usize {
        self.n_parties
    }

    fn workers(&self) -> Option<&dyn Workers> {
        self.workers.as_deref()
    }

    fn print(&self, _proof: Checked, audience: Audience, text: &str) {
        lock(&self.printed).push((audience, text.to_owned()));
    }

    fn owns_input(&self, player: PartyId) -> bool {
        self.me.is_none_or(|me| me == player)
    }

    fn private_input(
        &self,
        player: PartyId,
        thread: usize,
        count: usize,
        bits: u32,
        take: &mut dyn FnMut(InputPiece<'_>),
    ) -> Result<(), HostError> {
        let mut inputs = lock(&self.inputs);
        let values = inputs.entry((player, thread)).or_default();
        if values.len() < count {
            let found = values.len();
            return Err(MemoryError::TooFewInputs { player, thread, expected: count, found }.into());
        }
        values.drain(..count).for_each(|value| take(InputPiece::Large(&(value << bits))));
        Ok(())
    }

    fn part_input(
        &self,
        player: PartyId,
        part: u64,
        from: usize,
        count: usize,
        bits: u32,
        take: &mut dyn FnMut(InputPiece<'_>),
    ) -> Result<(), HostError> {
        let parts = lock(&self.parts);
        let values = parts.get(&(player, part)).map_or(&[][..], Vec::as_slice);
        let Some(values) = values.get(from..from + count) else {
            let found = values.len().saturating_sub(from);
            let thread = 0;
            return Err(MemoryError::TooFewInputs { player, thread, expected: count, found }.into());
        };
        values.iter().for_each(|value| take(InputPiece::Large(&(value << bits))));
        Ok(())
    }

    fn part_done(&self, _: PartyId, _: u64, _: usize) -> Result<(), HostError> {
        Ok(())
    }

    fn binary_input(
        &self,
        _player: PartyId,
        _thread: usize,
        count: usize,
        width: usize,
    ) -> Result<Vec<u8>, HostError> {
        self.files().take_binary(count * width)
    }

    fn public_input(&self, count: usize) -> Result<Vec<i64>, HostError> {
        self.files().take_public(count)
    }

    fn command_line_arg(&self, index: i64) -> Result<i64, HostError> {
        let found = self.files().args.get(index as usize).copied();
        found.ok_or_else(|| MemoryError::Timeout { what: "an argument" }.into())
    }

    fn threshold(&self) -> usize {
        (self.n_parties - 1) / 2
    }

    fn binary_output(
        &self,
        _proof: Checked,
        player: Option<PartyId>,
        _thread: usize,
        bytes: &[u8],
    ) -> Result<(), HostError> {
        if player.is_none_or(|player| self.owns_input(player)) {
            self.files().binary_output.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn storage(&self) -> &dyn Storage {
        &self.storage
    }

    fn checkpoints(&self) -> Option<&dyn Checkpoints> {
        self.checkpoints.as_ref().map(|it| it as &dyn Checkpoints)
    }

    fn listen(&self, port: i64) -> Result<(), HostError> {
        self.change(|ports| {
            ports.entry(self.own_port(port)).or_default();
        });
        Ok(())
    }

    fn arrivals(&self, port: i64, waited: Duration) -> Result<Vec<Arrival>, HostError> {
        let port = self.own_port(port);
        if waited > PATIENCE {
            return Err(MemoryError::Timeout { what: "a client" }.into());
        }
        let (ports, changed) = &*self.board.0;
        let moment = Duration::from_millis(10);
        let nobody = |ports: &mut Ports| ports.get(&port).is_none_or(VecDeque::is_empty);
        let (ports, _) = changed
            .wait_timeout_while(lock(ports), moment, nobody)
            .unwrap_or_else(PoisonError::into_inner);
        let ids = ports.get(&port).into_iter().flatten().map(|(id, _)| *id);
        Ok(ids.map(arrival).collect())
    }

    fn accept(&self, port: i64, who: Arrival) -> Result<i64, HostError> {
        let port = self.own_port(port);
        let (id, socket) = self.wait_for("a client", |ports| {
            let waiting = ports.get_mut(&port)?;
            waiting.remove(waiting.iter().position(|(id, _)| arrival(*id) == who)?)
        })?;
        let number = i64::from(who.number);
        lock(&self.sockets).insert(number, Socket { is_client: id >= CLIENTS, ..socket });
        Ok(number)
    }

    fn is_client(&self, socket: i64) -> Result<bool, HostError> {
        Ok(self.socket(socket)?.is_client)
    }

    fn connect(&self, _host: &str, port: i64, id: i64, relative: bool) -> Result<i64, HostError> {
        let port = if relative { self.own_port(port) } else { port };
        self.wait_for("a listener", |ports| ports.contains_key(&port).then_some(()))?;
        let pipe = Arc::new(Pipe::default());
        let far = Socket { pipe: Arc::clone(&pipe), end: 1, is_client: false };
        self.change(|ports| ports.entry(port).or_default().push_back((id, far)));
        let mut sockets = lock(&self.sockets);
        let handle = -1 - sockets.keys().filter(|socket| **socket < 0).count() as i64;
        sockets.insert(handle, Socket { pipe, end: 0, is_client: false });
        Ok(handle)
    }

    fn close(&self, socket: i64) -> Result<(), HostError> {
        match lock(&self.sockets).remove(&socket) {
            Some(_) => Ok(()),
            None => Err(MemoryError::UnknownSocket { socket }.into()),
        }
    }

    fn send(
        &self,
        _proof: Checked,
        socket: i64,
        kind: Payload,
        bytes: &[u8],
    ) -> Result<(), HostError> {
        let Socket { pipe, end, .. } = self.socket(socket)?;
        let message = Message { kind, bytes: bytes.to_vec() };
        self.change(|_| lock(&pipe.0[1 - end]).push_back(message));
        Ok(())
    }

    fn receive(
        &self,
        socket: i64,
        kind: Payload,
        bytes: usize,
        per_value: usize,
    ) -> Result<Vec<u8>, HostError> {
        let Socket { pipe, end, .. } = self.socket(socket)?;
        let message = self.wait_for("a message", |_| lock(&pipe.0[end]).pop_front())?;
        if message.bytes.len() != bytes || message.kind != kind {
            let [expected, found] = [bytes, message.bytes.len()].map(|bytes| bytes / per_value);
            let found_kind = message.kind;
            return Err(MemoryError::Message { kind, expected, found_kind, found }.into());
        }
        Ok(message.bytes)
    }
}

/// The meshes of `n_threads` threads of `n_parties` parties in this process, by party, with one abort flag for each
/// party.
///
/// # Panics
/// If the system refuses the sockets.
pub fn local_threads(n_parties: usize, n_threads: usize) -> Vec<(Vec<ThreadSetup>, AbortFlag)> {
    let mut parties: Vec<(Vec<ThreadSetup>, AbortFlag)> =
        (0..n_parties).map(|_| (Vec::new(), AbortFlag::new())).collect();
    for _ in 0..n_threads {
        let mut links: Vec<Vec<Option<Link>>> =
            (0..n_parties).map(|_| (0..n_parties).map(|_| None).collect()).collect();
        for (low, high) in (0..n_parties).flat_map(|high| (0..high).map(move |low| (low, high))) {
            let (at_low, at_high) = UnixStream::pair().expect("the system gives a pair of sockets");
            let link = |socket, peer: usize| {
                let peer = NodeId::main(PartyId::new(peer as u8));
                Link::from_unix(socket, peer).expect("a fresh socket can be made non-blocking")
            };
            links[low][high] = Some(link(at_low, high));
            links[high][low] = Some(link(at_high, low));
        }
        for (party, (links, (threads, abort))) in links.into_iter().zip(&mut parties).enumerate() {
            let net = Net::new(PartyId::new(party as u8), links, abort.clone());
            threads.push(ThreadSetup { net, lane: None });
        }
    }
    parties
}

/// Runs a program for all parties, one for each host, and gives what became of each.
///
/// # Panics
/// If the protocol cannot be set up among so many parties.
pub fn run<P: Protocol>(
    program: &Program,
    hosts: &[MemoryHost],
) -> Vec<Result<Outcome, RuntimeError>> {
    let parties = local_threads(hosts.len(), program.max_threads());
    thread::scope(|scope| {
        let runs: Vec<_> = (parties.into_iter().zip(hosts))
            .map(|((mut threads, abort), host)| {
                scope.spawn(move || {
                    let session = SessionId::new([7; 32]);
                    let main = &mut threads[0].net;
                    let protocol = P::setup(main, &session).expect("the protocol is set up");
                    main.flush().expect("the peers take what they are sent");
                    Machine::run(program, threads, protocol, host, abort)
                })
            })
            .collect();
        let joined = runs.into_iter().map(|run| {
            run.join().unwrap_or_else(|_| {
                let kind = Kind::Panic { message: "the main thread panicked".to_owned() };
                Err(RuntimeError { thread: 0, position: None, kind })
            })
        });
        joined.collect()
    })
}
