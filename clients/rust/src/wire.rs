//! What stands in the messages: the specification, and elements of the ring.

use crate::Error;
use crate::stream::Stream;

/// The most bytes that a specification or the reason of a refusal may have.
const MOST_BYTES: usize = 1 << 16;

/// The bits of the ring in the specification that a party sends first.
pub(crate) fn read_specification(stream: &mut Stream) -> Result<u32, Error> {
    let frame = stream.receive_first(MOST_BYTES)?;
    parse_specification(stream.party(), &frame)
}

pub(crate) fn parse_specification(party: usize, frame: &[u8]) -> Result<u32, Error> {
    let (words, _) = frame.as_chunks::<4>();
    let words: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
    match words.as_slice() {
        [kind, ..] if *kind == u32::from(b'E') => {
            let reason = String::from_utf8_lossy(&frame[4..]);
            let reason = reason.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
            Err(Error::Declined { party, reason })
        }
        [kind, bits @ 1..=128, _] if *kind == u32::from(b'R') && frame.len() == 12 => Ok(*bits),
        _ => Err(Error::Domain { party }),
    }
}

/// Numbers modulo 2^bits, as many bytes each as hold the bits, little endian.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elements {
    bits: u32,
}

impl Elements {
    pub(crate) fn new(bits: u32) -> Self {
        assert!((1..=128).contains(&bits), "specifications are checked");
        Self { bits }
    }

    pub(crate) fn bits(self) -> u32 {
        self.bits
    }

    /// Bytes of one number.
    pub(crate) fn width(self) -> usize {
        self.bits.div_ceil(8) as usize
    }

    /// The remainder modulo 2^bits.
    pub(crate) fn reduce(self, value: u128) -> u128 {
        value & (u128::MAX >> (128 - self.bits))
    }

    /// The number in two's complement.
    pub(crate) fn signed(self, value: u128) -> i128 {
        let unused = 128 - self.bits;
        (value << unused) as i128 >> unused
    }

    pub(crate) fn encode(self, values: impl Iterator<Item = u128>) -> Vec<u8> {
        let mut bytes = Vec::new();
        for value in values {
            bytes.extend(&self.reduce(value).to_le_bytes()[..self.width()]);
        }
        bytes
    }

    pub(crate) fn decode(self, bytes: &[u8]) -> impl Iterator<Item = u128> {
        bytes.chunks_exact(self.width()).map(move |part| {
            let mut all = [0; 16];
            all[..part.len()].copy_from_slice(part);
            self.reduce(u128::from_le_bytes(all))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specification_of_a_ring_is_read_and_others_are_refused() {
        let read = |words: &[u32]| {
            let frame: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            parse_specification(1, &frame)
        };
        assert_eq!(read(&[82, 64, 64]).unwrap(), 64);
        assert_eq!(read(&[82, 72, 72]).unwrap(), 72);
        for words in [&[][..], &[82], &[82, 64], &[82, 0, 0], &[82, 129, 129], &[112, 1, 5]] {
            assert!(matches!(read(words), Err(Error::Domain { party: 1 })), "{words:?}");
        }
        let refusal = [&[69, 0, 0, 0][..], b"no room"].concat();
        let error = parse_specification(2, &refusal).unwrap_err();
        assert_eq!(error.to_string(), "P2: no room");
    }

    #[test]
    fn numbers_are_read_back_in_rings_of_every_length() {
        for bits in [1, 7, 8, 64, 72, 127, 128] {
            let elements = Elements::new(bits);
            let most = (i128::MAX >> (128 - bits)) as u128;
            let values = [0, most, u128::MAX, !most];
            let bytes = elements.encode(values.into_iter());
            assert_eq!(bytes.len(), 4 * elements.width());
            let found: Vec<_> = elements.decode(&bytes).map(|it| elements.signed(it)).collect();
            assert_eq!(found, [0, most as i128, -1, -(most as i128) - 1], "{bits} bits");
        }
        let bytes = Elements::new(72).encode([0x01_0203_0405_0607_0809_u128].into_iter());
        assert_eq!(bytes, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    }
}
