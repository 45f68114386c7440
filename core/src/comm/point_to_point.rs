//! Single messages, matched by sender and tag.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::engine::Engine;
use super::error::Error;
use super::frame::{Key, Lane};
use super::port::{In, Out, Target};
use super::{Comm, Element, ElementType, drive, lock};

/// What messages between the same two nodes are told apart by: any number. Collective operations have none, and never
/// meet messages of the program.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Tag(pub u32);

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What is known about a message before it is received.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Envelope {
    /// The rank of the sender.
    pub from: usize,
    /// What it consists of.
    pub element: ElementType,
    /// Its length in bytes.
    pub bytes: u64,
}

impl Envelope {
    /// Its length in elements of this type; none if it consists of others.
    pub fn len_of<T: Element>(&self) -> Option<usize> {
        let len = self.bytes / T::WIRE_BYTES as u64;
        usize::try_from(len).ok().filter(|_| self.element == T::TYPE)
    }
}

impl Comm {
    /// Sends a message. Returns when it is on its way: a short one (64 KiB) at once, a long one when the receiver has
    /// asked for it, or waits for something else and has memory for it: 256 MiB for all such messages together. So two
    /// nodes that both send first do not block each other, up to that.
    ///
    /// Fails if the receiver is gone, or does not ask for a long message until the deadline: then the message is given up,
    /// and it is for the receiver as if it had not been sent.
    pub fn send<T: Element>(&mut self, to: usize, tag: Tag, data: &[T]) -> Result<(), Error> {
        let doing = format!("send with tag {tag}");
        let (node, key) = self.address(&doing, to, tag)?;
        let mut engine = lock(&self.shared);
        if node == engine.me {
            return self.send_to_self(&mut engine, &doing, key, data);
        }
        let members = [node];
        let watch = self.watch(&doing, &members);
        engine.check(&watch)?;
        let out = Out::new(node, key, T::TYPE, T::encoded(data));
        engine.transfer(&watch, &mut [out], &mut [])
    }

    /// Receives the next message of a member with this tag, which must consist of `len` elements of this type.
    ///
    /// Another length or type is an error, and leaves the message where it is.
    pub fn recv<T: Element>(&mut self, from: usize, tag: Tag, len: usize) -> Result<Vec<T>, Error> {
        let mut data = T::zeroed(len);
        self.recv_into(from, tag, &mut data)?;
        Ok(data)
    }

    /// Like [`recv`](Self::recv), into memory that is there.
    pub fn recv_into<T: Element>(
        &mut self,
        from: usize,
        tag: Tag,
        data: &mut [T],
    ) -> Result<(), Error> {
        let doing = format!("recv with tag {tag}");
        let (node, key) = self.address(&doing, from, tag)?;
        let mut engine = lock(&self.shared);
        let members = [node];
        let watch = self.watch(&doing, &members);
        engine.check(&watch)?;
        if node == engine.me {
            let bytes = engine.take_own::<T>(&watch, key, data.len())?;
            return engine.decode(&watch, node, &bytes, data);
        }
        if let Some(memory) = T::memory(data) {
            return engine.transfer(&watch, &mut [], &mut [In::new(node, key, T::TYPE, memory)]);
        }
        let mut bytes = vec![0; data.len() * T::WIRE_BYTES];
        engine.transfer(&watch, &mut [], &mut [In::new(node, key, T::TYPE, &mut bytes)])?;
        engine.decode(&watch, node, &bytes, data)
    }

    /// Begins to send a message and returns at once. The data is copied, so that it may be changed afterwards.
    pub fn isend<T: Element>(
        &mut self,
        to: usize,
        tag: Tag,
        data: &[T],
    ) -> Result<SendRequest, Error> {
        let doing = format!("isend with tag {tag}");
        let (node, key) = self.address(&doing, to, tag)?;
        let mut engine = lock(&self.shared);
        let members = [node];
        let watch = self.watch(&doing, &members);
        engine.check(&watch)?;
        engine.check_gone(&watch, node)?;
        let ticket = engine.ticket();
        if node == engine.me {
            self.send_to_self(&mut engine, &doing, key, data)?;
        } else {
            let body = Cow::Owned(T::encoded(data).into_owned());
            let out = Out { ticket, ..Out::new(node, key, T::TYPE, body) };
            engine.port(node).kept.push_back(out);
            engine.progress(&mut [], &mut []);
        }
        Ok(SendRequest { common: self.request(doing, node, ticket) })
    }

