//! Words of 64 bits as elements of a ring.

#![allow(
    clippy::suspicious_arithmetic_impl,
    clippy::suspicious_op_assign_impl,
    reason = "sums and products of bits are these operations"
)]

use std::ops::{Add, AddAssign, Mul, Sub, SubAssign};

use bytemuck::{Pod, Zeroable};

/// One bit of each of 64 lanes, the first lane in the least significant place. Addition is exclusive or,
/// multiplication is conjunction.
///
/// It lies in memory as it is sent, little endian, so that no message is copied: the number is [`Packed::bits`].
#[derive(Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(transparent)]
pub(crate) struct Packed(u64);

impl Packed {
    /// No bit set.
    pub(crate) const ZEROS: Self = Self(0);
    /// All bits set.
    pub(crate) const ONES: Self = Self(u64::MAX);

    /// The word with these bits.
    pub(crate) fn new(bits: u64) -> Self {
        Self(bits.to_le())
    }

    /// The bits.
    pub(crate) fn bits(self) -> u64 {
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
