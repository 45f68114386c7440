//! Clients and nodes. The other side is outside: the check comes before everything that it can notice.

use caucus_bytecode::operand::{DstC, DstI, DstS, SrcC, SrcI, SrcS, TextRef};
use caucus_core::algebra::Ring;
use caucus_protocols::{Checked, Protocol, ShareVector};

use super::Frame;
use super::client::Sameness;
use crate::{Kind, Payload};

/// Bytes of an integer in a message.
const INT_BYTES: usize = size_of::<i64>();

impl<P: Protocol> Frame<'_, P> {
    /// Before this thread turns to others than its peers.
    pub(super) fn turn_outside(&mut self) -> Result<Checked, Kind> {
        let proof = self.thread.check()?;
        self.thread.flush()?;
        self.thread.net.show_place();
        Ok(proof)
    }

    pub(super) fn listen(&mut self, port: SrcI) -> Result<(), Kind> {
        let _proof = self.turn_outside()?;
        Ok(self.shared.host.listen(self.ints.scalar(port.0))?)
    }

    pub(super) fn connect(
        &mut self,
        dst: DstI,
        host: TextRef,
        port: SrcI,
        id: SrcI,
        relative: bool,
    ) -> Result<(), Kind> {
        let _proof = self.turn_outside()?;
        let name = &self.shared.program.texts[host.0 as usize];
        let (port, id) = (self.ints.scalar(port.0), self.ints.scalar(id.0));
        let socket = self.shared.host.connect(name, port, id, relative)?;
        self.ints.set_scalar(dst.0, socket);
        Ok(())
    }

    pub(super) fn close(&mut self, socket: SrcI) -> Result<(), Kind> {
        let _proof = self.turn_outside()?;
        Ok(self.shared.host.close(self.ints.scalar(socket.0))?)
    }

    pub(super) fn send_s(&mut self, socket: SrcI, values: &[SrcS]) -> Result<(), Kind> {
        let bytes = &mut self.thread.scratch.bytes;
        bytes.clear();
        for value in values {
            self.secrets.prepare(value.0);
            self.secrets.get(value.0).write_full(bytes);
        }
        self.send(socket, Payload::Shares)
    }

    pub(super) fn send_summands(&mut self, socket: SrcI, values: &[SrcS]) -> Result<(), Kind> {
        let bytes = &mut self.thread.scratch.bytes;
        bytes.clear();
        for value in values {
            self.secrets.prepare(value.0);
            let summands = self.thread.protocol.write_summand(self.secrets.get(value.0));
            P::Ring::encode(&summands, bytes);
        }
        self.send(socket, Payload::Summands)
    }

    pub(super) fn send_c(&mut self, socket: SrcI, values: &[SrcC]) -> Result<(), Kind> {
        let bytes = &mut self.thread.scratch.bytes;
        bytes.clear();
        for value in values {
            self.publics.prepare(value.0);
            P::Ring::encode(self.publics.get(value.0), bytes);
        }
        self.send(socket, Payload::Public)
    }

    pub(super) fn send_i(&mut self, socket: SrcI, values: &[SrcI]) -> Result<(), Kind> {
        let bytes = &mut self.thread.scratch.bytes;
        bytes.clear();
        for value in values {
            self.ints.prepare(value.0);
            let ints = self.ints.get(value.0).iter();
            bytes.extend(ints.flat_map(|int| int.to_le_bytes()));
        }
        self.send(socket, Payload::Int)
    }

    /// Sends what is in the buffer.
    fn send(&mut self, socket: SrcI, kind: Payload) -> Result<(), Kind> {
        let proof = self.turn_outside()?;
        let socket = self.ints.scalar(socket.0);
        self.shared.host.show_waits(socket, self.thread.net.waiting());
        Ok(self.shared.host.send(proof, socket, kind, &self.thread.scratch.bytes)?)
    }

    pub(super) fn receive_s(&mut self, socket: SrcI, values: &[DstS]) -> Result<(), Kind> {
        let lanes = values.iter().map(|dst| self.secrets.lanes(dst.0));
        let per_value = P::Vector::FULL_BYTES;
        let message = self.receive(socket, Payload::Shares, lanes.sum(), per_value)?;
        let mut rest = message.as_slice();
        for dst in values {
            let lanes = self.secrets.lanes(dst.0);
            let (bytes, after) = rest.split_at(lanes * per_value);
            self.secrets.set(dst.0, P::Vector::read_full(bytes, lanes)?);
            rest = after;
        }
        Ok(())
    }

    pub(super) fn receive_c(&mut self, socket: SrcI, values: &[DstC]) -> Result<(), Kind> {
        let lanes = values.iter().map(|dst| self.publics.lanes(dst.0));
        let message = self.receive(socket, Payload::Public, lanes.sum(), P::Ring::BYTES)?;
        self.compare(socket, &message, Sameness::OfValues)?;
        self.set_publics(&message, values)
    }

    /// Decodes a message of public ring elements.
    pub(super) fn set_publics(&mut self, message: &[u8], values: &[DstC]) -> Result<(), Kind> {
        let mut rest = message;
        for dst in values {
            let lanes = self.publics.lanes(dst.0);
            let (bytes, after) = rest.split_at(lanes * P::Ring::BYTES);
            let mut out = self.publics.out(dst.0, &[])?;
            out.resize(lanes, P::Ring::ZERO);
            P::Ring::decode(bytes, &mut out).map_err(caucus_protocols::Error::from)?;
            self.publics.set(dst.0, out);
            rest = after;
        }
        Ok(())
    }

    pub(super) fn receive_i(&mut self, socket: SrcI, values: &[DstI]) -> Result<(), Kind> {
        let lanes = values.iter().map(|dst| self.ints.lanes(dst.0));
        let message = self.receive(socket, Payload::Int, lanes.sum(), INT_BYTES)?;
        self.compare(socket, &message, Sameness::OfValues)?;
        let mut words = message.chunks_exact(INT_BYTES).map(|word| {
            i64::from_le_bytes(word.try_into().expect("chunks have the length of an integer"))
        });
        for dst in values {
            let mut out = self.ints.out(dst.0, &[])?;
            out.clear();
            out.extend(words.by_ref().take(self.ints.lanes(dst.0)));
            self.ints.set(dst.0, out);
        }
        Ok(())
    }

    /// Receives a message of so many values.
    pub(super) fn receive(
        &mut self,
        socket: SrcI,
        kind: Payload,
        values: usize,
        per_value: usize,
    ) -> Result<Vec<u8>, Kind> {
        let _proof = self.turn_outside()?;
        self.take_message(socket, kind, values, per_value)
    }

    /// Receives a message, after the check.
    pub(super) fn take_message(
        &mut self,
        socket: SrcI,
        kind: Payload,
        values: usize,
        per_value: usize,
    ) -> Result<Vec<u8>, Kind> {
        let (socket, bytes) = (self.ints.scalar(socket.0), values * per_value);
        self.shared.host.show_waits(socket, self.thread.net.waiting());
        let message = self.shared.host.receive(socket, kind, bytes, per_value)?;
        assert_eq!(message.len(), bytes, "the host gives messages of the length asked for");
        Ok(message)
    }
}
