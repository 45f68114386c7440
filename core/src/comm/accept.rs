//! What is done with frames that have come.

use super::ElementType;
use super::call::Call;
use super::engine::{Cause, Engine, Failure, SPARE_BYTES, topic};
use super::frame::{Frame, Key, Lane, MAX_NOTE_BYTES};
use super::port::{Arrival, Body, Gone, In, Out, Port, Target, View, Wrong};
use super::stats::Topic;
use crate::setup::message::plain;

/// A message as it was announced.
struct Announced {
    key: Key,
    element: ElementType,
    id: u32,
    bytes: u64,
    prefix: u32,
}

impl Engine {
    /// Acts upon a header. The error says what an honest peer would not have sent.
    pub(super) fn accept(
        &mut self,
        node: usize,
        frame: Frame,
        outs: &mut [Out<'_>],
        ins: &mut [In<'_>],
    ) -> Result<(), String> {
        let peer = self.port(node).peer;
        match frame {
            Frame::Message { .. } | Frame::More { .. } => {}
            Frame::Agree { .. } => self.count(Topic::Agreement, |s| s.messages_received += 1),
            _ => self.count(Topic::Control, |stats| stats.messages_received += 1),
        }
        match frame {
            Frame::Message { key, element, id, bytes, prefix } => {
                self.announced(node, Announced { key, element, id, bytes, prefix }, ins)
            }
            Frame::More { id, n_bytes } => self.more(node, id, n_bytes),
            Frame::Grant { id } => {
                let kept = &mut self.port(node).kept;
                let kept = kept.iter_mut().find(|out| out.id == Some(id));
                if let Some(out) = kept {
                    out.is_granted = true;
                } else if let Some(out) =
                    outs.iter_mut().find(|out| out.to == node && out.id == Some(id))
                {
                    out.is_granted = true;
                }
                Ok(())
            }
            Frame::Abandon { id } => {
                self.abandoned(node, id, ins);
                Ok(())
            }
            Frame::Credit { messages, bytes } => {
                let port = self.port(node);
                let messages = port.unused_messages.checked_sub(messages);
                let bytes = port.unused_bytes.checked_sub(bytes);
                let (Some(messages), Some(bytes)) = (messages, bytes) else {
                    return Err("credit for more than was sent".to_owned());
                };
                (port.unused_messages, port.unused_bytes) = (messages, bytes);
                Ok(())
            }
            Frame::Agree { context, number, round, call } => {
                if self.closed.contains(&context) {
                    return Ok(());
                }
                self.port(node).keep_agreement((context, number, round), call)
            }
            Frame::Mismatch { context, number, rank, call } => {
                match self.port(node).half.take() {
                    None => self.port(node).half = Some((rank, call)),
                    Some(first) => {
                        let cause = Cause::Mismatch { first, second: (rank, call) };
                        self.fail_context(context, Failure { number, cause, is_told: false });
                    }
                }
                Ok(())
            }
            Frame::Revoke { context } => {
                if !self.closed.contains(&context) {
                    self.revoke(context, peer);
                }
                Ok(())
            }
            Frame::Fail { .. } | Frame::View { .. } => {
                let left = frame.payload();
                if left > MAX_NOTE_BYTES {
                    return Err(format!("a text of {left} bytes"));
                }
                let port = self.port(node);
                port.note = vec![0; left];
                port.body = Some(Body { target: Target::Note(frame), left, id: None });
                Ok(())
            }
            Frame::Bye => {
                self.port(node).gone.get_or_insert(Gone::Left);
                Ok(())
            }
        }
    }

    fn fail_context(&mut self, context: u32, failure: Failure) {
        if !self.closed.contains(&context) {
            self.context(context).failure.get_or_insert(failure);
        }
    }

    /// Acts upon a frame whose payload is complete.
    pub(super) fn accept_note(
        &mut self,
        node: usize,
        frame: Frame,
        note: &[u8],
    ) -> Result<(), String> {
        let by = self.port(node).peer;
        match frame {
            Frame::Fail { context, number, .. } => {
                let cause = plain(&String::from_utf8_lossy(note), MAX_NOTE_BYTES);
                let cause = Cause::Reported { by, cause };
                self.fail_context(context, Failure { number, cause, is_told: false });
            }
            Frame::View { context, number, round, next_context, is_final, .. } => {
                let words = note.as_chunks::<2>().0.iter();
                let gone = words.map(|rank| usize::from(u16::from_le_bytes(*rank))).collect();
                let view = View { round, next_context, is_final, gone };
                if !self.closed.contains(&context) {
                    self.keep_view(node, (context, number), view);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A message begins: it goes to whoever has asked for it first, or waits.
    fn announced(
        &mut self,
        node: usize,
        message: Announced,
        ins: &mut [In<'_>],
    ) -> Result<(), String> {
        let Announced { key, element, id, bytes, prefix } = message;
        self.count(topic(key), |stats| {
            stats.messages_received += 1;
            stats.bytes_received += bytes;
        });
        let is_closed = self.closed.contains(&key.context);
        let Self { ports, requests, .. } = self;
        let port = ports[node].as_mut().expect("a node has links with all others");
        port.stats.messages_received += 1;
        port.hold(prefix)?;
        if port.incoming.contains_key(&id) {
            return Err("two messages of one number".to_owned());
        }
        let target = if is_closed {
            port.release(prefix);
            Target::Nowhere
        } else {
            let posted = port.posted.get_mut(&key).and_then(|queue| queue.pop_front());
            let slot = ins.iter().position(|slot| {
                slot.from == node && slot.key == key && !slot.is_matched && slot.problem.is_none()
            });
            let target = match (posted, slot) {
                (Some(ticket), _) => Some(Target::Ticket(ticket)),
                (None, slot) => slot.map(Target::Slot),
            };
            let is_taken = match target {
                Some(Target::Ticket(ticket)) => {
                    requests.get_mut(&ticket).is_some_and(|wanted| wanted.take(element, bytes))
                }
                Some(Target::Slot(idx)) => ins[idx].take(element, bytes),
                _ => false,
            };
            match target {
                Some(target) if is_taken => {
                    port.release(prefix);
                    if bytes > u64::from(prefix) {
                        port.tell(Frame::Grant { id }, &[]);
                    }
                    target
                }
                _ => {
                    let data = vec![0; prefix as usize];
                    let is_granted = false;
                    let arrival = Arrival { id, element, bytes, prefix, data, done: 0, is_granted };
                    port.arrivals.entry(key).or_default().push_back(arrival);
                    Target::Arrival(key)
                }
            }
        };
        port.body = Some(Body { target: target.clone(), left: prefix as usize, id: Some(id) });
        self.expect_more(node, id, target, bytes);
        Ok(())
    }

    /// More of a message follows.
    fn more(&mut self, node: usize, id: u32, n_bytes: u32) -> Result<(), String> {
        let port = self.port(node);
        let Some(incoming) = port.incoming.get(&id) else {
            return Err("more of a message that was not announced".to_owned());
        };
        if u64::from(n_bytes) > incoming.left || n_bytes == 0 {
            return Err("more of a message than was announced".to_owned());
        }
        let is_asked = match &incoming.target {
            Target::Arrival(key) => port.arrivals.get(key).is_some_and(|queue| {
                queue.iter().any(|arrival| arrival.id == id && arrival.is_granted)
            }),
            _ => true,
        };
        if !is_asked {
            return Err("more of a message that was not asked for".to_owned());
        }
        let target = incoming.target.clone();
        port.body = Some(Body { target, left: n_bytes as usize, id: Some(id) });
        Ok(())
    }

    /// A message was given up: it is as if it had not been begun, and who waits for it waits for the next one.
    fn abandoned(&mut self, node: usize, id: u32, ins: &mut [In<'_>]) {
        let port = self.port(node);
        let Some(incoming) = port.incoming.remove(&id) else { return };
        match incoming.target {
            // The call asks again.
            Target::Slot(idx) => ins[idx].reset(),
            Target::Ticket(ticket) => {
                let Some(mut request) = self.requests.remove(&ticket) else { return };
                request.reset();
                self.ask(Target::Ticket(ticket), &mut request);
                if !request.is_matched && request.problem.is_none() {
                    let posted = self.port(node).posted.entry(request.key).or_default();
                    posted.push_front(ticket);
                }
                self.requests.insert(ticket, request);
            }
            Target::Arrival(key) => {
                let Some(queue) = port.arrivals.get_mut(&key) else { return };
                let Some(at) = queue.iter().position(|arrival| arrival.id == id) else { return };
                if let Some(arrival) = queue.remove(at) {
                    port.release(arrival.prefix);
                    self.drop_spare(&arrival);
                }
            }
            Target::Note(_) | Target::Nowhere => {}
        }
    }

    /// Gives a message that is asked for now what has arrived of it, if it has. The caller has not asked for an earlier
    /// one of the same key that is still to come.
    pub(super) fn ask(&mut self, target: Target, wanted: &mut In<'_>) {
        let (node, key) = (wanted.from, wanted.key);
        if wanted.is_matched || wanted.problem.is_some() {
            return;
        }
        let Some(port) = self.ports[node].as_mut() else { return };
        let Some(queue) = port.arrivals.get_mut(&key) else { return };
        let Some(first) = queue.front() else { return };
        if !wanted.take(first.element, first.bytes) {
            return;
        }
        let Some(arrival) = queue.pop_front() else { return };
        if queue.is_empty() {
            port.arrivals.remove(&key);
        }
        wanted.buf.bytes()[..arrival.done].copy_from_slice(&arrival.data[..arrival.done]);
        wanted.done = arrival.done;
        port.release(arrival.prefix);
        port.redirect(arrival.id, target);
        if arrival.bytes > u64::from(arrival.prefix) && !arrival.is_granted {
            port.tell(Frame::Grant { id: arrival.id }, &[]);
        }
        self.drop_spare(&arrival);
    }

    /// Accepts long messages that nobody has asked for, as far as there is memory for them: two nodes that both send
    /// first then do not wait for each other for ever.
    pub(super) fn accept_spare(&mut self) {
        let Self { ports, spare_bytes, .. } = self;
        for port in ports.iter_mut().flatten() {
            let Port { arrivals, control, .. } = port;
            for (_, queue) in
                arrivals.iter_mut().filter(|(key, _)| matches!(key.lane, Lane::Tag(_)))
            {
                for arrival in queue.iter_mut().filter(|arrival| !arrival.is_granted) {
                    let more = arrival.bytes - u64::from(arrival.prefix);
                    if more == 0 || spare_bytes.saturating_add(more) > SPARE_BYTES {
                        continue;
                    }
                    *spare_bytes += more;
                    arrival.is_granted = true;
                    // Its length is below the limit above.
                    arrival.data.resize(arrival.bytes as usize, 0);
                    control.extend_from_slice(&Frame::Grant { id: arrival.id }.to_bytes());
                }
            }
        }
    }
}

impl In<'_> {
    fn reset(&mut self) {
        (self.is_matched, self.done) = (false, 0);
    }

    /// Whether this is the message that is wanted: then it is taken, else the difference is kept.
    pub(super) fn take(&mut self, element: ElementType, bytes: u64) -> bool {
        if element != self.element || bytes != self.buf.len() as u64 {
            self.problem = Some(Wrong { element, bytes });
            return false;
        }
        self.is_matched = true;
        true
    }
}

/// The report of two calls that differ, the lower rank first.
pub(super) fn in_order(first: (u16, Call), second: (u16, Call)) -> [(u16, Call); 2] {
    if first.0 <= second.0 { [first, second] } else { [second, first] }
}
