//! AES-128 in counter mode on four blocks in each register, where the processor can do that.
//!
//! This is one of the few files with `unsafe` code: instructions that exist only on some processors, which are asked
//! first, and stores through pointers into slices whose length was looked at.
//!
//! National Institute of Standards and Technology: Advanced Encryption Standard, FIPS 197, section 5.2 (the round
//! keys); Recommendation for Block Cipher Modes of Operation, SP 800-38A, section 6.5 (the mode).

#![allow(unsafe_code, reason = "instructions of some processors, used where they exist")]

use std::arch::x86_64::*;

use zeroize::Zeroize;

const BLOCK_BYTES: usize = 16;
/// Bytes of one register, and of the keystream that is kept when a buffer ends within it.
const WIDE_BYTES: usize = 64;
/// Registers in flight: so many that none waits for the one before.
const IN_FLIGHT: usize = 8;
const ROUNDS: usize = 10;

/// A keystream and the place in it.
pub(super) struct WideStream {
    round_keys: [[u8; BLOCK_BYTES]; ROUNDS + 1],
    /// The number of the next block.
    counter: u128,
    /// Made but not used yet, from `kept_start` on.
    kept: [u8; WIDE_BYTES],
    kept_start: usize,
}

impl WideStream {
    /// The stream of this key from this counter on, if the processor can make it.
    pub(super) fn new(key: [u8; BLOCK_BYTES], counter: [u8; BLOCK_BYTES]) -> Option<Self> {
        let is_able = std::is_x86_feature_detected!("aes")
            && std::is_x86_feature_detected!("avx512f")
            && std::is_x86_feature_detected!("avx512bw")
            && std::is_x86_feature_detected!("vaes");
        is_able.then(|| Self {
            // SAFETY: the processor has the extension.
            round_keys: unsafe { expand(key) },
            counter: u128::from_be_bytes(counter),
            kept: [0; WIDE_BYTES],
            kept_start: WIDE_BYTES,
        })
    }

    /// Overwrites the buffer with the next bytes of the stream.
    pub(super) fn fill(&mut self, out: &mut [u8]) {
        let kept = &mut self.kept[self.kept_start..];
        let n_kept = kept.len().min(out.len());
        let (first, rest) = out.split_at_mut(n_kept);
        first.copy_from_slice(&kept[..n_kept]);
        // What was handed out is secret and of no use any more.
        kept[..n_kept].fill(0);
        self.kept_start += n_kept;
        let (whole, last) = rest.split_at_mut(rest.len() / WIDE_BYTES * WIDE_BYTES);
        self.make(whole);
        if !last.is_empty() {
            let mut kept = [0; WIDE_BYTES];
            self.make(&mut kept);
            last.copy_from_slice(&kept[..last.len()]);
            kept[..last.len()].fill(0);
            self.kept = kept;
            self.kept_start = last.len();
            kept.zeroize();
        }
    }

    /// Makes whole registers.
    fn make(&mut self, mut out: &mut [u8]) {
        while !out.is_empty() {
            // The registers count in 64 bits. Where those end, the upper half goes on here.
            let until_carry = (1 << 64) - (self.counter & u128::from(u64::MAX));
            let n_blocks = until_carry.min((out.len() / BLOCK_BYTES) as u128) as usize;
            let (now, later) = std::mem::take(&mut out).split_at_mut(n_blocks * BLOCK_BYTES);
            // SAFETY: the processor has the extensions: `new` asked it.
            unsafe { keystream(&self.round_keys, self.counter, now) };
            self.counter = self.counter.wrapping_add(n_blocks as u128);
            out = later;
        }
    }
}

impl Drop for WideStream {
    fn drop(&mut self) {
        self.round_keys.zeroize();
        self.counter.zeroize();
        self.kept.zeroize();
    }
}

/// The round keys of a key.
#[target_feature(enable = "aes")]
fn expand(key: [u8; BLOCK_BYTES]) -> [[u8; BLOCK_BYTES]; ROUNDS + 1] {
    /// The next round key, given the previous one and the word to add to it.
    #[target_feature(enable = "aes")]
    fn step(key: __m128i, assisted: __m128i) -> __m128i {
        let word = _mm_shuffle_epi32::<0xff>(assisted);
        let key = _mm_xor_si128(key, _mm_slli_si128::<4>(key));
        let key = _mm_xor_si128(key, _mm_slli_si128::<8>(key));
        _mm_xor_si128(key, word)
    }
    let mut keys = [to_register(key); ROUNDS + 1];
    macro_rules! steps {
        ($($round:literal: $constant:literal),*) => {
            $(keys[$round] = step(
                keys[$round - 1],
                _mm_aeskeygenassist_si128::<$constant>(keys[$round - 1]),
            );)*
        };
    }
    steps!(1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 6: 32, 7: 64, 8: 128, 9: 27, 10: 54);
    keys.map(|key| {
        let key = u128::from(_mm_cvtsi128_si64(key) as u64)
            | u128::from(_mm_cvtsi128_si64(_mm_srli_si128::<8>(key)) as u64) << 64;
        key.to_le_bytes()
    })
}

