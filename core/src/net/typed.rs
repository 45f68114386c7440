//! Messages of ring elements: sent and received as they lie in memory where that is their encoding.

use std::ops::Range;

use super::{Error, Net, Step};
use crate::algebra::Ring;
use crate::ids::PartyId;

const LIES: &str = "elements lie in memory as they are encoded";

/// Makes this part of a message in the first slice, given the part of another buffer at the same place.
pub type MakeElementsInPlace<'a, R> = &'a mut dyn FnMut(Range<usize>, &mut [R], &mut [R]);

/// What works on elements, for their bytes.
fn on_elements<R: Ring>(
    body: &mut dyn FnMut(Range<usize>, &mut [R]),
) -> impl FnMut(Range<usize>, &mut [u8]) {
    |range, bytes| {
        let range = range.start / R::BYTES..range.end / R::BYTES;
        body(range, R::from_bytes_mut(bytes).expect(LIES));
    }
}

impl Net {
    /// Like [`send`](Self::send), for ring elements.
    pub fn send_ring<R: Ring>(&mut self, to: PartyId, step: Step, data: &[R]) -> Result<(), Error> {
        self.with_encoding(data, |net, bytes| net.send(to, step, bytes))
    }

    /// Like [`recv`](Self::recv), for ring elements.
    pub fn recv_ring<R: Ring>(
        &mut self,
        from: PartyId,
        step: Step,
        buf: &mut [R],
    ) -> Result<(), Error> {
        self.with_decoding(from, buf, |net, bytes| net.recv(from, step, bytes))
    }

    /// Like [`exchange`](Self::exchange), for ring elements.
    pub fn exchange_ring<R: Ring>(
        &mut self,
        to: PartyId,
        from: PartyId,
        step: Step,
        data: &[R],
        buf: &mut [R],
    ) -> Result<(), Error> {
        self.with_encoding(data, |net, bytes| {
            net.with_decoding(from, buf, |net, buf| net.exchange(to, from, step, bytes, buf))
        })
    }

    /// Like [`exchange_made`](Self::exchange_made), for ring elements. Where elements do not lie in memory as they are
    /// encoded, all are one piece.
    pub fn exchange_ring_made<R: Ring>(
        &mut self,
        to: PartyId,
        from: PartyId,
        step: Step,
        data: &mut [R],
        make: &mut dyn FnMut(Range<usize>, &mut [R]),
        buf: &mut [R],
    ) -> Result<(), Error> {
        if R::as_bytes_mut(&mut []).is_none() {
            make(0..data.len(), data);
            return self.exchange_ring(to, from, step, data, buf);
        }
        let [data, buf] = [data, buf].map(|part| R::as_bytes_mut(part).expect(LIES));
        self.exchange_made(to, from, step, data, &mut on_elements(make), buf)
    }

    /// Like [`exchange_in_place`](Self::exchange_in_place), for ring elements. Where elements do not lie in memory as they
    /// are encoded, all are one piece.
    pub fn exchange_ring_in_place<R: Ring>(
        &mut self,
        to: PartyId,
        from: PartyId,
        step: Step,
        data: &mut [R],
        other: &mut [R],
        make: MakeElementsInPlace<'_, R>,
    ) -> Result<(), Error> {
        if R::as_bytes_mut(&mut []).is_none() {
            make(0..data.len(), data, other);
            return self.exchange_ring(to, from, step, data, other);
        }
        let [data, other] = [data, other].map(|part| R::as_bytes_mut(part).expect(LIES));
        let mut make = |range: Range<usize>, piece: &mut [u8], part: &mut [u8]| {
            let range = range.start / R::BYTES..range.end / R::BYTES;
            let [piece, part] = [piece, part].map(|it| R::from_bytes_mut(it).expect(LIES));
            make(range, piece, part);
        };
        self.exchange_in_place(to, from, step, data, other, &mut make)
    }

