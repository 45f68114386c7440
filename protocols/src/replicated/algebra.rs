//! What values are shared in: the ring of the program, and packed bits for what happens within an operation.

use std::ops::{Add, AddAssign, Mul, Range, Sub, SubAssign};

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

    /// Elements of zero.
    fn zeros(n: usize) -> Vec<Self> {
        vec![Self::ZERO; n]
    }

    /// Gives the vector this length. Its elements mean nothing; memory that is new is not touched yet.
    fn resize(vector: &mut Vec<Self>, n: usize) {
        if vector.capacity() < n {
            *vector = Self::zeros(n);
        } else {
            vector.resize(n, Self::ZERO);
        }
    }

    /// Makes the vector so many elements of zero.
    fn set_zeros(vector: &mut Vec<Self>, n: usize) {
        // New memory is zero already.
        if vector.capacity() < n {
            *vector = Self::zeros(n);
        } else {
            vector.clear();
            vector.resize(n, Self::ZERO);
        }
    }

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

    /// Sends what `make` writes, piece by piece where elements fit into pieces; see [`Net::send_made`].
    fn send_made(
        net: &mut Net,
        to: PartyId,
        step: Step,
        data: &mut [Self],
        make: &mut dyn FnMut(Range<usize>, &mut [Self]),
    ) -> Result<(), Error> {
        make(0..data.len(), data);
        Self::send(net, to, step, data)
    }

    /// Sends what `make` writes, piece by piece where elements fit into pieces, to one peer while receiving from the same
    /// or another one: one round.
    fn exchange_made(
        net: &mut Net,
        to: PartyId,
        from: PartyId,
        step: Step,
        data: &mut [Self],
        make: &mut dyn FnMut(Range<usize>, &mut [Self]),
        buf: &mut [Self],
    ) -> Result<(), Error> {
        make(0..data.len(), data);
        Self::exchange(net, to, from, step, data, buf)
    }
}

impl<R: Ring> Algebra for R {
    const ZERO: Self = R::ZERO;

    fn zeros(n: usize) -> Vec<Self> {
        R::zeros(n)
    }

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

    fn send_made(
        net: &mut Net,
        to: PartyId,
        step: Step,
        data: &mut [Self],
        make: &mut dyn FnMut(Range<usize>, &mut [Self]),
    ) -> Result<(), Error> {
        net.send_ring_made(to, step, data, make)
    }

    fn exchange_made(
        net: &mut Net,
        to: PartyId,
        from: PartyId,
        step: Step,
        data: &mut [Self],
        make: &mut dyn FnMut(Range<usize>, &mut [Self]),
        buf: &mut [Self],
    ) -> Result<(), Error> {
        net.exchange_ring_made(to, from, step, data, make, buf)
    }
}

/// What works on words, for their bytes.
fn on_words(
    body: &mut dyn FnMut(Range<usize>, &mut [Packed]),
) -> impl FnMut(Range<usize>, &mut [u8]) {
    const BYTES: usize = size_of::<Packed>();
    |range, bytes| body(range.start / BYTES..range.end / BYTES, bytemuck::cast_slice_mut(bytes))
}

/// The methods of [`Algebra`] for elements that lie in memory as they are sent, and of which all contents are valid.
macro_rules! by_bytes {
    () => {
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
    };
}
pub(super) use by_bytes;

impl Algebra for Packed {
    const ZERO: Self = Self::ZEROS;

    by_bytes!();

    fn zeros(n: usize) -> Vec<Self> {
        bytemuck::zeroed_vec(n)
    }

    fn send_made(
        net: &mut Net,
        to: PartyId,
        step: Step,
        data: &mut [Self],
        make: &mut dyn FnMut(Range<usize>, &mut [Self]),
    ) -> Result<(), Error> {
        net.send_made(to, step, bytemuck::cast_slice_mut(data), &mut on_words(make))
    }

    fn exchange_made(
        net: &mut Net,
        to: PartyId,
        from: PartyId,
        step: Step,
        data: &mut [Self],
        make: &mut dyn FnMut(Range<usize>, &mut [Self]),
        buf: &mut [Self],
    ) -> Result<(), Error> {
        let [data, buf] = [data, buf].map(bytemuck::cast_slice_mut);
        net.exchange_made(to, from, step, data, &mut on_words(make), buf)
    }
}
