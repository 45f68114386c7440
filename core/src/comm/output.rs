//! Giving what is to be sent to the links: frames first, then messages, piece by piece.

use super::engine::{Engine, topic};
use super::frame::{Frame, HEADER_BYTES, Key};
use super::port::{In, Out, Piece, Port, Source, Target};
use crate::net::pumped::Pumped;

impl Engine {
    /// Gives what this node wants to send to a peer to its link, as far as that has room.
    pub(super) fn write(&mut self, node: usize, outs: &mut [Out<'_>]) -> bool {
        let mut any = false;
        loop {
            let port = self.port(node);
            if !port.is_open() {
                return any;
            }
            let taken = if port.piece.is_some() {
                self.write_piece(node, outs)
            } else if !port.control.is_empty() {
                port.link.offer(&port.control, &[]).inspect(|taken| {
                    port.control.drain(..taken);
                    port.stats.bytes_sent += *taken as u64;
                })
            } else if self.begin_piece(node, outs) {
                continue;
            } else {
                let port = self.port(node);
                port.is_deaf = port.link.pump().is_err();
                return any;
            };
            match taken {
                Ok(0) => return any,
                Ok(_) => any = true,
                // What it has sent before may still be read, and ends with why.
                Err(_) => self.port(node).is_deaf = true,
            }
        }
    }

    fn write_piece(
        &mut self,
        node: usize,
        outs: &mut [Out<'_>],
    ) -> Result<usize, crate::net::Error> {
        let Port { link, kept, piece, stats, .. } = self.port(node);
        let Some(current) = piece else { return Ok(0) };
        let (kept_idx, sent, body): (_, &mut usize, &[u8]) = match current.source {
            Source::Call(idx) => (None, &mut outs[idx].sent, &outs[idx].body),
            Source::Kept(ticket) => {
                let found = kept.iter_mut().enumerate().find(|(_, out)| out.ticket == ticket);
                let (idx, out) = found.expect("a message stays until its last piece is done");
                (Some(idx), &mut out.sent, &out.body)
            }
        };
        let in_header = current.done.min(HEADER_BYTES);
        let content = &body[current.start + (current.done - in_header)..current.end];
        let taken = link.offer(&current.header[in_header..], content)?;
        current.done += taken;
        stats.bytes_sent += taken as u64;
        if current.done == HEADER_BYTES + current.end - current.start {
            *sent = current.end;
            *piece = None;
            if let Some(idx) = kept_idx.filter(|idx| kept[*idx].is_done()) {
                kept.remove(idx);
            }
        }
        Ok(taken)
    }

    /// Begins the next piece of a message that may go to this peer now. Says whether there is one.
    fn begin_piece(&mut self, node: usize, outs: &mut [Out<'_>]) -> bool {
        let port = self.ports[node].as_mut().expect("a node has links with all others");
        let mut may_announce = true;
        let mut kept = std::mem::take(&mut port.kept);
        let mut found = None;
        for out in &mut kept {
            let source = Source::Kept(out.ticket);
            found = next_piece(port, out, source, &mut may_announce);
            if found.is_some() {
                break;
            }
        }
        port.kept = kept;
        for (idx, out) in outs.iter_mut().enumerate().filter(|(_, out)| out.to == node) {
            if found.is_some() {
                break;
            }
            found = next_piece(port, out, Source::Call(idx), &mut may_announce);
        }
        let Some((piece, announced)) = found else {
            return false;
        };
        port.piece = Some(piece);
        if let Some((key, n_bytes)) = announced {
            port.stats.messages_sent += 1;
            self.count(topic(key), |stats| {
                stats.messages_sent += 1;
                stats.bytes_sent += n_bytes;
            });
        }
        true
    }

    /// Ends what a call has on its way: what is begun of a piece is completed from a copy, messages that are not done
    /// are given up.
    pub(super) fn abandon(&mut self, outs: &[Out<'_>], ins: &[In<'_>]) {
        for port in self.ports.iter_mut().flatten() {
            if let Some(piece) = port.piece.take_if(|piece| matches!(piece.source, Source::Call(_)))
            {
                let Source::Call(idx) = piece.source else { continue };
                let mut rest = Vec::new();
                let in_header = piece.done.min(HEADER_BYTES);
                rest.extend_from_slice(&piece.header[in_header..]);
                let start = piece.start + (piece.done - in_header);
                rest.extend_from_slice(&outs[idx].body[start..piece.end]);
                // Frames that wait belong behind it.
                rest.append(&mut port.control);
                port.control = rest;
            }
            for body in port.body.iter_mut().filter(|b| matches!(b.target, Target::Slot(_))) {
                body.target = Target::Nowhere;
            }
            for incoming in port.incoming.values_mut() {
                if matches!(incoming.target, Target::Slot(_)) {
                    incoming.target = Target::Nowhere;
                }
            }
        }
        for out in outs {
            if let Some(id) = out.id.filter(|_| out.sent < out.body.len()) {
                self.tell(out.to, Frame::Abandon { id }, &[]);
            }
        }
        debug_assert!(ins.iter().all(|message| message.from != self.me));
    }
}

/// The next piece of a message that may go now. If it announces the message: under what that is counted, and its length.
fn next_piece(
    port: &mut Port,
    out: &mut Out<'_>,
    source: Source,
    may_announce: &mut bool,
) -> Option<(Piece, Option<(Key, u64)>)> {
    if let Some(id) = out.id {
        let left = out.body.len() - out.sent;
        if left == 0 || !out.is_granted {
            return None;
        }
        let n_bytes = left.min(Pumped::PIECE_BYTES);
        let header = Frame::More { id, n_bytes: n_bytes as u32 }.to_bytes();
        let (start, end) = (out.sent, out.sent + n_bytes);
        return Some((Piece { source, header, done: 0, start, end }, None));
    }
    // Messages are announced in the order in which they were sent.
    let room = if *may_announce { port.room_for(out.body.len()) } else { None };
    let Some(prefix) = room else {
        *may_announce = false;
        return None;
    };
    let id = port.next_id;
    port.next_id = port.next_id.wrapping_add(1);
    out.id = Some(id);
    port.unused_messages += 1;
    port.unused_bytes += prefix as u64;
    let (key, element, bytes) = (out.key, out.element, out.body.len() as u64);
    let header = Frame::Message { key, element, id, bytes, prefix: prefix as u32 }.to_bytes();
    let piece = Piece { source, header, done: 0, start: 0, end: prefix };
    Some((piece, Some((key, bytes))))
}
