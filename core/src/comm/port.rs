//! One peer: what is on its way to and from it.
//!
//! A message is announced by its header, with up to [`PREFIX_BYTES`] of its content, unasked. The rest follows once the
//! receiver wants it, so that nothing larger lies in memory that nobody has asked for. What is sent unasked counts
//! against a window, which the receiver opens again as messages are used.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

use super::frame::{Frame, HEADER_BYTES, Key};
use super::{Call, ElementType};
use crate::ids::NodeId;
use crate::net::Link;
use crate::net::pumped::Pumped;
use crate::stats::LinkStats;

/// Content of a message that is sent before the receiver has asked for it: enough that short messages never wait, and
/// that vectors sent in such pieces need no answer.
pub(super) const PREFIX_BYTES: usize = 64 << 10;
/// Content sent to one peer that it has not used yet: 16 pieces, several times what a fast network holds.
pub(super) const WINDOW_BYTES: u64 = 1 << 20;
/// Messages sent to one peer that it has not used yet. Each costs it about 200 bytes.
pub(super) const WINDOW_MESSAGES: u32 = 1 << 14;
/// Agreements that a peer may be ahead. An honest one is one operation ahead at most in each communicator.
const MAX_AGREEMENTS: usize = 1 << 16;

/// A message on its way out.
pub(super) struct Out<'a> {
    pub(super) to: usize,
    pub(super) key: Key,
    pub(super) element: ElementType,
    pub(super) body: Cow<'a, [u8]>,
    /// Bytes given to the link.
    pub(super) sent: usize,
    /// Its number on the link, once it is announced.
    pub(super) id: Option<u32>,
    /// Whether the receiver wants what follows the prefix.
    pub(super) is_granted: bool,
    /// Its number in this process, of those that the engine keeps.
    pub(super) ticket: u64,
}

impl<'a> Out<'a> {
    pub(super) fn new(to: usize, key: Key, element: ElementType, body: Cow<'a, [u8]>) -> Self {
        Self { to, key, element, body, sent: 0, id: None, is_granted: false, ticket: 0 }
    }

    pub(super) fn is_done(&self) -> bool {
        self.id.is_some() && self.sent == self.body.len()
    }
}

/// A message on its way in, and what it must be.
pub(super) struct In<'a> {
    pub(super) from: usize,
    pub(super) key: Key,
    pub(super) element: ElementType,
    pub(super) buf: Buf<'a>,
    /// Bytes that are there.
    pub(super) done: usize,
    pub(super) is_matched: bool,
    pub(super) problem: Option<Wrong>,
}

pub(super) enum Buf<'a> {
    Lent(&'a mut [u8]),
    Own(Vec<u8>),
}

impl Buf<'_> {
    pub(super) fn bytes(&mut self) -> &mut [u8] {
        match self {
            Self::Lent(bytes) => bytes,
            Self::Own(bytes) => bytes,
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Lent(bytes) => bytes.len(),
            Self::Own(bytes) => bytes.len(),
        }
    }
}

/// The message that comes next, where it is another than was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Wrong {
    pub(super) element: ElementType,
    pub(super) bytes: u64,
}

impl<'a> In<'a> {
    pub(super) fn new(from: usize, key: Key, element: ElementType, buf: &'a mut [u8]) -> Self {
        let buf = Buf::Lent(buf);
        Self { from, key, element, buf, done: 0, is_matched: false, problem: None }
    }

    pub(super) fn owned(from: usize, key: Key, element: ElementType, n_bytes: usize) -> In<'a> {
        let buf = Buf::Own(vec![0; n_bytes]);
        In { from, key, element, buf, done: 0, is_matched: false, problem: None }
    }

    pub(super) fn is_done(&self) -> bool {
        self.is_matched && self.done == self.buf.len()
    }
}