#[target_feature(enable = "sse2")]
fn to_register(bytes: [u8; BLOCK_BYTES]) -> __m128i {
    let value = u128::from_le_bytes(bytes);
    _mm_set_epi64x((value >> 64) as i64, value as i64)
}

/// Overwrites `out`, whole blocks, with the blocks from `counter` on, whose low 64 bits do not overflow.
#[target_feature(enable = "aes,avx512f,avx512bw,vaes")]
fn keystream(round_keys: &[[u8; BLOCK_BYTES]; ROUNDS + 1], counter: u128, out: &mut [u8]) {
    let mut keys = [_mm512_setzero_si512(); ROUNDS + 1];
    for (wide, key) in keys.iter_mut().zip(round_keys) {
        *wide = _mm512_broadcast_i32x4(to_register(*key));
    }
    let (high, low) = ((counter >> 64) as i64, counter as i64);
    let mut counters = _mm512_set_epi64(
        high,
        low.wrapping_add(3),
        high,
        low.wrapping_add(2),
        high,
        low.wrapping_add(1),
        high,
        low,
    );
    let four = _mm512_set_epi64(0, 4, 0, 4, 0, 4, 0, 4);
    // Counters are big endian.
    let reversed = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    let reversed = _mm512_broadcast_i32x4(reversed);
    let mut chunks = out.chunks_exact_mut(IN_FLIGHT * WIDE_BYTES);
    for chunk in &mut chunks {
        let mut blocks = [_mm512_setzero_si512(); IN_FLIGHT];
        for block in &mut blocks {
            *block = _mm512_xor_si512(_mm512_shuffle_epi8(counters, reversed), keys[0]);
            counters = _mm512_add_epi64(counters, four);
        }
        for key in &keys[1..ROUNDS] {
            for block in &mut blocks {
                *block = _mm512_aesenc_epi128(*block, *key);
            }
        }
        for (block, out) in blocks.iter().zip(chunk.chunks_exact_mut(WIDE_BYTES)) {
            let last = _mm512_aesenclast_epi128(*block, keys[ROUNDS]);
            // SAFETY: the slice has as many bytes as the register.
            unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), last) };
        }
    }
    for out in chunks.into_remainder().chunks_mut(WIDE_BYTES) {
        let mut block = _mm512_xor_si512(_mm512_shuffle_epi8(counters, reversed), keys[0]);
        counters = _mm512_add_epi64(counters, four);
        for key in &keys[1..ROUNDS] {
            block = _mm512_aesenc_epi128(block, *key);
        }
        block = _mm512_aesenclast_epi128(block, keys[ROUNDS]);
        if out.len() == WIDE_BYTES {
            // SAFETY: the slice has as many bytes as the register.
            unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), block) };
        } else {
            let mut whole = [0; WIDE_BYTES];
            // SAFETY: the array has as many bytes as the register.
            unsafe { _mm512_storeu_si512(whole.as_mut_ptr().cast(), block) };
            out.copy_from_slice(&whole[..out.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use aes::Aes128;
    use ctr::Ctr128BE;
    use ctr::cipher::{KeyIvInit, StreamCipher};

    use super::*;

    #[test]
    fn the_stream_is_that_of_the_plain_generator() {
        let key = [0x5a; BLOCK_BYTES];
        // Among them counters whose lower half or whole overflows on the way.
        for counter in [0, 1, 12_345, u128::from(u64::MAX) - 2, u128::from(u64::MAX), u128::MAX - 5]
        {
            let counter = counter.to_be_bytes();
            let Some(mut wide) = WideStream::new(key, counter) else {
                // This machine uses the plain generator.
                return;
            };
            let mut plain = Ctr128BE::<Aes128>::new(&key.into(), &counter.into());
            for n_bytes in [0, 1, 15, 16, 17, 47, 48, 63, 64, 65, 511, 512, 513, 5000, 16_384, 3] {
                let [mut found, mut expected] = [(); 2].map(|()| vec![0xaa; n_bytes]);
                wide.fill(&mut found);
                plain.write_keystream(&mut expected);
                assert!(found == expected, "{n_bytes} bytes");
            }
        }
    }
}