    /// Asks for the next message of a member with this tag and returns at once. Messages go to requests in the order in
    /// which those were made, before they go to [`recv`](Self::recv).
    pub fn irecv<T: Element>(
        &mut self,
        from: usize,
        tag: Tag,
        len: usize,
    ) -> Result<RecvRequest<T>, Error> {
        let doing = format!("irecv with tag {tag}");
        let (node, key) = self.address(&doing, from, tag)?;
        let mut engine = lock(&self.shared);
        let members = [node];
        engine.check(&self.watch(&doing, &members))?;
        let ticket = engine.ticket();
        let mut wanted = In::owned(node, key, T::TYPE, len * T::WIRE_BYTES);
        if node != engine.me {
            let is_first = engine.port(node).posted.get(&key).is_none_or(|queue| queue.is_empty());
            if is_first {
                engine.ask(Target::Ticket(ticket), &mut wanted);
            }
            if !wanted.is_matched && wanted.problem.is_none() {
                engine.port(node).posted.entry(key).or_default().push_back(ticket);
            }
        }
        engine.requests.insert(ticket, wanted);
        engine.progress(&mut [], &mut []);
        Ok(RecvRequest { common: self.request(doing, node, ticket), element: PhantomData })
    }

    /// Waits for a message with this tag, of one member or of any, and says what it is. It is received afterwards.
    ///
    /// Fails if it must come from a member that is gone, or from any and a member was lost.
    pub fn probe(&mut self, from: Option<usize>, tag: Tag) -> Result<Envelope, Error> {
        let doing = format!("probe with tag {tag}");
        let key = self.address(&doing, from.unwrap_or(self.rank), tag)?.1;
        let members: Vec<_> = match from {
            Some(from) => vec![self.members[from]],
            None => self.members.clone(),
        };
        let mut engine = lock(&self.shared);
        let mut watch = self.watch(&doing, &members);
        watch.needs_all = from.is_none();
        engine.check(&watch)?;
        let mut found = None;
        engine.wait_for(&watch, |engine| {
            found = members.iter().find_map(|node| engine.first_waiting(*node, key));
            // Any of the others may be the one; the first stands for them.
            let is_there = |node: &&usize| {
                engine.ports[**node].as_ref().is_some_and(|port| port.gone.is_none())
            };
            let other = members.iter().find(is_there).or(members.first());
            other.copied().filter(|_| found.is_none())
        })?;
        let (node, element, bytes) = found.expect("the wait is over when it is found");
        let from = self.members.iter().position(|member| *member == node).unwrap_or(self.rank);
        Ok(Envelope { from, element, bytes })
    }

    fn address(&self, doing: &str, rank: usize, tag: Tag) -> Result<(usize, Key), Error> {
        self.check_running(doing)?;
        let Some(node) = self.members.get(rank) else {
            let what = format!("there is no rank {rank} among {} members", self.size());
            return Err(Error::Argument { doing: doing.to_owned(), what });
        };
        Ok((*node, Key { context: self.context, lane: Lane::Tag(tag.0) }))
    }

    fn request(&self, doing: String, node: usize, ticket: u64) -> Request {
        let (shared, name) = (Arc::clone(&self.shared), self.name.clone());
        Request { shared, context: self.context, name, doing, node, ticket, limit: self.deadline }
    }

    fn send_to_self<T: Element>(
        &self,
        engine: &mut Engine,
        doing: &str,
        key: Key,
        data: &[T],
    ) -> Result<(), Error> {
        engine.check(&self.watch(doing, &[]))?;
        let message = (T::TYPE, T::encoded(data).into_owned());
        engine.local.entry(key).or_default().push_back(message);
        Ok(())
    }
}

impl Engine {
    /// The first message of this key that nobody has asked for: its sender, type and length.
    fn first_waiting(&mut self, node: usize, key: Key) -> Option<(usize, ElementType, u64)> {
        if node == self.me {
            let (element, bytes) = self.local.get(&key)?.front()?;
            return Some((node, *element, bytes.len() as u64));
        }
        let first = self.port(node).arrivals.get(&key)?.front()?;
        Some((node, first.element, first.bytes))
    }

    /// The next message to oneself.
    fn take_own<T: Element>(
        &mut self,
        watch: &drive::Watch<'_>,
        key: Key,
        len: usize,
    ) -> Result<Vec<u8>, Error> {
        let (peer, doing) = (self.nodes[self.me], watch.doing());
        let Some(queue) = self.local.get_mut(&key).filter(|queue| !queue.is_empty()) else {
            // Nobody else could send it while this thread waits.
            let what = "a message to oneself must be sent before it is received".to_owned();
            return Err(Error::Argument { doing, what });
        };
        let n_bytes = len * T::WIRE_BYTES;
        match queue.pop_front() {
            Some((element, bytes)) if element == T::TYPE && bytes.len() == n_bytes => Ok(bytes),
            Some((element, bytes)) => {
                let found = format!("{} bytes of {element}", bytes.len());
                queue.push_front((element, bytes));
                let expected = format!("{n_bytes} bytes of {}", T::TYPE);
                Err(Error::WrongMessage { doing, peer, expected, found })
            }
            None => unreachable!("the queue is not empty"),
        }
    }

