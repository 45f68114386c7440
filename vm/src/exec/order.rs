//! What changes the order of secrets: shuffles, permutations, sorting.

use caucus_bytecode::operand::{DstI, DstS, Imm, SrcI, SrcS};
use caucus_core::net::Net;
use caucus_protocols::{Direction, Error, Protocol};

use super::Frame;
use super::bits::verified;
use crate::Kind;

impl<P: Protocol> Frame<'_, P> {
    pub(super) fn shuffle(&mut self, dst: DstS, src: SrcS, rows: usize) -> Result<(), Kind> {
        self.reorder(dst, src, |protocol, net, src, out| protocol.shuffle(net, rows, src, out))
    }

    pub(super) fn new_permutation(&mut self, dst: DstI, rows: usize) -> Result<(), Kind> {
        let number = self.thread.protocol.new_permutation(&mut self.thread.net, rows)?;
        self.ints.set_scalar(dst.0, number);
        self.thread.flush()
    }

    pub(super) fn permute(
        &mut self,
        dst: DstS,
        number: SrcI,
        src: SrcS,
        rows: usize,
        backward: bool,
    ) -> Result<(), Kind> {
        let number = self.ints.scalar(number.0);
        let direction = direction(backward);
        self.reorder(dst, src, |protocol, net, src, out| {
            protocol.permute(net, number, direction, rows, src, out)
        })
    }

    pub(super) fn rearrange(
        &mut self,
        dst: DstS,
        numbers: SrcS,
        src: SrcS,
        backward: bool,
    ) -> Result<(), Kind> {
        let mut out = self.secrets.out(dst.0, &[src.0, numbers.0])?;
        let (numbers, src) = (self.secrets.get(numbers.0), self.secrets.get(src.0));
        let thread = &mut *self.thread;
        let (protocol, net) = (&mut thread.protocol, &mut thread.net);
        protocol.rearrange(net, numbers, direction(backward), src, &mut out)?;
        self.secrets.set(dst.0, out);
        self.thread.flush()
    }

    pub(super) fn sort(&mut self, dst: DstS, src: SrcS, keys: &[(SrcS, Imm)]) -> Result<(), Kind> {
        let mut sources: Vec<u32> = keys.iter().map(|(key, _)| key.0).collect();
        sources.push(src.0);
        let mut out = self.secrets.out(dst.0, &sources)?;
        let keys = keys.iter().map(|(key, bits)| (self.secrets.get(key.0), verified(*bits)));
        let keys: Vec<_> = keys.collect();
        let src = self.secrets.get(src.0);
        let thread = &mut *self.thread;
        thread.protocol.sort(&mut thread.net, &keys, src, &mut out)?;
        self.secrets.set(dst.0, out);
        self.thread.flush()
    }

    /// Rows in another order.
    fn reorder(
        &mut self,
        dst: DstS,
        src: SrcS,
        call: impl FnOnce(&mut P, &mut Net, &P::Vector, &mut P::Vector) -> Result<(), Error>,
    ) -> Result<(), Kind> {
        let mut out = self.secrets.out(dst.0, &[src.0])?;
        let src = self.secrets.get(src.0);
        let thread = &mut *self.thread;
        call(&mut thread.protocol, &mut thread.net, src, &mut out)?;
        self.secrets.set(dst.0, out);
        self.thread.flush()
    }
}

fn direction(backward: bool) -> Direction {
    if backward { Direction::Backward } else { Direction::Forward }
}
