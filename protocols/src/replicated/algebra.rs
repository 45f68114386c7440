//! What values are shared in: the ring of the program, and packed bits for what happens within an operation.

#![allow(
    clippy::suspicious_arithmetic_impl,
    clippy::suspicious_op_assign_impl,
    reason = "sums and products of bits are these operations"
)]

use std::ops::{Add, AddAssign, Mul, Sub, SubAssign};

use bytemuck::{Pod, Zeroable};
use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net::{Error, Net, Step};
use caucus_core::random::Prg;

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

/// One bit of each of 64 lanes, the first lane in the least significant place. Addition is exclusive or,
/// multiplication is conjunction.
///
/// It lies in memory as it is sent, little endian, so that no message is copied: the number is [`Packed::bits`].
#[derive(Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(transparent)]
pub(super) struct Packed(u64);

impl Packed {
    /// All bits set.
    pub(super) const ONES: Self = Self(u64::MAX);

    /// The word with these bits.
    pub(super) fn new(bits: u64) -> Self {
        Self(bits.to_le())
    }

    /// The bits.
    pub(super) fn bits(self) -> u64 {
        u64::from_le(self.0)
    }
}

impl Add for Packed {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0 ^ other.0)
    }
}

impl Sub for Packed {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        Self(self.0 ^ other.0)
    }
}

impl Mul for Packed {
    type Output = Self;
    #[inline]
    fn mul(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl AddAssign for Packed {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        self.0 ^= other.0;
    }
}

impl SubAssign for Packed {
    #[inline]
    fn sub_assign(&mut self, other: Self) {
        self.0 ^= other.0;
    }
}

impl Algebra for Packed {
    const ZERO: Self = Self(0);

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
