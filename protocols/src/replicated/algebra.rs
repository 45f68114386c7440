//! What values are shared in: the ring of the program, and packed bits for what happens within an operation.

use std::ops::{Add, AddAssign, Mul, Sub, SubAssign};

use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net::{Error, Net, Step};
use caucus_core::random::Prg;

pub(super) use crate::bits::Packed;

/// A commutative ring whose elements can be drawn and sent.
pub(super) trait Algebra:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + AddAssign
    + SubAssign
    + Send
    + Sync
{
    /// The neutral element of addition.
    const ZERO: Self;

    /// Overwrites the elements with uniform ones.
    fn fill_random(prg: &mut Prg, out: &mut [Self]);

    /// Sends elements to one peer.
    fn send(net: &mut Net, to: PartyId, step: Step, data: &[Self]) -> Result<(), Error>;

    /// Receives as many elements as `buf` has.
    fn recv(net: &mut Net, from: PartyId, step: Step, buf: &mut [Self]) -> Result<(), Error>;

    /// Sends to one peer while receiving from the same or another one: one round.
    fn exchange(
        net: &mut Net,
        to: PartyId,
        from: PartyId,
        step: Step,
        data: &[Self],
        buf: &mut [Self],
    ) -> Result<(), Error>;
}

impl<R: Ring> Algebra for R {
    const ZERO: Self = R::ZERO;

    fn fill_random(prg: &mut Prg, out: &mut [Self]) {
        R::fill_random(prg, out);
    }

    fn send(net: &mut Net, to: PartyId, step: Step, data: &[Self]) -> Result<(), Error> {
        net.send_ring(to, step, data)
    }

    fn recv(net: &mut Net, from: PartyId, step: Step, buf: &mut [Self]) -> Result<(), Error> {
        net.recv_ring(from, step, buf)
    }

    fn exchange(
        net: &mut Net,
        to: PartyId,
        from: PartyId,
        step: Step,
        data: &[Self],
        buf: &mut [Self],
    ) -> Result<(), Error> {
        net.exchange_ring(to, from, step, data, buf)
    }
}

impl Algebra for Packed {
    const ZERO: Self = Self::ZEROS;

    fn fill_random(prg: &mut Prg, out: &mut [Self]) {
        prg.fill(bytemuck::cast_slice_mut(out));
    }

    fn send(net: &mut Net, to: PartyId, step: Step, data: &[Self]) -> Result<(), Error> {
        net.send(to, step, bytemuck::cast_slice(data))
    }

    fn recv(net: &mut Net, from: PartyId, step: Step, buf: &mut [Self]) -> Result<(), Error> {
        net.recv(from, step, bytemuck::cast_slice_mut(buf))
    }

    fn exchange(
        net: &mut Net,
        to: PartyId,
        from: PartyId,
        step: Step,
        data: &[Self],
        buf: &mut [Self],
    ) -> Result<(), Error> {
        net.exchange(to, from, step, bytemuck::cast_slice(data), bytemuck::cast_slice_mut(buf))
    }
}
