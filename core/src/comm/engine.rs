//! The links of a node with the others of its party, and moving what is on its way over them.
//!
//! All communicators of a process that share links share one engine. It is driven by whoever calls an operation: there
//! is no thread of its own, and no hop between threads on the way of a message.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use super::ElementType;
use super::call::Call;
use super::frame::{Frame, HEADER_BYTES, Key, Lane};
use super::port::{Arrival, Gone, In, Incoming, Out, Port, Target, View};
use super::stats::{CommStats, Topic, TopicStats};
use crate::ids::NodeId;
use crate::net::pumped::Pumped;
use crate::net::{AbortFlag, Link, Sleeper};

/// Memory for long messages that nobody has asked for, while this node waits for something else.
pub(super) const SPARE_BYTES: u64 = 256 << 20;
/// Bytes of one peer that are read before the others have their turn.
const TURN_BYTES: usize = 1 << 20;

/// What is known about a communicator.
#[derive(Default)]
pub(super) struct Context {
    /// Its members as they are numbered here; empty before this node has made it.
    pub(super) members: Vec<usize>,
    pub(super) revoked_by: Option<NodeId>,
    pub(super) failure: Option<Failure>,
}

/// Why a communicator takes no further collective operations: the one of this number has failed. Members that are still
/// in the one before are not concerned yet.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) number: u32,
    pub(super) cause: Cause,
    /// Whether this node has told all members.
    pub(super) is_told: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Cause {
    /// Another member could not complete it.
    Reported { by: NodeId, cause: String },
    /// Two members differ.
    Mismatch { first: (u16, Call), second: (u16, Call) },
    /// This node could not complete it.
    Own { cause: String },
}

pub(super) struct Engine {
    pub(super) me: usize,
    pub(super) nodes: Vec<NodeId>,
    /// By node; none at `me`.
    pub(super) ports: Vec<Option<Port>>,
    pub(super) contexts: HashMap<u32, Context>,
    /// Communicators that are no more, whose messages are dropped.
    pub(super) closed: HashSet<u32>,
    /// The least number that no communicator of this node has had.
    pub(super) next_context: u32,
    /// What requests have asked for.
    pub(super) requests: HashMap<u64, In<'static>>,
    pub(super) next_ticket: u64,
    /// Messages to oneself.
    pub(super) local: HashMap<Key, VecDeque<(ElementType, Vec<u8>)>>,
    pub(super) spare_bytes: u64,
    pub(super) topics: BTreeMap<Topic, TopicStats>,
    pub(super) abort: AbortFlag,
    pub(super) sleeper: Sleeper,
    /// Communicators that have to be revoked further.
    revoked: Vec<u32>,
}

impl Engine {
    pub(super) fn new(
        me: usize,
        nodes: Vec<NodeId>,
        links: Vec<Option<Link>>,
        abort: AbortFlag,
    ) -> Self {
        let ports = links.into_iter().zip(&nodes).map(|(link, node)| Some(Port::new(*node, link?)));
        Self {
            me,
            ports: ports.collect(),
            nodes,
            contexts: HashMap::new(),
            closed: HashSet::new(),
            next_context: 0,
            requests: HashMap::new(),
            next_ticket: 0,
            local: HashMap::new(),
            spare_bytes: 0,
            topics: BTreeMap::new(),
            abort,
            sleeper: Sleeper::default(),
            revoked: Vec::new(),
        }
    }

    pub(super) fn port(&mut self, node: usize) -> &mut Port {
        self.ports[node].as_mut().expect("a node has links with all others")
    }

    pub(super) fn ticket(&mut self) -> u64 {
        self.next_ticket += 1;
        self.next_ticket
    }

    pub(super) fn context(&mut self, context: u32) -> &mut Context {
        self.contexts.entry(context).or_default()
    }

    pub(super) fn stats(&self) -> CommStats {
        let ports = self.ports.iter().flatten();
        let peers = ports.map(|port| (port.peer, port.stats)).collect();
        CommStats { peers, topics: self.topics.clone() }
    }