/// A message that has been announced and that nobody has asked for yet.
pub(super) struct Arrival {
    pub(super) id: u32,
    pub(super) element: ElementType,
    /// Its whole length.
    pub(super) bytes: u64,
    /// What came unasked.
    pub(super) prefix: u32,
    /// What is there, up to `done`; the length is that of the prefix, or the whole one once it is accepted.
    pub(super) data: Vec<u8>,
    pub(super) done: usize,
    pub(super) is_granted: bool,
}

/// Where the bytes of a payload go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Target {
    /// To a message of the current call, by number.
    Slot(usize),
    /// To a message asked for by a request.
    Ticket(u64),
    /// To a message that nobody has asked for yet.
    Arrival(Key),
    /// To the text of a frame.
    Note(Frame),
    /// Nowhere: who asked for it has given up.
    Nowhere,
}

/// A message of which more is to come.
pub(super) struct Incoming {
    pub(super) target: Target,
    pub(super) left: u64,
}

/// A payload that is being read.
pub(super) struct Body {
    pub(super) target: Target,
    pub(super) left: usize,
    /// The message, if it is one.
    pub(super) id: Option<u32>,
}

/// A piece that is being sent: nothing else can go before its end.
pub(super) struct Piece {
    pub(super) source: Source,
    pub(super) header: [u8; HEADER_BYTES],
    /// Bytes of the header and then of the content that the link has taken.
    pub(super) done: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// A message of the current call.
    Call(usize),
    /// A message that the engine keeps, by ticket.
    Kept(u64),
}

/// How a peer is gone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Gone {
    Left,
    Lost(String),
}

/// What a peer has said last about who is left of a communicator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct View {
    pub(super) round: u32,
    pub(super) next_context: u32,
    pub(super) is_final: bool,
    /// Ranks that are gone.
    pub(super) gone: Vec<usize>,
}

pub(super) struct Port {
    pub(super) peer: NodeId,
    pub(super) link: Pumped,
    pub(super) gone: Option<Gone>,
    /// Whether nothing more can be read.
    pub(super) is_ended: bool,
    pub(super) stats: LinkStats,

    /// Frames to be sent before messages, and rests of pieces whose call is over.
    pub(super) control: Vec<u8>,
    pub(super) kept: VecDeque<Out<'static>>,
    pub(super) piece: Option<Piece>,
    pub(super) next_id: u32,
    pub(super) unused_messages: u32,
    pub(super) unused_bytes: u64,
    /// Whether the kernel takes nothing any more.
    pub(super) is_deaf: bool,

    pub(super) header: [u8; HEADER_BYTES],
    pub(super) header_done: usize,
    pub(super) body: Option<Body>,
    pub(super) note: Vec<u8>,
    pub(super) arrivals: HashMap<Key, VecDeque<Arrival>>,
    pub(super) incoming: HashMap<u32, Incoming>,
    pub(super) held_messages: u32,
    pub(super) held_bytes: u64,
    pub(super) owed_messages: u32,
    pub(super) owed_bytes: u64,
    /// Requests that no message has come for yet.
    pub(super) posted: HashMap<Key, VecDeque<u64>>,
    pub(super) agreements: HashMap<(u32, u32, u8), Call>,
    pub(super) views: HashMap<(u32, u32), View>,
    /// The first half of the report of a mismatch.
    pub(super) half: Option<(u16, Call)>,
}

impl Port {
    pub(super) fn new(peer: NodeId, link: Link) -> Self {
        Self {
            peer,
            link: Pumped::new(link),
            gone: None,
            is_ended: false,
            stats: LinkStats::default(),
            control: Vec::new(),
            kept: VecDeque::new(),
            piece: None,
            next_id: 0,
            unused_messages: 0,
            unused_bytes: 0,
            is_deaf: false,
            header: [0; HEADER_BYTES],
            header_done: 0,
            body: None,
            note: Vec::new(),
            arrivals: HashMap::new(),
            incoming: HashMap::new(),
            held_messages: 0,
            held_bytes: 0,
            owed_messages: 0,
            owed_bytes: 0,
            posted: HashMap::new(),
            agreements: HashMap::new(),
            views: HashMap::new(),
            half: None,
        }
    }