    /// Like [`exchange_used`](Self::exchange_used), for ring elements. Where elements do not lie in memory as they are
    /// encoded, all are one piece.
    pub fn exchange_ring_used<R: Ring>(
        &mut self,
        to: PartyId,
        from: PartyId,
        step: Step,
        data: &[R],
        buf: &mut [R],
        usage: &mut dyn FnMut(Range<usize>, &mut [R]),
    ) -> Result<(), Error> {
        if let Some(data) = R::as_bytes(data) {
            let buf = R::as_bytes_mut(buf).expect(LIES);
            return self.exchange_used(to, from, step, data, buf, &mut on_elements(usage));
        }
        self.exchange_ring(to, from, step, data, buf)?;
        usage(0..buf.len(), buf);
        Ok(())
    }

    /// Like [`send_made`](Self::send_made), for ring elements. Where elements do not lie in memory as they are encoded,
    /// all are one piece.
    pub fn send_ring_made<R: Ring>(
        &mut self,
        to: PartyId,
        step: Step,
        data: &mut [R],
        make: &mut dyn FnMut(Range<usize>, &mut [R]),
    ) -> Result<(), Error> {
        if R::as_bytes_mut(&mut []).is_none() {
            make(0..data.len(), data);
            return self.send_ring(to, step, data);
        }
        let data = R::as_bytes_mut(data).expect(LIES);
        self.send_made(to, step, data, &mut on_elements(make))
    }

    /// Like [`broadcast`](Self::broadcast), for ring elements.
    pub fn broadcast_ring<R: Ring>(
        &mut self,
        root: PartyId,
        step: Step,
        buf: &mut [R],
    ) -> Result<(), Error> {
        if let Some(bytes) = R::as_bytes_mut(buf) {
            return self.broadcast(root, step, bytes);
        }
        let mut bytes = Vec::new();
        R::encode(buf, &mut bytes);
        self.broadcast(root, step, &mut bytes)?;
        self.decode(root, &bytes, buf)
    }

    /// Like [`all_gather`](Self::all_gather), for ring elements.
    pub fn all_gather_ring<R: Ring>(
        &mut self,
        step: Step,
        mine: &[R],
    ) -> Result<Vec<Vec<R>>, Error> {
        let parts = self.with_encoding(mine, |net, bytes| net.all_gather(step, bytes))?;
        let mut elements = Vec::with_capacity(parts.len());
        for (party, bytes) in parts.iter().enumerate() {
            let mut part = vec![R::ZERO; mine.len()];
            self.decode(PartyId::new(party as u8), bytes, &mut part)?;
            elements.push(part);
        }
        Ok(elements)
    }

    fn with_encoding<R: Ring, T>(
        &mut self,
        data: &[R],
        body: impl FnOnce(&mut Self, &[u8]) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if let Some(bytes) = R::as_bytes(data) {
            return body(self, bytes);
        }
        let mut bytes = std::mem::take(&mut self.scratch);
        bytes.clear();
        R::encode(data, &mut bytes);
        let res = body(self, &bytes);
        self.scratch = bytes;
        res
    }

    fn with_decoding<R: Ring>(
        &mut self,
        from: PartyId,
        buf: &mut [R],
        body: impl FnOnce(&mut Self, &mut [u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if let Some(bytes) = R::as_bytes_mut(buf) {
            return body(self, bytes);
        }
        let mut bytes = vec![0; buf.len() * R::BYTES];
        body(self, &mut bytes)?;
        self.decode(from, &bytes, buf)
    }

    fn decode<R: Ring>(&mut self, from: PartyId, bytes: &[u8], buf: &mut [R]) -> Result<(), Error> {
        R::decode(bytes, buf).map_err(|error| Error::Malformed {
            // Only a peer's message can fail: one's own is encoded here.
            peer: self.link(from.index()).peer(),
            what: error.to_string(),
        })
    }
}
