//! What ranks are shared in while sorting: numbers of 32 bits, alone and together with the next digits of the keys.

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

use super::algebra::{Algebra, by_bytes};

/// What bits are made numbers of.
pub(super) trait Number: Algebra {
    /// The number 0 or 1 from the lowest bit.
    fn from_bit(bit: u8) -> Self;

    /// The representative that is not negative.
    fn to_u128(self) -> u128;
}

impl<R: Ring> Number for R {
    #[inline]
    fn from_bit(bit: u8) -> Self {
        R::from_u128(u128::from(bit & 1))
    }

    fn to_u128(self) -> u128 {
        Ring::to_u128(self)
    }
}

/// A number modulo 2^32, little endian: fewer bytes than an element of the rings for what is less than 2^31.
#[derive(Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(transparent)]
pub(super) struct Rank(u32);

/// A rank, and eight bits, which are shared modulo 2.
#[derive(Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C, packed)]
pub(super) struct Labelled {
    /// The rank.
    pub(super) rank: Rank,
    /// The bits.
    pub(super) bits: u8,
}

impl Rank {
    #[inline]
    fn new(value: u32) -> Self {
        Self(value.to_le())
    }

    #[inline]
    fn value(self) -> u32 {
        u32::from_le(self.0)
    }
}

impl Number for Rank {
    #[inline]
    fn from_bit(bit: u8) -> Self {
        Self::new(u32::from(bit & 1))
    }

    fn to_u128(self) -> u128 {
        self.value().into()
    }
}

impl Add for Rank {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self::new(self.value().wrapping_add(other.value()))
    }
}

impl Sub for Rank {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        Self::new(self.value().wrapping_sub(other.value()))
    }
}

impl Mul for Rank {
    type Output = Self;
    #[inline]
    fn mul(self, other: Self) -> Self {
        Self::new(self.value().wrapping_mul(other.value()))
    }
}

impl Add for Labelled {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self { rank: self.rank + other.rank, bits: self.bits ^ other.bits }
    }
}

impl Sub for Labelled {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        Self { rank: self.rank - other.rank, bits: self.bits ^ other.bits }
    }
}

impl Mul for Labelled {
    type Output = Self;
    #[inline]
    fn mul(self, other: Self) -> Self {
        Self { rank: self.rank * other.rank, bits: self.bits & other.bits }
    }
}

macro_rules! as_bytes {
    ($($name:ident $zero:expr;)*) => {$(
        impl AddAssign for $name {
            #[inline]
            fn add_assign(&mut self, other: Self) {
                *self = *self + other;
            }
        }

        impl SubAssign for $name {
            #[inline]
            fn sub_assign(&mut self, other: Self) {
                *self = *self - other;
            }
        }

        impl Algebra for $name {
            const ZERO: Self = $zero;

            by_bytes!();
        }
    )*};
}

as_bytes! {
    Rank Rank(0);
    Labelled Labelled { rank: Rank(0), bits: 0 };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_wrap_at_their_sizes() {
        let ranks = [u32::MAX, 3].map(Rank::new);
        assert_eq!((ranks[0] + ranks[1]).value(), 2);
        assert_eq!((ranks[1] - ranks[0]).value(), 4);
        assert_eq!((ranks[0] * ranks[1]).value(), u32::MAX - 2);
        assert_eq!([2, 3].map(|bit| Rank::from_bit(bit).to_u128()), [0, 1]);
        let [mut a, b] =
            [(ranks[0], 0b1100), (ranks[1], 0b1010)].map(|(rank, bits)| Labelled { rank, bits });
        assert_eq!({ (a * b).bits }, 0b1000);
        a += b;
        assert_eq!(({ a.rank }.value(), a.bits), (2, 0b0110));
        a -= b;
        assert_eq!(({ a.rank }.value(), a.bits), (u32::MAX, 0b1100));
        assert_eq!(bytemuck::bytes_of(&a), [255, 255, 255, 255, 0b1100]);
    }
}