    /// Puts a frame before all messages that are not begun.
    pub(super) fn tell(&mut self, frame: Frame, payload: &[u8]) {
        if self.gone.is_none() && !self.is_deaf {
            self.control.extend_from_slice(&frame.to_bytes());
            self.control.extend_from_slice(payload);
        }
    }

    /// Whether anything but kept messages waits for the socket.
    pub(super) fn has_output(&self) -> bool {
        self.is_open()
            && (!self.control.is_empty() || self.piece.is_some() || self.link.has_output())
    }

    /// Whether something can still be sent.
    pub(super) fn is_open(&self) -> bool {
        self.gone.is_none() && !self.is_deaf
    }

    /// What can be sent unasked now of a message of this length: none if it cannot even be announced.
    pub(super) fn room_for(&self, n_bytes: usize) -> Option<usize> {
        if self.unused_messages >= WINDOW_MESSAGES {
            return None;
        }
        let prefix = n_bytes.min(PREFIX_BYTES);
        let fits = self.unused_bytes + prefix as u64 <= WINDOW_BYTES;
        Some(if fits { prefix } else { 0 })
    }

    /// Takes note of a message that was announced. Fails if the peer sends more than it may.
    pub(super) fn hold(&mut self, prefix: u32) -> Result<(), String> {
        self.held_messages += 1;
        self.held_bytes += u64::from(prefix);
        let messages = u64::from(self.held_messages) + u64::from(self.owed_messages);
        if prefix as usize > PREFIX_BYTES
            || messages > WINDOW_MESSAGES.into()
            || self.held_bytes + self.owed_bytes > WINDOW_BYTES
        {
            return Err("more was sent than this node can keep".to_owned());
        }
        Ok(())
    }

    /// A message that was sent unasked is used: the peer may send so much more.
    pub(super) fn release(&mut self, prefix: u32) {
        self.held_messages -= 1;
        self.held_bytes -= u64::from(prefix);
        self.owed_messages += 1;
        self.owed_bytes += u64::from(prefix);
        // Not for each message: this is a frame of its own.
        if self.owed_messages >= WINDOW_MESSAGES / 4 || self.owed_bytes >= WINDOW_BYTES / 4 {
            let credit = Frame::Credit { messages: self.owed_messages, bytes: self.owed_bytes };
            (self.owed_messages, self.owed_bytes) = (0, 0);
            self.tell(credit, &[]);
        }
    }

    /// Keeps what the peer does, to be compared.
    pub(super) fn keep_agreement(&mut self, at: (u32, u32, u8), call: Call) -> Result<(), String> {
        if self.agreements.len() >= MAX_AGREEMENTS {
            return Err("it is too many operations ahead".to_owned());
        }
        match self.agreements.insert(at, call) {
            None => Ok(()),
            Some(_) => Err("it says twice what it does".to_owned()),
        }
    }

    /// Drops what belongs to a communicator that is no more.
    pub(super) fn forget(&mut self, context: u32) -> Vec<Arrival> {
        self.agreements.retain(|at, _| at.0 != context);
        self.views.retain(|at, _| at.0 != context);
        let keys: Vec<_> =
            self.arrivals.keys().filter(|key| key.context == context).copied().collect();
        let dropped: Vec<_> =
            keys.iter().filter_map(|key| self.arrivals.remove(key)).flatten().collect();
        for arrival in &dropped {
            self.release(arrival.prefix);
            self.redirect(arrival.id, Target::Nowhere);
        }
        dropped
    }

    /// Sends what is still to come of a message elsewhere.
    pub(super) fn redirect(&mut self, id: u32, target: Target) {
        if let Some(incoming) = self.incoming.get_mut(&id) {
            incoming.target = target.clone();
        }
        if let Some(body) = self.body.as_mut().filter(|body| body.id == Some(id)) {
            body.target = target;
        }
    }
}
