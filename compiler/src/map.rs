//! Hash tables for the numbers of registers and arrays, which nobody chooses to make them slow.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A table by small keys of numbers.
pub(crate) type Map<K, V> = HashMap<K, V, BuildHasherDefault<Multiplier>>;

/// Multiplies by 2^64 divided by the golden ratio, which spreads neighboring numbers; D. Knuth: The Art of Computer
/// Programming 3, section 6.4.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Multiplier(u64);

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for Multiplier {
    fn finish(&self) -> u64 {
        // Tables look at the lowest bits, and the product is good in the highest.
        self.0.rotate_left(26)
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(FACTOR);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }
}
