//! What messages consist of: vectors of elements of fixed length with one encoding, and nothing that needs a parser.

use std::borrow::Cow;
use std::fmt;

use bytemuck::{Pod, Zeroable};

use crate::algebra::{NotCanonical, Ring};

/// What a message consists of, as both ends name it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ElementType(pub(super) u16);

impl ElementType {
    const BYTES: u16 = 1;
    const U64: u16 = 2;
    const LOCATED: u16 = 3;
    /// Ring elements: this plus the number of their bits.
    const RING: u16 = 1 << 12;
    const CHECKED_RING: u16 = 1 << 13;
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("nothing"),
            Self::BYTES => f.write_str("u8"),
            Self::U64 => f.write_str("u64"),
            Self::LOCATED => f.write_str("located u64"),
            number if number & Self::RING != 0 => write!(f, "Z{}", number & !Self::RING),
            number if number & Self::CHECKED_RING != 0 => {
                write!(f, "checked Z{}", number & !Self::CHECKED_RING)
            }
            number => write!(f, "type {number:#06x}"),
        }
    }
}

/// A type whose vectors a communicator carries: [`u8`], [`u64`], [`Located`] and every [`Ring`].
pub trait Element: Copy + PartialEq + fmt::Debug + Send + Sync + 'static {
    /// What both ends call it.
    const TYPE: ElementType;
    /// Bytes of an element on the wire.
    const WIRE_BYTES: usize;

    /// Elements of zero.
    fn zeroed(n: usize) -> Vec<Self>;

    /// The encoding of elements, little endian; borrowed where they lie in memory like that.
    fn encoded(values: &[Self]) -> Cow<'_, [u8]>;

    /// The memory of elements, where every content of it is an encoding.
    fn memory(values: &mut [Self]) -> Option<&mut [u8]>;

    /// Reads as many elements as `out` has. Fails if an encoding is not canonical.
    fn decoded(bytes: &[u8], out: &mut [Self]) -> Result<(), NotCanonical>;
}

impl<R: Ring> Element for R {
    const TYPE: ElementType = ElementType(
        R::BITS as u16 | if R::CHECKED { ElementType::CHECKED_RING } else { ElementType::RING },
    );
    const WIRE_BYTES: usize = R::BYTES;

    fn zeroed(n: usize) -> Vec<Self> {
        R::zeros(n)
    }

    fn encoded(values: &[Self]) -> Cow<'_, [u8]> {
        R::as_bytes(values).map(Cow::Borrowed).unwrap_or_else(|| {
            let mut bytes = Vec::with_capacity(values.len() * R::BYTES);
            R::encode(values, &mut bytes);
            Cow::Owned(bytes)
        })
    }

    fn memory(values: &mut [Self]) -> Option<&mut [u8]> {
        R::as_bytes_mut(values)
    }

    fn decoded(bytes: &[u8], out: &mut [Self]) -> Result<(), NotCanonical> {
        R::decode(bytes, out)
    }
}

impl Element for u8 {
    const TYPE: ElementType = ElementType(ElementType::BYTES);
    const WIRE_BYTES: usize = 1;

    fn zeroed(n: usize) -> Vec<Self> {
        vec![0; n]
    }

    fn encoded(values: &[Self]) -> Cow<'_, [u8]> {
        Cow::Borrowed(values)
    }

    fn memory(values: &mut [Self]) -> Option<&mut [u8]> {
        Some(values)
    }

    fn decoded(bytes: &[u8], out: &mut [Self]) -> Result<(), NotCanonical> {
        out.copy_from_slice(bytes);
        Ok(())
    }
}

impl Element for u64 {
    const TYPE: ElementType = ElementType(ElementType::U64);
    const WIRE_BYTES: usize = 8;

    fn zeroed(n: usize) -> Vec<Self> {
        vec![0; n]
    }

    fn encoded(values: &[Self]) -> Cow<'_, [u8]> {
        if cfg!(target_endian = "little") {
            return Cow::Borrowed(bytemuck::cast_slice(values));
        }
        Cow::Owned(values.iter().flat_map(|value| value.to_le_bytes()).collect())
    }

    fn memory(values: &mut [Self]) -> Option<&mut [u8]> {
        cfg!(target_endian = "little").then(|| bytemuck::cast_slice_mut(values))
    }

    fn decoded(bytes: &[u8], out: &mut [Self]) -> Result<(), NotCanonical> {
        for (bytes, out) in bytes.as_chunks().0.iter().zip(out) {
            *out = Self::from_le_bytes(*bytes);
        }
        Ok(())
    }
}

/// A number and where it was found, for the operators that MPI calls `MAXLOC` and `MINLOC`: the greatest or least number
/// of a reduction with the lowest place that has it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Located {
    /// The number.
    pub value: u64,
    /// Its place: most often a rank.
    pub at: u64,
}

impl Element for Located {
    const TYPE: ElementType = ElementType(ElementType::LOCATED);
    const WIRE_BYTES: usize = 16;

    fn zeroed(n: usize) -> Vec<Self> {
        bytemuck::zeroed_vec(n)
    }

    fn encoded(values: &[Self]) -> Cow<'_, [u8]> {
        if cfg!(target_endian = "little") {
            return Cow::Borrowed(bytemuck::cast_slice(values));
        }
        let numbers = values.iter().flat_map(|located| [located.value, located.at]);
        Cow::Owned(numbers.flat_map(u64::to_le_bytes).collect())
    }

    fn memory(values: &mut [Self]) -> Option<&mut [u8]> {
        cfg!(target_endian = "little").then(|| bytemuck::cast_slice_mut(values))
    }

    fn decoded(bytes: &[u8], out: &mut [Self]) -> Result<(), NotCanonical> {
        u64::decoded(bytes, bytemuck::cast_slice_mut(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::{Exact, Z64, Z72, Z128};

    #[test]
    fn each_type_has_a_number_and_a_name_of_its_own() {
        let types = [
            u8::TYPE,
            u64::TYPE,
            Located::TYPE,
            Z64::TYPE,
            Z72::TYPE,
            Z128::TYPE,
            Exact::<Z64>::TYPE,
        ];
        let names: std::collections::BTreeSet<_> = types.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), types.len(), "{names:?}");
        assert_eq!(Z72::TYPE.to_string(), "Z72");
    }

    fn round_trip<T: Element>(values: &[T]) {
        let bytes = T::encoded(values);
        assert_eq!(bytes.len(), values.len() * T::WIRE_BYTES);
        let mut found = T::zeroed(values.len());
        T::decoded(&bytes, &mut found).unwrap();
        assert_eq!(found, values);
        let mut found = T::zeroed(values.len());
        if let Some(memory) = T::memory(&mut found) {
            memory.copy_from_slice(&bytes);
            assert_eq!(found, values);
        }
    }

    #[test]
    fn elements_are_read_back() {
        round_trip::<u8>(&[1, 2, 255]);
        round_trip::<u64>(&[1, u64::MAX, 0]);
        round_trip(&[Located { value: 7, at: 3 }]);
        round_trip(&[Z64::from_i64(-1), Z64::ONE]);
        round_trip(&[Z72::from_i64(-1), Z72::ONE]);
        round_trip::<Z128>(&[]);
        assert_eq!(*u64::encoded(&[0x0102]), [2, 1, 0, 0, 0, 0, 0, 0]);
    }
}