    pub(super) fn count(&mut self, topic: Topic, body: impl FnOnce(&mut TopicStats)) {
        body(self.topics.entry(topic).or_default());
    }

    /// Sends a frame to a member.
    pub(super) fn tell(&mut self, node: usize, frame: Frame, payload: &[u8]) {
        if let Some(port) = self.ports[node].as_mut().filter(|port| port.is_open()) {
            port.tell(frame, payload);
            let topic = match frame {
                Frame::Agree { .. } => Topic::Agreement,
                _ => Topic::Control,
            };
            self.count(topic, |stats| stats.messages_sent += 1);
        }
    }

    /// Moves everything that can be moved without waiting. Says whether anything was.
    pub(super) fn progress(&mut self, outs: &mut [Out<'_>], ins: &mut [In<'_>]) -> bool {
        let mut any = false;
        for node in 0..self.ports.len() {
            if self.ports[node].is_some() {
                any |= self.read(node, outs, ins);
                self.forward_revoked();
                any |= self.write(node, outs);
            }
        }
        any
    }

    /// Reads what a peer has sent.
    fn read(&mut self, node: usize, outs: &mut [Out<'_>], ins: &mut [In<'_>]) -> bool {
        let mut total = 0;
        while total < TURN_BYTES {
            let port = self.port(node);
            if port.is_ended {
                break;
            }
            let read = if port.body.is_some() {
                self.read_body(node, ins)
            } else {
                let done = port.header_done;
                port.link.take(&mut port.header[done..]).inspect(|taken| port.header_done += taken)
            };
            let taken = match read {
                Ok(0) => {
                    let port = self.port(node);
                    if port.is_deaf && port.gone.is_none() {
                        port.is_ended = true;
                        port.gone = Some(Gone::Lost("the connection broke".to_owned()));
                    }
                    break;
                }
                Ok(taken) => taken,
                Err(error) => {
                    self.end(node, &error);
                    return true;
                }
            };
            total += taken;
            self.port(node).stats.bytes_received += taken as u64;
            if let Err(what) = self.react(node, outs, ins) {
                let port = self.port(node);
                port.gone = Some(Gone::Lost(format!("malformed message: {what}")));
                port.is_ended = true;
                port.link.cut();
            }
        }
        total > 0
    }

    fn end(&mut self, node: usize, error: &crate::net::Error) {
        let port = self.port(node);
        port.is_ended = true;
        if port.gone.is_none() {
            let why = match error {
                crate::net::Error::Closed { .. } => {
                    "its process ended or the connection broke".to_owned()
                }
                other => match std::error::Error::source(other) {
                    Some(source) => format!("{other}: {source}"),
                    None => other.to_string(),
                },
            };
            port.gone = Some(Gone::Lost(why));
        }
    }