    pub(super) fn decode<T: Element>(
        &self,
        watch: &drive::Watch<'_>,
        node: usize,
        bytes: &[u8],
        data: &mut [T],
    ) -> Result<(), Error> {
        T::decoded(bytes, data).map_err(|error| Error::Malformed {
            doing: watch.doing(),
            peer: self.nodes[node],
            what: error.to_string(),
        })
    }
}

/// What requests of both kinds know.
struct Request {
    shared: Arc<Mutex<Engine>>,
    context: u32,
    name: String,
    doing: String,
    node: usize,
    ticket: u64,
    limit: Duration,
}

impl Request {
    fn watch<'a>(&'a self, members: &'a [usize]) -> drive::Watch<'a> {
        drive::Watch::new(self.context, &self.name, members, &self.doing, self.limit)
    }
}

/// A message that is being sent. It goes on its way even if this is dropped.
#[must_use = "only `wait` says whether the message has gone"]
pub struct SendRequest {
    common: Request,
}

impl SendRequest {
    /// Whether the message has gone.
    pub fn is_completed(&self) -> bool {
        let mut engine = lock(&self.common.shared);
        engine.progress(&mut [], &mut []);
        !self.is_kept(&mut engine)
    }

    /// Waits until the message has gone.
    pub fn wait(self) -> Result<(), Error> {
        let members = [self.common.node];
        let watch = self.common.watch(&members);
        lock(&self.common.shared)
            .wait_for(&watch, |engine| self.is_kept(engine).then_some(self.common.node))
    }

    fn is_kept(&self, engine: &mut Engine) -> bool {
        let Some(port) = &engine.ports[self.common.node] else { return false };
        port.kept.iter().any(|out| out.ticket == self.common.ticket)
    }
}

/// A message that was asked for. Dropping this gives it up; what has come of it is lost.
#[must_use = "only `wait` gives the message"]
pub struct RecvRequest<T: Element> {
    common: Request,
    element: PhantomData<T>,
}

impl<T: Element> RecvRequest<T> {
    /// Whether the message is there, or cannot come as it was asked for: [`wait`](Self::wait) returns at once then.
    pub fn is_completed(&self) -> bool {
        let mut engine = lock(&self.common.shared);
        engine.progress(&mut [], &mut []);
        self.is_there(&mut engine)
    }

    /// Waits for the message.
    pub fn wait(self) -> Result<Vec<T>, Error> {
        let Request { node, ticket, .. } = self.common;
        let members = [node];
        let watch = self.common.watch(&members);
        let mut engine = lock(&self.common.shared);
        engine.check(&watch)?;
        if node == engine.me {
            let Some((key, len)) =
                engine.requests.get(&ticket).map(|wanted| (wanted.key, wanted.buf.len()))
            else {
                return Err(Error::NotRunning { doing: watch.doing() });
            };
            let len = len / T::WIRE_BYTES;
            let bytes = engine.take_own::<T>(&watch, key, len)?;
            let mut data = T::zeroed(len);
            engine.decode(&watch, node, &bytes, &mut data)?;
            return Ok(data);
        }
        engine.wait_for(&watch, |engine| (!self.is_there(engine)).then_some(node))?;
        let Some(mut wanted) = engine.requests.remove(&ticket) else {
            return Err(Error::NotRunning { doing: watch.doing() });
        };
        if let Some(wrong) = wanted.problem {
            return Err(engine.wrong_message(watch.doing(), &wanted, wrong));
        }
        let mut data = T::zeroed(wanted.buf.len() / T::WIRE_BYTES);
        engine.decode(&watch, node, wanted.buf.bytes(), &mut data)?;
        Ok(data)
    }

    fn is_there(&self, engine: &mut Engine) -> bool {
        let Some(wanted) = engine.requests.get(&self.common.ticket) else { return true };
        if wanted.from == engine.me {
            return engine.local.get(&wanted.key).is_some_and(|queue| !queue.is_empty());
        }
        wanted.is_done() || wanted.problem.is_some()
    }
}

impl<T: Element> Drop for RecvRequest<T> {
    fn drop(&mut self) {
        let mut engine = lock(&self.common.shared);
        let ticket = self.common.ticket;
        engine.requests.remove(&ticket);
        if let Some(port) = engine.ports[self.common.node].as_mut() {
            port.posted.values_mut().for_each(|queue| queue.retain(|posted| *posted != ticket));
            let gone = Target::Ticket(ticket);
            let matched: Vec<_> =
                port.incoming.iter().filter(|(_, i)| i.target == gone).map(|(id, _)| *id).collect();
            for id in matched {
                port.redirect(id, Target::Nowhere);
            }
        }
    }
}
