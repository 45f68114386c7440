//! A ring that notices when a number does not fit it any more.

use std::cell::Cell;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use num_bigint::BigInt;

use super::{NotCanonical, Ring};
use crate::random::Prg;

thread_local! {
    static FIRST: Cell<Option<Overflow>> = const { Cell::new(None) };
}

/// An operation whose exact result is no number of the ring.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Overflow {
    /// `+`, `-` or `*`.
    pub sign: char,
    /// The numbers, in the signed representation.
    pub operands: [i128; 2],
    /// Bits that the ring has.
    pub bits: u32,
}

/// An element of the ring `R`, read as a signed number. Results are those of `R`; the first sum, difference or product
/// on a thread that leaves the range of the signed representation is remembered until
/// [`take_overflow`](Ring::take_overflow).
///
/// For computation in the clear only: what is remembered are values. Random elements are small enough that sums and
/// products with one of them still fit, because a uniform element hides a number exactly by overflowing.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Exact<R>(R);

impl<R: Ring> Exact<R> {
    fn noting(self, sign: char, other: Self, exact: Option<i128>, res: R) -> Self {
        let res = Self(res);
        if exact != Some(res.to_i128()) && FIRST.get().is_none() {
            let operands = [self.to_i128(), other.to_i128()];
            FIRST.set(Some(Overflow { sign, operands, bits: R::BITS }));
        }
        res
    }
}

impl<R: Ring> Add for Exact<R> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let exact = self.to_i128().checked_add(other.to_i128());
        self.noting('+', other, exact, self.0 + other.0)
    }
}

impl<R: Ring> Sub for Exact<R> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        let exact = self.to_i128().checked_sub(other.to_i128());
        self.noting('-', other, exact, self.0 - other.0)
    }
}

impl<R: Ring> Mul for Exact<R> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let exact = self.to_i128().checked_mul(other.to_i128());
        self.noting('*', other, exact, self.0 * other.0)
    }
}

impl<R: Ring> Neg for Exact<R> {
    type Output = Self;
    fn neg(self) -> Self {
        Self::ZERO - self
    }
}

impl<R: Ring> AddAssign for Exact<R> {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl<R: Ring> SubAssign for Exact<R> {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl<R: Ring> MulAssign for Exact<R> {
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

impl<R: Ring> Sum for Exact<R> {
    fn sum<I: Iterator<Item = Self>>(elements: I) -> Self {
        elements.fold(Self::ZERO, |sum, element| sum + element)
    }
}

impl<R: Ring> Ring for Exact<R> {
    const BITS: u32 = R::BITS;
    const BYTES: usize = R::BYTES;
    const ZERO: Self = Self(R::ZERO);
    const ONE: Self = Self(R::ONE);
    const CHECKED: bool = true;

    fn from_i64(value: i64) -> Self {
        Self(R::from_i64(value))
    }

    fn from_u128(value: u128) -> Self {
        Self(R::from_u128(value))
    }

    fn to_u128(self) -> u128 {
        self.0.to_u128()
    }

    fn from_bigint(value: &BigInt) -> Self {
        Self(R::from_bigint(value))
    }

    fn encode(values: &[Self], out: &mut Vec<u8>) {
        values.iter().for_each(|value| R::encode(&[value.0], out));
    }

    fn decode(bytes: &[u8], out: &mut [Self]) -> Result<(), NotCanonical> {
        for (index, (bytes, out)) in bytes.chunks(R::BYTES).zip(out).enumerate() {
            let mut element = [R::ZERO];
            R::decode(bytes, &mut element).map_err(|_| NotCanonical { index })?;
            *out = Self(element[0]);
        }
        Ok(())
    }

    fn fill_random(prg: &mut Prg, out: &mut [Self]) {
        let mut uniform = vec![R::ZERO; out.len()];
        R::fill_random(prg, &mut uniform);
        let small = R::BITS / 2 - 2;
        for (out, element) in out.iter_mut().zip(uniform) {
            *out = Self::from_u128(element.to_u128() & ((1 << small) - 1));
        }
    }

    fn take_overflow() -> Option<Overflow> {
        FIRST.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::{Z64, Z72, Z128};

    fn edges<R: Ring>() {
        let least = Exact::<R>::from_u128(1 << (R::BITS - 1));
        let greatest = least.0 - R::ONE;
        let (greatest, one) = (Exact(greatest), Exact::<R>::ONE);
        let fits = |_: Exact<R>| Exact::<R>::take_overflow().is_none();
        assert!(fits(greatest - one) && fits(least + one) && fits(greatest + least));
        assert!(fits(-greatest) && fits(least * one) && fits(one - Exact::ONE));
        assert!(!fits(greatest + one) && !fits(least - one) && !fits(-least));
        assert!(!fits(least * -one) && !fits(greatest * (one + one)));
        // The first one stays, until it is taken.
        let wrapped = greatest + one;
        assert_eq!(wrapped, least);
        let _ = least * least;
        let found = Exact::<R>::take_overflow().unwrap();
        assert_eq!((found.sign, found.operands[1], found.bits), ('+', 1, R::BITS));
        assert_eq!(Exact::<R>::take_overflow(), None);
    }

    #[test]
    fn numbers_that_leave_the_ring_are_noticed() {
        edges::<Z64>();
        edges::<Z72>();
        edges::<Z128>();
    }
}