    /// Reads a part of a payload to where it belongs.
    fn read_body(&mut self, node: usize, ins: &mut [In<'_>]) -> Result<usize, crate::net::Error> {
        let Self { ports, requests, .. } = self;
        let port = ports[node].as_mut().expect("a node has links with all others");
        let Port { link, body, arrivals, note, .. } = port;
        let Some(current) = body else { return Ok(0) };
        let id = current.id;
        let (buf, done): (&mut [u8], Option<&mut usize>) = match &current.target {
            Target::Slot(idx) => (ins[*idx].buf.bytes(), Some(&mut ins[*idx].done)),
            Target::Ticket(ticket) => {
                let request = requests.get_mut(ticket).expect("requests that end are redirected");
                (request.buf.bytes(), Some(&mut request.done))
            }
            Target::Arrival(key) => {
                let arrival = arrivals
                    .get_mut(key)
                    .and_then(|queue| queue.iter_mut().find(|arrival| Some(arrival.id) == id));
                let arrival = arrival.expect("arrivals that are used are redirected");
                (&mut arrival.data, Some(&mut arrival.done))
            }
            Target::Note(_) => {
                let start = note.len() - current.left;
                let taken = link.take(&mut note[start..])?;
                current.left -= taken;
                return Ok(taken);
            }
            Target::Nowhere => (&mut [], None),
        };
        let mut sink = [0; 4096];
        let taken = match done {
            Some(done) => {
                let most = (*done + current.left.min(Pumped::PIECE_BYTES)).min(buf.len());
                let taken = link.take(&mut buf[*done..most])?;
                *done += taken;
                taken
            }
            None => link.take(&mut sink[..current.left.min(4096)])?,
        };
        current.left -= taken;
        if let Some(incoming) = id.and_then(|id| port.incoming.get_mut(&id)) {
            incoming.left -= taken as u64;
        }
        Ok(taken)
    }

    /// Acts upon what is complete: a header, or a payload.
    fn react(
        &mut self,
        node: usize,
        outs: &mut [Out<'_>],
        ins: &mut [In<'_>],
    ) -> Result<(), String> {
        let port = self.port(node);
        if let Some(body) = port.body.take_if(|body| body.left == 0) {
            return self.end_payload(node, body.id, body.target);
        }
        if port.body.is_some() || port.header_done < HEADER_BYTES {
            return Ok(());
        }
        port.header_done = 0;
        let frame = Frame::from_bytes(&port.header).ok_or("an unknown frame")?;
        self.accept(node, frame, outs, ins)?;
        // A message without content is complete with its header.
        if let Some(body) = self.port(node).body.take_if(|body| body.left == 0) {
            return self.end_payload(node, body.id, body.target);
        }
        Ok(())
    }

    fn end_payload(&mut self, node: usize, id: Option<u32>, target: Target) -> Result<(), String> {
        let port = self.port(node);
        if let Some(id) = id
            && port.incoming.get(&id).is_some_and(|incoming| incoming.left == 0)
        {
            port.incoming.remove(&id);
        }
        if let Target::Note(frame) = target {
            let note = std::mem::take(&mut port.note);
            return self.accept_note(node, frame, &note);
        }
        Ok(())
    }

    /// Forgets what has waited for a message to be asked for.
    pub(super) fn drop_spare(&mut self, arrival: &Arrival) {
        self.spare_bytes -= (arrival.data.len() as u64).saturating_sub(arrival.prefix.into());
    }

    /// Passes on that communicators are revoked, so that all hear of it even if the first to say so dies meanwhile.
    fn forward_revoked(&mut self) {
        while let Some(context) = self.revoked.pop() {
            for member in self.context(context).members.clone() {
                if member != self.me {
                    self.tell(member, Frame::Revoke { context }, &[]);
                }
            }
        }
    }

    /// Revokes a communicator, if it is not yet.
    pub(super) fn revoke(&mut self, context: u32, by: NodeId) {
        let known = self.context(context);
        if known.revoked_by.is_none() {
            known.revoked_by = Some(by);
            self.revoked.push(context);
        }
    }

    pub(super) fn spread_revoked(&mut self) {
        self.forward_revoked();
    }

    /// What a payload is read to: a message that was announced with this id.
    pub(super) fn expect_more(&mut self, node: usize, id: u32, target: Target, bytes: u64) {
        if bytes > 0 {
            self.port(node).incoming.insert(id, Incoming { target, left: bytes });
        }
    }

    /// Keeps what a peer has said about who is left, unless it has said something later.
    pub(super) fn keep_view(&mut self, node: usize, at: (u32, u32), view: View) {
        let views = &mut self.port(node).views;
        if views.get(&at).is_none_or(|kept| !kept.is_final && kept.round <= view.round) {
            views.insert(at, view);
        }
    }
}

/// What a message is counted under.
pub(super) fn topic(key: Key) -> Topic {
    match key.lane {
        Lane::Tag(tag) => Topic::Tag(tag),
        Lane::Of(_, collective) => Topic::Collective(collective),
    }
}
