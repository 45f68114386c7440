//! A part of a product of matrices of 64-bit words that stays in registers.
//!
//! Compilers do not keep such sums in vectors of their own accord. `unsafe` as in [`wide`](crate::wide): the code for
//! AVX-512 runs where the processor has it.

#![allow(unsafe_code, reason = "code for extensions of the instruction set, run where they exist")]

/// Rows of a tile.
pub const ROWS: usize = 4;
/// Columns of a tile: words of a vector of 512 bits.
pub const COLUMNS: usize = 8;

/// Adds the product of rows and a matrix of [`COLUMNS`] columns, modulo 2^64. Elements of rows that have none opposite,
/// and rows of the matrix, count as zero.
#[inline]
pub(crate) fn add_words(
    rows: [&[u64]; ROWS],
    right: &[[u64; COLUMNS]],
    sums: &mut [[u64; COLUMNS]; ROWS],
) {
    #[cfg(target_arch = "x86_64")]
    if let crate::wide::Width::Bits512(_) = crate::wide::width() {
        // SAFETY: the processor has these extensions, as the value that was found proves.
        return unsafe { x86::add_words(rows, right, sums) };
    }
    add_plainly(rows, right, sums);
}

fn add_plainly(rows: [&[u64]; ROWS], right: &[[u64; COLUMNS]], sums: &mut [[u64; COLUMNS]; ROWS]) {
    for (row, sums) in rows.iter().zip(sums) {
        for (factor, right) in row.iter().zip(right) {
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum = sum.wrapping_add(factor.wrapping_mul(*right));
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m512i, _mm512_add_epi64, _mm512_loadu_si512, _mm512_mullo_epi64, _mm512_set1_epi64,
        _mm512_storeu_si512,
    };

    use super::{COLUMNS, ROWS};

    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
    pub(super) fn add_words(
        [r0, r1, r2, r3]: [&[u64]; ROWS],
        right: &[[u64; COLUMNS]],
        sums: &mut [[u64; COLUMNS]; ROWS],
    ) {
        let [mut s0, mut s1, mut s2, mut s3] =
            [load(&sums[0]), load(&sums[1]), load(&sums[2]), load(&sums[3])];
        // Iterators side by side need no checks of bounds.
        let factors = r0.iter().zip(r1).zip(r2.iter().zip(r3));
        for (((f0, f1), (f2, f3)), right) in factors.zip(right) {
            let right = load(right);
            s0 = _mm512_add_epi64(s0, times(*f0, right));
            s1 = _mm512_add_epi64(s1, times(*f1, right));
            s2 = _mm512_add_epi64(s2, times(*f2, right));
            s3 = _mm512_add_epi64(s3, times(*f3, right));
        }
        for (words, sum) in sums.iter_mut().zip([s0, s1, s2, s3]) {
            // SAFETY: eight words have 512 bits.
            unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), sum) };
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
    fn times(factor: u64, right: __m512i) -> __m512i {
        _mm512_mullo_epi64(_mm512_set1_epi64(factor.cast_signed()), right)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
    fn load(words: &[u64; COLUMNS]) -> __m512i {
        // SAFETY: eight words have 512 bits.
        unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_computes_what_every_machine_computes() {
        for depth in [0, 1, 2, 7, 256] {
            let word = |at: usize| (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let rows: Vec<u64> = (0..ROWS * depth).map(word).collect();
            let rows: [&[u64]; ROWS] = std::array::from_fn(|k| &rows[k * depth..][..depth]);
            let right: Vec<_> =
                (0..depth).map(|k| std::array::from_fn(|j| word(7 * k + 3 * j))).collect();
            let mut found = [[u64::MAX; COLUMNS]; ROWS];
            let mut expected = found;
            add_words(rows, &right, &mut found);
            add_plainly(rows, &right, &mut expected);
            assert_eq!(found, expected, "{depth}");
        }
    }
}
