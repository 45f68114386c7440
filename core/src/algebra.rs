//! The rings that values live in: integers modulo 2^64, 2^72 and 2^128.

mod exact;
mod testing;
mod z128;
mod z64;
mod z72;

use std::fmt::Debug;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use num_bigint::BigInt;

pub use exact::{Exact, Overflow};
pub use testing::ring_axioms;
pub use z64::Z64;
pub use z72::Z72;
pub use z128::Z128;

use crate::random::Prg;
pub use crate::tile::{COLUMNS as TILE_COLUMNS, ROWS as TILE_ROWS};

/// The bytes do not encode an element: the representative is too large.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("element {index} is not in canonical form")]
pub struct NotCanonical {
    /// Which of the elements, counted from 0.
    pub index: usize,
}

/// A commutative ring of integers modulo 2^[`BITS`](Self::BITS) whose elements have exactly one encoding.
///
/// The arithmetic takes the same time for all values.
pub trait Ring:
    Copy
    + Default
    + Eq
    + Debug
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + Sum
{
    /// Bits of an element.
    const BITS: u32;
    /// Bytes of an encoded element.
    const BYTES: usize;
    /// The neutral element of addition.
    const ZERO: Self;
    /// The neutral element of multiplication.
    const ONE: Self;
    /// Whether elements notice overflow: for runs in the clear that check a program.
    const CHECKED: bool = false;

    /// The element congruent to a signed integer.
    fn from_i64(value: i64) -> Self;

    /// The element congruent to an unsigned integer.
    fn from_u128(value: u128) -> Self;

    /// The representative in `0..2^BITS`.
    fn to_u128(self) -> u128;

    /// The element congruent to an integer of any size.
    fn from_bigint(value: &BigInt) -> Self {
        let modulus = BigInt::from(1) << Self::BITS;
        let residue = ((value % &modulus) + &modulus) % &modulus;
        Self::from_u128(u128::try_from(residue).expect("a residue has at most 128 bits"))
    }

    /// The representative in `-2^(BITS-1)..2^(BITS-1)`.
    fn to_signed(self) -> BigInt {
        self.to_i128().into()
    }

    /// The representative in `-2^(BITS-1)..2^(BITS-1)`.
    fn to_i128(self) -> i128 {
        let unused_bits = 128 - Self::BITS;
        (self.to_u128() << unused_bits) as i128 >> unused_bits
    }

    /// The low 64 bits as a signed integer: the signed representative if it fits.
    fn to_i64(self) -> i64 {
        self.to_u128() as i64
    }

    /// Adds the product of a few rows and a matrix of a few columns to a part of a product of matrices.
    fn add_tile(
        rows: [&[Self]; TILE_ROWS],
        right: &[[Self; TILE_COLUMNS]],
        sums: &mut [[Self; TILE_COLUMNS]; TILE_ROWS],
    ) {
        for (row, sums) in rows.iter().zip(sums) {
            for (factor, right) in row.iter().zip(right) {
                sums.iter_mut().zip(right).for_each(|(sum, right)| *sum += *factor * *right);
            }
        }
    }

    /// Elements of zero. Where the system gives memory that is zero already, it is not touched before it is needed.
    fn zeros(n: usize) -> Vec<Self> {
        vec![Self::ZERO; n]
    }

    /// Elements of zero, or none if the system refuses the memory.
    fn try_zeros(n: usize) -> Option<Vec<Self>> {
        let mut zeros = Vec::new();
        zeros.try_reserve_exact(n).ok()?;
        zeros.resize(n, Self::ZERO);
        Some(zeros)
    }

    /// Appends the encodings of the elements, little endian, [`BYTES`](Self::BYTES) each.
    fn encode(values: &[Self], out: &mut Vec<u8>);

    /// Reads as many elements as `out` has from as many encodings. Fails if one is not canonical.
    ///
    /// The caller has compared the lengths: `bytes` has `out.len() * BYTES` bytes.
    fn decode(bytes: &[u8], out: &mut [Self]) -> Result<(), NotCanonical>;

    /// Overwrites the elements with uniform ones.
    fn fill_random(prg: &mut Prg, out: &mut [Self]);

    /// The first operation since the last call on this thread that left the range of the signed representation, where
    /// elements notice that.
    fn take_overflow() -> Option<Overflow> {
        None
    }

    /// The encoding itself, where elements lie in memory as they are encoded: it need not be copied then.
    fn as_bytes(_values: &[Self]) -> Option<&[u8]> {
        None
    }

    /// The memory of the elements, where every content of it is an encoding: it can be received into then.
    fn as_bytes_mut(_values: &mut [Self]) -> Option<&mut [u8]> {
        None
    }

    /// The elements in a part of what [`as_bytes_mut`](Self::as_bytes_mut) gave; none where that gives none.
    ///
    /// # Panics
    /// If it does not begin and end between elements.
    fn from_bytes_mut(_bytes: &mut [u8]) -> Option<&mut [Self]> {
        None
    }
}

/// Implements the operators and their assigning forms by wrapping operations on the representative, then `reduce`.
macro_rules! impl_operators {
    ($ring:ident, $reduce:expr) => {
        impl std::ops::Add for $ring {
            type Output = Self;
            #[inline]
            fn add(self, other: Self) -> Self {
                Self($reduce(self.0.wrapping_add(other.0)))
            }
        }

        impl std::ops::Sub for $ring {
            type Output = Self;
            #[inline]
            fn sub(self, other: Self) -> Self {
                Self($reduce(self.0.wrapping_sub(other.0)))
            }
        }

        impl std::ops::Mul for $ring {
            type Output = Self;
            #[inline]
            fn mul(self, other: Self) -> Self {
                Self($reduce(self.0.wrapping_mul(other.0)))
            }
        }

        impl std::ops::Neg for $ring {
            type Output = Self;
            #[inline]
            fn neg(self) -> Self {
                Self($reduce(self.0.wrapping_neg()))
            }
        }

        impl std::ops::AddAssign for $ring {
            #[inline]
            fn add_assign(&mut self, other: Self) {
                *self = *self + other;
            }
        }

        impl std::ops::SubAssign for $ring {
            #[inline]
            fn sub_assign(&mut self, other: Self) {
                *self = *self - other;
            }
        }

        impl std::ops::MulAssign for $ring {
            #[inline]
            fn mul_assign(&mut self, other: Self) {
                *self = *self * other;
            }
        }

        impl std::iter::Sum for $ring {
            #[inline]
            fn sum<I: Iterator<Item = Self>>(elements: I) -> Self {
                elements.fold(<Self as $crate::algebra::Ring>::ZERO, |sum, element| sum + element)
            }
        }
    };
}
use impl_operators;
